package dissect_test

import (
	"testing"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
)

func offs(n uint32) []byte     { return le.attr(2, le.u32(n)) }
func missType(n uint32) []byte { return le.attr(5, le.u32(n)) }
func missNest(n uint32) []byte { return le.attr(6, le.u32(n)) }

// asked is a request with most of what an offset can point at: a header, a
// nest, a sub-message, an array.
var asked = le.msg(hdr{typ: 16, flags: 5, seq: 9, portid: 7},
	[]byte{2, 1, 0, 0}, le.u32(5), // 16: fixed
	le.attr(1, []byte{5}), // 24
	le.attr(4, le.attr(1, le.u32(7)), le.attr(4, le.attr(2, str("x")))), // 32: T_NEST, 36: I_U32, 44: I_NEST, 48: I_STR
	le.attr(9, le.attr(3, le.attr(1, le.u32(7)))),                       // 56: T_NESTS, 60: [3], 64: I_U32
	le.attr(7, le.attr(1, le.u32(7))),                                   // 72: T_DATA, 76: I_U32
	le.attr(6, str("deep")),                                             // 84
)

func TestPaths(t *testing.T) {
	for _, c := range []struct {
		name  string
		tlvs  []byte
		path  string
		miss  string
		codes string
	}{
		{"attribute", offs(24), "T_U8", "", ""},
		{"payload of an attribute", offs(28), "T_U8", "", ""},
		{"nest", offs(32), "T_NEST", "", ""},
		{"in a nest", offs(36), "T_NEST/I_U32", "", ""},
		{"in a nest in a nest", offs(48), "T_NEST/I_NEST/I_STR", "", ""},
		{"element", offs(60), "T_NESTS/3", "", ""},
		{"in an element", offs(64), "T_NESTS/3/I_U32", "", ""},
		{"in a sub-message", offs(76), "T_DATA/I_U32", "", ""},
		{"member of the family's header", offs(16), "fam", "", ""},
		{"another member", offs(20), "index", "", ""},
		{"member of the nlmsghdr", offs(4), "nlmsg_type", "", ""},
		{"behind the request", offs(200), "", "", "extack.offset"},
		{"at its end", offs(uint32(len(asked))), "", "", "extack.offset"},
		{"in the padding of a member", offs(18), "", "", ""},
		{"far behind it", offs(0xffffffff), "", "", "extack.offset"},
		{"missing at the top", missType(2), "", "T_U32", ""},
		{"missing in a nest", cat(missType(2), missNest(32)), "", "T_NEST/I_STR", ""},
		{"missing in an element", cat(missType(2), missNest(60)), "", "T_NESTS/3/I_STR", ""},
		{"missing in a sub-message", cat(missType(2), missNest(72)), "", "T_DATA/I_STR", ""},
		{"missing, nobody knows it", missType(99), "", "#99", ""},
		{"missing, beyond the attributes", missType(0x10002), "", "", ""},
		{"missing in what is no nest", cat(missType(2), missNest(24)), "", "T_U8/#2", ""},
		{"both", cat(offs(24), missType(2)), "T_U8", "T_U32", ""},
		{"a nest without a type", missNest(32), "", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := dissect.New(fullDB(t))
			check := func(in *dissect.Input, memory bool) {
				t.Helper()
				tree := decode(t, d, in)
				x := &tree.Msgs[0].ExtAck
				if got := steps(x.Path); got != c.path {
					t.Errorf("path %s, want %s", got, c.path)
				}
				if got := steps(x.Miss); got != c.miss {
					t.Errorf("missing %s, want %s", got, c.miss)
				}
				if got := codesOf(tree); got != c.codes {
					t.Errorf("findings %q, want %q", got, c.codes)
				}
				if memory && c.path+c.miss != "" && !x.FromMemory || !memory && x.FromMemory {
					t.Errorf("from memory: %v, want %v", x.FromMemory, memory)
				}
			}
			// Once with the request echoed, once remembered.
			check(frame(families.ProtoRoute, errno(tlvs, -22, asked, c.tlvs)), false)
			in := frame(families.ProtoRoute, errno(capped|tlvs, -22, asked[:16], c.tlvs))
			in.Request = asked
			check(in, true)
		})
	}
}

// TestPathOfAnother: an error must not be explained with the request of
// another, which has the same offsets but not the same meaning.
func TestPathOfAnother(t *testing.T) {
	d := dissect.New(fullDB(t))
	other := append([]byte(nil), asked...)
	other[8]++ // its sequence number
	in := frame(families.ProtoRoute, errno(capped|tlvs, -22, other[:16], offs(24)), errno(capped|tlvs, -22, asked[:16], offs(36)))
	in.Request = asked
	tree := decode(t, d, in)
	if got := steps(tree.Msgs[0].ExtAck.Path); got != "" {
		t.Errorf("the first error is explained with %s", got)
	}
	if got := steps(tree.Msgs[2].ExtAck.Path); got != "T_NEST/I_U32" {
		t.Errorf("the second error is explained with %s", got)
	}
	in.Request = nil
	if x := decode(t, d, in).Msgs[2].ExtAck; x.Path != nil || x.FromMemory || !x.HasOffs || x.Offs != 36 {
		t.Errorf("without the request: %+v", x)
	}
}

// TestOutsideOfRemembered: the finding about an offset outside of a remembered
// request belongs to the error, which can stand far behind in its frame.
func TestOutsideOfRemembered(t *testing.T) {
	d := dissect.New(fullDB(t))
	var msgs []byte
	for range 50 {
		msgs = append(msgs, le.msg(hdr{typ: 28})...)
	}
	in := frame(families.ProtoRoute, msgs, errno(capped|tlvs, -22, asked[:16], offs(999)))
	in.Request = asked
	tree := decode(t, d, in)
	if codesOf(tree) != "extack.offset" || tree.Findings[0].Off != uint32(16+len(msgs)) {
		t.Errorf("findings %+v", tree.Findings)
	}
}

// TestTLVs: each of the extended ACK's attributes, the last of two counts.
func TestTLVs(t *testing.T) {
	d := dissect.New(fullDB(t))
	tree := decode(t, d, frame(families.ProtoRoute, errno(tlvs, -22, request,
		le.attr(1, str("no")), le.attr(1, str("yes")), offs(16), le.attr(3, []byte{1, 2, 3, 4}), le.attr(4, le.attr(1, le.u32(4))), missType(3), missNest(24))))
	x := tree.Msgs[0].ExtAck
	if text := string(tree.Bytes(&tree.Nodes[x.Text])); text != "yes\x00" {
		t.Errorf("text %q", text)
	}
	if !x.HasOffs || x.Offs != 16 || !x.HasMiss || x.MissType != 3 || !x.HasNest || x.MissNest != 24 {
		t.Errorf("%+v", x)
	}
	if got := codesOf(tree); got != "attr.duplicate" {
		t.Errorf("findings %s", got)
	}
	// Where the number has another size, there is none.
	x = decode(t, d, frame(families.ProtoRoute, errno(tlvs, -22, request, le.attr(2, le.u16(16))))).Msgs[0].ExtAck
	if x.HasOffs {
		t.Error("an offset of two bytes is none")
	}
}
