package dissect_test

import (
	"testing"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
)

// family is what the controller says of one.
func family(cmd byte, id uint16, name string) []byte {
	return le.msg(hdr{typ: 16}, genl(cmd, 2), le.attr(2, str(name)), le.attr(1, le.u16(id)))
}

const newFamily, delFamily = 1, 2

// tell runs frames of one message each through a session.
func tell(s *dissect.Session, proto byte, msgs ...[]byte) []*dissect.Input {
	var out []*dissect.Input
	for i, m := range msgs {
		in := frame(proto, m)
		in.Number = i + 1
		s.Prepare(in, 0)
		out = append(out, in)
	}
	return out
}

// TestFamilyIDs: a generic family's id means what it meant at that time.
func TestFamilyIDs(t *testing.T) {
	d := dissect.New(fullDB(t))
	use := le.msg(hdr{typ: 30, flags: 1}, genl(1, 1))
	msgs := [][]byte{
		use,                              // 1: nobody knows yet
		family(newFamily, 30, "gentest"), // 2
		use,                              // 3
		family(delFamily, 30, "gentest"), // 4
		use,                              // 5: what speaks of its end
		family(newFamily, 30, "other"),   // 6: the id again
		use,                              // 7
		family(newFamily, 30, "gentest"), // 8: the kernel renames no family
		use,                              // 9
		family(delFamily, 30, "other"),   // 10
		family(newFamily, 30, "gentest"), // 11
		use,                              // 12
	}
	names := func(inputs []*dissect.Input) []string {
		var out []string
		for _, in := range inputs {
			if m := &decode(t, d, in).Msgs[0]; m.Type == 30 {
				out = append(out, m.GenlName)
			}
		}
		return out
	}
	check := func(pass string, got []string, want ...string) {
		t.Helper()
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("%s: the id's use no. %d is %q, want %q", pass, i+1, got[i], want[i])
			}
		}
	}
	s := dissect.NewSession(dissect.OrderAuto)
	inputs := tell(s, families.ProtoGeneric, msgs...)
	want := []string{"", "gentest", "gentest", "other", "other", "gentest"}
	check("decoded after all was prepared", names(inputs), want...)

	s = dissect.NewSession(dissect.OrderAuto)
	var live []string
	for i, m := range msgs {
		in := frame(families.ProtoGeneric, m)
		in.Number = i + 1
		s.Prepare(in, 0)
		live = append(live, names([]*dissect.Input{in})...)
	}
	check("decoded one by one", live, want...)

	s.Complete()
	want[0] = "gentest"
	check("second pass", names(tell(s, families.ProtoGeneric, msgs...)), want...)
}

// TestFamilyIDsWhere: what teaches an id, and what does not.
func TestFamilyIDsWhere(t *testing.T) {
	with := func(h hdr, body ...[]byte) []byte { return le.msg(h, body...) }
	name, id := le.attr(2, str("gentest")), le.attr(1, le.u16(30))
	for _, c := range []struct {
		what  string
		proto byte
		msg   []byte
		want  string
	}{
		{"a notification", families.ProtoGeneric, with(hdr{typ: 16}, genl(1, 2), name, id), "gentest"},
		{"in any order", families.ProtoGeneric, with(hdr{typ: 16}, genl(1, 2), id, name), "gentest"},
		{"a part of a dump that nobody asked for", families.ProtoGeneric, with(hdr{typ: 16, flags: 2}, genl(1, 2), name, id), ""},
		{"a name as long as the kernel's longest", families.ProtoGeneric, with(hdr{typ: 16}, genl(1, 2), le.attr(2, str("fifteen_letters")), id), "fifteen_letters"},
		{"a longer name", families.ProtoGeneric, with(hdr{typ: 16}, genl(1, 2), le.attr(2, str("sixteen__letters")), id), ""},
		{"not the first in its frame", families.ProtoGeneric, append(with(hdr{typ: 30}, genl(1, 1)), with(hdr{typ: 16}, genl(1, 2), name, id)...), "gentest"},
		{"a request", families.ProtoGeneric, with(hdr{typ: 16, flags: 1}, genl(1, 2), name, id), ""},
		{"another command", families.ProtoGeneric, with(hdr{typ: 16}, genl(3, 2), name, id), ""},
		{"another protocol", families.ProtoRoute, with(hdr{typ: 16}, genl(1, 2), name, id), ""},
		{"another family", families.ProtoGeneric, with(hdr{typ: 17}, genl(1, 2), name, id), ""},
		{"without an id", families.ProtoGeneric, with(hdr{typ: 16}, genl(1, 2), name), ""},
		{"without a name", families.ProtoGeneric, with(hdr{typ: 16}, genl(1, 2), id), ""},
		{"an id of the wrong size", families.ProtoGeneric, with(hdr{typ: 16}, genl(1, 2), name, le.attr(1, le.u32(30))), ""},
		{"cut short", families.ProtoGeneric, with(hdr{typ: 16, length: 99}, genl(1, 2), name, le.rawAttr(6, 1)), ""},
		{"no attributes at all", families.ProtoGeneric, with(hdr{typ: 16}, []byte{1, 2}), ""},
	} {
		s := dissect.NewSession(dissect.OrderAuto)
		in := tell(s, c.proto, c.msg)[0]
		if got := in.IDs.Name(30, 1); got != c.want {
			t.Errorf("%s: %q, want %q", c.what, got, c.want)
		}
	}
}

