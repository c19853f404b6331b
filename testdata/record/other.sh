#!/bin/bash
# Records the protocols that nlmon does not show, through sockets of its own
# (netlink.py). Run as root in a virtual machine: OUT=DIR ./other.sh [NAME...]
cd "$(dirname "$0")"
want() { [ -z "$WANT" ] || [[ " $WANT " == *" $1 "* ]]; }
WANT="$*"
log() { echo "\$ $1" >> "$OUT/$NAME.log"; timeout 10 bash -c "$1" >> "$OUT/$NAME.log" 2>&1; }
rec() { python3 ./netlink.py "$OUT/$NAME.pcap" "$@" >> "$OUT/$NAME.log" 2>&1; }

if want uevent; then
NAME=uevent
echo '$ udevd, then links, modules and a written uevent' > "$OUT/$NAME.log"
mkdir -p /run/udev && /lib/systemd/systemd-udevd --daemon
rec 15 group=3 seconds=2 '@ip link add d7 type dummy' '@echo change > /sys/class/net/lo/uevent' '@ip link set d7 name d8' '@modprobe veth' '@ip link del d8' '@echo "add 11111111-2222-3333-4444-555555555555 A=1 B=2" > /sys/class/net/lo/uevent'
fi

if want connector; then
NAME=connector
modprobe cn 2>/dev/null
echo '$ processes start, change their name, their ids, their session, and end' > "$OUT/$NAME.log"
# CN_IDX_PROC: PROC_CN_MCAST_LISTEN, then PROC_CN_MCAST_IGNORE.
rec 11 group=1 \
	28000000030000000000000000000000010000000100000000000000000000000400000001000000 \
	'@true' '@python3 -c "import os,ctypes; os.setsid(); ctypes.CDLL(None).prctl(15, b\"renamed\"); os.setgid(7); os.setuid(5); os.abort()"' '@sh -c "exit 3"' \
	28000000030000000000000000000000010000000100000000000000000000000400000002000000
fi

if want audit; then
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
fi

if want crypto; then
NAME=crypto
: > "$OUT/$NAME.log"
log 'head -40 /proc/crypto'
modprobe -a crypto_user af_alg 2>/dev/null
rec 21 10000000130001030100000000000000
fi

if want rdma; then
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
fi

if want iscsi; then
NAME=iscsi
: > "$OUT/$NAME.log"
modprobe -a iscsi_tcp target_core_mod target_core_file iscsi_target_mod 2>/dev/null
mountpoint -q /sys/kernel/config || mount -t configfs none /sys/kernel/config
ip link set lo up
T=/sys/kernel/config/target D=$(mktemp -d -p /tmp)
IQN=iqn.2024-01.org.example:disk
mkdir -p $T/core/fileio_0/disk $T/iscsi/$IQN/tpgt_1/np/127.0.0.1:3260 $T/iscsi/$IQN/tpgt_1/lun/lun_0
echo "fd_dev_name=$D/disk,fd_dev_size=1048576" > $T/core/fileio_0/disk/control
echo 1 > $T/core/fileio_0/disk/enable
cd $T/iscsi/$IQN/tpgt_1
ln -s $T/core/fileio_0/disk lun/lun_0/disk
echo 1 > attrib/authentication; echo 1 > attrib/generate_node_acls; echo 0 > attrib/demo_mode_write_protect
for a in userid=ann password=made-up-secret userid_mutual=bob password_mutual=made-up-mutual; do
	printf %s "${a#*=}" > "auth/${a%=*}" # a newline would be part of it
done
echo 1 > enable
cd "$OLDPWD"
mkdir -p /run/lock/iscsi /etc/iscsi
echo InitiatorName=iqn.2024-01.org.example:host > /etc/iscsi/initiatorname.iscsi
trace() { # trace COMMAND: runs it, with strace beside it
	N=$((N+1))
	echo "\$ $1" >> "$OUT/$NAME.log"
	timeout "${LIMIT:-60}" strace -f -ttt -s 0 -e trace=socket,sendmsg,recvmsg -e read=all -e write=all -o "$D/trace$N" $1 >> "$OUT/$NAME.log" 2>&1
}
LIMIT=300 trace 'iscsid -f' & sleep 2; N=1
trace 'iscsiadm -m discovery -t sendtargets -p 127.0.0.1'
node="iscsiadm -m node -T $IQN -p 127.0.0.1"
for a in authmethod=CHAP username=ann password=wrong-made-up username_in=bob password_in=made-up-mutual; do
	log "$node -o update -n node.session.auth.${a%=*} -v ${a#*=}"
done
log "$node -o update -n node.conn[0].iscsi.HeaderDigest -v CRC32C"
trace "$node --login"
log "$node -o update -n node.session.auth.password -v made-up-secret"
trace "$node --login"
sleep 3
log 'iscsiadm -m session -P 3'
trace 'iscsiadm -m session -r 2 --stats'
trace 'iscsiadm -m session -r 2 --rescan'
host=$(ls /sys/class/iscsi_host | sed s/host//)
trace "iscsiadm -m host -H $host -C chap -o show"
trace "iscsiadm -m host -H $host -C flashnode -o new -A ipv4"
trace "iscsiadm -m host -H $host -C stats"
trace 'iscsiadm -m iface -I default -C ping -a 127.0.0.1 -c 1'
# The target ends the session, and takes a new one.
for on in 0 1; do timeout 10 sh -c "echo $on > $T/iscsi/$IQN/tpgt_1/enable"; sleep 4; done
log 'iscsiadm -m session'
trace "$node --logout"
log 'iscsiadm -k 0'; sleep 1
pkill -x iscsid
wait
python3 ./strace.py "$OUT/$NAME.pcap" NETLINK_ISCSI 8 "$D"/trace*
fi
