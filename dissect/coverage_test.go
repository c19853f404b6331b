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

// TestCoverageCaptures counts every byte of the captures once, and holds the
// embedded descriptions to explain what the messages in each of them hold, with
// next to nothing of it as bytes without a meaning.
func TestCoverageCaptures(t *testing.T) {
	db := families.Embedded()
	for _, name := range pcaptest.Names {
		d := dissect.New(db)
		var sum dissect.Coverage
		size := 0
		for _, in := range pcaptest.Inputs(t, name, dissect.NewSession(dissect.OrderAuto)) {
			tree := decode(t, d, &in)
			sum.Add(tree.Count(tree.Nodes[0].End, int32(len(tree.Nodes)))) // behind the cooked header
			size += len(in.Data) - int(tree.Nodes[0].Len)
		}
		if sum.Bytes+sum.UnknownBytes != size {
			t.Errorf("%s: %d of %d bytes are counted", name, sum.Bytes+sum.UnknownBytes, size)
		}
		explained, opaque := 100*float64(sum.Bytes)/float64(size), 100*float64(sum.OpaqueBytes)/float64(size)
		t.Logf("%-14s %6.2f %% of %7d bytes, %.3f %% opaque", name, explained, size, opaque)
		if explained < 99.9 {
			t.Errorf("%s: %.2f %% explained, want 99.9 %% at least", name, explained)
		}
		if opaque > 0.1 {
			t.Errorf("%s: %.3f %% are opaque, want 0.1 %% at most", name, opaque)
		}
	}
}
