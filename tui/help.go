package tui

import (
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/nlsniff/nlsniff/render"
)

// help is the list of keys over the whole screen.
type help struct {
	top  int
	text string // that is looked for
	at   int    // the line that has it, -1 for none
}

// showHelp shows the help, from its first key or from its first command on.
func (m *Model) showHelp(commands bool) tea.Cmd {
	m.help = &help{at: -1}
	if commands {
		for i, l := range m.helpLines() {
			if l.head == commandsHead {
				m.help.top = i
			}
		}
	}
	return nil
}

const commandsHead = "Commands behind :"

// findHelp goes to the next line of the help with a text, or to the one before.
func (m *Model) findHelp(step int) tea.Cmd {
	h, lines := m.help, m.helpLines()
	if h.text == "" {
		return m.complain("nothing to look for yet; / takes a text")
	}
	holds := holder(h.text)
	at := h.at
	if at < 0 {
		at = h.top - step
	}
	for range lines {
		at = (at + step + len(lines)) % len(lines)
		if l := &lines[at]; holds(l.head) || holds(l.keys) || holds(l.does) {
			h.at = at
			if page := m.height - 3; at < h.top || at >= h.top+page {
				h.top = at - page/3
			}
			h.top = max(min(h.top, len(lines)-(m.height-3)), 0)
			return nil
		}
	}
	h.at = -1
	return m.complain("the help has no " + strconv.Quote(render.Escape(h.text)))
}

// helpKey acts on a key while the help is shown.
func (m *Model) helpKey(key string) tea.Cmd {
	h, page := m.help, m.height-3
	most := max(len(m.helpLines())-page, 0)
	switch key {
	case "esc", "q", "?", "enter", "f1":
		m.help = nil
		return nil
	case "/":
		return m.ask(inputHelp, "")
	case "n":
		return m.findHelp(1)
	case "N":
		return m.findHelp(-1)
	case ":":
		m.help = nil
		return m.ask(inputCommand, "")
	case "j", "down":
		h.top++
	case "k", "up":
		h.top--
	case "pgdown", "ctrl+f", "space", "ctrl+d":
		h.top += page
	case "pgup", "ctrl+b", "ctrl+u":
		h.top -= page
	case "g", "home", "<":
		h.top = 0
	case "G", "end", ">":
		h.top = most
	}
	h.top = max(min(h.top, most), 0)
	return nil
}

// helpLine is one line of the help: a heading, or keys with what they do.
type helpLine struct{ head, keys, does string }

// helpLines is the help, what can be done here first.
func (m *Model) helpLines() []helpLine {
	var out []helpLine
	order := []where{m.here(), everywhere}
	for w := where(0); int(w) < len(whereNames); w++ {
		if w != m.here() && w != everywhere {
			order = append(order, w)
		}
	}
	for _, w := range order {
		out = append(out, helpLine{head: "Keys " + whereNames[w]})
		for i := range keymap {
			if b := &keymap[i]; b.where == w {
				out = append(out, helpLine{keys: keyNames(b), does: b.does})
			}
		}
		out = append(out, helpLine{})
	}
	out = append(out, helpLine{head: commandsHead})
	for _, c := range commands {
		if c.does != "" {
			out = append(out, helpLine{keys: strings.TrimSpace(c.names[0] + " " + c.args), does: c.does})
		}
	}
	out = append(out, helpLine{}, helpLine{head: "Mouse"})
	for _, l := range mouseHelp {
		out = append(out, helpLine{keys: l[0], does: l[1]})
	}
	return out
}

func keyNames(b *binding) string {
	var names []string
	for _, k := range b.keys {
		names = append(names, keyName(k))
	}
	return strings.Join(names, " ")
}

func (m *Model) drawHelp(w, h int) []string {
	head := m.line(w)
	head.put(stRule, m.gl.rule)
	head.put(stTitleOn, " Help ")
	head.repeat(stRule, m.gl.rule, w)
	out := []string{head.end()}
	lines := m.helpLines()
	for i := m.help.top; len(out) < h; i++ {
		l := m.line(w)
		if i < len(lines) {
			x := lines[i]
			if i == m.help.at {
				l.over = stCursor
			}
			if x.head != "" {
				l.put(stHead, x.head)
			} else if x.keys != "" {
				l.put(stText, "  ")
				l.field(stKey, x.keys, max(19, width(x.keys)+1))
				l.put(stText, x.does)
			}
			l.to(stText, w)
		}
		out = append(out, l.end())
	}
	return out
}

// KeysMarkdown is the page of the keys, docs/keys.md.
func KeysMarkdown() string {
	var b strings.Builder
	b.WriteString("# Keys of the terminal interface\n\nMade from the keymap by a test (`go test ./tui -run Keys -update`); `?` shows the same.\n")
	for w := range whereNames {
		b.WriteString("\n## " + strings.ToUpper(whereNames[w][:1]) + whereNames[w][1:] + "\n\n| key | |\n|---|---|\n")
		for i := range keymap {
			if x := &keymap[i]; int(x.where) == w {
				var names []string
				for _, k := range x.keys {
					names = append(names, "`"+keyName(k)+"`")
				}
				b.WriteString("| " + strings.Join(names, " ") + " | " + x.does + " |\n")
			}
		}
	}
	b.WriteString("\n## Commands\n\n| command | |\n|---|---|\n")
	for _, c := range commands {
		if c.does != "" {
			name := strings.ReplaceAll(strings.TrimSpace(c.names[0]+" "+c.args), "|", `\|`)
			b.WriteString("| `:" + name + "` | " + c.does + " |\n")
		}
	}
	b.WriteString("\n## Mouse\n\n| | |\n|---|---|\n")
	for _, l := range mouseHelp {
		b.WriteString("| " + l[0] + " | " + l[1] + " |\n")
	}
	b.WriteString(otherKeysMarkdown())
	return b.String()
}
