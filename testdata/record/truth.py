#!/usr/bin/env python3
"""Says what programs saw of their requests: the truth that ../truth compares
exchanges with. It knows what strace saw them send and receive, and where a capture
that was made meanwhile has these bytes, and nothing of how nlsniff joins.

    truth.py CAPTURE.pcap TRACE... >NAME.truth.jsonl

where truth.sh has made both. ../truth/README.md says what a line holds."""
import collections, json, os, re, struct, sys

PROTOCOLS = {0: "ROUTE", 4: "SOCK_DIAG", 6: "XFRM", 12: "NETFILTER", 16: "GENERIC"}
NUMBERS = {"NETLINK_" + name: n for n, name in PROTOCOLS.items()}
ERROR, DONE, BEGIN, END, NEWGEN = 2, 3, 0x10, 0x11, 0xA0F
MULTI, INTR = 2, 0x10


class Message:
    def __init__(self, data, at, n):
        self.len, self.type, self.flags, self.seq, self.pid = struct.unpack_from("=IHHII", data, at)
        self.bytes, self.number = data[at : at + self.len], n

    def errno(self):
        return struct.unpack_from("=i", self.bytes, 16)[0] if self.type in (ERROR, DONE) and len(self.bytes) >= 20 else 0


def messages(data):
    at, out = 0, []
    while at + 16 <= len(data):
        m = Message(data, at, len(out))
        if m.len < 16 or at + m.len > len(data):
            break
        out.append(m)
        at += m.len + 3 & ~3
    return out


class Socket:
    def __init__(self, proto, made):
        self.proto, self.made, self.portid, self.events, self.closed, self.member = proto, made, None, [], False, False


class Event:
    """A datagram that was sent or received, or a read that found none."""

    def __init__(self, what, when, pid, prog, data=b"", errno=0, group=0):
        self.what, self.when, self.pid, self.prog, self.data, self.errno, self.group = what, when, pid, prog, data, errno, group
        self.frame, self.messages, self.full = None, messages(data), False


def calls(path):
    """Yields the system calls of a trace, each with the bytes that it moved."""
    unfinished, call, when, pid, data = {}, None, 0, 0, []
    for line in open(path, errors="replace"):
        if line.startswith(" | "):
            data[-1] += bytes.fromhex(line[9:59])
        elif line.startswith((" *", " =")):
            if data[-1]:
                data.append(b"")
        else:
            if call:
                yield pid, when, call, [d for d in data if d]
            call = None
            words = line.rstrip("\n").split(None, 2)
            if len(words) < 3 or words[2].startswith("---"):
                continue
            pid, when, call, data = int(words[0]), float(words[1]), words[2], [b""]
            if call.endswith("<unfinished ...>"):
                unfinished[pid] = when, call[: -len("<unfinished ...>")]
                call = None
            elif m := re.match(r"<\.\.\. \w+ resumed>", call):
                began, head = unfinished.pop(pid, (when, ""))
                call = head + call[m.end() :]
                when = began if head.startswith("send") else when
    if call:
        yield pid, when, call, [d for d in data if d]


