"""Asks for what exchanges are hard to tell from: batches of subsystems that have
none, dumps that are refused as another runs, dumps that change while they are read,
answers that find no room, sockets that take over a portid in the middle of a dump.

usage: odd.py NAME..."""
import socket
import struct
import sys
import time

REQUEST, MULTI, ACK, ECHO, DUMP, CREATE, EXCL = 1, 2, 4, 8, 0x300, 0x400, 0x200
ROUTE, NETFILTER, GENERIC = 0, 12, 16
NEWLINK, GETLINK, NEWROUTE, DELROUTE, GETROUTE, GETRULE, NEWADDR = 16, 18, 24, 25, 26, 34, 20
NO_ENOBUFS, EXT_ACK, CAP_ACK = 5, 11, 10


class Socket:
    def __init__(self, proto, portid=0, groups=0, room=0):
        self.s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, proto)
        self.s.bind((portid, groups))
        if room:
            self.s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
        self.s.settimeout(0.4)

    def send(self, *messages):
        self.s.send(b"".join(messages))

    def read(self, what, most=1000):
        got = []
        try:
            for _ in range(most):
                data = self.s.recv(1 << 16)
                while len(data) >= 16:
                    n, kind, flags, seq, _ = struct.unpack_from("=IHHII", data)
                    errno = struct.unpack_from("=i", data, 16)[0] if kind in (2, 3) else None
                    got.append((kind, seq, errno))
                    data = data[(n + 3) & ~3 :]
                if got and got[-1][0] == 3:
                    break
        except OSError as e:
            got.append(e.errno)
        print(what, got[:3], "…", got[-3:], len(got), flush=True)
        return got


def message(kind, flags, seq, body, pid=0):
    return struct.pack("=IHHII", 16 + len(body), kind, flags | REQUEST, seq, pid) + body


def attr(kind, payload):
    n = 4 + len(payload)
    return struct.pack("=HH", n, kind) + payload + b"\0" * (-n % 4)


def link(name=b"", index=0):
    return struct.pack("=BxHiII", 0, 0, index, 0, 0) + (attr(3, name + b"\0") if name else b"")


def route(dst, dev=1, typ=1):
    return struct.pack("=BBBBBBBBI", 2, 32, 0, 0, 254, 4, 0, typ, 0) + attr(1, socket.inet_aton(dst)) + (attr(4, struct.pack("=I", dev)) if typ == 1 else b"")


def nf(subsys, cmd, flags, seq, body=b"", family=2, res=0):
    return message(subsys << 8 | cmd, flags, seq, struct.pack("=BB", family, 0) + struct.pack(">H", res) + body)


def begin(subsys, seq, flags=0):
    return message(0x10, flags, seq, struct.pack("=BB", 0, 0) + struct.pack(">H", subsys))


def end(subsys, seq, flags=0):
    return message(0x11, flags, seq, struct.pack("=BB", 0, 0) + struct.pack(">H", subsys))


def batches():
    """Batches for ipset, conntrack, accounting, and nf_tables."""
    s = Socket(NETFILTER)
    seq = 100
    for subsys, inner in ((6, nf(6, 1, ACK, 102)), (1, nf(1, 1, ACK | DUMP, 102)), (7, nf(7, 0, ACK | CREATE, 102, attr(1, b"x\0"))), (10, nf(10, 0, ACK | CREATE, 102, attr(1, b"x\0")))):
        for flags in (0, ACK):
            s.send(begin(subsys, 101, flags), inner, end(subsys, 103, flags))
            s.read("batch of subsystem %d" % subsys)
            s.send(nf(10, 16, 0, seq))  # GETGEN
            s.read("generation")
            seq += 10
    s.send(begin(10, 301), nf(10, 2, 0, 302, attr(1, b"x\0")), end(10, 303))
    s.send(nf(10, 16, 0, 304))
    s.read("quiet batch and generation")
    s.send(begin(10, 311, ACK), nf(10, 2, 0, 312, attr(1, b"nosuch\0")), end(10, 313, ACK))
    s.read("frame acks and an error")
    s.send(end(10, 321))
    s.read("END first")
    s.send(begin(10, 331), begin(10, 332), nf(10, 0, ACK | CREATE, 333, attr(1, b"y\0")), end(10, 334))
    s.read("two BEGINs")
    s.send(begin(99, 341), nf(10, 0, ACK | CREATE, 342, attr(1, b"y\0")), end(99, 343))
    s.read("no such subsystem")


