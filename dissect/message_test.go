package dissect_test

import (
	"fmt"
	"testing"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
)

// nameOf says what a message was taken for.
func nameOf(m *dissect.Msg) string {
	switch {
	case m.Message != nil:
		return m.Message.Name
	case m.HasErrno:
		return fmt.Sprint("errno ", m.Errno)
	}
	return "?"
}

func fullDB(t testing.TB) *families.DB {
	return testDB(t, testSpec, testGenl, testNetfilter, testConnector)
}

// gentest is a registry in which family 30 is the one of testGenl.
func gentest() *families.Registry {
	ids := &families.Registry{}
	ids.Learn(1, 30, "gentest")
	ids.Learn(1, 31, "stranger")
	return ids
}

func TestMessages(t *testing.T) {
	header := cat([]byte{2, 0, 0, 0}, le.u32(5))
	const fixed = "fixed{fam=2 kind=0 _2 index=5}"
	for _, c := range []struct {
		name  string
		proto byte
		msg   []byte
		is    string
		body  string
		codes string
	}{
		{"attributes behind a header", families.ProtoRoute, le.msg(hdr{typ: 16}, header, le.attr(2, le.u32(7))), "T_NEW", fixed + " T_U32(7)", ""},
		{"variant by the header", families.ProtoRoute, le.msg(hdr{typ: 16}, []byte{7, 0, 0, 0}, le.u32(5), le.attr(1, le.u32(7))),
			"T_NEW", "fixed{fam=7 kind=0 _2 index=5} I_U32(7)", ""},
		{"short request", families.ProtoRoute, le.msg(hdr{typ: 18, flags: 1}, []byte{2}), "T_GET", "tiny{fam=2} _3", ""},
		{"short request with padding", families.ProtoRoute, le.msg(hdr{typ: 18, flags: 1}, []byte{2, 0, 0, 0}), "T_GET", "tiny{fam=2} _3", ""},
		{"short request with more", families.ProtoRoute, le.msg(hdr{typ: 18, flags: 1}, []byte{2, 0, 0, 0, 1, 1}), "T_GET", "tiny{fam=2} _3 !0101 _2", "msg.payload"},
		{"short reply", families.ProtoRoute, le.msg(hdr{typ: 16}, []byte{2, 0, 0, 0}), "T_NEW", "fixed{fam=2 kind=0 _2}", "header.short"},
		{"reply without a header", families.ProtoRoute, le.msg(hdr{typ: 16}), "T_NEW", "fixed{}", "header.short"},
		{"payload that is a struct", families.ProtoRoute, le.msg(hdr{typ: 24}, le.u16(1), le.u16(0), le.u32(2)), "T_VALUE", "x=1 _2 y=2", ""},
		{"message without a body", families.ProtoRoute, le.msg(hdr{typ: 28}), "T_NOTHING", "", ""},
		{"body where there should be none", families.ProtoRoute, le.msg(hdr{typ: 28}, le.u32(0)), "T_NOTHING", "?00000000", "msg.payload"},
		{"body that no variant is for", families.ProtoRoute, le.msg(hdr{typ: 32}, le.u32(0)), "T_ASKED", "?00000000", "msg.body_unknown"},
		{"header only, and more", families.ProtoRoute, le.msg(hdr{typ: 36}, header, le.u32(1)), "T_HEAD", fixed + " !01000000", "msg.payload"},
		{"a dump's request", families.ProtoRoute, le.msg(hdr{typ: 40, flags: 0x301}, le.attr(1, le.u32(7))), "T_DUMPED", "I_U32(7)", ""},
		{"a dump's reply", families.ProtoRoute, le.msg(hdr{typ: 40, flags: 2}, le.attr(1, le.u32(7))), "T_DUMPED", "I_U32(7)", ""},
		{"no dump", families.ProtoRoute, le.msg(hdr{typ: 40, flags: 1}, le.attr(2, le.u32(7))), "T_DUMPED", "T_U32(7)", ""},

		{"unknown type", families.ProtoRoute, le.msg(hdr{typ: 999}, le.u32(7)), "?", "?07000000", "msg.type_unknown"},
		{"unknown protocol", 200, le.msg(hdr{typ: 16}, le.u32(7)), "?", "?07000000", "msg.type_unknown"},
		{"no-op", families.ProtoRoute, le.msg(hdr{typ: 1}, le.u32(7)), "?", "?07000000", ""},
		{"overrun", families.ProtoRoute, le.msg(hdr{typ: 4}), "?", "", ""},
		{"control type that was never given out", families.ProtoRoute, le.msg(hdr{typ: 9}), "?", "", "msg.type_unknown"},

		{"route type 16", families.ProtoRoute, le.msg(hdr{typ: 16}, header), "T_NEW", fixed, ""},
		{"netfilter type 16", families.ProtoNetfilter, le.msg(hdr{typ: 16, flags: 1}, []byte{0, 0, 0, 10}), "NFNL_MSG_BATCH_BEGIN",
			"nfgenmsg{nfgen_family=0 version=0 res_id=10}", ""},
		{"generic type 16", families.ProtoGeneric, le.msg(hdr{typ: 16, flags: 1}, genl(3, 1), le.attr(2, str("x"))), "CTRL_CMD_GETFAMILY", `CTRL_ATTR_FAMILY_NAME("x\x00" _2)`, ""},
		{"connector type 3", families.ProtoConnector, le.msg(hdr{typ: 3}, le.u32(1), le.u32(1)), "CN_MSG", "cn_msg{idx=1 val=1}", ""},
		{"route type 3", families.ProtoRoute, le.msg(hdr{typ: 3, flags: 2}, le.u32(0)), "errno 0", "nlmsgdone{error=0}", ""},

		{"generic request", families.ProtoGeneric, le.msg(hdr{typ: 30, flags: 1}, genl(1, 1), le.attr(1, le.u32(7))), "G_CMD_ASK", "G_U32(7)", ""},
		{"generic reply of the same number", families.ProtoGeneric, le.msg(hdr{typ: 30}, genl(1, 1), le.attr(1, le.u32(7))), "G_CMD_TELL", "G_U32(7)", ""},
		{"generic command nobody knows", families.ProtoGeneric, le.msg(hdr{typ: 30}, genl(99, 1), le.attr(1, le.u32(7))), "?", "#1(?07000000)", "genl.cmd_unknown"},
		{"generic family that nobody described", families.ProtoGeneric, le.msg(hdr{typ: 31}, genl(1, 1), le.attr(1, le.u32(7))), "?", "#1(?07000000)", ""},
		{"generic family that nobody named", families.ProtoGeneric, le.msg(hdr{typ: 32}, genl(1, 1), le.u32(0)), "?", "?00000000", "genl.family_unknown"},
		{"generic header too short", families.ProtoGeneric, le.msg(hdr{typ: 30}, []byte{1, 1}), "?", "?0101 _2", "genl.short"},
		{"generic header with more than nothing in it", families.ProtoGeneric, le.msg(hdr{typ: 30, flags: 1}, []byte{1, 1, 2, 0}), "G_CMD_ASK", "", "genl.reserved"},

		{"nlmsg_len too small", families.ProtoRoute, le.msg(hdr{typ: 16, length: 15}, header), "?", "?0200000005000000", "msg.len"},
		{"nlmsg_len past the end", families.ProtoRoute, le.msg(hdr{typ: 16, length: 1 << 31}, header), "T_NEW", fixed, "msg.past_end"},
		{"padding not zero", families.ProtoRoute, append(le.msg(hdr{typ: 16, length: 25}, header), 0, 1, 0, 0), "T_NEW", fixed + " !00 _3", "attr.trailing msg.padding"},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := frame(c.proto, c.msg)
			in.IDs = gentest()
			tree := decode(t, dissect.New(fullDB(t)), in)
			if len(tree.Msgs) != 1 {
				t.Fatalf("%d messages", len(tree.Msgs))
			}
			if got := nameOf(&tree.Msgs[0]); got != c.is {
				t.Errorf("taken for %s, want %s", got, c.is)
			}
			if got := bodyOf(tree, 0); got != c.body {
				t.Errorf("got  %s\nwant %s", got, c.body)
			}
			if got := codesOf(tree); got != c.codes {
				t.Errorf("findings %q, want %q", got, c.codes)
			}
		})
	}
}

