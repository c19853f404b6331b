#!/bin/bash
# Records the captures that nlmon can see. Run as root in a throw-away network
# namespace or a virtual machine: OUT=DIR ./nlmon.sh [NAME...]
cd "$(dirname "$0")" && . ./lib.sh
want() { [ -z "$WANT" ] || [[ " $WANT " == *" $1 "* ]]; }
WANT="$*"

if want ipset; then
modprobe -a ip_set ip_set_hash_ip ip_set_hash_net ip_set_bitmap_port 2>/dev/null
cap ipset
r 'ipset create a hash:ip timeout 300 counters comment skbinfo'
r 'ipset add a 10.0.0.1 comment first skbmark 0x10/0xff skbprio 1:10 skbqueue 3'
r 'ipset add a 10.0.0.2 timeout 60 packets 7 bytes 700'
r 'ipset create b hash:net,port,net family inet6'
r 'ipset add b 2001:db8::/32,tcp:443,fe80::/10'
r 'ipset create c bitmap:port range 1000-2000'
r 'ipset add c 1024-1030'
r 'ipset create d list:set size 4'
r 'ipset add d a'
r 'ipset create e hash:mac'
r 'ipset add e 02:00:00:00:00:01'
r 'ipset create f hash:ip,mark markmask 0xff'
r 'ipset add f 10.0.0.1,0x42'
r 'ipset create g hash:net,iface'
r 'ipset add g 10.1.0.0/16,eth0'
r 'ipset add g 10.2.0.0/16,physdev:eth1 nomatch'
r 'ipset create h bitmap:ip,mac range 10.0.0.0/24'
r 'ipset add h 10.0.0.9,02:00:00:00:00:09'
r 'ipset create i hash:ip,port,ip netmask 24'
r 'ipset test a 10.0.0.1'
r 'ipset test a 10.0.0.99'
r 'ipset list'
r 'ipset save'
r 'ipset rename c cc'
r 'ipset swap a a'
r 'ipset del a 10.0.0.1'
r 'ipset add c 1'
r 'ipset create a hash:ip'
r 'ipset list nowhere'
r 'ipset flush a'
r 'ipset destroy'
endcap
fi

if want xfrm; then
modprobe -a esp4 ah4 esp6 xfrm_user xfrm_interface deflate 2>/dev/null
cap xfrm
r 'timeout 8 ip xfrm monitor & sleep 0.5; ip xfrm state add src 10.0.0.1 dst 10.0.0.2 proto esp spi 0x100 reqid 1 mode tunnel auth "hmac(sha256)" 0x000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f enc "cbc(aes)" 0x000102030405060708090a0b0c0d0e0f'
r 'ip xfrm state add src 10.0.0.1 dst 10.0.0.3 proto esp spi 0x101 mode transport aead "rfc4106(gcm(aes))" 0x000102030405060708090a0b0c0d0e0f10111213 128 mark 0x10 mask 0xff replay-window 32 flag esn'
r 'ip xfrm state add src 2001:db8::1 dst 2001:db8::2 proto ah spi 0x102 mode transport auth-trunc "hmac(sha1)" 0x000102030405060708090a0b0c0d0e0f10111213 96'
r 'ip xfrm state add src 10.0.0.1 dst 10.0.0.4 proto comp spi 0x103 mode tunnel comp deflate'
r 'ip xfrm state add src 10.0.0.1 dst 10.0.0.5 proto esp spi 0x104 mode tunnel enc "cbc(aes)" 0x000102030405060708090a0b0c0d0e0f encap espinudp 4500 4500 10.9.9.9 if_id 7 limit time-hard 3600 limit packet-soft 1000 sel src 10.1.0.0/16 dst 10.2.0.0/16 proto tcp dport 80'
r 'ip xfrm state allocspi src 10.0.0.1 dst 10.0.0.6 proto esp min 0x200 max 0x2ff'
r 'ip xfrm state get src 10.0.0.1 dst 10.0.0.2 proto esp spi 0x100'
r 'ip xfrm state list'
r 'ip xfrm state count'
r 'ip xfrm policy add src 10.1.0.0/16 dst 10.2.0.0/16 dir out priority 100 tmpl src 10.0.0.1 dst 10.0.0.2 proto esp reqid 1 mode tunnel'
r 'ip xfrm policy add src 2001:db8:1::/48 dst 2001:db8:2::/48 proto udp sport 53 dir in action block ptype main mark 0x5 mask 0xf'
r 'ip xfrm policy add dir fwd src 10.3.0.0/16 dst 10.4.0.0/16 if_id 9 flag icmp tmpl proto esp mode tunnel src 10.0.0.8 dst 10.0.0.9 level use'
r 'ip xfrm policy list'
r 'ip xfrm policy count'
r 'ip -s xfrm policy get src 10.1.0.0/16 dst 10.2.0.0/16 dir out'
r 'ip xfrm policy setdefault in block'
r 'ip xfrm policy getdefault'
r 'ip xfrm policy set hthresh4 24 24'
r 'ip link add dummy9 type dummy; ip link set dummy9 up; ip addr add 10.1.0.1/16 dev dummy9; ip route add 10.2.0.0/16 dev dummy9; ip xfrm state flush; ping -c1 -W1 -I 10.1.0.1 10.2.0.1'
r 'ip xfrm state list'
r 'ip xfrm state delete src 10.0.0.1 dst 10.0.0.2 proto esp spi 0x999'
r 'ip xfrm state add src 10.0.0.1 dst 10.0.0.2 proto esp spi 1 mode tunnel enc "cbc(nosuch)" 0x00'
r 'ip xfrm policy delete src 10.1.0.0/16 dst 10.2.0.0/16 dir out'
r 'ip xfrm policy flush'
r 'ip xfrm state flush'
endcap
fi