def sockets(path):
    """The netlink sockets of a trace with what happened to them."""
    tables, progs, known = collections.defaultdict(dict), {}, []
    for pid, when, call, data in calls(path):
        name, _, rest = call.partition("(")
        m = re.search(r"\) += (-?\d+)(?: (\w+))?", call)
        ret = int(m[1]) if m else 0
        fds, prog = tables[pid], progs.get(pid, "?")
        if call.startswith("+++"):  # it ended
            for s in tables.pop(pid).values():
                s.closed = s.closed or not any(s in t.values() for t in tables.values())
        elif name == "execve" and ret == 0:
            progs[pid] = os.path.basename(re.match(r'"([^"]*)"', rest)[1])
        elif name in ("clone", "clone3", "fork", "vfork") and ret > 0:
            tables[ret] = fds if "CLONE_FILES" in call else dict(fds)
            progs[ret] = prog
        elif name == "socket" and ret >= 0 and "AF_NETLINK" in call:
            kind = re.search(r"(NETLINK_\w+)\)", call)
            s = Socket(NUMBERS.get(kind[1] if kind else ""), when)
            fds[ret] = s
            known.append(s)
        elif m := re.match(r"(\d+)<", rest):
            s = fds.get(int(m[1]))
            if s is None:
                continue
            if portid := re.match(r"\d+<NETLINK:\[\w+:(\d+)\]>", rest):
                s.portid = int(portid[1])
            if name in ("dup", "dup2", "dup3") and ret >= 0:
                fds[ret] = s
            elif name == "setsockopt":
                s.member = s.member or "NETLINK_ADD_MEMBERSHIP" in call
            elif name == "bind":
                s.member = s.member or "nl_groups=00000000" not in call
            elif name == "close":
                del fds[int(m[1])]
                s.closed = s.closed or not any(s in t.values() for t in tables.values())
            elif name.startswith("send") and "nl_pid=0" in call + "nl_pid=0" * ("nl_pid" not in call):
                for d in data or [b""]:
                    s.events.append(Event("sent", when, pid, prog, d, ret if ret < 0 else 0))
            elif name.startswith("recv") and "MSG_PEEK" not in rest.rpartition("}")[2]:
                peer, group = re.search(r"nl_pid=(\d+)", call), re.search(r"nl_groups=(\w+)", call)
                if ret > 0 and (not peer or peer[1] == "0"):
                    for d in data:
                        s.events.append(Event("read", when, pid, prog, d, 0, int(group[1], 16) if group else 0))
                elif ret < 0:
                    s.events.append(Event("empty", when, pid, prog))
                    s.events[-1].full = "ENOBUFS" in call
    return [s for s in known if s.proto is not None]


def capture(path):
    data, at, out = open(path, "rb").read(), 24, []
    while at + 16 <= len(data):
        sec, micro, n, _ = struct.unpack_from("<IIII", data, at)
        frame = data[at + 16 : at + 16 + n]
        out.append((sec + micro / 1e6, frame[15], frame[16:]))
        at += 16 + n
    return out


def locate(all_sockets, frames):
    """Finds the frame of each datagram: of those with its bytes that are not
    taken the first. What was sent comes after the call began, what was read before."""
    places = collections.defaultdict(list)
    for n, (when, proto, data) in enumerate(frames, 1):
        places[proto, data].append((when, n))
    list_ = [(e.when, s, e) for s in all_sockets for e in s.events if e.data]
    for _, s, e in sorted(list_, key=lambda x: (x[2].what == "read", x[0])):
        free = places.get((s.proto, e.data))
        for f in free or []:
            if f[0] >= s.made and -0.01 < (f[0] - e.when if e.what == "sent" else e.when - f[0]) < 30:
                free.remove(f)
                e.frame = f[1]
                break
    # Programs that send the same bytes at once are told apart by their answers.
    same = collections.defaultdict(list)
    for _, s, e in list_:
        if e.what == "sent" and e.frame:
            same[s.proto, e.data].append((answered(s, e), e.frame, e))
    for group in same.values():
        for frame, (_, _, e) in zip(sorted(g[1] for g in group), sorted(group, key=lambda g: g[:2])):
            e.frame = frame


def answered(s, sent):
    """The frame of the first answer to what a socket sent."""
    numbers = {m.seq for m in sent.messages}
    later = s.events[s.events.index(sent) :]
    return next((e.frame for e in later if e.what == "read" and e.frame and any(m.pid == s.portid and m.seq in numbers for m in e.messages)), 1 << 40)


