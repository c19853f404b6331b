#!/usr/bin/env python3
"""Plays with the families that no packaged program speaks: the simulated
radios of mac80211_hwsim and mac802154_hwsim, 802.15.4 and NetLabel. Prints
what it set, to compare a capture with.

    radio.py wifi|wpan|netlabel

wifi is the medium between two simulated radios: the kernel hands it each frame
that one of them sends, and it hands the frame to the other."""
import os, select, socket, struct, subprocess, sys, threading, time

REQUEST, ACK, DUMP, EXCL, CREATE = 1, 4, 0x300, 0x200, 0x400
NESTED = 0x8000


def attr(typ, *values):
    data = b"".join(values)
    return struct.pack("<HH", 4 + len(data), typ) + data + bytes(-len(data) % 4)


def nest(typ, *values):
    return attr(typ | NESTED, *values)


def u8(typ, v): return attr(typ, struct.pack("<B", v))
def s8(typ, v): return attr(typ, struct.pack("<b", v))
def u16(typ, v): return attr(typ, struct.pack("<H", v))
def u32(typ, v): return attr(typ, struct.pack("<I", v))
def s32(typ, v): return attr(typ, struct.pack("<i", v))
def u64(typ, v): return attr(typ, struct.pack("<Q", v))
def text(typ, v): return attr(typ, v.encode() + b"\0")
def raw(typ, v): return attr(typ, bytes.fromhex(v.replace(":", "")))
def flag(typ): return attr(typ)


def attrs(data):
    out = {}
    while len(data) >= 4:
        n, typ = struct.unpack_from("<HH", data)
        if n < 4:
            break
        out[typ & 0x3FFF] = data[4:n]
        data = data[n + 3 & ~3:]
    return out


class Genl:
    """A socket that speaks to one generic family, and hears its groups."""

    def __init__(self, name, version=1):
        self.name, self.version, self.seq = name, version, 0
        self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 16)
        self.sock.bind((0, 0))
        self.id = 16
        for _, a in self.call(3, text(2, name)):
            self.id = struct.unpack("<H", a[1])[0]
            for group in attrs_list(a.get(7, b"")):
                self.sock.setsockopt(270, 1, struct.unpack("<I", group[2])[0])

    def send(self, cmd, *values, flags=0):
        self.seq += 1
        body = struct.pack("<BBH", cmd, self.version, 0) + b"".join(values)
        self.sock.send(struct.pack("<IHHII", 16 + len(body), self.id, REQUEST | flags, self.seq, 0) + body)
        return self.seq

    def messages(self, seconds):
        end = time.time() + seconds
        while True:
            left = end - time.time()
            if left <= 0 or not select.select([self.sock], [], [], left)[0]:
                return
            data = self.sock.recv(65536)
            while len(data) >= 16:
                n, typ, _, seq, _ = struct.unpack_from("<IHHII", data)
                yield typ, seq, data[16:n]
                data = data[n + 3 & ~3:]

    def call(self, cmd, *values, flags=ACK):
        """Sends a request and returns the answers up to its acknowledgement."""
        seq, out = self.send(cmd, *values, flags=flags), []
        for typ, s, body in self.messages(3):
            if s != seq:
                continue
            if typ in (2, 3):
                err = struct.unpack_from("<i", body)[0] if body else 0
                print(f"{self.name} command {cmd}: {os.strerror(-err) if err < 0 else 'done'}, {len(out)} answers")
                return out
            out.append((body[0], attrs(body[4:])))
        print(f"{self.name} command {cmd}: no acknowledgement, {len(out)} answers")
        return out


def attrs_list(data):
    return [attrs(v) for v in attrs(data).values()]


def sh(command):
    print("$", command)
    sys.stdout.flush()
    subprocess.run(command, shell=True, timeout=20)


def names():
    return sorted(n for n in os.listdir("/sys/class/net") if n.startswith(("wlan", "wpan")))