if want tc_more; then
cap tc_more
r 'ip link add d0 type dummy; ip link set d0 up; ip addr add 10.5.0.1/24 dev d0'
for q in 'cake bandwidth 10mbit nat diffserv4 ack-filter' 'fq maxrate 1gbit ce_threshold 5ms' 'fq_pie flows 64' 'pie target 20ms' 'hhf' 'codel' 'sfq perturb 10' 'sfb' 'red limit 400000 min 30000 max 90000 avpkt 1000 burst 55 bandwidth 10mbit ecn adaptive' 'choke limit 1000 bandwidth 10mbit' 'gred setup DPs 3 default 1' 'tbf rate 1mbit burst 32kbit latency 400ms peakrate 2mbit minburst 1540' 'ets bands 4 strict 1 quanta 1500 2000 3000' 'plug' 'pfifo limit 7' 'skbprio limit 100' 'etf clockid CLOCK_TAI delta 200000' 'cbs idleslope 98688 sendslope -901312 hicredit 153 locredit -1389' 'prio bands 4' 'multiq' 'netem delay 10ms 2ms loss gemodel 1% 10% 70% 0.1% reorder 25% 50% rate 1mbit slot 800us 1000us'; do
	r "tc qdisc replace dev d0 root $q"
	r 'ping -c1 -W1 10.5.0.9; tc -s -j qdisc show dev d0'
	tc qdisc del dev d0 root 2>/dev/null
