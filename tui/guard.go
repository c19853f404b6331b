package tui

import (
	"fmt"
	"os"
	"runtime/debug"
	"sync"

	tea "charm.land/bubbletea/v2"
)

// Guard starts goroutines that run beside the interface, and watches over the
// interface itself. If one panics, the terminal is put back before the program
// ends as Go would end it: with the panic, its stack, and status 2. Bubble Tea
// guards only its own, and closes the terminal while it is still being read.
type Guard struct {
	mu      sync.Mutex
	restore func() error // puts the terminal back, once there is something to put back
	says    string       // of a panic that waits for the interface to end
}

// Go runs a function in a goroutine.
func (g *Guard) Go(fn func()) {
	go func() {
		defer g.catch()
		fn()
	}()
}

func (g *Guard) catch() {
	r := recover()
	if r == nil {
		return
	}
	stack := debug.Stack()
	g.mu.Lock() // for good: another panic must not mix its words with these
	if g.restore != nil {
		_ = g.restore() // there is nobody to tell
	}
	end(words(r, stack))
}

func words(r any, stack []byte) string { return fmt.Sprintf("panic: %v\n\n%s", r, stack) }

func end(says string) {
	fmt.Fprint(os.Stderr, says)
	os.Exit(2)
}

// quit recovers, keeps what the first panic says until the interface is over,
// and tells whether there ever was one.
func (g *Guard) quit(r any) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if r != nil && g.says == "" {
		g.says = words(r, debug.Stack())
	}
	return g.says != ""
}

// panicked ends the program if the interface was left for a panic.
func (g *Guard) panicked() {
	g.mu.Lock()
	says := g.says
	g.mu.Unlock()
	if says != "" {
		end(says)
	}
}

// guarded is a model that quits when it panics, where it is asked for
// something or in one of its commands.
type guarded struct {
	tea.Model
	guard *Guard
	send  func(tea.Msg) // to the program that shows the model
}

func (m *guarded) Init() tea.Cmd { return m.cmd(m.Model.Init()) }

func (m *guarded) Update(msg tea.Msg) (model tea.Model, cmd tea.Cmd) {
	defer func() {
		if m.guard.quit(recover()) {
			model, cmd = m, tea.Quit
		}
	}()
	_, cmd = m.Model.Update(msg)
	return m, m.cmd(cmd)
}

func (m *guarded) View() (v tea.View) {
	defer func() {
		if m.guard.quit(recover()) {
			go m.send(tea.QuitMsg{}) // Bubble Tea waits for the view
		}
	}()
	return m.Model.View()
}

func (m *guarded) cmd(c tea.Cmd) tea.Cmd {
	if c == nil {
		return nil
	}
	return func() (msg tea.Msg) {
		defer func() {
			if m.guard.quit(recover()) {
				msg = tea.QuitMsg{}
			}
		}()
		msg = c()
		if batch, ok := msg.(tea.BatchMsg); ok {
			for i, c := range batch {
				batch[i] = m.cmd(c)
			}
		}
		return msg
	}
}

// over says what there is to put back; nil: nothing any more.
func (g *Guard) over(restore func() error) {
	g.mu.Lock()
	g.restore = restore
	g.mu.Unlock()
}
