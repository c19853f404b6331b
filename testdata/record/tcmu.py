#!/usr/bin/env python3
"""Serves the devices of target_core_user as their daemon does, as far as
netlink goes: says that it answers, and answers what the kernel reports. A
configuration that ends in "refuse" is refused. Ends when a device is removed."""
import errno, struct

from radio import Genl, attrs, s32, u8, u32

REMOVED, FEATURES = 2, 7
NAMES = {1: "added", REMOVED: "removed", 3: "reconfigured"}

tcmu = Genl("TCM-USER", version=2)
tcmu.call(FEATURES, u8(9, 1))
for typ, _, body in tcmu.messages(30):
    if typ != tcmu.id:
        continue
    cmd, a = body[0], attrs(body[4:])
    device, = struct.unpack("<I", a[8])
    print(NAMES[cmd], "device", device, "minor", *struct.unpack("<I", a[2]), a[1].rstrip(b"\0").decode())
    if 4 in a:
        print("  config", a[4].rstrip(b"\0").decode())
    if 5 in a:
        print("  size", *struct.unpack("<Q", a[5]))
    if 6 in a:
        print("  write cache", *struct.unpack("<B", a[6]))
    refuse = a.get(4, b"").rstrip(b"\0").endswith(b"refuse")
    tcmu.send(cmd + 3, s32(7, -errno.EINVAL if refuse else 0), u32(8, device))
    if cmd == REMOVED:
        break