done
r 'tc qdisc add dev d0 root handle 1: hfsc default 10; tc class add dev d0 parent 1: classid 1:10 hfsc sc umax 1500b dmax 10ms rate 1mbit ul rate 2mbit; tc -s -j class show dev d0; tc qdisc del dev d0 root'
r 'tc qdisc add dev d0 root handle 1: drr; tc class add dev d0 parent 1: classid 1:1 drr quantum 2000; tc -s class show dev d0; tc qdisc del dev d0 root'
r 'tc qdisc add dev d0 root handle 1: qfq; tc class add dev d0 parent 1: classid 1:1 qfq weight 10 maxpkt 1500; tc -s class show dev d0; tc qdisc del dev d0 root'
r 'tc qdisc add dev d0 clsact'
r 'tc filter add dev d0 ingress prio 1 protocol ip u32 match ip src 10.0.0.0/8 match ip dport 80 0xffff action gact drop'
r 'tc filter add dev d0 ingress prio 2 handle 10: protocol ip u32 divisor 256'
r 'tc filter add dev d0 ingress prio 2 protocol ip u32 ht 10:12: match ip tos 0x10 0xff flowid 1:3'
r 'tc filter add dev d0 ingress prio 3 protocol ip basic match "cmp(u16 at 2 layer 2 mask 0xffff gt 20) and not meta(priority eq 6)" action pass'
r 'tc filter add dev d0 ingress prio 4 protocol all basic match "u32(u32 0x0a000000 0xff000000 at 12)" action continue'
r 'tc filter add dev d0 ingress prio 5 protocol ip bpf bytecode "4,48 0 0 9,21 0 1 6,6 0 0 262144,6 0 0 0" flowid 1:1 action ok'
r 'tc filter add dev d0 ingress prio 6 protocol ip flower ip_proto tcp dst_port 1000-2000 src_ip 10.1.0.0/16 tcp_flags 0x2/0x3f action vlan push id 10 protocol 802.1ad priority 3'
r 'tc filter add dev d0 ingress prio 7 protocol ip flower enc_key_id 42 enc_dst_ip 10.9.0.1 enc_dst_port 4789 action tunnel_key unset action mirred egress redirect dev d0'
r 'tc filter add dev d0 ingress prio 8 protocol ip flower geneve_opts 0102:80:00112233 enc_key_id 7 action drop'
r 'tc filter add dev d0 ingress prio 9 protocol mpls_uc flower mpls lse depth 1 label 100 lse depth 2 label 200 bos 1 action mpls pop protocol ip'
r 'tc filter add dev d0 ingress prio 10 protocol ip flower ct_state +trk+est ct_zone 5 ct_mark 0x10/0xff action ct commit zone 5 mark 0x1/0xff nat src addr 10.0.0.5'
r 'tc filter add dev d0 ingress prio 11 protocol arp flower arp_op request arp_sip 10.0.0.1 action simple sdata hello'
r 'tc filter add dev d0 egress prio 1 matchall action sample rate 12 group 4 trunc 64'
r 'tc filter add dev d0 egress prio 2 matchall action pedit ex munge ip ttl set 10 munge eth dst set 02:00:00:00:00:09 pipe action csum ip'
r 'tc filter add dev d0 egress prio 3 matchall action police rate 1mbit burst 100k conform-exceed drop/ok'
r 'tc filter add dev d0 egress prio 4 matchall action skbedit mark 7 priority 1:10 queue_mapping 3 action skbmod set dmac 02:00:00:00:00:01'
r 'tc filter add dev d0 egress prio 5 matchall action nat egress 10.0.0.0/24 192.168.0.1'
r 'tc filter add dev d0 egress prio 6 matchall action ife encode allow mark type 0xfefe'
r 'tc filter add dev d0 egress prio 7 matchall action gate clockid CLOCK_TAI sched-entry open 200000000 -1 8000000 sched-entry close 100000000'
r 'tc filter add dev d0 egress prio 8 matchall action tunnel_key set src_ip 10.0.0.1 dst_ip 10.0.0.2 id 11 dst_port 4789 csum ttl 64 geneve_opts 0102:80:00112233'
r 'tc filter add dev d0 egress prio 9 protocol ip flow hash keys src,dst,proto divisor 16 baseclass 1:1'
r 'tc filter add dev d0 egress prio 10 protocol ip fw classid 1:1'
r 'tc filter add dev d0 egress prio 11 matchall action connmark zone 3 action ctinfo dscp 0xfc000000 0x01000000'
r 'ping -c2 -i0.2 -W1 10.5.0.9'
r 'tc -s -j filter show dev d0 ingress'
r 'tc -s -j filter show dev d0 egress'
r 'tc -s -j actions list action gact'
r 'tc -j actions list action police'
r 'tc chain add dev d0 ingress chain 22 protocol ip flower; tc -j chain show dev d0 ingress'
r 'tc filter del dev d0 ingress prio 77'
r 'tc qdisc add dev d0 root nosuch'
r 'tc actions add action bpf bytecode "1,6 0 0 4294967295"; tc -s actions list action bpf'
endcap
fi