// TestLinkBySize: RTM_GETLINK and its like are sent with one byte or with a
// whole header.
func TestLinkBySize(t *testing.T) {
	d := dissect.New(families.Embedded())
	for _, c := range []struct {
		body []byte
		want string
	}{
		{[]byte{17}, "rtgenmsg"},
		{[]byte{17, 0, 0, 0}, "rtgenmsg"},
		{make([]byte, 16), "ifinfomsg"},
		{append(make([]byte, 16), le.attr(29, le.u32(1))...), "ifinfomsg"},
	} {
		tree := decode(t, d, frame(families.ProtoRoute, le.msg(hdr{typ: 18, flags: 0x301}, c.body)))
		if m := tree.Msgs[0]; m.Body == nil || m.Body.Header == nil || m.Body.Header.Name != c.want {
			t.Errorf("%d bytes: body %+v, want header %s", len(c.body), m.Body, c.want)
		}
		if len(tree.Findings) > 0 {
			t.Errorf("%d bytes: %s", len(c.body), texts(tree))
		}
	}
}

// TestManyMessages: a datagram can hold many, requests too, and what is wrong
// with one does not hurt the others.
func TestManyMessages(t *testing.T) {
	d := dissect.New(fullDB(t))
	bare := func(seq uint32, body ...[]byte) []byte { return le.msg(hdr{typ: tBare, flags: 1, seq: seq}, body...) }
	tree := decode(t, d, frame(families.ProtoRoute, bare(1, le.attr(1, []byte{1})), bare(2, le.rawAttr(99, 2)), bare(3), bare(4, le.attr(2, le.u32(7))), []byte{1, 2, 3, 4}))
	if got := codesOf(tree); got != "attr.past_end attr.size frame.trailing" {
		t.Errorf("findings %s", got)
	}
	for i, want := range []string{"T_U8(1 _3)", "T_U32()", "", "T_U32(7)"} {
		if got := bodyOf(tree, i); got != want || tree.Msgs[i].Seq != uint32(i+1) {
			t.Errorf("message %d: %s, want %s", i, got, want)
		}
	}
	// Behind a length that cannot be, nothing is found any more.
	tree = decode(t, d, frame(families.ProtoRoute, bare(1), le.msg(hdr{typ: tBare, length: 4}), bare(3)))
	if len(tree.Msgs) != 2 || codesOf(tree) != "msg.len" {
		t.Errorf("%d messages, findings %s", len(tree.Msgs), codesOf(tree))
	}
}

