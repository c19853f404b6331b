package dissect_test

import (
	"testing"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
)

// TestUnserved: protocols whose bytes nobody can know are shown whole, under
// their own name, whether they look like messages or not.
func TestUnserved(t *testing.T) {
	d := dissect.New(families.Embedded())
	for _, proto := range []byte{1, 3, 5, 13, 14, 19, 22} {
		name := families.ProtocolName(proto)
		tree := decode(t, d, frame(proto, []byte("anything")))
		if len(tree.Msgs) != 1 || tree.Msgs[0].Message == nil || tree.Msgs[0].Message.Name != name ||
			tree.Msgs[0].Dir != dissect.DirUnknown || len(tree.Findings) != 0 {
			t.Errorf("%s: messages %+v, %s", name, tree.Msgs, codesOf(tree))
		}
		tree = decode(t, d, frame(proto, le.msg(hdr{typ: 30, flags: 1}, []byte{1, 2, 3, 4})))
		if got := bodyOf(tree, 0); got != "01020304" || nameOf(&tree.Msgs[0]) != name || len(tree.Findings) != 0 {
			t.Errorf("%s: a message %s of %s, %s", name, nameOf(&tree.Msgs[0]), got, codesOf(tree))
		}
	}
}

// TestReservedTypes: two protocols use numbers below NLMSG_MIN_TYPE for
// messages of their own; the four that all share stay what they are.
func TestReservedTypes(t *testing.T) {
	d := dissect.New(families.Embedded())
	for _, c := range []struct {
		proto byte
		typ   uint16
		want  string
	}{
		{10, 0, "fib-lookup"},
		{families.ProtoISCSI, 0, "iscsi-event"},
		{families.ProtoISCSI, 11, "ISCSI_UEVENT_CREATE_SESSION"},
		{families.ProtoISCSI, 2, "errno 0"},
		{families.ProtoISCSI, 3, "errno 0"},
		{families.ProtoISCSI, 5, "?"},
		{families.ProtoGeneric, 11, "?"},
		{families.ProtoRoute, 0, "?"},
	} {
		body := make([]byte, 56)
		if c.typ == 2 {
			body = make([]byte, 20)
		}
		tree := decode(t, d, frame(c.proto, le.msg(hdr{typ: c.typ}, body)))
		if got := nameOf(&tree.Msgs[0]); got != c.want {
			t.Errorf("%s, type %d: %s, want %s", families.ProtocolName(c.proto), c.typ, got, c.want)
		}
	}
}

