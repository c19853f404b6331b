#!/bin/sh
# Replays captures in a virtual machine and leaves the reports in /run/out, for
# the table of docs/replay.md:
#
#	go build -o /tmp/nlsniff ./cmd/nlsniff
#	go run ./internal/vmtest/vm -kernel 6.12 -memory 1536 -out OUT -- sh $PWD/testdata/record/shares.sh /tmp/nlsniff $PWD/testdata/pcaps/*.pcap
#	jq -s '[.[].families[]?] | group_by(.family)[] | "\(.[0].family): \(map(.same_outcome) | add) of \(map(.requests) | add)"' OUT/*.json
#
# Each capture gets a network namespace, but for those of hardware that is in the
# first one only.
export PATH=/usr/sbin:/sbin:/usr/bin:/bin
nlsniff=$1
shift
for m in dummy openvswitch vport_vxlan vport_geneve mac80211_hwsim mac802154_hwsim rdma_rxe siw iscsi_tcp target_core_user ksmbd \
	l2tp_netlink macsec fou ip_vs tipc nbd team xfrm_user esp4 crypto_user nfnetlink_queue nfnetlink_log nfnetlink_acct psample wireguard netdevsim; do
	modprobe $m 2>/dev/null
done
for file; do
	name=${file##*/}
	name=${name%.*}
	case $name in
	wifi | wpan | radio_* | rdma | iscsi | ksmbd | tcmu | audit) in= ;;
	*) in="unshare -n" ;;
	esac
	timeout 170 $in "$nlsniff" replay --here --yes --prepare -T json "$file" >"/run/out/$name.json" 2>"/run/out/$name.err"
done
