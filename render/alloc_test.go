//go:build !race

package render_test

import (
	"testing"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/filter"
	"github.com/nlsniff/nlsniff/internal/pcaptest"
	"github.com/nlsniff/nlsniff/render"
)

// putTogether are the captures with messages whose text is put together from
// many: rules of nf_tables, and classic BPF, which x/net writes. A message costs so
// many allocations there at the most.
var putTogether = map[string]float64{"nft_all": 1, "nft_more": 2, "conntrack_all": 0.5, "packets": 0.5, "tc_more": 0.2}

// TestNoAllocations: once a dissector and a printer have what they need, a message
// costs no allocation, whatever the output.
func TestNoAllocations(t *testing.T) {
	columns, err := filter.NewColumns([]string{"frame.number", "time", "op", "error", "IFLA_IFNAME"}, filter.NewEnv(db, nil))
	if err != nil {
		t.Fatal(err)
	}
	for name, p := range map[string]render.Printer{
		"lines":  render.NewLine(render.Options{}),
		"trees":  render.NewTree(render.Options{}),
		"JSON":   render.NewJSON(render.Options{}, false),
		"fields": render.NewFields(render.Options{}, render.FieldOptions{Separator: "\t"}, columns.Reader()),
	} {
		d := dissect.New(db)
		if name != "fields" {
			d.Lean()
		}
		var dst []byte
		var ev render.Event
		for _, capture := range pcaptest.Names {
			inputs := pcaptest.Inputs(t, capture, dissect.NewSession(dissect.OrderAuto))
			messages := 0
			all := func() {
				messages = 0
				for i := range inputs {
					ev = render.Event{Tree: d.Frame(&inputs[i]), Number: inputs[i].Number, Links: inputs[i].Links, OrigLen: inputs[i].OrigLen}
					messages += len(ev.Tree.Msgs)
					dst = p.Frame(dst[:0], &ev)
				}
			}
			// What the runtime allocates meanwhile counts too, so a few are none.
			n, most := testing.AllocsPerRun(2, all), 5.0
			if name == "lines" || name == "trees" {
				most += putTogether[capture] * float64(messages)
			}
			if n > most {
				t.Errorf("%s of %s: %v allocations for %d messages", name, capture, n, messages)
			}
		}
	}
}
