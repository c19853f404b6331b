package tui

import (
	"regexp"
	"strconv"
	"strings"
	"sync"

	tea "charm.land/bubbletea/v2"

	"github.com/nlsniff/nlsniff/filter"
	"github.com/nlsniff/nlsniff/render"
	"github.com/nlsniff/nlsniff/tui/store"
)

// build asks how an expression is to be used: alone, or together with the filter
// in force.
func (m *Model) build(expr string) tea.Cmd {
	var items []menuItem
	add := func(key, what, text string) {
		items = append(items, menuItem{key, what + "  " + render.Escape(text), func(m *Model) tea.Cmd { return m.enterFilter(text) }})
	}
	if old := m.filter.text; m.filter.in == nil || old == expr {
		add("f", "only these", expr)
		add("n", "all but these", "not "+group(expr))
	} else {
		add("a", "and", group(old)+" and "+group(expr))
		add("o", "or", group(old)+" or "+group(expr))
		add("n", "and not", group(old)+" and not "+group(expr))
		add("f", "instead", expr)
		add("x", "instead, all but these", "not "+group(expr))
	}
	m.menu = &menu{title: "Filter", items: items}
	return nil
}

// joined is a text that is more than one comparison.
var joined = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\b(and|or|not)\b|&&|\|\||^!`) })

// group puts an expression of several parts into parentheses.
func group(expr string) string {
	if joined().MatchString(expr) {
		return "(" + expr + ")"
	}
	return expr
}

// choice is something of a message that can be filtered by.
type choice struct{ key, what, expr string }

// choose asks by what to filter, and then how.
func (m *Model) choose(list []choice) tea.Cmd {
	var items []menuItem
	for _, c := range list {
		items = append(items, menuItem{c.key, c.what + "  " + render.Escape(c.expr), func(m *Model) tea.Cmd {
			if m.filter.in == nil {
				return m.enterFilter(c.expr)
			}
			return m.build(c.expr)
		}})
	}
	m.menu = &menu{title: "Show only", items: items}
	return nil
}

// byMessage asks by what of the chosen message to filter: so one follows a
// process, a socket or an exchange.
func (m *Model) byMessage() tea.Cmd { return m.byRow(m.list().cache.get(m.list().cursor)) }

// byRung is byMessage in an exchange.
func (m *Model) byRung() tea.Cmd {
	if l := &m.ladder; l.cursor < len(l.rows) {
		return m.byRow(&l.rows[l.cursor])
	}
	return m.byRow(nil)
}

func (m *Model) byRow(r *store.Row) tea.Cmd {
	if r == nil || r.Err != nil {
		return m.complain("there is no message to filter by")
	}
	var list []choice
	add := func(key, what, expr string) { list = append(list, choice{key, what, expr}) }
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
		if e, ok := m.store.Exchange(id); ok {
			add("t", "exchanges that ended so", "exchange.state == "+e.State.String())
			if e.Errno < 0 {
				add("e", "exchanges with this error", "exchange.errno == "+m.errnoText(e.Errno))
			}
		}
	}
	add("E", "errors", "error")
	return m.choose(list)
}

// errnoText is an errno as a filter has it.
func (m *Model) errnoText(errno int32) string {
	if name := m.store.ErrnoName(errno); !strings.Contains(name, " ") {
		return name
	}
	return strconv.Itoa(int(-errno))
}

// byFinding filters by the chosen finding.
func (m *Model) byFinding() tea.Cmd {
	f := m.found.at(m.list().cursor)
	if f == nil {
		return m.complain("there is no finding to filter by")
	}
	list := []choice{
		{"f", "messages with this finding", "finding == " + strconv.Quote(f.Name)},
		{"s", "findings as severe as this", "finding.severity == " + f.Severity.String()},
	}
	if f.Exchange != 0 {
		list = append(list, choice{"x", "this exchange", "exchange.id == " + strconv.Itoa(f.Exchange)})
	}
	return m.choose(list)
}

// comparison finds what makes a filter of a text that could be words as well.
var comparison = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`[=<>!]=|[<>~]|\b(contains|matches|in|and|or)\b|&&|\|\|`)
})

// offeredMsg says that a text which was to be found is a filter.
type offeredMsg struct{ text string }

// offer looks whether a text to be found is a filter, and if so asks which of the
// two is meant.
func (m *Model) offer(text string) tea.Cmd {
	if !comparison().MatchString(text) {
		return m.find(text)
	}
	env := m.filter.env
	return func() tea.Msg {
		if _, err := filter.Compile(text, env); err != nil {
			return offeredMsg{}
		}
		return offeredMsg{text}
	}
}

func (m *Model) gotOffer(msg offeredMsg) tea.Cmd {
	text := m.search.asked
	if msg.text == "" {
		return m.find(text)
	}
	items := []menuItem{{"f", "show only these messages", func(m *Model) tea.Cmd {
		if m.filter.in == nil {
			return m.enterFilter(text)
		}
		return m.build(text)
	}}, {"t", "find the next message with this text", func(m *Model) tea.Cmd { return m.find(text) }}}
	m.menu = &menu{title: "This is a filter: " + text, items: items}
	return nil
}
