#!/bin/bash
# Records the protocols that nlmon does not show, through sockets of its own
# (netlink.py). Run as root in a virtual machine: OUT=DIR ./other.sh
cd "$(dirname "$0")"
log() { echo "\$ $1" >> "$OUT/$NAME.log"; timeout 10 bash -c "$1" >> "$OUT/$NAME.log" 2>&1; }
rec() { python3 ./netlink.py "$OUT/$NAME.pcap" "$@" >> "$OUT/$NAME.log" 2>&1; }

NAME=uevent
echo '$ udevd, then links, modules and a written uevent' > "$OUT/$NAME.log"
mkdir -p /run/udev && /lib/systemd/systemd-udevd --daemon
rec 15 group=3 seconds=2 '@ip link add d7 type dummy' '@echo change > /sys/class/net/lo/uevent' '@ip link set d7 name d8' '@modprobe veth' '@ip link del d8' '@echo "add 11111111-2222-3333-4444-555555555555 A=1 B=2" > /sys/class/net/lo/uevent'

NAME=connector
modprobe cn 2>/dev/null
echo '$ processes start, change their name, their ids, their session, and end' > "$OUT/$NAME.log"
# CN_IDX_PROC: PROC_CN_MCAST_LISTEN, then PROC_CN_MCAST_IGNORE.
rec 11 group=1 \
	28000000030000000000000000000000010000000100000000000000000000000400000001000000 \
	'@true' '@python3 -c "import os,ctypes; os.setsid(); ctypes.CDLL(None).prctl(15, b\"renamed\"); os.setgid(7); os.setuid(5); os.abort()"' '@sh -c "exit 3"' \
	28000000030000000000000000000000010000000100000000000000000000000400000002000000

NAME=audit
: > "$OUT/$NAME.log"
log 'auditctl -D; auditctl -e 1; auditctl -b 512; auditctl -r 100; auditctl -a always,exit -F arch=b64 -S mkdir,unlink -F auid>=1000 -F success!=0 -k files; auditctl -w /etc/passwd -p wa -k passwd; auditctl -a never,user -F uid=0; auditctl -s; auditctl -l'
# AUDIT_GET, AUDIT_LIST_RULES, AUDIT_GET_FEATURE, AUDIT_TTY_GET, AUDIT_SIGNAL_INFO,
# AUDIT_SET of the status mask, a user message, and a request without a meaning.
rec 9 member=1 seconds=1.5 \
	10000000e80305000100000000000000 10000000f50305000200000000000000 10000000fb0305000300000000000000 \
	10000000f80305000400000000000000 10000000f20305000500000000000000 \
	3c000000e903050006000000000000001000000000000000000000000000000000000000640000000000000000000000000000000000000000000000 \
	2000000061040500070000000000000068656c6c6f206c6f672077697468206e \
	'@mkdir /tmp/audited && rmdir /tmp/audited' '@auditctl -m "from a program"' '@auditctl -e 0' \
	10000000e70305000800000000000000

NAME=crypto
: > "$OUT/$NAME.log"
log 'head -40 /proc/crypto'
modprobe -a crypto_user af_alg 2>/dev/null
rec 21 10000000130001030100000000000000

NAME=rdma
: > "$OUT/$NAME.log"
modprobe -a rdma_rxe siw 2>/dev/null
ip link add rd0 type dummy; ip link set rd0 up; ip addr add 10.3.3.3/24 dev rd0
log 'rdma link add rxe0 type rxe netdev rd0; rdma link add siw0 type siw netdev rd0; rdma -j dev; rdma -j -d link; rdma -j resource; rdma -j -d resource show cm_id; rdma -j statistic; rdma -j system; rdma dev set rxe0 name rxe9'
# NLDEV: GET, PORT_GET, SYS_GET, RES_GET, QP, CM_ID, CQ, MR, PD of device 0, statistics, and a device that is not there.
rec 20 \
	10000000011401030100000000000000 180000000514010302000000000000000800010000000000 \
	10000000061405000300000000000000 10000000091401030400000000000000 \
	180000000a14010305000000000000000800010000000000 180000000b14010306000000000000000800010000000000 \
	180000000c14010307000000000000000800010000000000 180000000d14010308000000000000000800010000000000 \
	180000000e14010309000000000000000800010000000000 20000000111405000a0000000000000008000100000000000800030001000000 \
	18000000011405000b000000000000000800010063000000
