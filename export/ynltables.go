package export

// ynlFamilies are the families that the kernel's specifications
// (Documentation/netlink/specs) describe, which are called there as here.
var ynlFamilies = map[string]bool{
	"rt-link": true, "rt-addr": true, "rt-route": true, "rt-neigh": true, "rt-rule": true, "tc": true, "nftables": true,
	"ethtool": true, "devlink": true, "dpll": true, "fou": true, "handshake": true, "mptcp_pm": true, "net-shaper": true,
	"netdev": true, "nfsd": true, "nl80211": true, "nlctrl": true, "ovpn": true, "ovs_datapath": true, "ovs_flow": true,
	"ovs_vport": true, "ovs_packet": true, "psp": true, "tcp_metrics": true, "team": true, "wireguard": true, "binder": true,
	"lockd": true, "conntrack": true,
}

// ynlGaps are the operations that descriptions have and the specifications of
// their families lack; those behind "only" are all that one has.
var ynlGaps = map[string]string{
	"devlink":      "new set del",
	"nftables":     "getobj-reset",
	"nl80211":      "only get-wiphy get-interface get-protocol-features",
	"nlctrl":       "only getfamily getpolicy",
	"ovs_datapath": "only get new del",
	"ovs_flow":     "only get new",
	"rt-link":      "newlinkprop dellinkprop",
	"tc":           "newaction getaction delaction",
}

// ynlNoDump are the questions of which the specifications know no dump.
var ynlNoDump = map[string]string{
	"dpll": "device-id-get pin-id-get", "mptcp_pm": "get-limits", "tc": "gettclass getchain", "team": "options-get port-list-get",
}

// ynlNames are the names of attributes that the specifications give others than
// the descriptions do, "" for those that they lack.
var ynlNames = map[string]string{
	"DEVLINK_PORT_FUNCTION_ATTR_HW_ADDR": "hw-addr",
	"DEVLINK_PORT_FN_ATTR_MAX_IO_EQS":    "",
	"IFLA_BRIDGE_VLAN_INFO":              "",
	"NFTA_HOOK_HOOKNUM":                  "num",
	"NFTA_OBJ_DATA":                      "", // its format is chosen by a name, and the type is a number
	"TCA_TAPRIO_ATTR_SCHED_ENTRY_LIST":   "",
	"OVS_FLOW_ATTR_UFID":                 "", // its ynl reads no UUIDs
	"RTA_ENCAP":                          "", // bytes there, as the next
	"RTA_MULTIPATH":                      "",
	"OVS_FLOW_ATTR_PROBE":                "",
	"OVS_KEY_ATTR_MPLS":                  "",
	"OVS_KEY_ATTR_CT_ORIG_TUPLE_IPV6":    "",
	"OVS_ACTION_ATTR_SET_MASKED":         "",
	"TCA_SFB_PARMS":                      "",
	"TCA_U32_SEL":                        "",
	"cell_align":                         "", // a byte there, with which struct tc_ratespec has another length
	"NFTA_LOOKUP_SET_ID":                 "", // has another number there
	"NFTA_NG_DREG":                       "", // in another byte order there
}

// ynlPlain are the addresses that the specifications do not know to be such: they
// are integers there, or bytes.
var ynlPlain = map[string]bool{"MPTCP_PM_ADDR_ATTR_ADDR4": true, "MPTCP_PM_ADDR_ATTR_ADDR6": true}

// ynlPads are the members that are padding in the specifications, and so always 0.
var ynlPads = map[string]bool{"res1": true, "res2": true}

// ynlFormats are attributes whose format another one chooses, and the choices of
// which the specifications know the format.
var ynlFormats = map[string]struct{ by, known string }{
	"IFLA_INFO_DATA":       {"IFLA_INFO_KIND", "bond bridge erspan gre gretap ip6gre geneve hsr ipip ip6tnl sit tun vlan vrf vti vti6 netkit ovpn"},
	"IFLA_INFO_SLAVE_DATA": {"IFLA_INFO_SLAVE_KIND", "bridge bond"},
	"NFTA_EXPR_DATA":       {"NFTA_EXPR_NAME", "bitwise cmp counter ct fib flow_offload immediate log lookup match meta nat numgen objref payload quota range reject target tproxy"},
	"TCA_OPTIONS": {"TCA_KIND", "basic bpf bfifo cake cbs cgroup choke clsact codel drr dualpi2 etf ets flow flower fq fq_codel fq_pie fw gred hfsc hhf htb " +
		"ingress matchall mq multiq netem pfifo pfifo_fast pfifo_head_drop pie plug prio qfq red route sfb sfq taprio tbf u32"},
	"TCA_ACT_OPTIONS": {"TCA_ACT_KIND", "bpf connmark csum ct ctinfo gact gate ife mirred mpls nat pedit police sample simple skbedit skbmod tunnel_key vlan"},
}
