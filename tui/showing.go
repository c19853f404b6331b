package tui

import (
	"slices"

	tea "charm.land/bubbletea/v2"
)

// goTo gives the keys to a pane, and shows it if it was hidden.
func (m *Model) goTo(p pane) tea.Cmd {
	if p < paneLadder {
		m.sizes.Hidden[p] = false
	}
	m.focus = p
	m.place()
	m.showSelection()
	return nil
}

// show shows a view.
func (m *Model) show(v view) {
	if m.view == v {
		return
	}
	m.search.stop()
	m.view, m.focus, m.zoom = v, paneList, false
	m.place()
}

// cycle gives the keys to the next pane that is shown.
func (m *Model) cycle(n int) tea.Cmd {
	panes := panesOf[m.view]
	at := slices.Index(panes, m.focus)
	for range panes {
		at = (at + n + len(panes)) % len(panes)
		if p := panes[at]; p >= paneLadder || !m.sizes.Hidden[p] {
			m.focus = p
			break
		}
	}
	if len(panes) == 1 {
		m.say("there is one pane here")
	}
	m.place()
	m.showSelection()
	return nil
}

// back undoes the last thing that stands in the way, one at a time.
func (m *Model) back() tea.Cmd {
	switch {
	case m.zoom:
		m.zoom = false
	case m.focus != paneList:
		return m.goTo(paneList)
	case m.view != viewMessages:
		m.show(viewMessages)
	case m.filter.run != nil:
		m.setFilter("", nil)
		return m.say("all messages are shown again")
	default:
		return m.say("nothing to go back from; q quits")
	}
	return nil
}

// resize makes the pane with the keys larger by so many percent.
func (m *Model) resize(n int) tea.Cmd {
	switch m.focus {
	case paneList:
		m.sizes.List = max(min(m.sizes.List+n, 85), 15)
	case paneDetail:
		m.sizes.Detail = max(min(m.sizes.Detail+n, 80), 20)
	default:
		m.sizes.Detail = max(min(m.sizes.Detail-n, 80), 20)
	}
	m.place()
	m.showSelection()
	return nil
}

func (m *Model) hide(p pane) tea.Cmd {
	m.sizes.Hidden[p] = !m.sizes.Hidden[p]
	if m.sizes.Hidden[p] && m.focus == p {
		m.focus = paneList
	}
	m.place()
	m.showSelection()
	return nil
}

func (m *Model) nextColours() tea.Cmd {
	m.opt.Theme = nextTheme(m.th.name)
	m.kept.Theme = m.opt.Theme
	m.setTheme(m.opt.Theme)
	return m.say("colours: " + m.th.name)
}
