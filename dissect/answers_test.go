package dissect_test

import (
	"testing"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
)

// TestAnswers: what the kernel sends in another form than it takes.
func TestAnswers(t *testing.T) {
	u32 := le.u32
	for _, c := range []struct {
		name string
		typ  uint16
		body []byte
		want string
	}{
		{"DCB, how it went", 79, cat([]byte{0, 16, 0, 0}, le.attr(13, []byte{0xea})),
			"dcbmsg{dcb_family=0 cmd=16 _2} DCB_ATTR_IEEE(-22 _3)"},
		{"a table of multicast routing", 16, cat([]byte{128}, make([]byte, 15), le.attr(26, le.attr(1, u32(253)), le.attr(6, le.attr(1, le.attr(2, u32(3)))))),
			"ifinfomsg{ifi_family=128 _1 ifi_type=0 ifi_index=0 ifi_flags=0 ifi_change=0} IFLA_AF_SPEC(IPMRA_TABLE_ID(253) IPMRA_TABLE_VIFS(IPMRA_VIF(IPMRA_VIFA_VIF_ID(3))))"},
		{"a cache report", 96, cat([]byte{128, 0, 0, 0}, le.attr(1, []byte{1}), le.attr(5, []byte{1, 0, 0, 0, 0, 0, 0, 0})),
			"rtgenmsg{rtgen_family=128} _3 IPMRA_CREPORT_MSGTYPE(1 _3) IPMRA_CREPORT_PKT(type=1 code=0 csum=0 group=0)"},
		{"a DNS server from a router", 68, cat([]byte{10, 0}, le.u16(24), u32(2), []byte{134, 0}, make([]byte, 6),
			[]byte{25, 3, 0, 0}, be.u32(600), make([]byte, 15), []byte{1}, le.attr(1, make([]byte, 16))),
			"nduseroptmsg{nduseropt_family=10 _1 nduseropt_opts_len=24 nduseropt_ifindex=2 nduseropt_icmp_type=134 nduseropt_icmp_code=0 _2 _4} " +
				"nd_opt_type=25 nd_opt{nd_opt_len=3 _2 lifetime=600 servers=00000000000000000000000000000001 attrs{NDUSEROPT_SRCADDR(00000000000000000000000000000000)}}"},
	} {
		tree := decode(t, dissect.New(families.Embedded()), frame(families.ProtoRoute, le.msg(hdr{typ: c.typ, portid: 9}, c.body)))
		if got := bodyOf(tree, 0); got != c.want || len(tree.Findings) != 0 {
			t.Errorf("%s:\ngot  %s %s\nwant %s", c.name, got, codesOf(tree), c.want)
		}
	}
}
