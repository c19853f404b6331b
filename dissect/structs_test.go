package dissect_test

import "testing"

func TestStructs(t *testing.T) {
	u32 := le.u32
	holds := cat(
		le.u16(1), []byte{0, 0}, u32(2), // at
		le.u16(3), []byte{0, 0}, u32(4), le.u16(5), []byte{9, 9}, u32(6), // list
		le.u16(7), le.u16(8), // nums
		[]byte{0, 0}, []byte("name\x00\x00"))
	const members = `at{x=1 _2 y=2} list{[0](x=3 _2 y=4) [1](x=5 _2 y=6)} nums=07000800 _2 name="name\x00\x00"`
	runBodies(t, []payloadCase{
		{"with a hole", le.attr(10, le.u16(1), []byte{0, 0}, u32(2)), "T_POINT(x=1 _2 y=2)", ""},
		{"too long", le.attr(10, le.u16(1), []byte{0, 0}, u32(2), u32(3)), "T_POINT(x=1 _2 y=2 ?03000000)", "struct.long"},
		{"too short", le.attr(10, le.u16(1), []byte{0, 0}), "T_POINT(x=1 _2)", "struct.short"},
		{"half a member", le.attr(10, le.u16(1), []byte{0, 0, 7}), "T_POINT(x=1 _2 ?07 _3)", "struct.short"},
		{"no bytes", le.attr(10), "T_POINT()", "struct.short"},
		{"of an older kernel", le.attr(11, u32(1)), "T_OLD(a=1)", ""},
		{"of a kernel that never was", le.attr(11, []byte{1, 2}), "T_OLD(?0102 _2)", "struct.short"},
		{"counted rest", le.attr(27, le.u16(2), le.u16(0), u32(1), u32(2)), "T_COUNTED(n=2 v=0 tail=0100000002000000)", ""},
		{"behind the counted rest", le.attr(27, le.u16(1), le.u16(0), u32(1), u32(2)), "T_COUNTED(n=1 v=0 tail=01000000 ?02000000)", ""},
		{"count past the end", le.attr(27, le.u16(9), le.u16(0), u32(1)), "T_COUNTED(n=9 v=0 tail=01000000)", ""},
		{"count of none", le.attr(27, le.u16(0), le.u16(0)), "T_COUNTED(n=0 v=0)", ""},
		{"member chosen by a sibling", le.attr(28, u32(1), u32(7), u32(0)), "T_CHOOSES(which=1 value=7 _4)", ""},
		{"member chosen to be a struct", le.attr(28, u32(2), le.u16(1), []byte{0, 0}, u32(7)), "T_CHOOSES(which=2 value{x=1 _2 y=7})", ""},
		{"member of a kind nobody knows", le.attr(28, u32(3), u32(7), u32(8)), "T_CHOOSES(which=3 ?0700000008000000)", ""},
		{"half of a chosen member", le.attr(28, u32(1), u32(7)), "T_CHOOSES(which=1 ?07000000)", "struct.short"},
		{"everything", le.attr(41, holds, le.attr(1, u32(7))), "T_HOLDS(" + members + " attrs{I_U32(7)})", ""},
		{"everything but the attributes", le.attr(41, holds), "T_HOLDS(" + members + ")", ""},
	})
}
