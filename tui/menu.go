package tui

import tea "charm.land/bubbletea/v2"

// menu is a list of choices above the bottom line.
type menu struct {
	title  string
	items  []menuItem
	cursor int
}

// menuItem is one choice.
type menuItem struct {
	key, text string
	run       func(*Model) tea.Cmd
}

// menuKey acts on a key while a menu is open.
func (m *Model) menuKey(key string) tea.Cmd {
	n := len(m.menu.items)
	switch key {
	case "esc", "q":
		m.menu = nil
		return nil
	case "j", "down", "tab":
		if m.menu.item("j") < 0 || key != "j" {
			m.menu.cursor = (m.menu.cursor + 1) % n
			return nil
		}
	case "k", "up", "shift+tab":
		m.menu.cursor = (m.menu.cursor + n - 1) % n
		return nil
	case "enter":
		return m.chosen(m.menu.cursor)
	}
	if i := m.menu.item(key); i >= 0 {
		return m.chosen(i)
	}
	return nil
}

// item is the choice with a key, -1 if there is none.
func (n *menu) item(key string) int {
	for i := range n.items {
		if n.items[i].key == key {
			return i
		}
	}
	return -1
}

func (m *Model) chosen(i int) tea.Cmd {
	item := m.menu.items[i]
	m.menu = nil
	return item.run(m)
}

// drawMenu returns the lines of the menu.
func (m *Model) drawMenu() []string {
	head := m.line(m.width)
	head.put(stRule, m.gl.rule)
	head.put(stTitleOn, " "+m.menu.title+" ")
	head.repeat(stRule, m.gl.rule, m.width)
	out := []string{head.end()}
	for i, item := range m.menu.items {
		l := m.line(m.width)
		mark := " "
		if i == m.menu.cursor {
			l.over, mark = stCursor, m.gl.cursor
		}
		l.put(stText, mark)
		l.put(stKey, " "+item.key+" ")
		l.put(stText, " "+item.text)
		l.to(stText, m.width)
		out = append(out, l.end())
	}
	return out
}

// overlay puts lines over the last of others; the first is the screen's top.
func (m *Model) overlay(lines, over []string) {
	room := len(lines) - 1
	if len(over) > room {
		over = over[:room]
	}
	copy(lines[len(lines)-len(over):], over)
}
