package dissect_test

import (
	"testing"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/pcaptest"
)

// both is the same message in either order.
func both(w wire) []byte {
	return w.msg(hdr{typ: tBare, flags: 1, seq: 0x01020304, portid: 7}, w.attr(2, w.u32(7)), w.attr(14, be.u32(9)), w.attr(4, w.attr(1, w.u32(8))))
}

func TestByteOrder(t *testing.T) {
	d := dissect.New(fullDB(t))
	cut := func(w wire) *dissect.Input { // the first message was longer than what was captured
		in := frame(families.ProtoRoute, w.msg(hdr{typ: tBare, flags: 1, length: 600}, w.attr(2, w.u32(7))))
		in.OrigLen = 616
		return in
	}
	ether := frame(families.ProtoRoute, be.msg(hdr{typ: 16}))
	ether.Data[2], ether.Data[3] = 0, 1
	for _, c := range []struct {
		name   string
		option dissect.OrderOption
		first  *dissect.Input
		second *dissect.Input
		want   [2]bool
	}{
		{"little-endian", dissect.OrderAuto, frame(families.ProtoRoute, both(le)), frame(families.ProtoRoute, both(le)), [2]bool{false, false}},
		{"big-endian", dissect.OrderAuto, frame(families.ProtoRoute, both(be)), frame(families.ProtoRoute, both(be)), [2]bool{true, true}},
		{"two hosts", dissect.OrderAuto, frame(families.ProtoRoute, both(be)), frame(families.ProtoRoute, both(le)), [2]bool{true, false}},
		{"two hosts, the second's is cut", dissect.OrderAuto, frame(families.ProtoRoute, both(le)), cut(be), [2]bool{false, true}},
		{"a length that fits in neither order", dissect.OrderAuto, frame(families.ProtoRoute, both(be)), frame(families.ProtoRoute, le.msg(hdr{typ: tBare, length: 99})), [2]bool{true, true}},
		{"lengths that do not fit up to the end", dissect.OrderAuto, frame(families.ProtoRoute, both(be)), frame(families.ProtoRoute, both(le), le.u32(9)), [2]bool{true, true}},
		{"less than a header", dissect.OrderAuto, frame(families.ProtoRoute, both(be)), frame(families.ProtoRoute, le.u32(4)), [2]bool{true, true}},
		{"told", dissect.OrderLittle, frame(families.ProtoRoute, both(be)), frame(families.ProtoRoute, both(be)), [2]bool{false, false}},
		{"told otherwise", dissect.OrderBig, frame(families.ProtoRoute, both(le)), frame(families.ProtoRoute, both(le)), [2]bool{true, true}},
		{"the first says nothing", dissect.OrderAuto, frame(families.ProtoRoute), frame(families.ProtoRoute, both(be)), [2]bool{false, true}},
		{"the first is a uevent", dissect.OrderAuto, frame(families.ProtoUevent, le.msg(hdr{})), frame(families.ProtoRoute, both(be)), [2]bool{false, true}},
		{"the first is no netlink", dissect.OrderAuto, ether, frame(families.ProtoRoute, both(le)), [2]bool{false, false}},
		{"captured in part, big", dissect.OrderAuto, cut(be), frame(families.ProtoRoute, both(be)), [2]bool{true, true}},
		{"captured in part, little", dissect.OrderAuto, cut(le), frame(families.ProtoRoute, both(be)), [2]bool{false, true}},
	} {
		s := dissect.NewSession(c.option)
		for i, in := range []*dissect.Input{c.first, c.second} {
			s.Prepare(in, 0)
			if in.Big != c.want[i] {
				t.Errorf("%s: frame %d: big %v, want %v", c.name, i+1, in.Big, c.want[i])
			}
			if tree := decode(t, d, in); tree.Big != c.want[i] {
				t.Errorf("%s: frame %d: decoded as big %v", c.name, i+1, tree.Big)
			}
		}
	}
}

