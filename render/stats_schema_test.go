package render_test

import (
	"testing"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/flow"
	"github.com/nlsniff/nlsniff/render"
)

// TestStatsSchema compares the sums of the real captures with the schema, with
// each table and with all.
func TestStatsSchema(t *testing.T) {
	s := schema(t)
	for _, path := range captures(t) {
		d := newDecoder()
		sum := flow.NewStats(db, 100_000_000)
		var first int64
		eachFrame(t, path, func(f *capture.Frame) {
			if first == 0 {
				first = f.Time
			}
			ev := d.event(f)
			sum.Frame(f.Time, f.Time-first, len(ev.Tree.Msgs), f.OrigLen)
			for i := range ev.Tree.Findings {
				sum.Found(&ev.Tree.Findings[i], f.Number)
			}
		})
		exchanges(t, path, func(e *flow.Exchange) { sum.Add(e, first) })
		for i := range render.StatsTables {
			if err := valid(s, render.AppendStatsJSON(nil, sum, render.StatsTables[i])); err != nil {
				t.Errorf("%s, %s: %v", path, render.StatsTables[i], err)
			}
		}
		out := render.AppendStatsJSON(nil, sum, render.StatsTables...)
		if err := valid(s, out); err != nil {
			t.Errorf("%s: %v\n%.1000s", path, err, out)
		}
	}
}
