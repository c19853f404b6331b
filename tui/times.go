package tui

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"github.com/nlsniff/nlsniff/render"
)

// timeModes are the ways to show time, in the order in which t goes through
// them. A row does not know which one is shown before it.
var timeModes = slices.DeleteFunc(slices.Clone(render.TimeModes), func(t timeMode) bool { return t.Mode == render.TimeShown })

type timeMode = struct {
	Mode render.TimeMode
	Name string
	Text string
}

// timeNames are their names.
func timeNames() (out []string) {
	for _, t := range timeModes {
		out = append(out, t.Name)
	}
	return out
}

func (m *Model) nextTime() tea.Cmd {
	now := m.renderOptions().Time
	for i, t := range timeModes {
		if t.Mode == now {
			return m.setTime(timeModes[(i+1)%len(timeModes)].Mode, 0)
		}
	}
	return m.setTime(render.TimeOfDay, 0)
}

// setTime changes how times are shown; reference is the time to count from, 0
// for the one that is in use.
func (m *Model) setTime(mode render.TimeMode, reference int64) tea.Cmd {
	m.store.SetTime(mode, reference)
	m.refresh()
	for _, t := range timeModes {
		if t.Mode == mode {
			m.kept.Time = t.Name
			return m.say("times are " + t.Text)
		}
	}
	return nil
}

func (m *Model) timeReference() tea.Cmd {
	r := m.list().cache.get(m.list().cursor)
	if r == nil {
		return m.complain("there is no message to count from")
	}
	if m.reference == r.Row+1 {
		m.reference = 0
		m.setTime(render.TimeRelative, m.firstTime)
		return m.say("time counts from the first frame again")
	}
	if m.reference == 0 {
		m.firstTime = m.st.Start
	}
	m.reference = r.Row + 1
	m.setTime(render.TimeRelative, r.When)
	return m.say("time counts from this message; T here again counts from the first")
}