if want nft_more; then
cap nft_more
r 'nft add table inet t; nft add chain inet t c "{ type filter hook input priority 0; }"'
r 'nft add rule inet t c tcp dport 22 synproxy mss 1460 wscale 7 timestamp sack-perm'
r 'nft add rule inet t c osf name "Linux" counter'
r 'nft add rule inet t c meta l4proto tcp socket transparent 1 meta mark set 0x1'
r 'nft add set inet t s "{ typeof ip saddr . tcp dport; flags interval,timeout; }"'
r 'nft add element inet t s "{ 10.0.0.0/24 . 80-90 timeout 1h, 10.1.0.1 . 443 }"'
r 'nft add map inet t m "{ type ipv4_addr : verdict; }"; nft add element inet t m "{ 10.0.0.1 : accept, 10.0.0.2 : jump c }"'
r 'nft add set inet t dyn "{ type ipv4_addr; size 128; flags dynamic,timeout; timeout 5m; }"'
r 'nft add rule inet t c add @dyn "{ ip saddr limit rate 10/second burst 5 packets counter }"'
r 'nft add rule inet t c update @dyn "{ ip saddr ct count over 3 }" drop'
r 'nft add ct helper inet t ftp "{ type \"ftp\" protocol tcp; }"; nft add ct timeout inet t ctt "{ protocol tcp; l3proto ip; policy = { established: 100, close: 4 }; }"; nft add ct expectation inet t cte "{ protocol tcp; dport 9876; timeout 2m; size 12; l3proto ip; }"'
r 'nft add rule inet t c tcp dport 21 ct helper set "ftp"; nft add rule inet t c ct timeout set "ctt"; nft add rule inet t c ct expectation set "cte"'
r 'nft add secmark inet t sm "{ \"system_u:object_r:ssh_server_packet_t:s0\" }"'
r 'nft add quota inet t q "{ over 500 mbytes }"; nft add limit inet t l "{ rate 1 mbytes/second }"; nft add counter inet t cnt; nft add rule inet t c counter name cnt quota name q limit name l'
r 'nft add table netdev n; ip link add d1 type dummy; ip link set d1 up; nft add chain netdev n in "{ type filter hook ingress device d1 priority 0; }"; nft add rule netdev n in ip saddr 10.0.0.1 fwd to d1; nft add rule netdev n in dup to d1'
r 'nft add flowtable inet t f "{ hook ingress priority 0; devices = { d1 }; }"; nft add chain inet t fwd "{ type filter hook forward priority 0; }"; nft add rule inet t fwd meta l4proto tcp flow add @f'
r 'nft add table ip nat; nft add chain ip nat post "{ type nat hook postrouting priority 100; }"; nft add rule ip nat post ip saddr 10.0.0.0/8 snat to 1.2.3.4-1.2.3.9:1000-2000 random,persistent; nft add rule ip nat post masquerade fully-random; nft add chain ip nat pre "{ type nat hook prerouting priority -100; }"; nft add rule ip nat pre tcp dport 80 redirect to :8080; nft add rule ip nat pre dnat ip to tcp dport map "{ 22 : 10.0.0.5 . 2222 }"'
r 'nft add chain inet t pre "{ type filter hook prerouting priority mangle; }"; nft add rule inet t pre tcp dport 80 tproxy ip to 127.0.0.1:50080 accept; nft add rule inet t pre fib saddr . iif oif missing drop; nft add rule inet t pre rt classid 10; nft add rule inet t pre ip option lsrr exists drop; nft add rule inet t pre tcp option maxseg size set rt mtu'
r 'nft add rule inet t c jhash ip saddr mod 4 seed 0xabc vmap "{ 0 : accept, 1 : drop }"; nft add rule inet t c meta mark set numgen inc mod 8 offset 100; nft add rule inet t c ct mark set meta mark or 0x100; nft add rule inet t c queue flags bypass,fanout to 1-3; nft add rule inet t c log prefix \"x \" group 5 snaplen 64; nft add rule inet t c reject with icmpx port-unreachable; nft add rule inet t c notrack; nft add rule inet t c vlan id 10 @th,16,16 0x50 comment \"hi\"; nft add rule inet t c ether saddr 02:00:00:00:00:01 ip6 daddr 2001:db8::/32 exthdr frag exists meta cgroup 3 iifname \"eth*\"; nft add rule inet t c udp dport 4789 vxlan ip saddr 10.0.0.1 counter; nft add rule inet t c meta hour 08:00-17:00 meta day Monday ct original packets gt 5 last'
r 'nft list ruleset'
r 'nft -j list ruleset'
r 'nft reset counters; nft reset rules; nft reset quotas; nft destroy table inet nosuch; nft get element inet t s "{ 10.1.0.1 . 443 }"; nft list hooks'
r 'nft add rule inet t nosuch accept'
r 'nft flush ruleset'
endcap
fi

if want ovs; then
modprobe -a openvswitch vport_vxlan vport_geneve 2>/dev/null
mkdir -p /run/openvswitch /etc/openvswitch /var/log/openvswitch; rm -f /run/openvswitch/conf.db
ovsdb-tool create /run/openvswitch/conf.db /usr/share/openvswitch/vswitch.ovsschema
ovsdb-server --remote=punix:/run/openvswitch/db.sock --detach --pidfile --no-chdir /run/openvswitch/conf.db >/dev/null 2>&1
ovs-vsctl --no-wait init
cap ovs
r 'ovs-vswitchd --detach --pidfile --no-chdir --log-file=/dev/null; sleep 3'
r 'ovs-vsctl add-br br0; ip link set br0 up; ip addr add 10.7.0.1/24 dev br0'
r 'ovs-vsctl add-port br0 vx0 -- set interface vx0 type=vxlan options:remote_ip=10.8.0.1 options:key=7'
r 'ovs-vsctl add-port br0 gn0 -- set interface gn0 type=geneve options:remote_ip=10.8.0.2 options:key=flow'
r 'ip link add v0 type veth peer name v1; ip link set v0 up; ip link set v1 up; ip addr add 10.7.0.2/24 dev v1; ovs-vsctl add-port br0 v0'
r 'ovs-ofctl add-flow br0 "table=0,ip,ct_state=-trk,actions=ct(table=1,zone=5)"; ovs-ofctl add-flow br0 "table=1,ip,ct_state=+trk+new,actions=ct(commit,zone=5,exec(load:0x1->NXM_NX_CT_MARK[])),normal"; ovs-ofctl add-flow br0 "table=1,ip,ct_state=+trk+est,actions=normal"; ovs-ofctl add-flow br0 "arp,actions=normal"'
r 'ping -c3 -i0.2 -W1 -I v1 10.7.0.1'
r 'ovs-dpctl add-flow "in_port(1),eth(),eth_type(0x0800),ipv4(src=1.2.3.4,frag=no)" "push_vlan(vid=5,pcp=1),sample(sample=10%,actions(1)),set(ipv4(ttl=9)),1"'
r 'ovs-dpctl show'
r 'ovs-dpctl dump-flows -m'
r 'ovs-ofctl -O OpenFlow13 add-meter br0 "meter=1,kbps,burst,band=type=drop,rate=1000,burst_size=100"; ovs-ofctl -O OpenFlow13 add-flow br0 "udp,actions=meter:1,normal"; ovs-ofctl -O OpenFlow13 meter-stats br0'
r 'ovs-dpctl ct-set-limits default=1000 zone=5,limit=77; ovs-dpctl ct-get-limits'
r 'ovs-vsctl del-port br0 vx0; ovs-vsctl del-br br0'
r 'ovs-appctl -t ovs-vswitchd exit'
endcap
pkill ovsdb-server
fi

