package dissect_test

import (
	"testing"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
)

func TestAttrs(t *testing.T) {
	u32 := le.u32
	runBodies(t, []payloadCase{
		{"none", nil, "", ""},
		{"some", cat(le.attr(2, u32(7)), le.attr(1, []byte{5})), "T_U32(7) T_U8(5 _3)", ""},
		{"unknown attribute", cat(le.attr(99, []byte{1, 2, 3, 4}), le.attr(2, u32(7))), "#99(?01020304) T_U32(7)", "attr.unknown"},
		{"empty attribute nobody knows", le.attr(99), "#99()", "attr.unknown"},

		{"final padding missing", cat(le.attr(2, u32(7)), le.rawAttr(5, 1, []byte{9})), "T_U32(7) T_U8(9) _3", "padding.missing"},
		{"padding not zero", cat(le.rawAttr(5, 1, []byte{9, 0, 1, 0}), le.attr(2, u32(7))), "T_U8(9 _3) T_U32(7)", "padding.nonzero"},

		{"nla_len past the end", le.rawAttr(400, 2, u32(7)), "T_U32(7)", "attr.past_end"},
		{"nla_len past the end of a nest", cat(le.attr(4, le.rawAttr(40, 1, u32(7))), le.attr(1, []byte{1})),
			"T_NEST(I_U32(7)) T_U8(1 _3)", "attr.past_end"},
		{"nla_len 0, attributes behind it", cat(le.rawAttr(0, 2), le.attr(2, u32(7))), "#2() T_U32(7)", "attr.len"},
		{"nla_len 3, attributes behind it", cat(le.rawAttr(3, 2), le.attr(2, u32(7))), "#2() T_U32(7)", "attr.len"},
		{"nla_len 0, anything behind it", cat(le.rawAttr(0, 2), []byte{1, 0, 0, 0, 0, 0, 0, 0}), "#2() ?0100000000000000", "attr.len"},
		{"nla_len 0 twice", cat(le.rawAttr(0, 2), le.rawAttr(4, 5), le.rawAttr(0, 2), le.attr(2, u32(7))),
			"#2() ?04000500000002000800020007000000", "attr.len"},
		{"zeros only", make([]byte, 12), "#0() ?0000000000000000", "attr.len"},
		{"too few bytes for another", cat(le.attr(2, u32(7)), []byte{1, 2, 3}), "T_U32(7) !010203 _1", "attr.trailing"},

		{"twice", cat(le.attr(2, u32(7)), le.attr(2, u32(8))), "T_U32(7) T_U32(8)", "attr.duplicate"},
		{"twice as described", cat(le.attr(18, u32(7)), le.attr(18, u32(8))), "T_MULTI(7) T_MULTI(8)", ""},
		{"padding twice", cat(le.attr(19), le.attr(19, u32(0))), "T_PAD() T_PAD(_4)", ""},
		{"twice, in two nests", cat(le.attr(18, u32(7)), le.attr(4, le.attr(1, u32(1))), le.attr(38, le.attr(4, le.attr(1, u32(2))))),
			"T_MULTI(7) T_NEST(I_U32(1)) T_SELF(T_NEST(I_U32(2)))", ""},

		{"NLA_F_NESTED where it belongs", le.attr(4|0x8000, le.attr(1, u32(1))), "T_NEST(I_U32(1))", ""},
		{"NLA_F_NESTED where it does not", le.attr(2|0x8000, u32(1)), "T_U32(1)", "attr.nested_flag"},
		{"NLA_F_NESTED on what nobody knows", le.attr(99|0x8000, le.attr(1, u32(1))), "#99(#1(?01000000))", "attr.unknown"},
		{"NLA_F_NET_BYTEORDER on host order", le.attr(2|0x4000, u32(1)), "T_U32(1)", "attr.byteorder_flag"},
		{"NLA_F_NET_BYTEORDER on big-endian", le.attr(14|0x4000, be.u32(1)), "T_BE(1)", ""},
		{"big-endian, never flagged", le.attr(14, be.u32(1)), "T_BE(1)", ""},

		{"what nobody knows looks like a nest", le.attr(99, le.attr(1, u32(1)), le.attr(2, u32(2))), "#99(#1(?01000000) #2(?02000000))", "attr.unknown"},
		{"what nobody knows looks like nothing", le.attr(99, u32(0xffffffff), u32(0)), "#99(?ffffffff00000000)", "attr.unknown"},
		{"a nest that nobody described", le.attr(35, le.attr(1, u32(1))), "T_ANY(#1(?01000000))", ""},
		{"an empty nest", le.attr(4), "T_NEST()", ""},

		{"in range", le.attr(16, []byte{5}), "T_RANGE(5 _3)", ""},
		{"negative, in range", le.attr(39, []byte{0xfe}), "T_SRANGE(-2 _3)", ""},
		{"right length", le.attr(17, u32(1)), "T_LEN(01000000)", ""},
		{"too long", le.attr(17, u32(1), []byte{1}), "T_LEN(0100000001 _3)", "attr.size"},
		{"too short", le.attr(17, []byte{1}), "T_LEN(01 _3)", "attr.size"},
		{"between the lengths", le.attr(44, []byte{1, 2}), "T_BIN(0102 _2)", ""},
		{"above the longest", le.attr(44, make([]byte, 7)), "T_BIN(00000000000000 _1)", "attr.size"},
	})
}

