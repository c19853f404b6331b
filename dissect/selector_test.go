package dissect_test

import (
	"testing"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
)

func TestSelectors(t *testing.T) {
	u32, num := le.u32, le.attr(6, str("num"))
	runBodies(t, []payloadCase{
		{"before", cat(num, le.attr(7, u32(7))), `T_KIND("num\x00") T_DATA(7)`, ""},
		{"behind", cat(le.attr(7, u32(7)), num), `T_DATA(7) T_KIND("num\x00")`, ""},
		{"without NUL", cat(le.attr(6, []byte("num")), le.attr(7, u32(7))), `T_KIND("num" _1) T_DATA(7)`, ""},
		{"a struct", cat(le.attr(6, str("point")), le.attr(7, le.u16(1), le.u16(0), u32(2))), `T_KIND("point\x00" _2) T_DATA(x=1 _2 y=2)`, ""},
		{"not there, looks like attributes", le.attr(7, le.attr(1, u32(7))), "T_DATA(#1(?07000000))", "sub.selector_missing"},
		{"not there", le.attr(7, u32(7)), "T_DATA(?07000000)", "sub.selector_missing"},
		{"of a kind nobody knows", cat(le.attr(6, str("new")), le.attr(7, u32(7))), `T_KIND("new\x00") T_DATA(?07000000)`, "sub.selector_unknown"},
		{"the first of two", cat(num, le.attr(6, str("point")), le.attr(7, u32(7))), `T_KIND("num\x00") T_KIND("point\x00" _2) T_DATA(7)`, "attr.duplicate"},
		{"a number with a name", cat(le.attr(36, []byte{1}), le.attr(37, u32(7))), "T_ID(1 _3) T_BYID(7)", ""},
		{"a number that chooses the rest", cat(le.attr(36, []byte{9}), le.attr(37, u32(7))), "T_ID(9 _3) T_BYID(07000000)", ""},
		{"the rest, without a number", le.attr(37, u32(7)), "T_BYID(07000000)", ""},
		{"from the nest around it", cat(num, le.attr(4, le.attr(3, u32(7)))), `T_KIND("num\x00") T_NEST(I_DATA(7))`, ""},
		{"from the nest around an array", cat(le.attr(9, le.attr(1, le.attr(3, u32(7))), le.attr(2, le.attr(3, u32(8)))), num),
			`T_NESTS([1](I_DATA(7)) [2](I_DATA(8))) T_KIND("num\x00")`, ""},
		{"for each of an array", cat(num, le.attr(32, le.attr(1, u32(7)), le.attr(2, u32(8)))), `T_KIND("num\x00") T_SUBS([1](7) [2](8))`, ""},
		{"for an array, a nest", cat(le.attr(6, str("deep")), le.attr(32, le.attr(1, le.attr(1, u32(7))))), `T_KIND("deep\x00" _3) T_SUBS([1](I_U32(7)))`, ""},
		{"for an array, not there", le.attr(32, le.attr(1, u32(7))), "T_SUBS([1](?07000000))", "sub.selector_missing"},
		{"the inner before the outer", cat(num, le.attr(38, le.attr(6, str("point")), le.attr(7, make([]byte, 8))), le.attr(7, u32(7))),
			`T_KIND("num\x00") T_SELF(T_KIND("point\x00" _2) T_DATA(x=0 _2 y=0)) T_DATA(7)`, ""},
		{"from further out", cat(num, le.attr(38, le.attr(38, le.attr(7, u32(7))))), `T_KIND("num\x00") T_SELF(T_SELF(T_DATA(7)))`, ""},
		{"past its end", cat(le.attr(7, u32(7)), le.rawAttr(99, 6, str("num"))), `T_DATA(7) T_KIND("num\x00")`, "attr.past_end"},
	})
}

// TestSelectorAgain: of selectors that may repeat each is for what follows it.
func TestSelectorAgain(t *testing.T) {
	const spec = "family x\nprotocol NETLINK_ROUTE\nattrs a A_\n  1 A_KIND u8 multi\n  2 A_DATA sub data by A_KIND multi\nsub data\n  1 u32\n  2 string\nbody b\n  attrs a\nmessages\n  20 M b\n"
	d := dissect.New(testDB(t, spec))
	one, two := le.attr(1, []byte{1}), le.attr(1, []byte{2})
	for _, c := range []struct {
		what string
		body []byte
		want string
	}{
		{"different ones", cat(one, le.attr(2, le.u32(7)), two, le.attr(2, str("abc"))), `A_KIND(1 _3) A_DATA(7) A_KIND(2 _3) A_DATA("abc\x00")`},
		{"one for several", cat(one, le.attr(2, le.u32(7)), le.attr(2, le.u32(8))), `A_KIND(1 _3) A_DATA(7) A_DATA(8)`},
		{"two in a row", cat(one, two, le.attr(2, str("abc"))), `A_KIND(1 _3) A_KIND(2 _3) A_DATA("abc\x00")`},
		{"behind", cat(le.attr(2, le.u32(7)), one), `A_DATA(?07000000) A_KIND(1 _3)`},
	} {
		tree := decode(t, d, frame(families.ProtoRoute, le.msg(hdr{typ: 20}, c.body)))
		if got := bodyOf(tree, 0); got != c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", c.what, got, c.want)
		}
	}
}

// TestSelectorHeader: a member of the header before the attributes chooses.
func TestSelectorHeader(t *testing.T) {
	d := dissect.New(testDB(t, testSpec))
	for _, c := range []struct {
		fam  byte
		want string
	}{
		{2, "fixed{fam=2 kind=0 _2 index=0} T_BYFAM(7)"},
		{10, `fixed{fam=10 kind=0 _2 index=0} T_BYFAM("\a\x00\x00\x00")`},
	} {
		tree := decode(t, d, frame(families.ProtoRoute, le.msg(hdr{typ: 16}, []byte{c.fam, 0, 0, 0}, le.u32(0), le.attr(29, le.u32(7)))))
		if got := bodyOf(tree, 0); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}
