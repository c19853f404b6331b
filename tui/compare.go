package tui

import (
	"strconv"

	tea "charm.land/bubbletea/v2"

	"github.com/nlsniff/nlsniff/render"
	"github.com/nlsniff/nlsniff/tui/store"
)

// compare shows two messages beside each other, field by field.
type compare struct {
	left, right *store.Detail
	title       string // what stands there if not two messages
	rows        []compareRow
	top, shift  int
}

// compareRow is a field of one message or of both.
type compareRow struct {
	depth       int
	left, right string
	differs     bool
}

// startCompare takes the message as the one to compare with; with one taken,
// it shows both.
func (m *Model) startCompare() tea.Cmd {
	d := m.detail.tree.d
	switch {
	case d == nil || d.Message < 0 || d.Row != m.rowAt(m.list().cursor):
		return m.complain("there is no message to compare")
	case m.base == nil || m.base.Row == d.Row:
		m.base = d
		return m.say("taken; C on another message shows both beside each other")
	}
	m.compare = &compare{left: m.base, right: d, rows: m.aligned(m.base, d)}
	m.base = nil
	return nil
}

// aligned puts the fields of two messages side by side: those at the same place
// in the tree stand in one row.
func (m *Model) aligned(a, b *store.Detail) []compareRow {
	left, right := m.fields(a), m.fields(b)
	inLeft, inRight := keysOf(left), keysOf(right)
	var out []compareRow
	i, j := 0, 0
	for i < len(left) || j < len(right) {
		switch {
		case i < len(left) && j < len(right) && left[i].key == right[j].key:
			l, r := m.rowText(a, &left[i]), m.rowText(b, &right[j])
			out = append(out, compareRow{left[i].depth, l, r, l != r})
			i, j = i+1, j+1
		case i < len(left) && (j == len(right) || !inRight[left[i].key] || inLeft[right[j].key]):
			out = append(out, compareRow{left[i].depth, m.rowText(a, &left[i]), "", true})
			i++
		default:
			out = append(out, compareRow{right[j].depth, "", m.rowText(b, &right[j]), true})
			j++
		}
	}
	return out
}

// fields are the rows of a message with everything that holds others unfolded,
// the header too.
func (m *Model) fields(d *store.Detail) []treeRow {
	t := tree{d: d, folds: map[string]bool{"message/nlmsghdr": true, "message/genlmsghdr": true}}
	t.build()
	return t.rows
}

func keysOf(rows []treeRow) map[string]bool {
	out := make(map[string]bool, len(rows))
	for i := range rows {
		out[rows[i].key] = true
	}
	return out
}

// rowText is what a row says, without its indent.
func (m *Model) rowText(d *store.Detail, r *treeRow) string {
	if r.kind != rowNode {
		if r.value == "" {
			return r.name
		}
		return r.name + ": " + r.value
	}
	s := render.NodeName(d.Tree, r.node)
	m.scratch = render.AppendNode(m.scratch[:0], m.renderOptions(), &d.Event, r.node)
	if v := m.scratch; len(v) > 0 {
		s += ": " + string(v[:min(len(v), maxValue)])
	}
	return s
}

// compareKey acts on a key while two messages are compared.
func (m *Model) compareKey(key string) tea.Cmd {
	c, page := m.compare, m.height-3
	switch key {
	case "esc", "q", "C", "enter":
		m.compare = nil
		return nil
	case "j", "down":
		c.top++
	case "k", "up":
		c.top--
	case "pgdown", "ctrl+f", "space", "ctrl+d":
		c.top += page
	case "pgup", "ctrl+b", "ctrl+u":
		c.top -= page
	case "g", "home", "<":
		c.top = 0
	case "G", "end", ">":
		c.top = len(c.rows)
	case "l", "right":
		c.shift += 8
	case "h", "left":
		c.shift = max(c.shift-8, 0)
	case "n":
		for i := c.top + 1; i < len(c.rows); i++ {
			if c.rows[i].differs {
				c.top = i
				break
			}
		}
	case "?":
		return m.say("j k h l scroll, n goes to the next difference, esc goes back")
	default:
		return m.complain(keyName(key) + " does nothing here; j k h l scroll, n goes to the next difference, esc goes back")
	}
	c.top = max(min(c.top, len(c.rows)-page), 0)
	return nil
}

func (m *Model) drawCompare(w, h int) []string {
	c := m.compare
	half := (w - 3) / 2
	head := m.line(w)
	head.put(stRule, m.gl.rule)
	differ := 0
	for i := range c.rows {
		if c.rows[i].differs {
			differ++
		}
	}
	title := c.title
	if title == "" {
		title = " Frame " + strconv.Itoa(c.left.Event.Number) + " and frame " + strconv.Itoa(c.right.Event.Number) + " "
	}
	head.put(stTitleOn, title)
	head.put(stTitle, " "+plural(differ, "difference")+" ")
	head.repeat(stRule, m.gl.rule, w)
	out := []string{head.end()}
	for i := c.top; len(out) < h; i++ {
		l := m.line(w)
		if i < len(c.rows) {
			r := &c.rows[i]
			sign, st := " ", stText
			if r.differs {
				sign, st = m.gl.differs, stWarn
			}
			indent := spaces(min(2*r.depth, half/2))
			l.field(st, skip(indent+r.left, c.shift), half)
			l.put(stError, " "+sign+" ")
			l.put(st, skip(indent+r.right, c.shift))
		}
		out = append(out, l.end())
	}
	return out
}