// TestBounds: what a policy bounds is what the kernel is sent.
func TestBounds(t *testing.T) {
	d := dissect.New(testDB(t, testSpec))
	for _, c := range []struct {
		name  string
		attr  []byte
		codes string
	}{
		{"above the range", le.attr(16, []byte{6}), "attr.range"},
		{"below the range", le.attr(16, []byte{0}), "attr.range"},
		{"in the range", le.attr(16, []byte{5}), ""},
		{"negative, below the range", le.attr(39, []byte{0xfd}), "attr.range"},
		{"a string with room for its NUL", le.attr(69, str("abcd")), ""},
		{"a string without one", le.attr(69, []byte("abcd")), ""},
		{"one more, without a NUL", le.attr(69, []byte("abcde")), "string.long"},
		{"one more", le.attr(69, str("abcde")), "string.long"},
	} {
		for flags, want := range map[uint16]string{1: c.codes, 0: ""} {
			if got := codesOf(decode(t, d, frame(families.ProtoRoute, le.msg(hdr{typ: tBare, flags: flags}, c.attr)))); got != want {
				t.Errorf("%s, flags %d: findings %q, want %q", c.name, flags, got, want)
			}
		}
	}
}

// TestNestedMissing: only a generic request has to set NLA_F_NESTED.
func TestNestedMissing(t *testing.T) {
	d := dissect.New(testDB(t, testSpec, testGenl))
	ids := &families.Registry{}
	ids.Learn(1, 30, "gentest")
	nest := le.attr(2, le.attr(1, le.u32(1)))
	for _, c := range []struct {
		name  string
		in    *dissect.Input
		codes string
	}{
		{"generic request", frame(families.ProtoGeneric, le.msg(hdr{typ: 30, flags: 1}, genl(1, 1), nest)), "attr.nested_missing"},
		{"generic reply", frame(families.ProtoGeneric, le.msg(hdr{typ: 30, portid: 9}, genl(1, 1), nest)), ""},
		{"route request", frame(families.ProtoRoute, le.msg(hdr{typ: tBare, flags: 1}, le.attr(4, le.attr(1, le.u32(1))))), ""},
	} {
		c.in.IDs = ids
		if got := codesOf(decode(t, d, c.in)); got != c.codes {
			t.Errorf("%s: findings %q, want %q", c.name, got, c.codes)
		}
	}
}

// TestDepth nests attributes deeper than anyone should.
func TestDepth(t *testing.T) {
	d := dissect.New(testDB(t, testSpec))
	body := le.attr(2, le.u32(7))
	for i := range 100 {
		tree := decode(t, d, frame(families.ProtoRoute, le.msg(hdr{typ: tBare}, body)))
		want := ""
		if i > 38 { // the message is one level, its attributes are another
			want = "depth.limit"
		}
		if got := codesOf(tree); got != want {
			t.Fatalf("%d levels: findings %q, want %q", i, got, want)
		}
		body = le.attr(38, body)
	}
}