def busy():
    """A second dump on a socket whose first still runs."""
    for first, second in ((1, 2), (5, 5)):
        s = Socket(ROUTE)
        for i in range(1, 3):
            s.send(message(NEWROUTE, CREATE | ACK, 1000 + i, route("198.51.100.%d" % i)))
            s.read("route", 1)
        s.s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        s.send(message(GETLINK, DUMP, first, link()))
        s.send(message(GETLINK, DUMP, second, link()))
        s.read("two dumps")
        s.read("two dumps, on")
        s.send(message(GETLINK, ACK, 9, link(b"lo")))
        s.read("link")


def routes(n, flags=CREATE):
    s = Socket(ROUTE)
    for i in range(n):
        s.send(message(NEWROUTE if flags else DELROUTE, flags, 2000 + i, route("10.%d.%d.%d" % (1 + i // 65536, i // 256 % 256, i % 256), typ=6)))
    s.send(message(GETLINK, 0, 9000, link(b"lo")))
    s.read("routes")


def changes():
    """A dump that changes while it is read."""
    routes(3000)
    s, other = Socket(ROUTE), Socket(ROUTE)
    s.send(message(GETROUTE, DUMP, 1, struct.pack("=BBBBBBBBI", 2, 0, 0, 0, 0, 0, 0, 0, 0)))
    s.s.recv(1 << 16)
    s.s.recv(1 << 16)
    for i in range(50):
        other.send(message(DELROUTE, ACK, 3000 + i, route("10.1.0.%d" % i, typ=6)))
        other.read("delete", 1)
    s.read("the rest")
    s.send(message(GETROUTE, DUMP, 2, struct.pack("=BBBBBBBBI", 2, 0, 0, 0, 0, 0, 0, 0, 0)))
    s.read("again")


def lost():
    """Answers that find no room."""
    for quiet in (0, 1):
        s = Socket(ROUTE, room=2048)
        if quiet:
            s.s.setsockopt(270, NO_ENOBUFS, 1)
        for i in range(30):
            s.send(message(NEWLINK, ACK | (i % 3 and EXCL | CREATE), 100 + i, link(b"nosuch%d" % i)))
        s.read("answers")
        s.read("answers, on")
        s.send(message(GETLINK, ACK, 200, link(b"lo")))
        s.read("link")


def quits():
    """Sockets of one portid and number: one stops reading, the next asks for the same."""
    for kind, body in ((GETROUTE, struct.pack("=BBBBBBBBI", 2, 0, 0, 0, 0, 0, 0, 0, 0)), (GETLINK, link())):
        for most in (1, 2, 1000, 1, 1000):
            s = Socket(ROUTE, portid=77777, room=4096)
            s.send(message(kind, DUMP, 7, body))
            s.read("dump", most)
            s.s.close()
    time.sleep(0.1)


def silent():
    """Changes without an ACK: some are refused, some not."""
    s = Socket(ROUTE)
    for i in range(6):
        s.send(message(NEWLINK, 0, 500 + i, link(b"lo" if i % 2 else b"nosuch")))
    s.send(message(GETRULE, DUMP, 600, struct.pack("=BBBBBBBBI", 2, 0, 0, 0, 0, 0, 0, 0, 0)))
    s.read("all")
    s.s.close()
    s = Socket(ROUTE)
    s.send(message(NEWLINK, 0, 700, link(b"lo")), message(NEWLINK, 0, 701, link(b"nosuch")), message(GETLINK, 0, 702, link(b"lo")))
    s.read("three in one")


for name in sys.argv[1:]:
    globals()[name]()