func TestLinkNames(t *testing.T) {
	link := func(typ, flags uint16, index uint32, name string) []byte {
		return le.msg(hdr{typ: typ, flags: flags}, make([]byte, 4), le.u32(index), make([]byte, 8), le.attr(3, str(name)))
	}
	s := dissect.NewSession(dissect.OrderAuto)
	in := tell(s, families.ProtoRoute,
		link(16, 0, 5, "eth0"), // 1
		link(16, 0, 5, "lan"),  // 2: renamed
		link(16, 1, 6, "ask"),  // 3: a request is a wish
		link(17, 0, 7, "gone"), // 4
		link(16, 0, 8, "")[:40],
	)
	for _, c := range []struct {
		index uint32
		frame int
		want  string
	}{{5, 1, "eth0"}, {5, 2, "lan"}, {5, 9, "lan"}, {5, 0, ""}, {6, 9, ""}, {7, 9, ""}, {8, 9, ""}} {
		if got := in[0].Links.Name(c.index, c.frame); got != c.want {
			t.Errorf("interface %d at frame %d: %q, want %q", c.index, c.frame, got, c.want)
		}
	}
	s.Complete()
	if got := in[0].Links.Name(5, 0); got != "eth0" {
		t.Errorf("second pass: %q, want eth0", got)
	}
}

// TestSectionsApart: ids and interfaces are a host's own.
func TestSectionsApart(t *testing.T) {
	s := dissect.NewSession(dissect.OrderAuto)
	var in [2]*dissect.Input
	for i, name := range []string{"gentest", "other"} {
		in[i] = frame(families.ProtoGeneric, family(newFamily, 30, name))
		s.Prepare(in[i], i)
	}
	if a, b := in[0].IDs.Name(30, 1), in[1].IDs.Name(30, 1); a != "gentest" || b != "other" {
		t.Errorf("%q and %q", a, b)
	}
}

