package tui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/nlsniff/nlsniff/render"
	"github.com/nlsniff/nlsniff/tui/store"
)

// reopenedMsg brings the file again, from its start.
type reopenedMsg struct {
	store *store.Store
	err   error
}

// followFile reads the file again and waits at its end for more.
func (m *Model) followFile() tea.Cmd {
	switch {
	case m.opt.Reopen == nil || m.st.Live:
		return m.complain("only a file that is not compressed can be followed; this is live, a pipe or the tour")
	case !m.st.Done:
		return m.complain("the file is followed already; G shows its end")
	}
	reopen := m.opt.Reopen
	m.say("reading the file again")
	return func() tea.Msg {
		s, err := reopen()
		return reopenedMsg{s, err}
	}
}

// reopened shows the file that was opened again.
func (m *Model) reopened(msg reopenedMsg) tea.Cmd {
	if msg.err != nil {
		return m.complain(render.Escape(msg.err.Error()))
	}
	old, text, in := m.store, m.filter.text, m.filter.in
	m.setFilter("", nil)
	mode := m.renderOptions().Time
	m.store, m.st = msg.store, msg.store.State()
	m.store.SetTime(mode, 0)
	m.st.Gen = -1 // everything is loaded anew
	m.found = findings{on: m.found.on}
	m.stats.have, m.ladder.id, m.reference, m.detailBusy, m.ladder.busy, m.stats.busy = false, 0, 0, false, false, false
	for i := range m.lists {
		m.lists[i].cache.busy = false
	}
	m.filter.env = m.store.FilterEnv()
	m.lists[viewMessages].follow, m.lists[viewExchanges].follow = true, true
	if in != nil {
		m.setFilter(text, in)
	}
	m.refresh()
	m.say("following the end of the file; up stops that, G does it again")
	return func() tea.Msg { old.Close(); return nil }
}