def wifi():
    hw = Genl("MAC80211_HWSIM")
    ftm = [flag(1), flag(2), u32(5, 0b10011), u32(6, 0b111), u8(7, 15), u8(8, 31)]
    capa = nest(26, u32(1, 4), flag(2), nest(4, nest(1, *ftm)))
    hw.call(4, u32(9, 1), text(17, "left"), raw(22, "02:00:00:00:10:00"), flag(14), flag(16), u32(23, 1 << 1 | 1 << 2 | 1 << 3 | 1 << 7), capa)
    hw.call(4, u32(9, 1), attr(17, b"right"), raw(22, "02:00:00:00:11:00"), attr(11, b"DE"), flag(13), flag(16),
            attr(24, struct.pack("<3I", 0x000FAC04, 0x000FAC02, 0x000FAC06)))
    hw.call(4, u32(9, 1), attr(17, b"third"), u32(12, 1), flag(18), flag(16))
    hw.call(6, flags=DUMP)
    hw.call(6, u32(10, 0))
    hw.call(1)
    left, right = bytes.fromhex("020000001000"), bytes.fromhex("020000001100")
    stop = threading.Event()

    def medium():
        while not stop.is_set():
            for typ, _, body in hw.messages(0.2):
                if typ != hw.id:
                    continue
                a = attrs(body[4:])
                if body[0] == 2:
                    to = right if a[2] == left else left
                    rates = struct.pack("<bBbBbBbB", 0, 1, -1, 0, -1, 0, -1, 0)
                    hw.send(3, attr(2, a[2]), u32(4, 4), s32(6, -42), attr(7, rates), attr(8, a[8]))
                    hw.send(2, attr(1, to), attr(3, a[3]), u32(5, 2), s32(6, -42), attr(19, a[19]), attr(8, a[8]))
                if body[0] == 9:
                    peer = attrs(attrs(attrs(a[27])[273])[5])[1]
                    rate = [u8(1, 2), u8(2, 7), u8(4, 2), u8(5, 4)]
                    answer = nest(1, u16(2, 1), u32(3, 8), u32(4, 7), s32(9, -48), u32(10, 2), nest(11, *rate), nest(12, u16(3, 540)),
                                  u64(13, 66713), u64(14, 225), u64(16, 10000), u64(18, 30))
                    resp = nest(4, nest(1, answer), u32(2, 0), u64(3, 1234567890), u64(4, 987654), flag(5))
                    hw.send(11, attr(2, a[2]), nest(28, nest(5, nest(1, attr(1, peer), resp))))

    hears = threading.Thread(target=medium)
    hears.start()
    one, two = [n for n in names() if n.startswith("wlan")][:2]
    for dev in (one, two):
        sh(f"iw dev {dev} set type ibss; ip link set {dev} up; iw dev {dev} ibss join simulated 2412 fixed-freq 02:11:22:33:44:55")
    time.sleep(2)
    sh(f"iw dev {two} station dump; iw dev {two} link")
    sh(f"iw dev {one} ibss leave; ip link set {one} down; iw dev {one} set type managed; ip link set {one} up")
    with open("/tmp/ftm", "w") as f:
        f.write("02:00:00:00:11:00 bw=20 cf=2412 retries=3 bursts_exp=1 ftms_per_burst=4\n")
    sh(f"timeout 5 iw dev {one} measurement ftm_request /tmp/ftm")
    time.sleep(0.5)
    sh(f"timeout 10 iw dev {one} scan ssid simulated | head -20")
    stop.set()
    hears.join()
    for n in (0, 1, 9):
        hw.call(5, u32(10, n))
    hw.call(5, attr(17, b"third"))
    for _ in hw.messages(0.5):
        pass


