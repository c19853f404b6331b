"""Has the kernel's ynl make requests, and prints their bytes instead of sending
them: ynl.py tools/net/ynl SPECS, a JSON object a line."""
import json
import os
import sys

sys.path[:0] = [sys.argv[1], os.path.join(sys.argv[1], "pyynl")]
from lib import Netlink, YnlFamily, ynl  # noqa: E402


class Families(dict):
    """All generic families, as this kernel may lack some."""

    def __bool__(self):
        return True

    def __contains__(self, name):
        return True

    def __getitem__(self, name):
        return {"id": 32, "name": name, "mcast": {}}


class Sent(Exception):
    pass


class Socket:
    def __init__(self, *_):
        pass

    def setsockopt(self, *_):
        pass

    def send(self, payload, _):
        raise Sent(payload.hex())


real = ynl.socket.socket
ynl.GenlProtocol.genl_family_name_to_id = Families()
families = {}
for line in sys.stdin:
    q = json.loads(line)
    try:
        if q["spec"] not in families:
            ynl.socket.socket = Socket
            path = os.path.join(sys.argv[2], q["spec"] + ".yaml")
            families[q["spec"]] = YnlFamily(path, "")
        f = families[q["spec"]]
        words = q["op"].split()
        flags = [getattr(Netlink, "NLM_F_" + w[2:].upper()) for w in words[2:]]
        if words[0] == "--dump":
            f.dump(words[1], json.loads(q["args"]))
        else:
            f.do(words[1], json.loads(q["args"]), flags)
        answer = {"error": "nothing was sent"}
    except Sent as e:
        answer = {"hex": str(e)}
    except Exception as e:
        answer = {"error": "%s: %s" % (type(e).__name__, e)}
    print(json.dumps(answer), flush=True)
