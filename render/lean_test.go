package render

import (
	"slices"
	"testing"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/pcaptest"
)

// TestLean: lines, trees and JSON are the same of a tree without the rows that a
// lean dissector leaves out, and so is what is found, in whole frames and in cut ones.
func TestLean(t *testing.T) {
	db := families.Embedded()
	for _, name := range pcaptest.Names {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			full, lean := dissect.New(db), dissect.New(db)
			lean.Lean()
			printers := []Printer{NewLine(Options{}), NewTree(Options{}), NewJSON(Options{}, false)}
			fewer := false
			inputs := pcaptest.Inputs(t, name, dissect.NewSession(dissect.OrderAuto))
			for i := range inputs {
				for _, data := range [][]byte{inputs[i].Data, inputs[i].Data[:len(inputs[i].Data)*3/4]} {
					in := inputs[i]
					in.Data = data
					a, b := full.Frame(&in), lean.Frame(&in)
					fewer = fewer || len(b.Nodes) < len(a.Nodes)
					for _, p := range printers {
						var out [2]string
						for k, tree := range []*dissect.Tree{a, b} {
							ev := Event{Tree: tree, Number: in.Number, Links: in.Links, OrigLen: in.OrigLen}
							out[k] = string(p.Frame(nil, &ev))
						}
						if out[0] != out[1] {
							t.Fatalf("frame %d, %T:\n%s\nlean:\n%s", in.Number, p, out[0], out[1])
						}
					}
					same := func(x, y dissect.Finding) bool { x.Node, y.Node = 0, 0; return x == y }
					if !slices.EqualFunc(a.Findings, b.Findings, same) {
						t.Fatalf("frame %d: findings\n%v\nlean:\n%v", in.Number, a.Findings, b.Findings)
					}
				}
			}
			if !fewer {
				t.Error("nothing was left out")
			}
		})
	}
}