def wpan():
    sim, mac, nl = Genl("MAC802154_HWSIM"), Genl("802.15.4 MAC"), Genl("nl802154")
    sim.call(1, flags=DUMP)
    sim.call(3)
    sim.call(8, u32(1, 2), nest(2, u32(1, 0)))
    sim.call(8, u32(1, 0), nest(2, u32(1, 2)))
    sim.call(6, u32(1, 2), nest(2, u32(1, 0), u8(2, 77)))
    sim.call(1, u32(1, 2))
    sim.call(7, u32(1, 2), nest(2, u32(1, 0)))
    sim.call(4, u32(1, 2))

    mac.call(32, flags=DUMP)
    mac.call(33, text(31, "phy0"), text(1, "wpan7"), raw(5, "02:01:02:03:04:05:06:07"), u8(32, 0))
    mac.call(35, text(1, "wpan7"), u8(37, 3), u8(38, 2), u8(39, 6), s8(40, 5), u8(34, 0))
    mac.call(31, flags=DUMP)
    mac.call(31, text(1, "wpan7"))
    key = [u8(43, 1), u8(46, 1)]
    far = raw(5, "02:aa:bb:cc:dd:ee:ff:01")
    for cmd, values in (
        (37, [u8(41, 1), u8(42, 5), u32(47, 1000), *key]),
        (39, [*key, u8(49, 0b1010), attr(50, bytes(28), struct.pack("<I", 1 << 4 | 1 << 7)), attr(48, bytes(range(16)))]),
        (39, [u8(43, 0), u16(6, 0xBEEF), u16(4, 0x1234), u8(49, 0b10), attr(48, bytes(range(16, 32)))]),
        (39, [u8(43, 2), u32(44, 0xBEEF1234), u8(46, 3), u8(49, 0b10), attr(48, bytes(range(32, 48)))]),
        (39, [u8(43, 3), raw(45, "02:aa:bb:cc:dd:ee:ff:02"), u8(46, 4), u8(49, 0b1), attr(48, bytes(range(48, 64)))]),
        (42, [far, u16(6, 0xBEEF), u16(4, 0x0002), u32(47, 7), u8(54, 0), u8(55, 2)]),
        (45, [far, u32(47, 9), *key]),
        (48, [u8(51, 1), u8(53, 0b11100000), u8(54, 0)]),
        (48, [u8(51, 3), u8(52, 4), u8(53, 0b00000010), u8(54, 1)]),
    ):
        mac.call(cmd, text(1, "wpan7"), *values, flags=ACK | CREATE | EXCL)
    mac.call(36, text(1, "wpan7"), flags=0)
    for cmd in (38, 41, 44, 47):
        mac.call(cmd, flags=DUMP)
    for cmd, values in ((49, [u8(51, 1), u8(53, 0b11100000), u8(54, 0)]), (46, [far, *key]), (43, [far]), (40, key)):
        mac.call(cmd, text(1, "wpan7"), *values)
    mac.call(13, text(1, "wpan7"), u16(10, 0xBEEF), u16(8, 1), u8(7, 13), u8(23, 15), u8(24, 15), u8(25, 1), u8(26, 0), u8(27, 0))
    mac.call(9, text(1, "wpan7"), u8(19, 2), u32(20, 1 << 13), u8(21, 3))
    mac.call(34, text(1, "wpan7"))

    nl.call(7, u32(1, 1), text(4, "coord1"), u32(5, 2), u64(23, 0x0211223344556677))
    nl.call(8, u32(3, socket.if_nametoindex("wpan1")))
    index = {n: socket.if_nametoindex(n) for n in ("wpan0", "coord1")}
    far, near = u32(3, index["coord1"]), u32(3, index["wpan0"])
    nl.call(10, far, u16(9, 0xBEEF))
    nl.call(11, far, u16(10, 0x0001))
    nl.call(16, near, u8(17, 3), u8(16, 5))
    nl.call(17, near, u8(18, 4))
    nl.call(18, near, u8(19, 0))
    nl.call(19, near, u8(26, 1))
    nl.call(9, u32(1, 0), u8(7, 0), u8(8, 13))
    sh("ip link set coord1 up; ip link set wpan0 up")
    nl.call(42, far, u32(39, 5))
    nl.call(38, far, u8(38, 0))
    nl.call(35, near, u8(31, 3), u8(7, 0), u32(33, 1 << 13), u8(36, 5))
    time.sleep(1.5)
    for _ in nl.messages(0.5):
        pass
    nl.call(35, near, u8(31, 2), u32(33, 1 << 13 | 1 << 14), u8(36, 14))
    nl.call(36, near)
    for _ in nl.messages(1):
        pass
    nl.call(40, near, u16(9, 0xBEEF), u64(23, 0x0211223344556677))
    time.sleep(1)
    for dev in (near, far):
        nl.call(43, dev, flags=DUMP)
    nl.call(5, flags=DUMP)
    nl.call(41, near, u64(23, 0x0211223344556677))
    nl.call(39, far)
    nl.call(20, u32(1, 0), u32(28, os.getpid()))