class Request:
    def __init__(self, s, e, m, batch):
        self.socket, self.event, self.m, self.batch = s, e, m, batch
        self.answers, self.notified, self.consequences = [], [], []
        self.until, self.reads, self.empty, self.doubt = "end", 0, False, False

    def takes(self, m):
        if m.type == ERROR and len(m.bytes) >= 36:
            n, typ, flags, seq, _ = struct.unpack_from("=IHHII", m.bytes, 20)
            return (n, typ, flags, seq) == (self.m.len, self.m.type, self.m.flags, self.m.seq)
        return m.seq == self.m.seq

    def line(self, ended, left):
        came = [m for _, m in self.answers]
        errno = next((m.errno() for m in came if m.errno() < 0), None)
        data = [m for m in came if m.type not in (ERROR, DONE)]
        acked = any(m.type == ERROR and m.errno() == 0 for m in came)
        done = any(m.type == DONE and m.errno() == 0 for m in came)
        outcome = "error" if errno else "done" if done else "ack" if acked else "answered" if data else "nothing"
        if self.event.errno:
            outcome, errno = "senderror", self.event.errno
        out = {
            "frame": self.event.frame, "msg": self.m.number, "time": self.event.when, "prog": self.event.prog, "pid": self.event.pid,
            "proto": "NETLINK_" + PROTOCOLS[self.socket.proto], "portid": self.socket.portid, "seq": self.m.seq, "type": self.m.type,
            "flags": self.m.flags, "nlmsg_pid": self.m.pid, "len": self.m.len, "outcome": outcome, "replies": len(data),
            "answers": [[e.frame, m.number] for e, m in self.answers if e.frame], "notified": len(self.notified),
            "consequences": self.consequences, "until": self.until, "reads": self.reads,
        }
        for key, value in (("batch", self.batch), ("errno", errno), ("acked", acked), ("done", done), ("empty", self.empty),
                           ("intr", any(m.flags & INTR for m in came if m.type != ERROR)), ("unread", left)):
            if value:
                out[key] = value
        if self.doubt:
            out["ambiguous"] = "its socket lost messages, and another request had its number"
        if not self.event.frame or self.event.when > ended:
            out["ambiguous"] = "the capture had ended"
        return out


def requests(s):
    """The requests of a socket with what it read because of them."""
    out, batch = [], None
    for e in s.events:
        if e.what == "sent":
            batch = None
            whole = s.proto == 12 and e.messages and e.messages[0].type == BEGIN
            for m in e.messages:
                if whole and batch is None:
                    batch = [e.frame, m.number]
                out.append(Request(s, e, m, batch if whole else None))
                if m.type == END:
                    batch = None
            continue
        if out:
            out[-1].reads += e.what == "read"
            out[-1].empty = out[-1].empty or e.what == "empty"
        for m in e.messages:
            mine = [r for r in out if r.takes(m) and not (e.frame and r.event.frame and r.event.frame > e.frame)]
            if m.pid != s.portid or not mine and m.type != NEWGEN:
                continue
            # An echo has a group as well, which its socket need not be in.
            if e.group and s.member or m.type == NEWGEN and out[-1].batch:
                (mine or out)[-1].notified.append(m)
                continue
            if not mine:
                continue
            of = mine[-1]
            if m.type == ERROR:  # several of one datagram can be equal: each has one
                equal = [r for r in mine if r.event is of.event]
                of = next((r for r in equal if not any(a.type == ERROR for _, a in r.answers)), of)
            of.answers.append((e, m))
    numbers = collections.Counter(r.m.seq for r in out)
    lost = any(e.full for e in s.events)
    for r in out:
        r.until = "next" if r.event.when < out[-1].event.when else "close" if s.closed else "end"
        r.doubt = lost and numbers[r.m.seq] > 1
    return out


def main():
    frames = capture(sys.argv[1])
    all_sockets = [s for path in sys.argv[2:] for s in sockets(path)]
    locate(all_sockets, frames)
    taken = {e.frame: (s, e) for s in all_sockets for e in s.events if e.frame}
    ended = frames[-1][0] if frames else 0
    rows = [r for s in all_sockets for r in requests(s)]
    by_number = collections.defaultdict(list)
    for r in rows:
        by_number[r.socket.proto, r.socket.portid, r.m.seq].append(r)
    left = set()  # sockets with frames that nobody read
    for n, (when, proto, data) in enumerate(frames, 1):
        for m in messages(data):
            of = [r for r in by_number.get((proto, m.pid, m.seq), []) if (r.event.frame or n) < n]
            if not of or m.pid == 0:
                continue
            s = taken[n][0] if n in taken else None
            if s is None and (m.type < 16 or m.flags & MULTI):
                left.add(id(of[-1]))
            elif s is not None and s is not of[-1].socket and m.type >= 16:
                of[-1].consequences.append([n, m.number])
    for r in sorted(rows, key=lambda r: (r.event.when, r.m.number)):
        print(json.dumps(r.line(ended, id(r) in left)))
    print(json.dumps({"summary": {
        "frames": len(frames), "requests": len(rows), "sent": sorted(n for n, (_, e) in taken.items() if e.what == "sent"),
        "received": sorted(n for n, (_, e) in taken.items() if e.what == "read"),
    }}))


main()
