#!/usr/bin/env python3
"""Records what a netlink socket of its own sends and receives, for the
protocols that nlmon does not show.

    netlink.py OUT.pcap PROTOCOL [group=MASK] [member=N] [seconds=S] [HEX...]

Each HEX is one datagram to send; a leading "@" runs the rest as a shell
command instead."""
import os, select, socket, struct, subprocess, sys, time

out, proto = sys.argv[1], int(sys.argv[2])
groups, seconds, member, todo = 0, 1.0, [], []
for word in sys.argv[3:]:
    if word.startswith("group="):
        groups = int(word[6:], 0)
    elif word.startswith("member="):
        member.append(int(word[7:]))
    elif word.startswith("seconds="):
        seconds = float(word[8:])
    else:
        todo.append(word)

sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, proto)
sock.bind((0, groups))
for n in member:
    sock.setsockopt(270, 1, n)  # SOL_NETLINK, NETLINK_ADD_MEMBERSHIP

pcap = open(out, "wb")
pcap.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 253))


def record(data):
    now = time.time()
    frame = struct.pack(">HHH8sH", 4, 824, 0, bytes(8), proto) + data
    pcap.write(struct.pack("<IIII", int(now), int(now % 1 * 1e6), len(frame), len(frame)) + frame)
    pcap.flush()


def drain(for_seconds):
    end = time.time() + for_seconds
    while True:
        left = end - time.time()
        if left <= 0 or not select.select([sock], [], [], left)[0]:
            return
        try:
            record(sock.recv(262144))
        except OSError as err:
            print("recv:", err)


for step in todo:
    if step.startswith("@"):
        subprocess.run(step[1:], shell=True)
    else:
        data = bytes.fromhex(step)
        record(data)
        try:
            sock.sendto(data, (0, 0))
        except OSError as err:
            print("send:", err)
    drain(0.2)
drain(seconds)
