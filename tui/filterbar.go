package tui

import (
	"errors"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/nlsniff/nlsniff/filter"
	"github.com/nlsniff/nlsniff/render"
	"github.com/nlsniff/nlsniff/tui/store"
)

// filtering is the filter of the list, and the bar where it is typed.
type filtering struct {
	env  *filter.Env
	text string         // of the filter in force, "" for none
	in   *filter.Filter // the filter in force
	run  *store.Matches // what it lets through

	typed  string         // what the bar says of this text
	ready  *filter.Filter // it compiled to this
	wrong  string         // or this is wrong with it
	offers []filter.Candidate
	pick   int // of the offers, -1 for none
	busy   bool
	enter  bool // it is to come into force when it has compiled
}

// compiledMsg says what a text means as a filter.
type compiledMsg struct {
	text   string
	filter *filter.Filter
	wrong  string
	offers []filter.Candidate
}

// maxOffers is how many ways to go on are shown.
const maxOffers = 8

// startFilter asks for a filter.
func (m *Model) startFilter() tea.Cmd {
	return tea.Batch(m.ask(inputFilter, m.filter.text), m.compile())
}

// compile has the text in the bar looked at, one at a time: the first one reads
// all descriptions.
func (m *Model) compile() tea.Cmd {
	f := &m.filter
	text := m.input.field.Value()
	if f.busy || text == f.typed && !f.enter {
		return nil
	}
	f.busy = true
	env := f.env
	cursor := len(string([]rune(text)[:min(m.input.field.Position(), len([]rune(text)))]))
	return func() tea.Msg {
		msg := compiledMsg{text: text}
		if strings.TrimSpace(text) != "" {
			c, err := filter.Compile(text, env)
			if err != nil {
				msg.wrong = mistake(err)
			} else {
				msg.filter = c
			}
		}
		if text != "" {
			msg.offers = filter.Complete(text, cursor, env)
			msg.offers = msg.offers[:min(len(msg.offers), maxOffers)]
		}
		return msg
	}
}

// mistake says on one line what is wrong with a filter.
func mistake(err error) string {
	var e *filter.Error
	if !errors.As(err, &e) {
		return render.Escape(err.Error())
	}
	s := e.Msg
	if e.Hint != "" {
		s += "; " + e.Hint
	}
	return render.Escape(s)
}

func (m *Model) gotCompiled(msg compiledMsg) tea.Cmd {
	f := &m.filter
	f.busy = false
	f.typed, f.ready, f.wrong, f.offers, f.pick = msg.text, msg.filter, msg.wrong, msg.offers, -1
	switch {
	case f.enter && m.input.field.Value() == msg.text:
		f.enter = false
		if msg.filter == nil && msg.wrong != "" {
			m.input.mode = inputFilter // to be mended
			return nil
		}
		m.input.mode = inputOff
		m.setFilter(strings.TrimSpace(msg.text), msg.filter)
	case m.input.mode == inputFilter:
		return m.compile() // if it has changed meanwhile
	}
	return nil
}

// setFilter brings a filter into force; nil lets everything through.
func (m *Model) setFilter(text string, f *filter.Filter) {
	row := m.chosenRow()
	if m.filter.run != nil {
		m.filter.run.Close()
	}
	m.filter.text, m.filter.in, m.filter.run = text, f, nil
	x := &m.lists[viewExchanges]
	id, _ := m.store.Ref(max(row, 0))
	x.cache.clear()
	x.cursor, x.top = 0, 0
	m.exFirst, m.exEnd, m.exShifts = 0, 0, 0
	m.sorted.ids, m.sorted.stamp = nil, orderStamp{}
	if f == nil {
		x.cursor, x.top = id, id-x.height/2
	}
	l := &m.lists[viewMessages]
	l.cache.clear()
	m.search.stop()
	if f != nil {
		m.filter.run = m.store.Match(f)
		m.back0 = row
		l.cursor, l.top = 0, 0
	} else {
		m.back0 = -1
		if row < 0 {
			row = 0
		}
		l.cursor = max(min(row, m.st.End-1), m.st.First)
		l.top = l.cursor - l.height/2
	}
	m.stats.have, m.stats.counter = false, nil
	m.lists[viewFindings].cursor = 0
	m.refresh()
	m.place()
}

// chosenRow is the row of the store that the list is at, -1 if there is none.
func (m *Model) chosenRow() int {
	v := m.view
	if v == viewStats {
		m.view = viewMessages
		defer func() { m.view = v }()
	}
	if first, end := m.span(); end > first {
		return m.rowAt(max(min(m.list().cursor, end-1), first))
	}
	return -1
}

// filterKey acts on the keys that the filter bar has beside those of any text.
func (m *Model) filterKey(key string) bool {
	f := &m.filter
	switch key {
	case "tab", "down", "ctrl+n":
		if len(f.offers) == 0 || key != "tab" && f.pick < 0 && key != "down" {
			return false
		}
		if key == "tab" && len(f.offers) == 1 || key == "tab" && f.pick >= 0 {
			m.take(f.offers[max(f.pick, 0)])
			return true
		}
		f.pick = (f.pick + 1) % len(f.offers)
	case "shift+tab", "up":
		if f.pick < 0 {
			return false
		}
		f.pick--
	default:
		return false
	}
	return true
}

// take puts what was offered into the text.
func (m *Model) take(c filter.Candidate) {
	text, cursor := c.Apply(m.filter.typed)
	m.input.field.SetValue(text)
	m.input.field.SetCursor(len([]rune(text[:cursor])))
	m.filter.pick = -1
	m.filter.offers = nil
}

// drawOffers returns the lines of the ways to go on, above the bar.
func (m *Model) drawOffers() []string {
	var out []string
	for i, c := range m.filter.offers {
		l := m.line(m.width)
		mark := "  "
		if i == m.filter.pick {
			l.over, mark = stCursor, m.gl.cursor+" "
		}
		l.put(stBar, mark)
		l.field(stBarName, c.Text, max(30, width(c.Text)))
		l.put(stBar, " "+render.Escape(c.Info))
		l.to(stBar, m.width)
		out = append(out, l.end())
	}
	return out
}

// drawFilter puts the filter bar into the bottom line: whether it is right
// stands before it in a sign and in colour, what is wrong behind it.
func (m *Model) drawFilter(l *line) {
	f := &m.filter
	sign, st := "?", stDim
	switch {
	case f.typed != m.input.field.Value():
	case f.wrong != "":
		sign, st = m.gl.failed, stBad
	case f.ready != nil:
		sign, st = m.gl.ok, stGood
	}
	l.put(st, sign+" ")
	l.put(stKey, "filter: ")
	l.put(st, strings.TrimRight(m.input.field.View(), " "))
	if f.wrong != "" && f.typed == m.input.field.Value() {
		l.put(stText, "   ")
		l.put(stBad, f.wrong)
	}
}

// filterProgress says what the filter does to the list.
func (m *Model) filterProgress() string {
	if m.filter.run == nil {
		return ""
	}
	looked, done := m.filter.run.Looked()
	if done || m.st.Live {
		return ""
	}
	return "looked at " + strconv.Itoa(looked*100/max(m.st.Frames, 1)) + "%"
}

// enterFilter brings a text into force as a filter once it has compiled.
func (m *Model) enterFilter(text string) tea.Cmd {
	cmd := m.ask(inputFilter, text)
	m.filter.enter = true
	m.input.remember(inputFilter, text)
	return tea.Batch(cmd, m.compile())
}
