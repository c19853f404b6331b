package render_test

import (
	"bytes"
	"testing"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/synth"
	"github.com/nlsniff/nlsniff/render"
)

// TestSchemaSynthetic compares what is printed of requests with values at the edges
// of their types with the schema, with all nodes and without.
func TestSchemaSynthetic(t *testing.T) {
	t.Parallel()
	s, db := schema(t), families.Embedded()
	all, err := db.LoadAll()
	if err != nil {
		t.Fatal(err)
	}
	d := dissect.New(db)
	forms := []*render.JSON{render.NewJSON(render.Options{}, false), render.NewJSON(render.Options{Full: true}, false)}
	n, every := 0, 16
	if testing.Short() {
		every = 256
	}
	for _, f := range all {
		for r := range synth.Requests(f) {
			if n++; n%every != 0 {
				continue
			}
			for _, p := range forms {
				for line := range bytes.Lines(p.Frame(nil, &render.Event{Number: 1, Tree: d.Frame(r.Input())})) {
					if err := valid(s, line); err != nil {
						t.Errorf("%s %s: %v\n%s", f.Name, r.What, err, line)
					}
				}
			}
		}
	}
}