if want packets; then
modprobe -a nfnetlink_queue nfnetlink_log nfnetlink_acct nft_queue nft_log psample 2>/dev/null
cap packets
r 'nft add table ip t; nft add chain ip t out "{ type filter hook output priority 0; }"; nft add rule ip t out icmp type echo-request log prefix \"ping \" group 5; nft add rule ip t out udp dport 5353 log group 5; ip link set lo up; (timeout 5 tcpdump -i nflog:5 -c 3 -n -vv & sleep 1; ping -c2 -i0.2 127.0.0.1; echo hello > /dev/udp/127.0.0.1/5353; wait)'
r 'nft flush chain ip t out; nft add rule ip t out icmp type echo-request queue num 7; python3 ./queue.py 7 & sleep 1; ping -c2 -i0.3 -W1 127.0.0.1; wait'
r 'nft flush ruleset'
r 'nfacct add http; nfacct add limited packet 1000; nfacct list; nfacct get http reset; nfacct del http; nfacct del nosuch'
endcap
fi

if want genl_more; then
modprobe -a l2tp_netlink l2tp_eth macsec fou fou6 ip_vs tipc seg6 ila ioam6 gtp hsr nbd team vcan can-gw tcp_diag sctp 2>/dev/null
cap genl_more
r 'ip l2tp add tunnel tunnel_id 3000 peer_tunnel_id 4000 encap udp local 127.0.0.1 remote 127.0.0.1 udp_sport 5000 udp_dport 6000; ip l2tp add session tunnel_id 3000 session_id 1000 peer_session_id 2000 cookie 01020304; ip l2tp show tunnel; ip l2tp show session; ip l2tp del tunnel tunnel_id 3000; ip l2tp del tunnel tunnel_id 9'
r 'ip link add d2 type dummy; ip link set d2 up; ip link add link d2 ms0 type macsec encrypt on cipher gcm-aes-256; ip macsec add ms0 tx sa 0 pn 1 on key 01 0102030405060708090a0b0c0d0e0f100102030405060708090a0b0c0d0e0f10; ip macsec add ms0 rx port 1 address 02:00:00:00:00:07; ip macsec add ms0 rx port 1 address 02:00:00:00:00:07 sa 0 pn 1 on key 02 1102030405060708090a0b0c0d0e0f101102030405060708090a0b0c0d0e0f10; ip -s macsec show; ip -j macsec show; ip macsec set ms0 tx sa 0 off; ip macsec del ms0 rx port 1 address 02:00:00:00:00:07 sa 0'
r 'ip fou add port 7777 ipproto 4; ip fou add port 7778 gue; ip fou show; ip fou del port 7777'
r 'ipvsadm -A -t 10.0.0.1:80 -s rr -p 300; ipvsadm -a -t 10.0.0.1:80 -r 10.0.0.2:8080 -m -w 3; ipvsadm -a -t 10.0.0.1:80 -r 10.0.0.3 -i --tun-type gue --tun-port 6080; ipvsadm -A -f 5 -s wlc; ipvsadm -A -u [2001:db8::1]:53; ipvsadm --set 100 20 30; ipvsadm --start-daemon master --mcast-interface d2 --syncid 3; ipvsadm -Ln; ipvsadm -Ln --stats; ipvsadm -Ln --timeout; ipvsadm -Ln --daemon; ipvsadm -e -t 10.0.0.1:80 -r 10.0.0.2:8080 -m -w 5; ipvsadm -D -t 9.9.9.9:1; ipvsadm -Z; ipvsadm -C'
r 'ip sr hmac show; ip sr tunsrc set 2001:db8::1; ip sr tunsrc show; ip ioam namespace add 5 data 0x11 wide 0x22; ip ioam schema add 3 hello; ip ioam namespace set 5 schema 3; ip ioam namespace show; ip ioam schema show'
r 'ip ila add loc_match 1:2:3:4 loc 5:6:7:8 ident-type luid csum-mode neutral-map; ip ila list; ip ila del loc_match 1:2:3:4 loc 5:6:7:8'
r 'ip mptcp limits set subflow 3 add_addr_accepted 2; ip mptcp endpoint add 10.0.0.1 dev d2 signal subflow; ip mptcp endpoint add 2001:db8::5 id 7 fullmesh; ip mptcp endpoint show; ip mptcp limits show; ip mptcp endpoint delete id 7; ip mptcp endpoint flush'
r 'tipc node set netid 1234; tipc bearer enable media eth device d2; tipc bearer list; tipc -j nametable show; tipc -j link list; tipc socket list; tipc node list; tipc bearer disable media eth device d2'
r 'ip link add t0 type team; ip link set d2 down; ip link set d2 master t0; teamnl t0 options; ip link del t0'
r 'ip link add h0 type dummy; ip link add h1 type dummy; ip link add hsr0 type hsr slave1 h0 slave2 h1 supervision 45 version 1; ip -d link show hsr0; ip link del hsr0'
r 'ip link add vc0 type vcan; ip link add vc1 type vcan; ip link set vc0 up; ip link set vc1 up; cangw -A -s vc0 -d vc1 -f 123:C00007FF -m SET:IL:333.4.1122334455667788 -x 0:2:3:55 -l 4; cangw -A -s vc0 -d vc1 -X -e -m AND:D:000.0.FFFFFFFFFFFFFFFF; cangw -L; cangw -F'
r 'dcb app show dev d2; dcb ets set dev d2 willing on; dcb pfc show dev d2; dcb dcbx show dev d2'
r 'devlink dev show; devlink -j port show; devlink dev info; devlink health show'
r 'ip tcp_metrics show; ip tcp_metrics flush; ss -tipc; ss -t state established "( sport = :22 or dport >= 1000 ) and not src 10.0.0.0/8 and dev lo"; ss -xa; ss -0; ss -f netlink; ss --vsock; ss --xdp; ss -K dst 10.9.9.9; ss -M; ss -S'
r 'python3 ./taskstats.py'
r 'nbd-client -l 127.0.0.1; ip addr show; netlabelctl -p map list; netlabelctl -p unlbl list; netlabelctl unlbl accept on'
endcap
fi