def netlabel():
    mgmt, cipso, calipso, unlbl = (Genl(n, 3) for n in ("NLBL_MGMT", "NLBL_CIPSOv4", "NLBL_CALIPSO", "NLBL_UNLBL"))
    pair = lambda a, b, c, x, y: nest(c, u32(a, x), u32(b, y))
    cipso.call(1, u32(1, 16), u32(2, 1), nest(4, u8(3, 1)),
               nest(8, pair(5, 6, 7, 0, 0), pair(5, 6, 7, 1, 9)), nest(12, pair(9, 10, 11, 3, 30)))
    cipso.call(1, u32(1, 17), u32(2, 2), nest(4, u8(3, 5), u8(3, 2), u8(3, 1)))
    cipso.call(1, u32(1, 18), u32(2, 3), nest(4, u8(3, 128)))
    cipso.call(3, u32(1, 16))
    cipso.call(4, flags=DUMP)
    calipso.call(1, u32(1, 32), u32(2, 2))
    calipso.call(3, u32(1, 32))
    calipso.call(4, flags=DUMP)
    ip4 = lambda typ, s: attr(typ, socket.inet_aton(s))
    ip6 = lambda typ, s: attr(typ, socket.inet_pton(socket.AF_INET6, s))
    mgmt.call(1, text(1, "plain_t"), u32(2, 5), u16(11, 2))
    mgmt.call(1, text(1, "cipso_t"), u32(2, 3), u32(4, 16))
    mgmt.call(1, text(1, "select_t"), u32(2, 3), u32(4, 17), ip4(7, "192.0.2.0"), ip4(8, "255.255.255.0"))
    mgmt.call(1, text(1, "select_t"), u32(2, 7), u32(12, 32), ip6(5, "2001:db8::"), ip6(6, "ffff:ffff::"))
    mgmt.call(3, flags=DUMP)
    mgmt.call(6, u16(11, 2))
    mgmt.call(5)
    mgmt.call(4, u32(2, 5))
    mgmt.call(7, flags=DUMP)
    mgmt.call(8)
    label = text(7, "system_u:object_r:netlabel_peer_t:s0")
    unlbl.call(3, text(6, "lo"), ip4(4, "127.0.0.0"), ip4(5, "255.0.0.0"), label)
    unlbl.call(6, ip6(2, "2001:db8::"), ip6(3, "ffff:ffff::"), label)
    unlbl.call(5, flags=DUMP)
    unlbl.call(8, flags=DUMP)
    unlbl.call(4, text(6, "lo"), ip4(4, "127.0.0.0"), ip4(5, "255.0.0.0"))
    unlbl.call(7, ip6(2, "2001:db8::"), ip6(3, "ffff:ffff::"))
    unlbl.call(1, u8(1, 1))
    unlbl.call(2)
    for name in ("plain_t", "cipso_t", "select_t"):
        mgmt.call(2, text(1, name))
    for doi in (16, 17, 18):
        cipso.call(2, u32(1, doi))
    calipso.call(2, u32(1, 32))


if __name__ == "__main__":
    {"wifi": wifi, "wpan": wpan, "netlabel": netlabel}[sys.argv[1]]()
