package dissect_test

import (
	"testing"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/pcaptest"
)

func TestCount(t *testing.T) {
	d := dissect.New(fullDB(t))
	const head = 16
	for _, c := range []struct {
		name string
		in   *dissect.Input
		want dissect.Coverage
	}{
		{"described", frame(families.ProtoRoute, le.msg(hdr{typ: tBare}, le.attr(2, le.u32(7)), le.attr(1, []byte{1}))),
			dissect.Coverage{Messages: 1, Attrs: 2, Bytes: head + 8 + 8}},
		{"binary", frame(families.ProtoRoute, le.msg(hdr{typ: tBare}, le.attr(44, le.u32(7)))),
			dissect.Coverage{Messages: 1, Attrs: 1, Bytes: head + 8, OpaqueBytes: 4}},
		{"unknown, its nest not counted", frame(families.ProtoRoute, le.msg(hdr{typ: tBare}, le.attr(99, le.attr(1, le.u32(7))))),
			dissect.Coverage{Messages: 1, UnknownAttrs: 1, Bytes: head, UnknownBytes: 12}},
		{"unknown in what is known", frame(families.ProtoRoute, le.msg(hdr{typ: tBare}, le.attr(4, le.attr(99, le.u32(7)), le.attr(1, le.u32(7))))),
			dissect.Coverage{Messages: 1, Attrs: 2, UnknownAttrs: 1, Bytes: head + 4 + 8, UnknownBytes: 8}},
		{"too long", frame(families.ProtoRoute, le.msg(hdr{typ: tBare}, le.attr(2, le.u64(7)))),
			dissect.Coverage{Messages: 1, Attrs: 1, Bytes: head + 8, UnknownBytes: 4}},
		{"trailing", frame(families.ProtoRoute, le.msg(hdr{typ: tBare}), []byte{1, 2, 3, 4}),
			dissect.Coverage{Messages: 1, Bytes: head, UnknownBytes: 4, TrailingBytes: 4}},
		{"the echoed request is a message too", frame(families.ProtoRoute, errno(capped, 0, request[:16])),
			dissect.Coverage{Messages: 2, Bytes: head + 4 + head}},
	} {
		tree := decode(t, d, c.in)
		first := tree.Nodes[0].End // behind the cooked header, which is nobody's
		got := tree.Count(first, int32(len(tree.Nodes)))
		if got.Bytes+got.UnknownBytes != len(c.in.Data)-16 {
			t.Errorf("%s: %d bytes counted of %d", c.name, got.Bytes+got.UnknownBytes, len(c.in.Data)-16)
		}
		if got != c.want {
			t.Errorf("%s: got  %+v\nwant %+v", c.name, got, c.want)
		}
		whole := tree.Count(0, int32(len(tree.Nodes)))
		got.Add(tree.Count(0, first))
		if got != whole {
			t.Errorf("%s: the parts sum up to %+v, the whole is %+v", c.name, got, whole)
		}
	}
}

// TestCoverageCaptures counts every byte of the captures once, and holds what
// the embedded descriptions explain of the families that every system uses.
func TestCoverageCaptures(t *testing.T) {
	db := families.Embedded()
	for _, name := range pcaptest.Names {
		d := dissect.New(db)
		var sum dissect.Coverage
		size := 0
		for _, in := range pcaptest.Inputs(t, name, dissect.NewSession(dissect.OrderAuto)) {
			tree := decode(t, d, &in)
			sum.Add(tree.Count(0, int32(len(tree.Nodes))))
			size += len(in.Data)
		}
		if sum.Bytes+sum.UnknownBytes != size {
			t.Errorf("%s: %d of %d bytes are counted", name, sum.Bytes+sum.UnknownBytes, size)
		}
		share := 100 * float64(sum.Bytes) / float64(size)
		t.Logf("%-14s %6.2f %% of %7d bytes", name, share, size)
		if want := explained[name]; share < want {
			t.Errorf("%s: %.2f %% explained, want %.2f %% at least", name, share, want)
		}
	}
}

// explained is the least share in percent of the bytes of a capture that the
// embedded descriptions have to explain, by capture.
var explained = map[string]float64{
	"bird": 99.9, "ethtool_all": 99.9, "genl_misc": 98, "route_addrs": 99.9, "route_links": 99.9,
	"tc_all": 99, "uevent_all": 99.9, "userspace_peer": 99.5, "wireguard": 99.9,
}