if want wpan; then
modprobe -a mac802154_hwsim 2>/dev/null
cap wpan
r 'iwpan phy; iwpan dev; iwpan dev wpan0 set pan_id 0xbeef; iwpan dev wpan0 set short_addr 0x1234; iwpan phy phy0 set channel 0 20; ip link set wpan0 up; iwpan dev wpan0 info; iwpan dev wpan0 set max_frame_retries 4; iwpan dev nosuch info'
endcap
fi

for what in wifi wpan netlabel; do
if want "radio_$what"; then
modprobe mac80211_hwsim radios=0; modprobe -a mac802154_hwsim 2>/dev/null
cap "radio_$what"
r "python3 ./radio.py $what"
endcap
fi
done

if want strongswan; then
# Two machines with an IKE daemon each, of which the second is a namespace.
modprobe -a esp4 xfrm_user xfrm_interface 2>/dev/null
D=$(mktemp -d -p /tmp) # not below /run, of which the peer has its own
ip netns add peer; ip link add v0 type veth peer name v1 netns peer
ip addr add 10.0.1.1/24 dev v0; ip addr add 10.1.0.1/24 dev lo; ip link set v0 up
ip -n peer addr add 10.0.1.2/24 dev v1; ip -n peer addr add 10.2.0.1/24 dev lo; ip -n peer link set v1 up; ip -n peer link set lo up
conf() { # conf NAME LOCAL REMOTE LOCAL_NET REMOTE_NET MORE
	mkdir "$D/$1"
	printf 'charon { plugins { include /etc/strongswan.d/charon/*.conf\n vici { socket = unix://%s/vici } } }\n' "$D/$1" > "$D/$1/strongswan.conf"
	cat > "$D/$1/swanctl.conf" <<-END
	connections { tunnel {
		local_addrs = $2
		remote_addrs = $3
		proposals = aes256-sha256-modp2048
		local { auth = psk }
		remote { auth = psk }
		children { net {
			local_ts = $4
			remote_ts = $5
			esp_proposals = aes128-sha256-esn
			mark_out = 0x10/0xf0
			life_time = 1h
			rekey_time = 50m
			life_bytes = 1000000000
		} }
	} }
	secrets { ike-1 { secret = "no secret" } }
	END
}
conf a 10.0.1.1 10.0.1.2 10.1.0.0/24 10.2.0.0/24
conf b 10.0.1.2 10.0.1.1 10.2.0.0/24 10.1.0.0/24
STRONGSWAN_CONF=$D/b/strongswan.conf ip netns exec peer unshare -m sh -c 'mount -t tmpfs tmpfs /run; exec /usr/lib/ipsec/charon' >/dev/null 2>&1 &
cap strongswan
STRONGSWAN_CONF=$D/a/strongswan.conf /usr/lib/ipsec/charon >/dev/null 2>&1 &
for _ in $(seq 50); do [ -S "$D/a/vici" ] && [ -S "$D/b/vici" ] && break; sleep 0.2; done
ip netns exec peer swanctl --load-all --uri "unix://$D/b/vici" --file "$D/b/swanctl.conf" >/dev/null 2>&1
r "swanctl --load-all --noprompt --uri unix://$D/a/vici --file $D/a/swanctl.conf 2>/dev/null"
r "swanctl --initiate --child net --uri unix://$D/a/vici 2>/dev/null"
r 'ip -s xfrm state; ip -s xfrm policy; ip route show table 220; ip rule'
r 'ping -c3 -i0.2 -W1 -m 16 -I 10.1.0.1 10.2.0.1'
r "swanctl --list-sas --uri unix://$D/a/vici 2>/dev/null"
r "swanctl --rekey --child net --uri unix://$D/a/vici 2>/dev/null; sleep 2"
r 'ip xfrm state'
r "swanctl --terminate --ike tunnel --uri unix://$D/a/vici 2>/dev/null"
pkill -x charon; sleep 2
r 'ip xfrm state; ip xfrm policy'
endcap
ip link del v0; ip netns del peer; rm -r "$D"
fi

