package tui

import (
	"errors"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
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
	if m.view > viewExchanges {
		m.show(viewMessages)
	}
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
	row := -1
	if first, end := m.span(); end > first {
		row = m.rowAt(m.list().cursor)
	}
	if m.filter.run != nil {
		m.filter.run.Close()
	}
	m.filter.text, m.filter.in, m.filter.run = text, f, nil
	x := &m.lists[viewExchanges]
	id, _ := m.store.Ref(max(row, 0))
	x.cache.clear()
	x.cursor, x.top = 0, 0
	m.exFirst, m.exEnd, m.exShifts = 0, 0, 0
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
	m.refresh()
	m.place()
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

// byField filters by the field under the cursor.
func (m *Model) byField() tea.Cmd {
	r := m.detail.row()
	if r == nil || r.node < 0 {
		return m.complain("this is no field")
	}
	text := m.fieldFilter(r)
	if text == "" {
		return m.complain("this has no name to filter by")
	}
	return m.enterFilter(text)
}

// enterFilter brings a text into force as a filter once it has compiled.
func (m *Model) enterFilter(text string) tea.Cmd {
	m.show(viewMessages)
	cmd := m.ask(inputFilter, text)
	m.filter.enter = true
	m.input.remember(inputFilter, text)
	return tea.Batch(cmd, m.compile())
}

// fieldFilter is the filter that lets messages through which have the same
// value in a field, or the field at all if its value cannot be compared.
func (m *Model) fieldFilter(r *treeRow) string {
	d := m.detail.tree.d
	t := d.Tree
	i := r.node
	n := &t.Nodes[i]
	switch {
	case n.Kind == dissect.KindMessage:
		if op := render.NodeName(t, i); n.Depth == 0 && t.MsgOf(i) != nil && !t.MsgOf(i).HasErrno {
			return "op == " + strconv.Quote(op)
		}
		return "error"
	case n.Field == nil:
		return ""
	}
	name := n.Field.Name
	if leaf := t.Nodes[i]; !leaf.Kind.Leaf() {
		from, to := t.Payload(i)
		if from+1 != to || !t.Nodes[from].Kind.Leaf() {
			return name
		}
		n = &t.Nodes[from]
	}
	if v := m.comparable(n); v != "" {
		return name + " == " + v
	}
	return name
}

// comparable is the value of a leaf as a filter has it, "" if it has none.
func (m *Model) comparable(n *dissect.Node) string {
	t := n.Type
	if t == nil || m.detail.tree.hidden(n) {
		return ""
	}
	b := m.detail.tree.d.Tree.Bytes(n)
	switch t.Kind {
	case families.KindUint, families.KindSint:
		switch t.Hint {
		case families.HintIPv4, families.HintIPv6, families.HintIP:
			return string(render.AppendValue(nil, m.renderOptions(), &m.detail.tree.d.Event, n))
		}
		v := dissect.Uint(b, n.Big)
		if t.Kind == families.KindSint {
			return strconv.FormatInt(dissect.Int(v, len(b)), 10)
		}
		if t.Enum != nil && t.Enum.Kind == families.EnumValues {
			if name := t.Enum.ValueName(v); name != "" {
				return name
			}
		}
		if t.Hint == families.HintHex || t.Enum != nil && t.Enum.Kind == families.EnumFlags {
			return "0x" + strconv.FormatUint(v, 16)
		}
		return strconv.FormatUint(v, 10)
	case families.KindString:
		s := strings.TrimRight(string(b), "\x00")
		if len(s) > 200 {
			return ""
		}
		return strconv.Quote(s)
	}
	switch t.Hint {
	case families.HintMAC, families.HintIPv4, families.HintIPv6, families.HintIP:
		return string(render.AppendValue(nil, m.renderOptions(), &m.detail.tree.d.Event, n))
	}
	return ""
}

// byMessage asks by what of the chosen message to filter: so one follows a
// process, a socket or an exchange.
func (m *Model) byMessage() tea.Cmd {
	r := m.list().cache.get(m.list().cursor)
	if r == nil || r.Err != nil {
		return m.complain("there is no message to filter by")
	}
	var items []menuItem
	add := func(key, what, expr string) {
		items = append(items, menuItem{key, what + "  " + render.Escape(expr), func(m *Model) tea.Cmd { return m.enterFilter(expr) }})
	}
	if r.Op != "" {
		add("o", "this operation", "op == "+strconv.Quote(r.Op))
		add("n", "everything else", "not op == "+strconv.Quote(r.Op))
	}
	if r.Family != "" {
		add("f", "this family", "family == "+strconv.Quote(r.Family))
	}
	if r.PID != 0 {
		add("p", "this process", "pid == "+strconv.Itoa(int(r.PID)))
	}
	if id, _ := m.store.Ref(r.Row); id != 0 {
		if r.PortID != 0 {
			add("s", "this socket", "portid == "+strconv.Itoa(int(r.PortID)))
		}
		add("x", "this exchange", "exchange.id == "+strconv.Itoa(id))
	}
	add("e", "errors", "error")
	m.menu = &menu{title: "Show only", items: items}
	return nil
}
