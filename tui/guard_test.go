package tui

import (
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
)

// panics is a model that panics in one place.
type panics struct{ where string }

func (p panics) in(where string) {
	if p.where == where {
		panic("in " + where)
	}
}

func (p panics) Init() tea.Cmd { return nil }

func (p panics) Update(tea.Msg) (tea.Model, tea.Cmd) {
	p.in("update")
	command := func() tea.Msg { p.in("command"); return nil }
	return p, tea.Batch(command, tea.Batch(command, func() tea.Msg { p.in("batch"); return nil }))
}

func (p panics) View() tea.View { p.in("view"); return tea.NewView("") }

// TestGuarded: wherever the interface panics, it quits as if it had been asked
// to, and what is said afterwards names the place.
func TestGuarded(t *testing.T) {
	for _, where := range []string{"update", "command", "batch", "view", "nowhere"} {
		t.Run(where, func(t *testing.T) {
			quits := make(chan tea.Msg, 10)
			send := func(msg tea.Msg) { quits <- msg }
			m := &guarded{Model: panics{where}, guard: &Guard{}, send: send}
			var run func(tea.Cmd)
			run = func(cmd tea.Cmd) {
				switch msg := cmd().(type) {
				case tea.BatchMsg:
					for _, c := range msg {
						run(c)
					}
				case tea.QuitMsg:
					send(msg)
				}
			}
			_, cmd := m.Update(nil)
			run(cmd)
			m.View()
			if where == "nowhere" {
				if len(quits) > 0 || m.guard.says != "" {
					t.Errorf("%d quits for nothing; %q", len(quits), m.guard.says)
				}
				return
			}
			select {
			case <-quits:
			case <-time.After(time.Minute):
				t.Fatal("does not quit")
			}
			if says := m.guard.says; !strings.Contains(says, "panic: in "+where) || !strings.Contains(says, "guard_test.go") {
				t.Errorf("says %s", says)
			}
		})
	}
}