if want dcb_devlink; then
# Neither has hardware here: the kernel refuses, but the requests say all.
cap dcb_devlink
batch() { # batch PROGRAM COMMAND...: in one process, which asks for the family once
	local p=$1; shift
	for c in "$@"; do echo "$ $p $c" >> "$OUT/$NAME.log"; done
	printf '%s\n' "$@" | timeout 10 "$p" -f -b - >> "$OUT/$NAME.log" 2>&1
}
r 'ip link add v0 type veth peer name v1; ip link set v0 up'
batch dcb 'app add dev v0 ethtype-prio 0x88cc:7 stream-port-prio 3260:4 dgram-port-prio 4791:5 port-prio 2049:2 dscp-prio CS3:3 AF41:4 63:6 pcp-prio 3nd:3 7de:1 default-prio 3 4' \
	'app replace dev v0 dscp-prio 46:5' 'app del dev v0 stream-port-prio 3260:4 pcp-prio 7de:1' 'app show dev v0' 'app show dev nosuch' \
	'rewr add dev v0 prio-pcp 3:3nd prio-dscp 4:AF41' 'rewr del dev v0 prio-dscp 4:AF41' 'rewr show dev v0' \
	'apptrust set dev v0 order dscp pcp ethtype' 'apptrust show dev v0' \
	'ets set dev v0 willing on tc-tsa all:strict 1:ets' 'pfc set dev v0 prio-pfc 3:on' 'buffer set dev v0 prio-buffer 3:1' 'maxrate set dev v0 tc-maxrate 2:10Mbit' \
	'dcbx set dev v0 host ieee static' 'dcbx show dev v0'
D=pci/0000:01:00.0
timeout 20 devlink monitor >/dev/null 2>&1 & sleep 0.5
batch devlink "dev show" "dev show $D" "dev info $D" "dev eswitch set $D mode switchdev inline-mode transport encap-mode basic" "dev eswitch show $D" \
	"dev reload $D action fw_activate limit no_reset" "dev reload $D netns 1" "dev param show $D name max_macs" "dev param set $D name max_macs value 16 cmode driverinit" \
	"dev selftests show $D" "dev selftests run $D id flash"
r "devlink dev flash $D file nosuch.bin component fw.mgmt overwrite settings overwrite identifiers"
batch devlink "port show" "port show $D/1" "port set $D/1 type eth" "port split $D/1 count 4" "port unsplit $D/1" "port add $D flavour pcisf pfnum 0 sfnum 88 controller 1" \
	"port function set $D/32768 hw_addr 02:00:00:11:22:33 state active" "port function set $D/2 roce disable migratable enable ipsec_crypto enable max_io_eqs 16" \
	"port del $D/32768" "port param show $D/1 name x" "port health show $D/1 reporter tx"
batch devlink "port function rate add $D/group1 tx_share 1gbit tx_max 10gbit parent group2" "port function rate set $D/1 tx_max 100mbit tx_priority 5 tx_weight 9" \
	"port function rate set $D/group1 noparent" "port function rate show $D/group1" "port function rate del $D/group1"
batch devlink "sb show" "sb pool set $D sb 1 pool 2 size 12582912 thtype dynamic" "sb port pool set $D/1 sb 1 pool 2 th 9" "sb port pool show $D/1 pool 2" \
	"sb tc bind set $D/1 sb 1 tc 3 type ingress pool 2 th 9" "sb tc bind show $D/1 tc 3 type egress" "sb occupancy snapshot $D" "sb occupancy clearmax $D sb 1" "sb occupancy show $D/1"
batch devlink "health show $D reporter tx" "health set $D reporter tx grace_period 500 auto_recover true auto_dump false" "health recover $D reporter tx" \
	"health diagnose $D reporter tx" "health test $D reporter tx" "health dump show $D reporter tx" "health dump clear $D reporter tx"