func TestLink(t *testing.T) {
	d := dissect.New(fullDB(t))
	ether := append(cooked(0), le.msg(hdr{typ: 28})...)
	ether[2], ether[3] = 0, 1
	uevent := append(cooked(families.ProtoUevent), "add@/devices/x\x00ACTION=add\x00"...)
	for _, c := range []struct {
		name    string
		data    []byte
		orig    int
		codes   string
		outline string
		msgs    int
	}{
		{"nothing", nil, 0, "link.short", "", 0},
		{"half a header", cooked(0)[:9], 9, "link.short", "?000403380000000000", 0},
		{"header only", cooked(0), 16, "", "cooked", 0},
		{"another hardware type", ether, len(ether), "link.type", "cooked ?100000001c0000000000000000000000", 0},
		{"a uevent is no message", uevent, len(uevent), "", "cooked ?" + fmt.Sprintf("%x", uevent[16:]), 0},
		{"cut in the message header", append(cooked(0), 20, 0, 0, 0), 200, "frame.truncated", "cooked !14000000", 0},
		{"cut in the body", append(cooked(0), le.msg(hdr{typ: tBare, length: 100}, le.attr(2, le.u32(7)))...), 200, "frame.truncated", "cooked msg", 1},
		{"cut in an attribute", append(cooked(0), le.msg(hdr{typ: tBare, length: 100}, le.rawAttr(60, 3, []byte("some")))...), 200, "frame.truncated", "cooked msg", 1},
		{"cut in an array", append(cooked(0), le.msg(hdr{typ: tBare, length: 100}, le.rawAttr(60, 8, le.rawAttr(40, 1, le.u32(7))))...), 200, "frame.truncated", "cooked msg", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			tree := decode(t, d, &dissect.Input{Number: 1, Data: c.data, OrigLen: c.orig})
			got := ""
			for i := int32(0); i < int32(len(tree.Nodes)); i = tree.Nodes[i].End {
				switch n := &tree.Nodes[i]; n.Kind {
				case dissect.KindLink:
					got += "cooked "
				case dissect.KindMessage:
					got += "msg "
				default:
					got += outline(tree, i, i+1) + " "
				}
			}
			if c.outline != "" {
				c.outline += " "
			}
			if got != c.outline || len(tree.Msgs) != c.msgs {
				t.Errorf("got %q and %d messages, want %q and %d", got, len(tree.Msgs), c.outline, c.msgs)
			}
			if got := codesOf(tree); got != c.codes {
				t.Errorf("findings %q, want %q", got, c.codes)
			}
		})
	}
}

