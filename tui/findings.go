package tui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/nlsniff/nlsniff/tui/store"
)

// findings is what was found wrong in messages and exchanges, as far as they
// were looked at. That begins when the view is first shown.
type findings struct {
	list []store.Found
	// shown are the places in list of those that the filter lets through, while run
	// is in force; of is how much of both was looked at for them.
	shown []int
	run   *store.Matches
	of    [2]int
	next  int // the row to look at next
	on    bool
	busy  bool
	full  bool
}

const (
	foundRows = 2048    // looked at in one go
	maxFound  = 100_000 // kept
	// foundInOneGo is how many findings are enough for once: a row can have thousands.
	foundInOneGo = 10_000
)

// count is how many are shown.
func (f *findings) count() int {
	if f.run != nil {
		return len(f.shown)
	}
	return len(f.list)
}

// at is the finding at a place, nil if there is none.
func (f *findings) at(pos int) *store.Found {
	switch {
	case pos < 0 || pos >= f.count():
		return nil
	case f.run != nil:
		return &f.list[f.shown[pos]]
	}
	return &f.list[pos]
}

// filterFound looks which findings the filter lets through.
func (m *Model) filterFound() {
	f := &m.found
	run := m.filter.run
	of := [2]int{len(f.list), 0}
	if run != nil {
		_, of[1] = run.Span()
	}
	if run == f.run && (run == nil || of == f.of) || !f.on {
		return
	}
	f.run, f.of, f.shown = run, of, f.shown[:0]
	if run != nil {
		f.shown = run.Found(f.list, f.shown)
	}
	m.lists[viewFindings].cache.clear()
}

// foundMsg brings what was found up to a row.
type foundMsg struct {
	next int
	list []store.Found
}

// wantFound looks at the next messages.
func (m *Model) wantFound() tea.Cmd {
	f := &m.found
	if m.view == viewFindings {
		f.on = true
	}
	from := max(f.next, m.st.First)
	if !f.on || f.busy || f.full || from >= m.st.End {
		return nil
	}
	f.busy = true
	s, to, enough := m.store, min(from+foundRows, m.st.End), min(maxFound-len(f.list), foundInOneGo)
	return func() tea.Msg {
		list, next := s.NewDecoder().Findings(from, to, enough)
		return foundMsg{next, list}
	}
}

func (m *Model) gotFound(msg foundMsg) tea.Cmd {
	f := &m.found
	f.busy, f.next = false, msg.next
	atEnd := f.on && m.view == viewFindings && len(f.list) == 0
	f.list = append(f.list, msg.list[:min(len(msg.list), maxFound-len(f.list))]...)
	if len(f.list) >= maxFound {
		f.full = true
	}
	m.filterFound()
	if atEnd {
		m.list().clamp(m.span())
	}
	return nil
}

// looked says how far the search for findings is.
func (m *Model) looked() string {
	f := &m.found
	switch {
	case f.full:
		return "the first " + thousands(maxFound)
	case f.next < m.st.End:
		return "looking, " + thousands(f.next) + " of " + thousands(m.st.End)
	}
	return ""
}

func (m *Model) drawFound(l *line, pos int, r *store.Row) {
	x := m.found.at(pos)
	if x == nil {
		return
	}
	l.right(stDim, "frame "+thousands(r.Frame), 14)
	l.put(stText, " ")
	st := severityStyle(x.Severity)
	l.field(st, x.Severity.String(), 9)
	l.field(st, x.Name, 22)
	l.put(stText, " ")
	l.put(stText, skip(x.Text, m.list().shift))
	l.put(stDim, "  "+r.Process+" "+r.Op)
}

func (m *Model) foundHead(w int) string {
	l := m.line(w)
	l.put(stHead, " ")
	l.right(stHead, "where", 14)
	l.put(stHead, " ")
	l.field(stHead, "severity", 9)
	l.field(stHead, "finding", 23)
	l.put(stHead, "what")
	l.to(stHead, w)
	return l.end()
}