// TestISCSI: struct iscsi_uevent and what stands behind it. Which part of its
// unions is meant is for nlmsg_type to say, or for the event if that is 0.
func TestISCSI(t *testing.T) {
	u32, u64 := le.u32, le.u64
	// head is the start of the struct, then come the unions of 24 and 16 bytes.
	event := func(typ uint32, u, r []byte) []byte {
		return cat(u32(typ), u32(0), u64(0x10), u, make([]byte, 24-len(u)), r, make([]byte, 16-len(r)))
	}
	const head = "iferror=0 transport_handle=16 "
	path := cat(u64(1), []byte{2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2}, u32(4), []byte{192, 0, 2, 1}, make([]byte, 12),
		[]byte{192, 0, 2, 2}, make([]byte, 12), le.u16(7), le.u16(1500), make([]byte, 4))
	iface := func(param uint16, kind byte, value ...byte) []byte {
		return cat(u32(1), u32(uint32(len(value))), le.u16(param), []byte{1, kind}, value)
	}
	login := cat([]byte{0x43, 0x87, 0, 0, 0, 0, 0, 4, 1, 2, 3, 4, 5, 6, 0, 0}, be.u32(9), be.u16(1), be.u16(0), be.u32(5), be.u32(6),
		make([]byte, 16), []byte("A=b\x00"))
	for _, c := range []struct {
		name string
		typ  uint16
		body []byte
		want string
	}{
		{"new session", 11, event(11, cat(u32(1), le.u16(128), le.u16(32)), nil),
			"iscsi_uevent{type=11 " + head + "u{initial_cmdsn=1 cmds_max=128 queue_depth=32} _16 r{sid=0 host_no=0} _8}"},
		{"failed", 11, event(103, cat(u32(1), le.u16(128), le.u16(32)), cat(u32(3), u32(4))),
			"iscsi_uevent{type=103 " + head + "u{initial_cmdsn=1 cmds_max=128 queue_depth=32} _16 r{sid=3 host_no=4} _8}"},
		{"bind", 15, event(15, cat(u32(1), u32(2), u64(3), u32(1)), u32(0)),
			"iscsi_uevent{type=15 " + head + "u{sid=1 cid=2 transport_eph=3 is_leading=1 _4} r{retcode=0} _12}"},
		{"value", 16, cat(event(16, cat(u32(1), u32(2), u32(15), u32(4)), nil), []byte("iqn\x00")),
			`iscsi-set-param{type=16 ` + head + `sid=1 cid=2 param=15 len=4 _8 retcode=0 _12} "iqn\x00"`},
		{"secret", 16, cat(event(16, cat(u32(1), u32(2), u32(24), u32(4)), nil), []byte("pwd\x00")),
			`iscsi-set-param{type=16 ` + head + `sid=1 cid=2 param=24 len=4 _8 retcode=0 _12} value="pwd\x00"`},
		{"PDU", 19, cat(event(19, cat(u32(1), u32(2), u32(48), u32(4)), nil), login),
			"iscsi_uevent{type=19 " + head + "u{sid=1 cid=2 hdr_size=48 data_size=4} _8 r{retcode=0} _12} " +
				`opcode=67 bhs{flags=135 max_version=0 min_version=0 hlength=0 dlength=000004 isid=010203040506 tsih=0 itt=9 cid=1 _2 cmdsn=5 exp_statsn=6 _16 text{413d6200}}`},
		{"iface parameters", 31, cat(event(31, cat(u32(1), u32(2)), nil),
			le.attr(1, iface(1, 2, 192, 0, 2, 1)), le.attr(5, iface(1, 5, 2))),
			"iscsi_uevent{type=31 " + head + "u{host_no=1 count=2} _16 r{retcode=0} _12} " +
				"[1](iface_num=1 len=4 param=1 iface_type=1 param_type=2 value=c0000201) [5](iface_num=1 len=1 param=1 iface_type=1 param_type=5 value=2 _3)"},
		{"reported", 0, event(109, nil, cat(u32(1), u32(2), u32(3))),
			"iscsi-kevent{type=109 " + head + "_24 r{sid=1 cid=2 state=3} _4}"},
		{"path", 0, cat(event(107, nil, u32(5)), path),
			"iscsi-kevent{type=107 " + head + "_24 r{host_no=5} _12} " +
				"handle=1 mac_addr=020000000001 mac_addr_old=020000000002 ip_addr_len=4 src=c0000201 _12 dst=c0000202 _12 vlan_id=7 pmtu=1500 _4"},
	} {
		h, dir := hdr{typ: c.typ, portid: 77}, dissect.DirToKernel
		if c.typ == 0 || c.name == "failed" {
			h.portid, dir = 0, dissect.DirFromKernel
		}
		tree := decode(t, dissect.New(families.Embedded()), frame(families.ProtoISCSI, le.msg(h, c.body)))
		if got := tree.Msgs[0].Dir; got != dir {
			t.Errorf("%s: direction %d, want %d", c.name, got, dir)
		}
		if got := bodyOf(tree, 0); got != c.want || len(tree.Findings) != 0 {
			t.Errorf("%s:\ngot  %s %s\nwant %s", c.name, got, codesOf(tree), c.want)
		}
	}
}

// TestLegacyTIPC: a command in the header, TLVs in network order behind it.
func TestLegacyTIPC(t *testing.T) {
	ids := &families.Registry{}
	ids.Learn(1, 40, "TIPC")
	in := frame(families.ProtoGeneric, le.msg(hdr{typ: 40}, genl(1, 1), le.u32(0x01001001), le.u16(4), le.u16(0),
		be.u16(80), be.u16(22), be.u32(0x01001002), be.u32(1), []byte("1.1.1:eth0-1.1.2:eth1"), make([]byte, 47),
		be.u16(8), be.u16(2), be.u32(7)))
	in.IDs = ids
	tree := decode(t, dissect.New(families.Embedded()), in)
	link := "1.1.1:eth0-1.1.2:eth1"
	for range 47 {
		link += `\x00`
	}
	want := `tipc_genlmsghdr{dest=16781313 cmd=4 reserved=0} TIPC_TLV_LINK_INFO(dest=16781314 up=1 str="` + link + `") TIPC_TLV_UNSIGNED(7)`
	if got := bodyOf(tree, 0); got != want || len(tree.Findings) != 0 {
		t.Errorf("got  %s %s\nwant %s", got, codesOf(tree), want)
	}
}