batch devlink "region show $D/cr-space" "region new $D/cr-space snapshot 5" "region dump $D/cr-space snapshot 5" "region read $D/cr-space snapshot 5 address 16 length 16" \
	"region del $D/cr-space snapshot 5"
batch devlink "trap show" "trap show $D trap source_mac_is_multicast" "trap set $D trap source_mac_is_multicast action trap" "trap group set $D group l3_drops action drop policer 3" \
	"trap group set $D group l2_drops nopolicer" "trap policer show" "trap policer set $D policer 3 rate 1000 burst 128"
batch devlink "resource show $D" "resource set $D path /kvd/linear size 98304" "dpipe header show $D" "dpipe table show $D name host4" "dpipe table set $D name host4 counters_enabled true" \
	"dpipe table dump $D name host4" "lc show" "lc set $D lc 1 type 16x100G" "lc set $D lc 1 notype"
endcap
fi

if want ksmbd; then
modprobe ksmbd; ip link set lo up
D=$(mktemp -d -p /tmp) # the server's files
mkdir "$D/share"; echo hello > "$D/share/hello.txt"; chmod -R a+rwX "$D"
cat > "$D/ksmbd.conf" <<-END
[global]
	netbios name = SNIFF
	server string = a small server
	workgroup = TEST
	map to guest = never
	server min protocol = SMB2_10
	smb2 leases = yes
	deadtime = 10
[files]
	comment = some files
	path = $D/share
	read only = no
	veto files = /secret/*.bak/
	create mask = 0640
	force user = nobody
	valid users = ann
END
ksmbd.adduser -a ann -p made-up -i "$D/users" -c "$D/ksmbd.conf" >/dev/null 2>&1
cap ksmbd
r "ksmbd.mountd -c $D/ksmbd.conf -u $D/users; sleep 3; cat /sys/class/ksmbd-control/stats"
r 'smbclient -t 8 -L //127.0.0.1 -U ann%made-up'
r 'smbclient -t 8 //127.0.0.1/files -U ann%made-up -c "ls; get hello.txt -; put /etc/hostname new.txt; ls"'
r 'smbclient -t 8 //127.0.0.1/files -U ann%wrong -c ls; smbclient -t 8 //127.0.0.1/files -U eve%made-up -c ls; smbclient -t 8 //127.0.0.1/nowhere -U ann%made-up -c ls'
r 'rpcclient -U ann%made-up 127.0.0.1 -c netshareenumall; rpcclient -U ann%made-up 127.0.0.1 -c "lookupnames ann"'
r 'ksmbd.control -s; sleep 1'
endcap
rm -r "$D"
fi

if want tcmu; then
modprobe target_core_user
mountpoint -q /sys/kernel/config || mount -t configfs none /sys/kernel/config
cap tcmu
r 'python3 ./tcmu.py & sleep 6; cd /sys/kernel/config/target/core; mkdir -p user_7/disk0; cd user_7/disk0
echo "dev_config=nlsniff/first,dev_size=1048576,hw_block_size=512" > control; echo 1 > enable; cat info
printf nlsniff/second > attrib/dev_config; cat attrib/dev_config; echo 2097152 > attrib/dev_size; cat attrib/dev_size; echo 0 > attrib/emulate_write_cache; cat attrib/emulate_write_cache
printf nlsniff/refuse > attrib/dev_config; cat attrib/dev_config
cd ..; rmdir disk0; cd ..; rmdir user_7; wait'
endcap
fi

if want frr; then
# zebra and static routes, which it makes of nexthop objects. Their folder is empty.
mount -t tmpfs tmpfs /etc/frr; mkdir -p /run/frr; chown frr:frr /etc/frr /run/frr; touch /etc/frr/vtysh.conf
printf 'ip route 10.5.0.0/16 10.1.0.9\nip route 10.6.0.0/16 d1\nipv6 route 2001:db8:5::/48 d1\n' > /etc/frr/staticd.conf
for d in d0 d1; do ip link add $d type dummy; ip link set $d up; done
ip addr add 10.1.0.1/24 dev d0; ip nexthop add id 1 via 10.1.0.2 dev d0
cap frr
for d in zebra staticd; do r "/usr/lib/frr/$d -d -f /etc/frr/$d.conf 2>/dev/null; sleep 2"; done
r "vtysh -c 'conf t' -c 'ip route 10.7.0.0/16 10.1.0.3' -c 'ip route 10.8.0.0/16 10.1.0.3' -c 'ip route 10.8.0.0/16 10.1.0.4'; sleep 2"
r "vtysh -c 'conf t' -c 'no ip route 10.7.0.0/16 10.1.0.3'; vtysh -c 'show ip route'; ip route; ip -6 route; ip nexthop"
pkill -x staticd; sleep 1; pkill -x zebra; sleep 2
endcap
for d in d0 d1; do ip link del $d; done; umount /etc/frr
fi
