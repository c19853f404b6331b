#!/usr/bin/env python3
"""Takes packets from an nfqueue and accepts them: queue.py NUMBER."""
import socket, struct, sys

queue = int(sys.argv[1])
sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12)
sock.bind((0, 0))
sock.settimeout(3)


def attr(kind, data):
    raw = struct.pack("=HH", 4 + len(data), kind) + data
    return raw + bytes(-len(raw) % 4)


def send(kind, attrs):
    body = struct.pack(">BBH", 0, 0, queue) + attrs
    sock.send(struct.pack("=IHHII", 16 + len(body), 0x300 | kind, 5, 0, 0) + body)


send(2, attr(1, struct.pack(">BBH", 1, 0, 2)))  # NFQNL_CFG_CMD_BIND
send(2, attr(2, struct.pack(">IB", 0xFFFF, 2)))  # NFQNL_COPY_PACKET
send(2, attr(3, struct.pack(">I", 100)) + attr(4, struct.pack(">I", 14)) + attr(5, struct.pack(">I", 14)))
try:
    while True:
        data = sock.recv(65536)
        kind = struct.unpack("=H", data[4:6])[0]
        if kind != 0x300:
            continue
        at = 20
        while at < len(data):
            length, what = struct.unpack("=HH", data[at : at + 4])
            if what == 1:
                ident = data[at + 4 : at + 8]
            at += (length + 3) & ~3
        send(1, attr(2, struct.pack(">I", 1) + ident) + attr(3, struct.pack(">I", 7)))  # NF_ACCEPT, mark
except socket.timeout:
    send(2, attr(1, struct.pack(">BBH", 2, 0, 2)))
