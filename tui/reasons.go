package tui

import (
	"github.com/nlsniff/nlsniff/flow"
	"github.com/nlsniff/nlsniff/render"
	"github.com/nlsniff/nlsniff/tui/store"
)

// said is a line of text above the rows of a pane.
type said struct {
	text string
	st   style
}

// refusedName is the finding that says no more than the reason.
var refusedName = flow.Finding{Code: flow.FindError}.Name()

// reasons says why the kernel refused a request, wrapped: what it answered, and
// below it what else is known.
func (m *Model) reasons(x *store.Refusal, w int) (out []said) {
	if x == nil {
		return nil
	}
	text := m.gl.failed + " " + x.Errno
	if x.Words != "" {
		text += " " + x.Words
	}
	if x.About != "" {
		text += " of " + x.About
	}
	out = m.wrapped(out, text, stError, w)
	for i := range x.Causes {
		st := stText
		if x.Causes[i].Inferred {
			st = stWarn
		}
		out = m.wrapped(out, "why: "+render.CauseText(&x.Causes[i]), st, w)
	}
	return out
}

// wrapped appends a text in lines of so many cells, the second one and those below
// it a little to the right.
func (m *Model) wrapped(out []said, text string, st style, w int) []said {
	for i, part := range wrap(text, w-4) {
		indent := " "
		if i > 0 {
			indent = "   "
		}
		out = append(out, said{indent + part, st})
	}
	return out
}

// above are the lines above the detail: what was found of the message if that is
// what the list shows, and why the request was refused.
func (m *Model) above(w, h int) []said {
	d := m.detail.tree.d
	if d == nil {
		return nil
	}
	var out []said
	if m.view == viewFindings {
		if f := m.found.at(m.list().cursor); f != nil && f.Row == d.Row && (d.Refusal == nil || f.Name != refusedName) {
			out = m.wrapped(out, f.Severity.String()+" "+f.Name+": "+f.Text, severityStyle(f.Severity), w)
		}
	}
	if x := d.Refusal; x != nil {
		if about, asked := x.Is(d.Row); about || !asked || len(x.Request) == 1 {
			out = append(out, m.reasons(x, w)...)
		}
	}
	return m.fitted(out, max(h-len(m.detail.tree.rows), h/2))
}

// fitted leaves out what there is no room for, and says so.
func (m *Model) fitted(lines []said, room int) []said {
	if room = max(room, 0); len(lines) <= room {
		return lines
	}
	lines = lines[:room]
	if room > 0 {
		lines[room-1].text += " " + m.gl.more
	}
	return lines
}

// drawSaid appends lines of text.
func (m *Model) drawSaid(out []string, lines []said, w int) []string {
	for _, s := range lines {
		l := m.line(w)
		l.put(s.st, s.text)
		out = append(out, l.end())
	}
	return out
}