// TestTwoHosts: hosts whose captures were merged into one section have families of
// their own, also where the capture is read in parts.
func TestTwoHosts(t *testing.T) {
	name := func(w wire, id uint16, name string) *dissect.Input {
		return frame(families.ProtoGeneric, w.msg(hdr{typ: 16}, genl(1, 2), w.attr(1, w.u16(id)), w.attr(2, str(name))))
	}
	frames := []*dissect.Input{name(le, 30, "nlctrl2"), name(be, 30, "ethtool"), name(le, 31, "devlink"), name(be, 31, "nl80211")}
	want := map[bool][2]string{false: {"nlctrl2", "devlink"}, true: {"ethtool", "nl80211"}}
	check := func(how string, s *dissect.Session) {
		t.Helper()
		for _, w := range []wire{le, be} {
			in := frame(families.ProtoGeneric, w.msg(hdr{typ: 30, flags: 1}, genl(1, 1)))
			in.Number = 9
			s.Prepare(in, 0)
			if got := [2]string{in.IDs.Name(30, 9), in.IDs.Name(31, 9)}; got != want[in.Big] {
				t.Errorf("%s: big %v: %q, want %q", how, in.Big, got, want[in.Big])
			}
		}
	}
	whole := dissect.NewSession(dissect.OrderAuto)
	for i, in := range frames {
		in.Number = i + 1
		whole.Prepare(in, 0)
	}
	check("in one go", whole)
	check("again", whole.Fork())
	joined := dissect.NewSession(dissect.OrderAuto)
	joined.Prepare(frames[0], 0)
	part := joined.Branch()
	for i, in := range frames[1:] {
		in.Number = i + 1
		part.Glance(in, 0)
		part.HearFamilies(in)
	}
	joined.JoinFamilies(part, 1)
	check("in parts", joined)
}

// TestOrderCaptured: nothing that a host really sends looks as if it came from
// another.
func TestOrderCaptured(t *testing.T) {
	for _, name := range pcaptest.Names {
		for _, in := range pcaptest.Inputs(t, name, dissect.NewSession(dissect.OrderAuto)) {
			if in.Big {
				t.Errorf("%s: frame %d is big-endian", name, in.Number)
			}
		}
	}
}

// TestOrderBySection: a section is one host's.
func TestOrderBySection(t *testing.T) {
	s := dissect.NewSession(dissect.OrderAuto)
	for i, w := range []wire{le, be, le} {
		in := frame(families.ProtoRoute, both(w))
		s.Prepare(in, i)
		if want := i == 1; in.Big != want {
			t.Errorf("section %d: big %v, want %v", i, in.Big, want)
		}
	}
}

// TestBigEndian: the same message means the same in either order.
func TestBigEndian(t *testing.T) {
	d := dissect.New(fullDB(t))
	var want string
	for _, w := range []wire{le, be} {
		in := frame(families.ProtoRoute, both(w))
		dissect.NewSession(dissect.OrderAuto).Prepare(in, 0)
		tree := decode(t, d, in)
		if len(tree.Findings) > 0 {
			t.Error(texts(tree))
		}
		got := outline(tree, tree.Msgs[0].Node, int32(len(tree.Nodes)))
		if want == "" {
			want = got
		}
		if got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		if m := tree.Msgs[0]; m.Seq != 0x01020304 || m.Message.Name != "T_BARE" {
			t.Errorf("%+v", m)
		}
	}
	// An error with everything in it, too.
	req := both(be)
	in := frame(families.ProtoRoute, be.msg(hdr{typ: 2, flags: tlvs}, be.u32(0xffffffea), req, be.attr(1, str("bad")), be.attr(2, be.u32(16))))
	in.Big = true
	if m := decode(t, d, in).Msgs[0]; m.Errno != -22 || steps(m.ExtAck.Path) != "T_U32" || m.ExtAck.Text < 0 {
		t.Errorf("%+v", m)
	}
}
