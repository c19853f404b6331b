package dissect_test

import (
	"testing"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
)

func TestValues(t *testing.T) {
	u32 := le.u32
	runBodies(t, []payloadCase{
		{"integer", le.attr(2, u32(7)), "T_U32(7)", ""},
		{"integer too long", le.attr(2, u32(7), u32(8)), "T_U32(7 ?08000000)", "attr.size"},
		{"integer too short", le.attr(2, le.u16(7)), "T_U32(7 _2)", "attr.size"},
		{"integer of three bytes", le.attr(2, le.u16(7), []byte{1}), "T_U32(7 ?01 _1)", "attr.size"},
		{"integer without bytes", le.attr(2), "T_U32()", "attr.size"},
		{"uint of 4", le.attr(15, u32(7)), "T_UINT(7)", ""},
		{"uint of 8", le.attr(15, le.u64(1<<40)), "T_UINT(1099511627776)", ""},
		{"uint of 2", le.attr(15, le.u16(7)), "T_UINT(7 _2)", "attr.size"},
		{"sint of 8", le.attr(30, le.u64(1<<64-5)), "T_SINT(-5)", ""},
		{"sint of 4", le.attr(30, u32(1<<32-5)), "T_SINT(-5)", ""},

		{"string with NUL", le.attr(3, str("eth0")), `T_STR("eth0\x00" _3)`, ""},
		{"string without NUL", le.attr(3, []byte("eth0")), `T_STR("eth0")`, ""},
		{"string of NULs", le.attr(3, []byte("a\x00\x00\x00")), `T_STR("a\x00\x00\x00")`, ""},
		{"string with escapes", le.attr(3, str("\x1b[2J")), `T_STR("\x1b[2J\x00" _3)`, ""},
		{"bytes behind the NUL", le.attr(3, []byte("a\x00bc")), `T_STR("a\x00bc")`, "string.trailing"},
		{"string without bytes", le.attr(3), "T_STR()", ""},

		{"flag", le.attr(5), "T_FLAG()", ""},
		{"flag with a payload", le.attr(5, []byte{1}), "T_FLAG(?01 _3)", "attr.size"},
		{"MAC", le.attr(31, make([]byte, 6)), "T_MAC(000000000000 _2)", ""},
		{"MAC too short", le.attr(31, make([]byte, 5)), "T_MAC(?0000000000 _3)", "attr.size"},
		{"MAC too long", le.attr(31, make([]byte, 8)), "T_MAC(000000000000 ?0000)", "attr.size"},
		{"MAC without bytes", le.attr(31), "T_MAC()", "attr.size"},
		{"bit-field", le.attr(34, u32(1), u32(3)), "T_BITS(0100000003000000)", ""},
		{"bit-field too short", le.attr(34, u32(1)), "T_BITS(?01000000)", "attr.size"},
		{"address of 4", le.attr(25, u32(1)), "T_ADDR(01000000)", ""},
		{"address of 16", le.attr(25, make([]byte, 16)), "T_ADDR(00000000000000000000000000000000)", ""},

		{"nest behind a header", le.attr(22, []byte{2, 1, 0, 0}, u32(5), le.attr(1, u32(7))), "T_HDR(fixed{fam=2 kind=1 _2 index=5} I_U32(7))", ""},
		{"nest behind half a header", le.attr(22, []byte{2, 1, 0, 0}), "T_HDR(fixed{fam=2 kind=1 _2})", "struct.short"},
		{"message", le.attr(24, le.msg(hdr{typ: tBare, flags: 1}, le.attr(2, u32(7)))),
			"T_MSG(msg{nlmsghdr{nlmsg_len=24 nlmsg_type=20 nlmsg_flags=1 nlmsg_seq=0 nlmsg_pid=0} T_U32(7)})", ""},
		{"message and more", le.attr(24, le.msg(hdr{typ: 28, flags: 1}), u32(9)),
			"T_MSG(msg{nlmsghdr{nlmsg_len=16 nlmsg_type=28 nlmsg_flags=1 nlmsg_seq=0 nlmsg_pid=0}} !09000000)", ""},
		{"message too short for a header", le.attr(24, u32(7)), "T_MSG(?07000000)", ""},
		{"message whose length is a lie", le.attr(24, le.msg(hdr{typ: tBare, flags: 1, length: 3})),
			"T_MSG(msg{nlmsghdr{nlmsg_len=3 nlmsg_type=20 nlmsg_flags=1 nlmsg_seq=0 nlmsg_pid=0}})", ""},
	})
}

// TestInnerMessage: a message inside an attribute is not one of the frame's.
func TestInnerMessage(t *testing.T) {
	d := dissect.New(testDB(t, testSpec))
	inner := le.msg(hdr{typ: tBare, flags: 1, seq: 5}, le.attr(24, le.msg(hdr{typ: 28, flags: 1})))
	tree := decode(t, d, frame(families.ProtoRoute, le.msg(hdr{typ: tBare}, le.attr(24, inner)), le.msg(hdr{typ: tBare})))
	if len(tree.Msgs) != 3 || tree.Msgs[0].EchoOf != -1 || tree.Msgs[1].EchoOf != 0 || tree.Msgs[2].EchoOf != -1 || tree.Msgs[0].Echo != 1 {
		t.Errorf("messages %+v", tree.Msgs)
	}
	if m := tree.Msgs[1]; m.Seq != 5 || m.Message == nil || m.Message.Name != "T_BARE" {
		t.Errorf("the inner message is %+v", m)
	}
}

func TestUint(t *testing.T) {
	b := []byte{1, 2, 3, 4, 5, 6, 7, 8}
	for n, want := range map[int][2]uint64{
		1: {1, 1}, 2: {0x0201, 0x0102}, 4: {0x04030201, 0x01020304}, 8: {0x0807060504030201, 0x0102030405060708}, 3: {}, 0: {},
	} {
		if l, g := dissect.Uint(b[:n], false), dissect.Uint(b[:n], true); l != want[0] || g != want[1] {
			t.Errorf("%d bytes: %x and %x, want %x", n, l, g, want)
		}
	}
	if v := dissect.Int(0xfe, 1); v != -2 {
		t.Errorf("Int(0xfe, 1) = %d", v)
	}
	if v := dissect.Int(0xfe, 2); v != 0xfe {
		t.Errorf("Int(0xfe, 2) = %d", v)
	}
}
