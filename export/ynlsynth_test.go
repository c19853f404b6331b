//go:build linux

package export

import (
	"bytes"
	"testing"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/encode"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/synth"
	"github.com/nlsniff/nlsniff/render"
)

// TestYNLSynthetic asks of requests with every value that a description knows what
// TestYNLTool asks of captured ones.
func TestYNLSynthetic(t *testing.T) {
	if testing.Short() {
		t.Skip("takes minutes where it is checked for races, of which it has none")
	}
	tool, db := startYNL(t), families.Embedded()
	families, err := db.LoadAll()
	if err != nil {
		t.Fatal(err)
	}
	specs, err := ynlSpecs()
	if err != nil {
		t.Fatal(err)
	}
	d, d2 := dissect.New(db), dissect.New(db)
	full := render.NewJSON(render.Options{ShowSecrets: true, Full: true}, false)
	all, same, cannot := 0, 0, 0
	for _, f := range families {
		for s := range synth.Requests(f) {
			tree := d.Frame(s.Input())
			v, err := encode.Parse(bytes.NewReader(full.Frame(nil, &render.Event{Number: 1, Tree: tree})))
			if err != nil || len(v) != 1 {
				t.Errorf("%s: %d messages, %v", s.What, len(v), err)
				continue
			}
			y := ynlCommand{message: &Message{JSON: v[0], bytes: s.Data, big: bigHost(), Rows: rows(v[0].Get("nodes"), s.Data)}}
			if err := y.ask(specs, f.Protocol); err != nil {
				cannot++
				continue
			}
			all++
			made, text := tool.make(t, &y)
			if text == "" {
				text = differs(d2, s.Input(), 0, made)
			}
			if text == "" {
				same++
				continue
			}
			t.Errorf("%s %s: ynl --family %s %s --json %s: %s", f.Name, s.What, y.spec, y.op, y.args, text)
		}
	}
	t.Logf("%d of %d command lines make the request; of %d more ynl knows too little", same, all, cannot)
	if all < 20000 {
		t.Error("these are few")
	}
}
