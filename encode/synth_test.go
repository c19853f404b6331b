package encode

import (
	"bytes"
	"testing"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/synth"
	"github.com/nlsniff/nlsniff/render"
)

// TestSynthetic asks of requests with every value that a description knows what
// TestCaptures asks of captured ones.
func TestSynthetic(t *testing.T) {
	db := families.Embedded()
	all, err := db.LoadAll()
	if err != nil {
		t.Fatal(err)
	}
	d, d2, enc := dissect.New(db), dissect.New(db), New(db)
	pf, pp := render.NewJSON(render.Options{ShowSecrets: true, Full: true}, false), render.NewJSON(render.Options{ShowSecrets: true}, false)
	var c counts
	total := 0
	for _, f := range all {
		for r := range synth.Requests(f) {
			if total++; testing.Short() && total%16 != 0 {
				continue
			}
			in := r.Input()
			tree := d.Frame(in)
			full, plain := printed(pf, tree), printed(pp, tree)
			if len(full) != 1 || len(plain) != 1 {
				t.Fatalf("%s %s: %d messages", f.Name, r.What, len(full))
			}
			if plain[0].Get("error") != nil {
				continue // NLMSG_DONE, which is what the kernel answers, too
			}
			c.requests++
			well := true
			for m := range tree.Own() {
				well = wellFormed(tree, m)
			}
			opt := Options{Big: tree.Big}
			if got, err := enc.Encode(full[0], opt); err == nil && bytes.Equal(got.Data, r.Data) {
				c.full++
			} else {
				t.Errorf("%s %s: %v\n got %s\nwant %x", f.Name, r.What, err, dump(got), r.Data)
			}
			if !well {
				continue
			}
			c.well++
			got, err := enc.Encode(plain[0], opt)
			if err != nil {
				t.Errorf("%s %s: without nodes: %v", f.Name, r.What, err)
				continue
			}
			if bytes.Equal(got.Data, r.Data) {
				c.plain++
				c.sense++
				continue
			}
			in.Data = append(in.Data[:cookedLen:cookedLen], got.Data...)
			in.OrigLen = len(in.Data)
			again := printed(pp, d2.Frame(in))
			same := len(again) == 1
			for _, key := range [...]string{"genl", "header", "attrs"} {
				was := plain[0].Get(key)
				if was != nil && len(was.Members) == 0 && again[0].Get(key) == nil {
					continue // no more than padding
				}
				same = same && again[0].Get(key).Equal(was)
			}
			if same {
				c.sense++
			} else {
				t.Errorf("%s %s: without nodes it says something else\n got %s\nwant %x", f.Name, r.What, dump(got), r.Data)
			}
		}
	}
	t.Logf("%+v", c)
	if c.requests < 3000 || c.plain*100 < c.well*75 {
		t.Errorf("of %d requests only %d have the same bytes without the nodes", c.well, c.plain)
	}
}
