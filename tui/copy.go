package tui

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/nlsniff/nlsniff/render"
	"github.com/nlsniff/nlsniff/tui/store"
)

const nothingToCopy = "there is no message to copy from"

// copyMenu asks what to copy.
func (m *Model) copyMenu() tea.Cmd {
	if m.detail.tree.d == nil {
		return m.complain(nothingToCopy)
	}
	what := "the message"
	if from, to := m.copied(); m.focus != paneList && to > from && m.detail.row() != nil && m.detail.row().key != "message" {
		what = "the field"
	}
	as := func(name string, fn func([]byte) string) func(*Model) tea.Cmd {
		return func(m *Model) tea.Cmd { return m.copyBytes(name, fn) }
	}
	m.menu = &menu{title: "Copy", items: []menuItem{
		{"v", "value of the field", (*Model).copyValue},
		{"l", "line of the message", (*Model).copyLine},
		{"t", "tree of the message", (*Model).copyTree},
		{"j", "JSON of the message", (*Model).copyJSON},
		{"f", "filter for the field", (*Model).copyFilter},
		{"x", "bytes of " + what + " as hex", as("hex", hex.EncodeToString)},
		{"g", "… as Go", as("Go", goBytes)},
		{"c", "… as C", as("C", cBytes)},
		{"p", "… as Python", as("Python", pythonBytes)},
	}}
	return nil
}

// put hands text to the terminal's clipboard (OSC 52).
func (m *Model) put(what, text string) tea.Cmd {
	if text == "" {
		return m.complain("there is nothing to copy")
	}
	m.say("copied " + what + ", " + plural(len(text), "byte") + "; if it does not arrive, the terminal does not take OSC 52")
	return tea.SetClipboard(text)
}

// copied is the bytes that are copied: those of the chosen field, or of the
// message where the list has the keys.
func (m *Model) copied() (from, to int) {
	if m.focus != paneList {
		if from, to = m.detail.selection(); to > from {
			return from, to
		}
	}
	return m.ownBytes()
}

func (m *Model) copyBytes(name string, fn func([]byte) string) tea.Cmd {
	d := m.detail.tree.d
	if d == nil {
		return m.complain(nothingToCopy)
	}
	from, to := m.copied()
	for _, s := range d.Hidden {
		if s.From < to && from < s.To {
			return m.complain("these bytes hold key material; nlsniff --show-secrets copies it too")
		}
	}
	return m.put(name, fn(d.Tree.Data[from:to]))
}

func (m *Model) copyValue() tea.Cmd {
	r := m.detail.row()
	switch {
	case r == nil:
		return m.complain("there is no field")
	case r.kind == rowNode:
		return m.put("the value", m.nodeValue(r.node))
	case r.value != "":
		return m.put("the value", r.value)
	}
	return m.put("the name", r.name)
}

func (m *Model) copyFilter() tea.Cmd {
	return m.withField(func(m *Model, expr string) tea.Cmd { return m.put("the filter", expr) })
}

func (m *Model) copyLine() tea.Cmd {
	d := m.detail.tree.d
	if d == nil || d.Message < 0 {
		return m.complain("the frame holds no message")
	}
	o := m.renderOptions()
	return m.put("the line", string(render.AppendMessage(nil, o, &d.Event, &d.Tree.Msgs[d.Message])))
}

func (m *Model) copyTree() tea.Cmd {
	if m.detail.tree.d == nil {
		return m.complain(nothingToCopy)
	}
	return m.put("the tree", string(m.printed(render.NewTree(m.renderOptions()))))
}

func (m *Model) copyJSON() tea.Cmd {
	d := m.detail.tree.d
	if d == nil {
		return m.complain(nothingToCopy)
	}
	lines := bytes.Split(m.printed(render.NewJSON(m.renderOptions(), false)), []byte("\n"))
	own := 0
	for i := range d.Tree.Msgs {
		if i == d.Message {
			break
		}
		if d.Tree.Msgs[i].EchoOf < 0 {
			own++
		}
	}
	if own >= len(lines) {
		return m.complain("the frame holds no message")
	}
	return m.put("JSON", string(lines[own]))
}

// printed is the frame as a printer prints it.
func (m *Model) printed(p render.Printer) []byte { return p.Frame(nil, &m.detail.tree.d.Event) }

// list12 writes bytes, twelve a line.
func list12(b []byte, indent string) string {
	var out strings.Builder
	for i, c := range b {
		switch {
		case i%12 == 0:
			out.WriteString("\n" + indent)
		default:
			out.WriteByte(' ')
		}
		fmt.Fprintf(&out, "0x%02x,", c)
	}
	return out.String()
}

func goBytes(b []byte) string { return "[]byte{" + list12(b, "\t") + "\n}\n" }

func cBytes(b []byte) string {
	return fmt.Sprintf("unsigned char msg[%d] = {", len(b)) + list12(b, "\t") + "\n};\n"
}

func pythonBytes(b []byte) string {
	return "bytes([" + list12(b, "    ") + "\n])\n"
}

// saveMenu asks what to save; the file's name is asked for as a command, which
// can be edited.
func (m *Model) saveMenu() tea.Cmd {
	first, end := m.span()
	if first == end {
		return m.complain("there is nothing to save")
	}
	m.menu = &menu{title: "Save to a pcapng file", items: []menuItem{
		{"a", "all " + plural(end-first, "message") + " of the list", func(m *Model) tea.Cmd { return m.ask(inputCommand, "w ") }},
		{"s", "the frame of the chosen message", func(m *Model) tea.Cmd { return m.ask(inputCommand, "ws ") }},
	}}
	return nil
}

// save writes the frames of all rows, or of the chosen one, to a file.
func (m *Model) save(file string, all, over bool) tea.Cmd {
	if file == "" {
		return m.complain("w needs the name of a file")
	}
	file = expandHome(file, m.opt.Env)
	first, end := m.span()
	if first == end {
		return m.complain("there is nothing to save")
	}
	from, to := m.list().cursor, m.list().cursor+1
	if all {
		from, to = first, end
	}
	rows := make([]int, 0, to-from)
	for pos := from; pos < to; pos++ {
		rows = append(rows, m.rowAt(pos))
	}
	s := m.store
	m.say("saving to " + render.Escape(file))
	return func() tea.Msg {
		done, err := s.Save(file, rows, over)
		if err != nil {
			return doneMsg{render.Escape(saveError(file, err)), true}
		}
		return doneMsg{"saved " + done.String() + " to " + render.Escape(file), false}
	}
}

func saveError(file string, err error) string {
	if store.Exists(err) {
		return file + " is there already; :w! " + file + " writes over it"
	}
	return "not saved: " + err.Error()
}
