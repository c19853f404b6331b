package encode

import (
	"bytes"
	"testing"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/pcaptest"
	"github.com/nlsniff/nlsniff/render"
)

// leaves calls fn for every number and string below a value, with a way to set
// it.
func leaves(v *Value, fn func(x *Value)) {
	switch v.Shape {
	case String, Number:
		fn(v)
	}
	for _, x := range v.Items {
		leaves(x, fn)
	}
	for i := range v.Members {
		if k := v.Members[i].Key; k == "raw" || k == "unknown" || k == "trailing" || k == "hex" || k == "layers" {
			continue
		}
		leaves(v.Members[i].Value, fn)
	}
}

// TestEdit: who changes one number of a message with nodes gets a message that
// differs in that number alone: of the same length, and in few bytes.
func TestEdit(t *testing.T) {
	for _, name := range []string{"route_links", "tc_more", "nft_more", "wireguard", "xfrm"} {
		db := families.Embedded()
		s, d, enc := dissect.NewSession(dissect.OrderAuto), dissect.New(db), New(db)
		p := render.NewJSON(render.Options{ShowSecrets: true, Full: true}, false)
		frames := pcaptest.Frames(t, name)
		edits, skipped := 0, 0
		for i := range frames {
			f := &frames[i]
			in := dissect.Input{Number: f.Number, Data: f.Data, OrigLen: f.OrigLen, Dir: dissect.Dir(f.Dir)}
			s.Prepare(&in, f.Section)
			if f.Dir == capture.DirFromKernel || i%3 != 0 {
				continue
			}
			tree := d.Frame(&in)
			list := printed(p, tree)
			no := -1
			for m := range tree.Own() {
				no++
				if m.Dir != dissect.DirToKernel || !wellFormed(tree, m) {
					continue
				}
				v := list[no]
				want, err := enc.Encode(v, Options{Big: tree.Big})
				if err != nil {
					t.Fatal(err)
				}
				was := append([]byte(nil), want.Data...)
				for _, key := range []string{"header", "attrs"} {
					if v.Get(key) == nil {
						continue
					}
					leaves(v.Get(key), func(x *Value) {
						old := *x
						if x.Shape != Number || x.Text != "1" && x.Text != "2" {
							return
						}
						x.Text = "3"
						got, err := enc.Encode(v, Options{Big: tree.Big})
						*x = old
						if err != nil { // it chose a format, or is a length
							skipped++
							return
						}
						edits++
						n := 0
						for k := range min(len(got.Data), len(was)) {
							if got.Data[k] != was[k] {
								n++
							}
						}
						if len(got.Data) != len(was) || n > 8 || bytes.Equal(got.Data, was) {
							t.Errorf("%s: frame %d.%d: %d bytes of %d differ, was %d\n got %x\nfrom %x", name, f.Number, no, n, len(got.Data), len(was), got.Data, was)
						}
					})
				}
			}
		}
		t.Logf("%s: %d numbers changed, %d refused", name, edits, skipped)
	}
}
