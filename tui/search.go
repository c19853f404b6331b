package tui

import (
	"strconv"
	"strings"
	"unicode"

	tea "charm.land/bubbletea/v2"

	"github.com/nlsniff/nlsniff/render"
	"github.com/nlsniff/nlsniff/tui/store"
)

// search looks through the list for rows that fit.
type search struct {
	text    string
	asked   string // what was typed last
	fits    func(*store.Row) bool
	what    string // for the bottom line
	step    int    // 1 down, -1 up
	busy    bool
	pending func(*store.Row) bool // of the search under way
	finder  *store.Finder         // of the search under way
	run     int                   // tells the answers of a search that was stopped
	at      int                   // how far it is
	start   int
}

// searchRows is how many rows are looked at in one go; between two, keys are
// heard, and the bottom line says how far it is.
const searchRows = 16384

// searchMsg is what one go found.
type searchMsg struct {
	run, at int // at is the next place to look at
	found   int // -1: nothing
}

func (s *search) stop() { s.busy, s.finder, s.run = false, nil, s.run+1 }

func (s *search) progress() string {
	return "looking for " + s.what + ": " + plural(dist(s.at, s.start), "message")
}

// startFind asks for a text.
func (m *Model) startFind() tea.Cmd { return m.ask(inputFind, "") }

// find looks for text below the cursor; an empty one stands for the last.
func (m *Model) find(text string) tea.Cmd {
	if text == "" {
		text = m.search.text
	}
	if text == "" {
		return m.complain("nothing to find")
	}
	m.search.text = text
	m.search.fits, m.search.what = rowFits(text), strconv.Quote(render.Escape(text))
	return m.again(1)
}

// rowFits returns what says whether a row holds a text. Capitals count only if
// the text has some.
func rowFits(text string) func(*store.Row) bool {
	holds := holder(text)
	return func(r *store.Row) bool {
		return holds(r.Op) || holds(r.Summary) || holds(r.Process) || holds(r.Outcome) || holds(r.Marks) ||
			holds(r.Family) || holds(r.Flags) || r.Seq == text
	}
}

func holder(text string) func(string) bool {
	if strings.IndexFunc(text, unicode.IsUpper) >= 0 {
		return func(s string) bool { return strings.Contains(s, text) }
	}
	return func(s string) bool { return strings.Contains(strings.ToLower(s), text) }
}

// again goes to the next row that fits, down or up.
func (m *Model) again(step int) tea.Cmd {
	if m.search.fits == nil {
		return m.complain("nothing to look for yet; / takes a text")
	}
	if m.focus == paneDetail && m.search.text != "" {
		if m.findField(step) {
			return nil
		}
		m.say("not in this message; in the list, n looks further")
		return nil
	}
	return m.seek(step)
}

// nextError goes to the next row that reports one.
func (m *Model) nextError(step int) tea.Cmd {
	keep := m.search
	s := m.store
	m.search.fits = func(r *store.Row) bool {
		if r.Result != render.ResultFailed {
			return false
		}
		id, _ := s.Ref(r.Row)
		e, ok := s.Exchange(id)
		return !ok || !e.OK() // what answers a probe is no failure
	}
	m.search.what = "an error"
	cmd := m.seek(step)
	m.search.fits, m.search.text = keep.fits, keep.text
	return cmd
}

// seek starts a search from the cursor.
func (m *Model) seek(step int) tea.Cmd {
	s := &m.search
	s.stop()
	s.busy, s.step = true, step
	s.at, s.start = m.list().cursor+step, m.list().cursor
	s.finder = m.store.NewFinder()
	return m.look(s.fits, s.run, s.at, step)
}

// look decodes the next rows and looks at them.
func (m *Model) look(fits func(*store.Row) bool, run, at, step int) tea.Cmd {
	first, end := m.span()
	var places []int
	for pos := at; pos >= first && pos < end && len(places) < searchRows; pos += step {
		places = append(places, pos)
	}
	numbers := make([]int, len(places))
	for i, pos := range places {
		numbers[i] = m.rowAt(pos)
	}
	finder := m.search.finder
	m.search.pending = fits
	return func() tea.Msg {
		if len(numbers) == 0 {
			return searchMsg{run, -1, -1}
		}
		if i := finder.First(numbers, fits); i >= 0 {
			return searchMsg{run, at, places[i]}
		}
		return searchMsg{run, at + step*len(numbers), -1}
	}
}

// searched takes in what was found, and goes on if that is nothing.
func (m *Model) searched(msg searchMsg) tea.Cmd {
	s := &m.search
	if !s.busy || msg.run != s.run {
		return nil
	}
	switch {
	case msg.found >= 0:
		s.stop()
		m.jump(msg.found)
	case msg.at < 0:
		s.stop()
		return m.complain("no " + map[int]string{1: "further ", -1: "earlier "}[s.step] + "message with " + s.what)
	default:
		s.at = msg.at
		return m.look(s.pending, s.run, s.at, s.step)
	}
	return nil
}

// findField goes to the next row of the message that holds the text.
func (m *Model) findField(step int) bool {
	d := &m.detail
	holds := holder(m.search.text)
	for i := d.cursor + step; i >= 0 && i < len(d.tree.rows); i += step {
		l := line{th: &theme{}, gl: &m.gl, max: 1 << 16}
		m.treeText(&l, &d.tree.rows[i])
		if holds(l.b.String()) {
			d.move(i)
			m.showSelection()
			return true
		}
	}
	return false
}
