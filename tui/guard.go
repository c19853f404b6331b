package tui

import (
	"fmt"
	"os"
	"runtime/debug"
	"sync"
)

// Guard starts goroutines that run beside the interface. If one panics, the
// terminal is put back before the program ends as Go would end it: with the
// panic, its stack, and status 2. Bubble Tea guards only its own.
type Guard struct {
	mu      sync.Mutex
	restore func() error // puts the terminal back, once there is something to put back
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
	fmt.Fprintf(os.Stderr, "panic: %v\n\n%s", r, stack)
	os.Exit(2)
}

// over says what there is to put back; nil: nothing any more.
func (g *Guard) over(restore func() error) {
	g.mu.Lock()
	g.restore = restore
	g.mu.Unlock()
}
