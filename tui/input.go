package tui

import (
	"strings"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"github.com/nlsniff/nlsniff/render"
)

// inputMode is what the bottom line asks for.
type inputMode uint8

const (
	inputOff inputMode = iota
	inputFind
	inputCommand
	inputFilter
	inputHelp
)

var inputPrompts = [...]string{inputFind: "/", inputCommand: ":", inputFilter: `? filter: `, inputHelp: "find in the help: "}

// input is the line at the bottom where text is typed.
type input struct {
	mode    inputMode
	field   textinput.Model
	history [8][]string // by mode
	at      int         // in the history, len: not in it
	draft   string      // what was typed before going into it
}

// maxInput is how many characters can be typed.
const maxInput = 4096

func newInput() input {
	f := textinput.New()
	f.Prompt = ""
	f.SetVirtualCursor(false)
	f.SetStyles(textinput.Styles{})
	f.CharLimit = maxInput
	return input{field: f}
}

// ask starts to take text.
func (m *Model) ask(mode inputMode, text string) tea.Cmd {
	in := &m.input
	in.mode, in.at = mode, len(in.history[mode])
	in.field.SetValue(render.Plain(text))
	in.field.CursorEnd()
	in.field.SetWidth(max(m.width-4, 1))
	return in.field.Focus()
}

// inputKey acts on a key while text is typed.
func (m *Model) inputKey(msg tea.KeyPressMsg) tea.Cmd {
	in := &m.input
	if in.mode == inputFilter && m.filterKey(msg.String()) {
		return m.compile()
	}
	if key := msg.String(); in.mode == inputCommand && (key == "tab" || key == "shift+tab") {
		return m.completes(map[bool]int{true: 1, false: -1}[key == "tab"])
	}
	m.tab = completion{}
	switch msg.String() {
	case "esc", "ctrl+g":
		in.mode = inputOff
		return nil
	case "enter":
		text, mode := in.field.Value(), in.mode
		if mode == inputFilter {
			in.remember(mode, text)
			m.filter.enter = true
			return m.compile()
		}
		in.mode = inputOff
		m.note = note{}
		if text != "" {
			in.remember(mode, text)
		}
		return m.entered(mode, text)
	case "up", "ctrl+p":
		in.recall(-1)
		return m.changed(nil)
	case "down", "ctrl+n":
		in.recall(1)
		return m.changed(nil)
	case "backspace":
		if in.field.Value() == "" {
			in.mode = inputOff
			return nil
		}
	}
	var cmd tea.Cmd
	in.field, cmd = in.field.Update(msg)
	in.clean()
	return m.changed(cmd)
}

// clean escapes what a terminal would act on, if that was typed or pasted: each
// character is then where the cursor thinks that it is.
func (in *input) clean() {
	if v := in.field.Value(); render.Plain(v) != v {
		in.field.SetValue(render.Plain(v))
		in.field.CursorEnd()
	}
}

// changed has a filter looked at that was typed at.
func (m *Model) changed(cmd tea.Cmd) tea.Cmd {
	if m.input.mode == inputFilter {
		return tea.Batch(cmd, m.compile())
	}
	return cmd
}

// pasted takes pasted text, in one line.
func (m *Model) pasted(text string) tea.Cmd {
	if m.input.mode == inputOff {
		return m.complain("text can be pasted where it is asked for: behind /, : or \\")
	}
	text = strings.Join(strings.Fields(text), " ")
	var cmd tea.Cmd
	m.input.field, cmd = m.input.field.Update(tea.PasteMsg{Content: text})
	m.input.clean()
	return m.changed(cmd)
}

func (in *input) remember(mode inputMode, text string) {
	h := in.history[mode]
	if len(h) == 0 || h[len(h)-1] != text {
		in.history[mode] = append(h, text)
	}
}

// recall goes through what was typed before.
func (in *input) recall(n int) {
	h := in.history[in.mode]
	if in.at == len(h) {
		in.draft = in.field.Value()
	}
	in.at = max(min(in.at+n, len(h)), 0)
	if in.at == len(h) {
		in.field.SetValue(in.draft)
	} else {
		in.field.SetValue(h[in.at])
	}
	in.clean()
	in.field.CursorEnd()
}

// draw puts the line where text is typed.
func (in *input) draw(m *Model, l *line) {
	if in.mode == inputFilter {
		m.drawFilter(l)
		return
	}
	l.put(stKey, inputPrompts[in.mode])
	l.put(stText, strings.TrimRight(in.field.View(), " "))
}

// cursor is where the terminal's cursor is on line y.
func (in *input) cursor(y int) *tea.Cursor {
	c := in.field.Cursor()
	if c == nil {
		return nil
	}
	c.X += width(inputPrompts[in.mode])
	c.Y = y
	return c
}

// entered acts on a text.
func (m *Model) entered(mode inputMode, text string) tea.Cmd {
	switch mode {
	case inputFind:
		m.search.asked = text
		return m.offer(text)
	case inputHelp:
		if m.help != nil && text != "" {
			m.help.text, m.help.at = text, -1
			return m.findHelp(1)
		}
		return nil
	case inputCommand:
		return m.command(strings.TrimSpace(text))
	}
	return nil
}
