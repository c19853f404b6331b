package tui

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/nlsniff/nlsniff/render"
)

// completion is what Tab offers behind a colon.
type completion struct {
	head  string   // what stands before it
	offer []string // what can stand there
	pick  int      // of these, -1 for none yet
}

// completedMsg brings what can stand at the end of a text.
type completedMsg struct {
	text string
	completion
}

// completes takes Tab behind a colon: what is common to all that can stand there
// first, then one after the other.
func (m *Model) completes(step int) tea.Cmd {
	c := &m.tab
	if len(c.offer) > 1 {
		if c.pick < 0 && step < 0 {
			c.pick = 0
		}
		c.pick = (c.pick + step + len(c.offer)) % len(c.offer)
		m.setInput(c.head + c.offer[c.pick])
		return nil
	}
	text, env := m.input.field.Value(), m.opt.Env
	name, arg, behind := strings.Cut(text, " ")
	if !behind {
		return m.gotCompleted(completedMsg{text, completion{"", commandsWith(name), -1}})
	}
	at := slices.IndexFunc(commands, func(x command) bool { return x.run != nil && slices.Contains(x.names, name) })
	switch {
	case at < 0:
		return nil
	case commands[at].words != nil:
		k := strings.LastIndexAny(arg, " ,") + 1
		var fit []string
		for _, w := range commands[at].words(m) {
			if strings.HasPrefix(w, arg[k:]) {
				fit = append(fit, w)
			}
		}
		return m.gotCompleted(completedMsg{text, completion{name + " " + arg[:k], fit, -1}})
	case commands[at].args != "FILE":
		return nil
	}
	return func() tea.Msg {
		dir, base := filepath.Split(arg)
		return completedMsg{text, completion{name + " " + dir, filesWith(expandHome(dir, env), base), -1}}
	}
}

// commandsWith are the commands that begin with a text.
func commandsWith(text string) (list []string) {
	for _, c := range commands {
		if c.run != nil && c.does != "" && strings.HasPrefix(c.names[0], text) {
			list = append(list, c.names[0])
		}
	}
	return list
}

// maxFiles is how many files are offered.
const maxFiles = 200

// filesWith are the files of a folder that begin with a text.
func filesWith(dir, text string) (list []string) {
	if dir == "" {
		dir = "."
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	for _, e := range entries {
		name := e.Name()
		if !strings.HasPrefix(name, text) || text == "" && name[0] == '.' || render.Plain(name) != name {
			continue
		}
		if e.IsDir() {
			name += "/"
		}
		if list = append(list, name); len(list) == maxFiles {
			break
		}
	}
	return list
}

// gotCompleted puts what was found into the text, as far as all agree.
func (m *Model) gotCompleted(msg completedMsg) tea.Cmd {
	m.tab = completion{}
	if m.input.mode != inputCommand || m.input.field.Value() != msg.text || len(msg.offer) == 0 {
		return nil
	}
	common := msg.offer[0]
	for _, s := range msg.offer {
		for !strings.HasPrefix(s, common) {
			common = common[:len(common)-1]
		}
	}
	common = strings.ToValidUTF8(common, "")
	if len(msg.offer) == 1 && !strings.HasSuffix(common, "/") {
		common += " "
	}
	if len(msg.offer) > 1 {
		m.tab = msg.completion
	}
	m.setInput(msg.head + common)
	return nil
}

func (m *Model) setInput(text string) {
	m.input.field.SetValue(text)
	m.input.clean()
	m.input.field.CursorEnd()
}

// drawCompletion returns the lines of what Tab offers, above the bar.
func (m *Model) drawCompletion() []string {
	c := &m.tab
	first := max(min(c.pick-maxOffers/2, len(c.offer)-maxOffers), 0)
	var out []string
	for i := first; i < min(first+maxOffers, len(c.offer)); i++ {
		l := m.line(m.width)
		mark := "  "
		if i == c.pick {
			l.over, mark = stCursor, m.gl.cursor+" "
		}
		l.put(stBar, mark)
		l.put(stBarName, c.offer[i])
		l.to(stBar, m.width)
		out = append(out, l.end())
	}
	return out
}

// expandHome replaces a tilde at the start of a path by the home folder.
func expandHome(path string, env func(string) string) string {
	if path != "~" && !strings.HasPrefix(path, "~/") || env == nil {
		return path
	}
	home := env("HOME")
	if home == "" {
		return path
	}
	return home + path[1:]
}
