#!/bin/bash
# Records real programs on nlmon while strace watches them, and makes the truth of
# that for ../truth. As root in a virtual machine, with strace, tcpdump, python3 and
# the programs below: OUT=DIR ./truth.sh [NAME...]
cd "$(dirname "$0")" || exit 1
HERE=$PWD WANT="$*" KERNEL=$(uname -r | cut -d- -f1 | cut -d+ -f1) TRACES=$(mktemp -d)
export PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C
cd "$TRACES" || exit 1
ip link set lo up
ip link add nlmon0 type nlmon
ip link set nlmon0 up

watched() {
	strace -f -ttt -yy -s 16 -e trace=%network,close,dup,dup2,setns,unshare,clone,clone3,fork,vfork,execve -e signal=none -e read=all -e write=all \
		-o "$TRACES/$NAME.$EPOCHREALTIME.st" "$@"
}
c() { # c COMMAND...: runs it watched
	echo "\$ $*"
	watched "$@" || echo "rc $?"
}
listens() { # listens COMMAND...: runs it watched until the end
	watched timeout 120 "$@" >/dev/null 2>&1 &
	LISTENERS="$LISTENERS $!"
}
begin() { # begin NAME: starts recording, if that is wanted
	[ -z "$WANT" ] || [[ " $WANT " == *" $1 "* ]] || return 1
	NAME=$1 LISTENERS=
	tcpdump -i nlmon0 -U -s 0 -B 16384 -Z root -w "$OUT/$NAME-$KERNEL.pcap" 2>tcpdump.err &
	TCPDUMP=$!
	until grep -q listening tcpdump.err; do sleep 0.1; done
	c genl ctrl list >/dev/null
	c ip link show >/dev/null
}
end() {
	for p in $LISTENERS; do pkill -P "$p"; done
	sleep 1
	kill -INT "$TCPDUMP"
	wait "$TCPDUMP"
	python3 "$HERE/truth.py" "$OUT/$NAME-$KERNEL.pcap" "$TRACES/$NAME".*.st >"$OUT/$NAME-$KERNEL.truth.jsonl"
	rm -f "$TRACES"/*.st
}

if begin acks; then
	modprobe nf_tables
	c python3 "$HERE/batches.py"
	for _ in 1 2; do
		listens nft monitor
		sleep 2
		c python3 "$HERE/batches.py"
	done
	c nft -e add table inet e
	c nft -e add rule inet nosuch c accept
	end
fi

if begin nftlong; then
	for _ in $(seq 1100); do echo "add rule ip l c counter"; done >l.rules
	(printf 'add table ip l\nadd chain ip l c\n' && cat l.rules) >l.nft
	(printf 'add table ip m\nadd chain ip m c\n' && head -1010 l.rules | sed 's/ip l/ip m/' && echo 'add rule ip m nosuch accept') >m.nft
	c nft -f l.nft
	c nft -f m.nft
	c nft delete table ip l
	end
fi

if begin odd; then
	modprobe -a dummy nf_tables nf_conntrack_netlink ip_set nfnetlink_acct
	for n in batches busy changes lost quits silent; do c python3 "$HERE/odd.py" $n; done
	end
fi

if begin oddheard; then
	listens ip monitor all
	listens nft monitor
	sleep 3
	for n in batches busy silent; do c python3 "$HERE/odd.py" $n; done
	end
fi

# What the kernel tells of a change with the request's numbers, and often its flags.
if begin notify; then
	modprobe -a dummy bridge nf_conntrack_netlink
	listens ip monitor all
	listens bridge monitor all
	listens conntrack -E
	listens tc monitor
	sleep 4
	while read -r line; do
		# shellcheck disable=SC2086
		c $line </dev/null
	done <<-'X'
		ip link add br0 type bridge vlan_filtering 1 mcast_snooping 1
		ip link add d0 type dummy
		ip link set d0 master br0
		ip link set d0 up
		ip link set br0 up
		bridge mdb add dev br0 port d0 grp 239.1.1.1 permanent
		bridge mdb add dev br0 port d0 grp 239.1.1.1 permanent
		bridge mdb del dev br0 port d0 grp 239.1.1.1
		bridge vlan add dev d0 vid 10
		bridge vlan del dev d0 vid 10
		bridge fdb add 02:00:00:00:00:01 dev d0 master
		bridge fdb add 02:00:00:00:00:01 dev d0 master
		bridge fdb del 02:00:00:00:00:01 dev d0 master
		ip addrlabel add prefix 2001:db8::/32 label 99
		ip addrlabel add prefix 2001:db8::/32 label 99
		ip addrlabel del prefix 2001:db8::/32 label 99
		ip netns add n1
		ip netns set n1 17
		ip netns set n1 17
		ip netns list-id
		ip netns del n1
		ip rule add pref 77 from 192.0.2.0/24 table 77
		ip rule add pref 77 from 192.0.2.0/24 table 77
		ip rule del pref 77
		ip neigh add 192.0.2.9 lladdr 02:00:00:00:00:09 dev br0
		ip neigh add 192.0.2.9 lladdr 02:00:00:00:00:09 dev br0
		ip neigh del 192.0.2.9 dev br0
		tc qdisc add dev d0 root handle 1: htb
		tc class add dev d0 parent 1: classid 1:1 htb rate 1mbit
		tc class add dev d0 parent 1: classid 1:1 htb rate 1mbit
		tc class change dev d0 parent 1: classid 1:1 htb rate 2mbit
		tc class del dev d0 classid 1:1
		tc qdisc del dev d0 root
		ip link set d0 alias hello
		ip link property add dev d0 altname other
		ip link property add dev d0 altname other
		ip -6 addr add 2001:db8::1/64 dev br0
		ip token set ::5 dev br0
		conntrack -I -s 10.0.0.1 -d 10.0.0.2 -p udp --sport 1 --dport 2 -t 60
		conntrack -I -s 10.0.0.1 -d 10.0.0.2 -p udp --sport 1 --dport 2 -t 60
		conntrack -U -s 10.0.0.1 -d 10.0.0.2 -p udp --sport 1 --dport 2 -t 90
		conntrack -D -p udp
		conntrack -L
		ipset create s hash:ip
		ipset add s 192.0.2.1
		ipset add s 192.0.2.1
		ipset test s 192.0.2.2
		ipset destroy nosuch
		ipset destroy
		ip link del br0
		ip link del d0
	X
	end
fi
rm -rf "$TRACES"
