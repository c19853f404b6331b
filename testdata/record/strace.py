#!/usr/bin/env python3
"""Makes a capture of what programs said to one netlink protocol, out of what
strace saw of it, for a protocol that nlmon does not show and whose kernel
answers only the socket that asked.

    strace.py OUT.pcap NETLINK_NAME NUMBER TRACE...

where TRACE was written by
    strace -f -ttt -s 0 -e trace=socket,sendmsg,recvmsg -e read=all -e write=all -o TRACE PROGRAM"""
import re, struct, sys

out, proto_name, proto = sys.argv[1], sys.argv[2], int(sys.argv[3])
frames = []
for name in sys.argv[4:]:
    sockets, unfinished, data = set(), {}, bytearray()
    for line in open(name):
        if line.startswith(" |"):
            data += bytes.fromhex(line[9:59])
            continue
        if line.startswith(" *"):
            continue
        pid, when, call = line.rstrip("\n").split(None, 2)
        if call.endswith("<unfinished ...>"):
            unfinished[pid] = call[:-len("<unfinished ...>")]
            continue
        if m := re.match(r"<\.\.\. \w+ resumed>", call):
            call = unfinished.pop(pid) + call[m.end():]
        data = bytearray()  # what follows, if the call is not one of ours
        if m := re.match(r"socket\(AF_NETLINK, .*, (\w+)\) += (\d+)", call):
            (sockets.add if m[1] == proto_name else sockets.discard)(m[2])
        m = re.match(r"(sendmsg|recvmsg)\((\d+), .*\) += \d+", call)
        if m and m[2] in sockets and "MSG_PEEK" not in call:
            # To user space or to the kernel (PACKET_USER, PACKET_KERNEL).
            frames.append((float(when), 6 if m[1] == "recvmsg" else 7, data))

with open(out, "wb") as pcap:
    pcap.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 253))
    for when, way, data in sorted(frames, key=lambda f: f[0]):
        frame = struct.pack(">HHH8sH", way, 824, 0, bytes(8), proto) + data
        pcap.write(struct.pack("<IIII", int(when), int(when % 1 * 1e6), len(frame), len(frame)) + frame)
