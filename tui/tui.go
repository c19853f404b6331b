// Package tui is the terminal interface: a list of messages, each with its
// fields and its bytes. It follows the way of Bubble Tea: one Model takes
// messages in and draws the screen, commands do what takes time. It shows what
// a store.Store holds; a source that captures fills the store and never waits
// for the screen.
//
// Stability: v0, a part of nlsniff's own; it may change in any version.
package tui

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/nlsniff/nlsniff/filter"
	"github.com/nlsniff/nlsniff/tui/store"
)

// Options say how the interface looks and behaves.
type Options struct {
	Name    string              // of what is shown
	Notice  []string            // lines in a box until a key is pressed
	Warning string              // on the bottom line until a key is pressed
	Theme   string              // one of themeNames; auto: what fits the terminal; "": also, if none is remembered
	Columns map[string][]string // by view; what is missing is as it was left
	Time    bool                // how times are shown is settled; if not, it is as it was left
	ASCII   bool                // no sign that is not in ASCII
	NoMouse bool
	Env     func(string) string // environment variables, nil: none
	Guard   *Guard              // of what runs beside, or nil
	Replay  Replay              // nil if nothing can be replayed
	// Reopen, if not nil, opens the file again to wait at its end for more.
	Reopen func() (*store.Store, error)
	Filter *filter.Filter // in force from the start, or nil

	// after returns a command that brings a message after a time. Tests have
	// one that does not wait.
	after func(time.Duration, tea.Msg) tea.Cmd
}

// Run shows a store on the terminal until the user quits. The terminal is put
// back whatever happens.
func Run(s *store.Store, o Options) error {
	if o.after == nil {
		o.after = func(d time.Duration, msg tea.Msg) tea.Cmd {
			return tea.Tick(d, func(time.Time) tea.Msg { return msg })
		}
	}
	if o.Env == nil {
		o.Env = func(string) string { return "" }
	}
	if o.Env("NO_COLOR") != "" {
		o.Theme = "none"
	}
	m := newModel(o, s)
	path := layoutFile(o.Env)
	last, warning := recollect(path)
	if m.recall(last); warning != "" && o.Warning == "" {
		m.complain(warning)
	}
	if o.Filter != nil {
		m.setFilter(o.Filter.String(), o.Filter)
	}
	guard := o.Guard
	if guard == nil {
		guard = &Guard{}
	}
	model := &guarded{Model: m, guard: guard}
	p := tea.NewProgram(model, tea.WithFilter(quietly))
	model.send = p.Send
	guard.over(p.ReleaseTerminal)
	defer guard.over(nil)
	ended := onSignals(p)
	_, err := p.Run()
	guard.panicked()
	sig := ended()
	remember(path, m.remembered())
	if errors.Is(err, context.Canceled) {
		err = nil
	}
	if err == nil && sig != nil {
		err = &SignalError{sig}
	}
	return err
}

// quietly makes SIGINT an end like any other: Bubble Tea breaks off there, and
// closes the terminal while it is still being read.
func quietly(_ tea.Model, msg tea.Msg) tea.Msg {
	if _, ok := msg.(tea.InterruptMsg); ok {
		return tea.QuitMsg{}
	}
	return msg
}

// remembered is what the next run is to know.
func (m *Model) remembered() remembered {
	r := m.kept
	r.Sizes, r.Filter = m.sizes, m.input.history[inputFilter]
	r.Columns = map[string][]string{}
	for v, list := range m.chosenColumns {
		if name := strings.ToLower(viewNames[v]); m.opt.Columns[name] != nil {
			if old := m.kept.Columns[name]; old != nil {
				r.Columns[name] = old // config.json has its own
			}
		} else if len(list) > 0 {
			r.Columns[name] = list
		}
	}
	return r
}

// recall takes in what the last run left, where nothing else was said.
func (m *Model) recall(r remembered) {
	m.kept = r
	m.sizes, m.input.history[inputFilter] = r.Sizes, r.Filter
	if m.opt.Theme == "" && slices.Contains(themeNames, r.Theme) {
		m.opt.Theme = r.Theme
		m.setTheme(r.Theme)
	}
	for _, t := range timeModes {
		if !m.opt.Time && t.Name == r.Time {
			m.store.SetTime(t.Mode, 0)
			m.refresh()
		}
	}
	left, _ := columnsOfViews(r.Columns)
	said, _ := columnsOfViews(m.opt.Columns)
	for v := range numViews {
		if m.chosenColumns[v] = said[v]; said[v] == nil {
			m.chosenColumns[v] = left[v]
		}
	}
}