// TestRemembered: an answer that does not echo its request is explained by the
// request that was seen before.
func TestRemembered(t *testing.T) {
	d := dissect.New(fullDB(t))
	dump := le.msg(hdr{typ: tBare, flags: 0x305, seq: 9}, le.attr(1, []byte{5}), le.attr(2, le.u32(7)))
	other := le.msg(hdr{typ: 17, flags: 5, seq: 9, portid: 7}, make([]byte, 8))
	ack := errno(capped|tlvs, -22, asked[:16], offs(36))
	end := done(tlvs, -22, offs(24))
	many := make([][]byte, 0, 140)
	for i := range 140 {
		many = append(many, le.msg(hdr{typ: tBare, flags: 1, seq: uint32(1000 + i)}))
	}
	huge := le.msg(hdr{typ: 16, flags: 5, seq: 9, portid: 7}, make([]byte, 8), le.attr(1, make([]byte, 1<<15)))
	for _, c := range []struct {
		name string
		msgs [][]byte
		want string
	}{
		{"before", [][]byte{asked, ack}, "T_NEST/I_U32"},
		{"some time before", [][]byte{asked, other, dump, ack}, "T_NEST/I_U32"},
		{"too long ago", append(append([][]byte{asked}, many...), ack), ""},
		{"never", [][]byte{other, ack}, ""},
		{"too large", [][]byte{huge, errno(capped|tlvs, -22, huge[:16], offs(16))}, ""},
		{"the end of a dump", [][]byte{dump, other, end}, "T_U32"},
		{"the end of another dump", [][]byte{le.msg(hdr{typ: tBare, flags: 0x305, seq: 8}, le.attr(1, []byte{5})), end}, ""},
		{"the end of another's dump", [][]byte{le.msg(hdr{typ: tBare, flags: 0x305, seq: 9, portid: 8}, le.attr(1, []byte{5})), end}, ""},
		{"two in a frame, the request among them", [][]byte{append(append([]byte(nil), other...), asked...), ack}, "T_NEST/I_U32"},
	} {
		s := dissect.NewSession(dissect.OrderAuto)
		inputs := tell(s, families.ProtoRoute, c.msgs...)
		x := decode(t, d, inputs[len(inputs)-1]).Msgs[0].ExtAck
		if got := steps(x.Path); got != c.want || x.FromMemory != (c.want != "") {
			t.Errorf("%s: path %q, from memory %v; want %q", c.name, got, x.FromMemory, c.want)
		}
	}
	// The same header in another protocol or section is another request.
	s := dissect.NewSession(dissect.OrderAuto)
	tell(s, families.ProtoNetfilter, asked)
	before := frame(families.ProtoRoute, asked)
	s.Prepare(before, 1)
	if in := tell(s, families.ProtoRoute, ack)[0]; in.Request != nil {
		t.Error("a request of another protocol or section is taken for the one")
	}
}

// TestPrepareAnything: a session learns nothing from what it cannot read, and
// ends.
func TestPrepareAnything(t *testing.T) {
	for _, data := range [][]byte{
		nil, cooked(0)[:5], cooked(0), append(cooked(0), 0, 0, 0, 0), append(cooked(0), make([]byte, 16)...),
		append(cooked(16), le.msg(hdr{typ: 16, length: 0xffffffff}, genl(1, 2))...),
		append(cooked(16), le.msg(hdr{typ: 16, length: 0xfffffffd})...),
	} {
		in := &dissect.Input{Number: 1, Data: data, OrigLen: len(data)}
		dissect.NewSession(dissect.OrderAuto).Prepare(in, 0)
		if in.IDs == nil || in.Links == nil || in.Request != nil {
			t.Errorf("% x: %+v", data, in)
		}
	}
}

// TestRecall: an answer to a generic request echoes only the nlmsghdr, which
// does not have the command.
func TestRecall(t *testing.T) {
	d := dissect.New(fullDB(t))
	s := dissect.NewSession(dissect.OrderAuto)
	req := le.msg(hdr{typ: 30, flags: 5, seq: 9, portid: 7}, genl(2, 1))
	dump := le.msg(hdr{typ: 30, flags: 0x305, seq: 9, portid: 7}, genl(99, 1))
	inputs := tell(s, families.ProtoGeneric, family(newFamily, 30, "gentest"), req, errno(capped, 0, req[:16]),
		errno(capped, 0, le.msg(hdr{typ: 30, flags: 5, seq: 10, portid: 7})), dump, errno(capped, -1, dump[:16]))
	if echo := decode(t, d, inputs[2]).Msgs[1]; echo.Message == nil || echo.Message.Name != "G_CMD_ADD" || echo.FlagSet.Name != "nlm-new" {
		t.Errorf("%+v", echo)
	}
	if echo := decode(t, d, inputs[3]).Msgs[1]; echo.Message != nil || echo.GenlName != "gentest" {
		t.Errorf("never asked, but taken for %+v", echo)
	}
	if echo := decode(t, d, inputs[5]).Msgs[1]; echo.Message != nil || echo.FlagSet.Name != "nlm-get" {
		t.Errorf("a dump nobody described: %+v", echo)
	}
}
