"""Sends nfnetlink batches that nft never sends: each message with NLM_F_ACK or
NLM_F_ECHO, one that fails in the middle, one without its END, two in one
datagram."""
import socket
import struct

REQUEST, ACK, ECHO, CREATE = 0x1, 0x4, 0x8, 0x400
BEGIN, END, NEWTABLE, NEWCHAIN, DELTABLE = 0x10, 0x11, 0xA00, 0xA03, 0xA02
SUBSYS_NFTABLES, NFPROTO_IPV4 = 10, 2
NETLINK_NETFILTER = 12

sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER)
sock.bind((0, 0))
sock.settimeout(0.5)
seq = 1000


def attr(kind, payload):
    n = 4 + len(payload)
    return struct.pack("=HH", n, kind) + payload + b"\0" * (-n % 4)


def message(kind, flags, body=b"", family=NFPROTO_IPV4, res=0):
    global seq
    seq += 1
    body = struct.pack("=BB", family, 0) + struct.pack(">H", res) + body
    return struct.pack("=IHHII", 16 + len(body), kind, flags | REQUEST, seq, 0) + body


def table(kind, flags, name):
    return message(kind, flags, attr(1, name.encode() + b"\0"))


def chain(flags, of, name):
    return message(NEWCHAIN, flags | CREATE, attr(1, of.encode() + b"\0") + attr(3, name.encode() + b"\0"))


def begin(flags=0):
    return message(BEGIN, flags, family=0, res=SUBSYS_NFTABLES)


def end(flags=0):
    return message(END, flags, family=0, res=SUBSYS_NFTABLES)


def send(what, *parts):
    sock.send(b"".join(parts))
    got = []
    try:
        while True:
            data = sock.recv(1 << 16)
            while len(data) >= 16:
                n, kind, flags, no, _ = struct.unpack_from("=IHHII", data)
                errno = struct.unpack_from("=i", data, 16)[0] if kind == 2 else None
                got.append((hex(kind), no, errno))
                data = data[(n + 3) & ~3 :]
    except OSError:
        pass
    print(what, got, flush=True)


send("acks", begin(), table(NEWTABLE, ACK | CREATE, "k"), chain(ACK, "k", "c"), chain(ACK, "k", "d"), end())
send("acks and a late failure", begin(), chain(ACK, "k", "e"), table(DELTABLE, ACK, "nosuch"), chain(ACK, "k", "f"), end())
send("echoes", begin(), chain(ECHO, "k", "g"), chain(ECHO | ACK, "k", "h"), end())
send("ack of BEGIN and END", begin(ACK), chain(0, "k", "i"), end(ACK))
send("without END", begin(), chain(ACK, "k", "lost"))
send("two in one datagram", begin(), chain(ACK, "k", "j"), end(), begin(), chain(ACK, "k", "never"), end())
send("only BEGIN and END", begin(), end())
send("delete", begin(), table(DELTABLE, 0, "k"), end())