// TestFlags: the upper bits mean what the message's class says.
func TestFlags(t *testing.T) {
	d := dissect.New(fullDB(t))
	for _, c := range []struct {
		proto byte
		h     hdr
		body  []byte
		want  string // the set's name
		codes string
	}{
		{families.ProtoRoute, hdr{typ: 16, flags: 0x501}, make([]byte, 8), "nlm-new", ""},
		{families.ProtoRoute, hdr{typ: 17, flags: 0x301}, make([]byte, 8), "nlm-del", ""},
		{families.ProtoRoute, hdr{typ: 17, flags: 0x501}, make([]byte, 8), "nlm-del", "msg.flags_unknown"},
		{families.ProtoRoute, hdr{typ: 18, flags: 0x701}, make([]byte, 8), "nlm-get", ""},
		{families.ProtoRoute, hdr{typ: 19, flags: 0x101}, make([]byte, 8), "nlm-flags", "msg.flags_unknown"},
		{families.ProtoRoute, hdr{typ: 16, flags: 0x32}, make([]byte, 8), "nlm-new", ""},
		{families.ProtoRoute, hdr{typ: 16, flags: 0x1000}, make([]byte, 8), "nlm-new", "msg.flags_unknown"},
		{families.ProtoRoute, hdr{typ: 2, flags: 0x300}, make([]byte, 20), "nlm-ack", ""},
		{families.ProtoRoute, hdr{typ: 3, flags: 0x202}, make([]byte, 4), "nlm-ack", ""},
		{families.ProtoConnector, hdr{typ: 3}, make([]byte, 8), "nlm-flags", ""},
		{families.ProtoGeneric, hdr{typ: 30, flags: 0x301}, genl(1, 1), "nlm-get", ""}, // a dump, whatever the command's name
		{families.ProtoGeneric, hdr{typ: 30, flags: 0x305}, genl(99, 1), "nlm-get", "genl.cmd_unknown"},
		{families.ProtoGeneric, hdr{typ: 30, flags: 0x505}, genl(99, 1), "nlm-flags", "genl.cmd_unknown"},
		{families.ProtoRoute, hdr{typ: 999, flags: 0x505}, nil, "nlm-flags", "msg.type_unknown"}, // who knows what it means
		{families.ProtoRoute, hdr{typ: 999, flags: 0x1005}, nil, "nlm-flags", "msg.flags_unknown msg.type_unknown"},
	} {
		in := frame(c.proto, le.msg(c.h, c.body))
		in.IDs = gentest()
		tree := decode(t, d, in)
		if m := tree.Msgs[0]; m.FlagSet.Name != c.want || codesOf(tree) != c.codes {
			t.Errorf("protocol %d, %+v: %s with findings %q, want %s with %q", c.proto, c.h, m.FlagSet.Name, codesOf(tree), c.want, c.codes)
		}
	}
}

// TestAddressFamily: the family in the header says how the addresses behind it
// are read.
func TestAddressFamily(t *testing.T) {
	d := dissect.New(fullDB(t))
	af := func(tree *dissect.Tree, name string) []uint8 {
		var out []uint8
		for i := range tree.Nodes {
			if n := &tree.Nodes[i]; n.Kind == dissect.KindValue && n.Field != nil && n.Field.Name == name {
				out = append(out, n.AF)
			}
		}
		return out
	}
	fixed := func(fam byte) []byte { return cat([]byte{fam, 0, 0, 0}, le.u32(0)) }
	addr, inner := le.attr(25, le.u32(1)), le.attr(22, fixed(28), le.attr(5, le.u32(1)))
	tree := decode(t, d, frame(families.ProtoRoute,
		le.msg(hdr{typ: 16}, fixed(2), addr, inner, addr), le.msg(hdr{typ: tBare}, addr)))
	if got := af(tree, "T_ADDR"); fmt.Sprint(got) != "[2 2 0]" {
		t.Errorf("families of the addresses: %v, want 2, 2 behind the inner header, and 0 in the next message", got)
	}
	if got := af(tree, "I_ADDR"); fmt.Sprint(got) != "[28]" {
		t.Errorf("family of the inner address: %v, want 28", got)
	}
}
