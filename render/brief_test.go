package render

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/pcaptest"
)

// TestBrief: lines are the same of a tree without what lines do not show, and so is
// what is found, in whole frames, in cut ones, and in damaged ones.
func TestBrief(t *testing.T) {
	db := families.Embedded()
	for no, name := range pcaptest.Names {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(uint64(no), 1))
			full, brief := dissect.New(db), dissect.New(db)
			brief.Brief()
			p := NewLine(Options{})
			inputs := pcaptest.Inputs(t, name, dissect.NewSession(dissect.OrderAuto))
			for i := range inputs {
				data := inputs[i].Data
				damaged := slices.Clone(data)
				for range 1 + r.IntN(4) {
					damaged[r.IntN(len(damaged))] ^= 1 << r.IntN(8)
				}
				for _, data := range [][]byte{data, data[:len(data)*3/4], damaged} {
					in := inputs[i]
					in.Data = data
					checkBrief(t, p, full, brief, &in)
					in.OrigLen = len(data)
					checkBrief(t, p, full, brief, &in)
				}
			}
		})
	}
}

func checkBrief(t *testing.T, p Printer, full, brief *dissect.Dissector, in *dissect.Input) {
	t.Helper()
	a, b := full.Frame(in), brief.Frame(in)
	var out [2]string
	for k, tree := range []*dissect.Tree{a, b} {
		ev := Event{Tree: tree, Number: in.Number, Links: in.Links, OrigLen: in.OrigLen}
		out[k] = string(p.Frame(nil, &ev))
	}
	if out[0] != out[1] {
		t.Fatalf("frame %d:\n%s\nbrief:\n%s", in.Number, out[0], out[1])
	}
	same := func(x, y dissect.Finding) bool { x.Node, y.Node = 0, 0; return x == y }
	if !slices.EqualFunc(a.Findings, b.Findings, same) {
		t.Fatalf("frame %d: findings\n%v\nbrief:\n%v", in.Number, a.Findings, b.Findings)
	}
}
