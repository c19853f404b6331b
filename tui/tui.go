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
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/nlsniff/nlsniff/filter"
	"github.com/nlsniff/nlsniff/tui/store"
)

// Options say how the interface looks and behaves.
type Options struct {
	Name    string   // of what is shown
	Notice  []string // lines in a box until a key is pressed
	Warning string   // on the bottom line until a key is pressed
	Theme   string   // dark, light, contrast, none; auto or "": what fits the terminal
	ASCII   bool     // no sign that is not in ASCII
	NoMouse bool
	Env     func(string) string // environment variables, nil: none
	Guard   *Guard              // of what runs beside, or nil
	Replay  Replay              // nil if nothing can be replayed
	Filter  *filter.Filter      // in force from the start, or nil

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
	m.recall(recollect(path))
	if o.Filter != nil {
		m.setFilter(o.Filter.String(), o.Filter)
	}
	p := tea.NewProgram(m, tea.WithFilter(quietly))
	if o.Guard != nil {
		o.Guard.over(p.ReleaseTerminal)
		defer o.Guard.over(nil)
	}
	ended := onSignals(p)
	_, err := p.Run()
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
	return remembered{Sizes: m.sizes, Filter: m.input.history[inputFilter]}
}

// recall takes in what the last run left.
func (m *Model) recall(r remembered) {
	m.sizes, m.input.history[inputFilter] = r.Sizes, r.Filter
}
