#!/bin/bash
# Records what exchanges are hard to tell from: batches that load modules while
# they wait, listeners that get copies, requests and answers of many KiB. Run as
# root in a virtual machine: OUT=DIR ./exchanges.sh [NAME...]
cd "$(dirname "$0")" && . ./lib.sh
want() { [ -z "$WANT" ] || [[ " $WANT " == *" $1 "* ]]; }
WANT="$*"
TMP=$(mktemp -d)

if want nft_slow; then # before anything has loaded the modules
cap nft_slow
cat > $TMP/a.nft <<X
table inet a {
 set s { type ipv4_addr; flags interval; elements = { 10.0.0.0/8, 192.0.2.0/24 } }
 chain c {
  type filter hook input priority 0
  ct state established accept
  ip saddr @s counter
  limit rate 5/second log prefix "x"
  fib saddr . iif oif missing drop
 }
}
add rule inet a nosuch accept
X
printf 'table ip b {\n chain p {\n type nat hook postrouting priority 100\n masquerade\n }\n chain q {\n type filter hook prerouting priority 0\n meta l4proto tcp tproxy to :50080\n numgen inc mod 2 0 accept\n }\n}\n' > $TMP/b.nft
printf 'add table ip two\nadd rule ip two x accept\nadd rule ip nope c drop\ndelete table ip6 gone\n' > $TMP/c.nft
r "nft -f $TMP/a.nft"
r "nft -f $TMP/b.nft"
r "nft -f $TMP/c.nft"
r "nft -c -f $TMP/b.nft"
r 'nft list tables; nft delete table ip b; sleep 1.3; nft add table ip x'
endcap
fi

if want nft_echo; then
cap nft_echo
r 'nft add table inet e; nft -e -a add chain inet e c "{ type filter hook input priority 0; }"; nft -e -a add rule inet e c tcp dport 22 accept'
r 'nft -e add set inet e s "{ type ipv4_addr; flags interval; }"; nft -e add element inet e s "{ 10.0.0.1, 10.0.0.9-10.0.0.20 }"'
r 'nft -e create table inet e'
r 'python3 batches.py'
r "timeout 4 nft monitor >$TMP/m.txt & sleep 1.5; nft -e -a add rule inet e c tcp dport 23 accept; python3 batches.py; wait; cat $TMP/m.txt"
r 'nft flush ruleset'
endcap
fi

if want monitors; then
cap monitors
r "timeout 8 tc monitor >$TMP/1.txt 2>&1 & timeout 8 ip monitor all >$TMP/2.txt 2>&1 & timeout 8 ip monitor link route nexthop >$TMP/3.txt 2>&1 & sleep 1.5
ip link add d0 type dummy; ip link set d0 up; ip addr add 192.0.2.1/24 dev d0; ip addr add 192.0.2.1/24 dev d0
ip nexthop add id 77 via 192.0.2.7 dev d0; ip nexthop add id 77 via 192.0.2.8 dev d0; ip nexthop replace id 77 via 192.0.2.8 dev d0
ip nexthop add id 78 group 77; ip nexthop get id 77; ip nexthop get id 5000; ip route add 10.44.0.0/16 nhid 78
tc qdisc add dev d0 clsact; tc chain add dev d0 ingress chain 5
tc filter add dev d0 ingress chain 5 protocol ip pref 10 handle 1 flower dst_ip 10.0.0.1 action drop
tc filter get dev d0 ingress chain 5 protocol ip pref 10 handle 1 flower; tc filter get dev d0 ingress chain 5 protocol ip pref 10 handle 7 flower
tc chain get dev d0 ingress chain 5; tc chain get dev d0 ingress chain 6
tc actions add action gact drop index 5; tc actions add action gact drop index 5; tc actions get action gact index 5; tc actions flush action gact
tc filter del dev d0 ingress; tc qdisc del dev d0 clsact; ip nexthop del id 77; ip nexthop del id 77; ip link del d0; ip link set nosuch up
wait; cat $TMP/1.txt $TMP/2.txt $TMP/3.txt"
endcap
fi

if want nft_long; then
cap nft_long
for i in $(seq 1100); do echo "add rule ip l c counter"; done > $TMP/l.rules
(printf 'add table ip l\nadd chain ip l c\n'; cat $TMP/l.rules) > $TMP/l.nft
(printf 'add table ip l\n'; head -1010 $TMP/l.rules; echo 'add rule ip l nosuch accept') > $TMP/m.nft
r "nft -f $TMP/l.nft"
r "nft -f $TMP/m.nft"
r 'nft delete table ip l'
endcap
fi

if want wg_many; then
cap wg_many
python3 -c "
import base64, os
print('[Interface]')
for i in range(500):
    print('[Peer]\nPublicKey=%s\nAllowedIPs=10.%d.%d.0/24' % (base64.b64encode(os.urandom(32)).decode(), i // 250, i % 250))" > $TMP/wg.conf
r "ip link add wg0 type wireguard; wg setconf wg0 $TMP/wg.conf; ip link set wg0 up; wg show wg0 peers | wc -l"
endcap
fi

if want bird_listened; then
cap bird_listened
printf 'log stderr all; router id 10.0.0.1;\nprotocol device { scan time 3; }\nprotocol direct { ipv4; ipv6; }\nprotocol kernel { ipv4 { export all; import all; }; learn; scan time 4; }\nprotocol static { ipv4; route 10.77.0.0/16 blackhole; route 10.78.0.0/16 via 192.0.2.9; }\n' > $TMP/bird.conf
LIMIT=30 r "ip link add f0 type dummy; ip addr add 192.0.2.1/24 dev f0; ip link set f0 up
timeout 14 ip monitor route >$TMP/1.txt 2>&1 & timeout 12 bird -f -c $TMP/bird.conf -s $TMP/bird.ctl >$TMP/2.txt 2>&1 & sleep 5
ip route add 10.78.0.0/16 dev f0 metric 5; ip route replace 10.77.0.0/16 dev f0 metric 32; sleep 4; ip link set f0 down; wait; ip link del f0; cat $TMP/2.txt $TMP/1.txt"
endcap
fi

if want frr_listened; then
getent group frr >/dev/null || { groupadd -r frr; groupadd -r frrvty; useradd -r -g frr frr; }
mkdir -p /run/frr /etc/frr /var/tmp/frr /var/log/frr 2>/dev/null
echo 'log stdout' > $TMP/zebra.conf
cap frr_listened
LIMIT=40 r "ip link add f0 type dummy; ip addr add 192.0.2.1/24 dev f0; ip link set f0 up
timeout 24 ip monitor route nexthop >$TMP/1.txt 2>&1 &
timeout 22 /usr/lib/frr/zebra -u root -g root -i $TMP/z.pid -z $TMP/z.sock -f $TMP/zebra.conf --vty_socket $TMP >$TMP/2.txt 2>&1 & sleep 5
timeout 16 /usr/lib/frr/staticd -u root -g root -i $TMP/s.pid -z $TMP/z.sock -f /dev/null --vty_socket $TMP >$TMP/3.txt 2>&1 & sleep 4
vtysh --vty_socket $TMP -c 'conf t' -c 'ip route 203.0.113.0/24 blackhole' -c 'ip route 198.51.100.0/24 192.0.2.9' -c 'ip route 198.51.101.0/24 192.0.2.10'; sleep 3
vtysh --vty_socket $TMP -c 'conf t' -c 'no ip route 203.0.113.0/24 blackhole'; ip link set f0 down; wait; ip link del f0; cat $TMP/2.txt $TMP/3.txt $TMP/1.txt"
endcap
fi
rm -rf "$TMP"
