package store

import (
	"strings"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/flow"
)

// Found is something that is not as it should be.
type Found struct {
	Row      int
	Exchange int // that it is about, 0: about the message
	Severity dissect.Severity
	Name     string
	Text     string
}

// Findings decodes the rows from…to, until there are enough, and returns what was
// found in them and in the exchanges that they begin, in the order of the rows, and
// the row behind them. Notes are left out.
func (d *Decoder) Findings(from, to, enough int) (out []Found, next int) {
	d.inRow()
	at := -1
	var t *dissect.Tree
	var own []int32
	for row := from; row < to; row++ {
		if len(out) >= enough {
			return out, row
		}
		frame, msg, ok := d.find(row)
		if !ok {
			continue
		}
		if frame != at {
			at = frame
			var err error
			if t, err = d.frame(frame); err != nil {
				t = nil
				continue
			}
			own = ownOf(t, own[:0])
		}
		if t == nil {
			continue
		}
		out = appendFound(out, row, t, own, msg)
		if id, _ := d.s.Ref(row); id != 0 {
			if x, ok := d.s.Exchange(id); ok && x.First == row {
				for _, f := range d.s.Findings(id) {
					if f.Severity() > dissect.Note {
						out = append(out, Found{row, id, f.Severity(), f.Name(), d.whatOf(id, f)})
					}
				}
			}
		}
	}
	return out, to
}

// appendFound appends the findings of one message; those of the frame go with
// its first.
func appendFound(out []Found, row int, t *dissect.Tree, own []int32, msg int) []Found {
	lo, hi := int32(-1), int32(len(t.Nodes))
	if msg < len(own) {
		if msg > 0 {
			lo = t.Msgs[own[msg]].Node
		}
		if msg+1 < len(own) {
			hi = t.Msgs[own[msg+1]].Node
		}
	}
	for _, f := range t.FindingsOf(lo, hi) {
		if f.Severity() > dissect.Note {
			out = append(out, Found{row, 0, f.Severity(), f.Name(), string(f.AppendText(nil))})
		}
	}
	return out
}

// whatOf says what a finding on an exchange means, and why it failed.
func (d *Decoder) whatOf(id int, f flow.Finding) string {
	if f.Code != flow.FindError {
		return d.s.FindingText(f)
	}
	x := d.Refusal(id)
	if x == nil {
		return d.s.FindingText(f)
	}
	return "refused: " + strings.TrimSpace(x.Errno+" "+x.Line())
}
