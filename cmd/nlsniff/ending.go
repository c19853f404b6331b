package main

import (
	"context"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"github.com/nlsniff/nlsniff/internal/interrupt"
)

// ending is what a signal does to a capture: the first ends it properly, the next
// the process. It is caught before anything is opened that has to be closed, so
// that whoever starts a capture may end it at once.
type ending struct {
	ch   chan os.Signal
	done chan struct{}

	mu     sync.Mutex
	wanted bool
	stop   func()
}

func catchSignals() *ending {
	e := &ending{ch: make(chan os.Signal, 1), done: make(chan struct{})}
	signal.Ignore(syscall.SIGPIPE) // writing says so too, and ends the capture properly
	interrupt.Notify(e.ch, os.Interrupt, syscall.SIGTERM, syscall.SIGQUIT, syscall.SIGHUP)
	go e.wait()
	return e
}

func (e *ending) wait() {
	select {
	case <-e.ch:
	case <-e.done:
		return
	}
	signal.Stop(e.ch)
	e.mu.Lock()
	defer e.mu.Unlock()
	e.wanted = true
	if e.stop != nil {
		e.stop()
	}
}

// stops says how to end, now that there is something to.
func (e *ending) stops(stop func()) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.stop = stop
	if e.wanted {
		stop()
	}
}

func (e *ending) release() {
	signal.Stop(e.ch)
	close(e.done)
}

// untilInterrupted returns a context that ends when somebody wants this process to.
func untilInterrupted() (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.Background())
	ch := make(chan os.Signal, 1)
	interrupt.Notify(ch, os.Interrupt, syscall.SIGTERM)
	go func() {
		select {
		case <-ch:
			cancel()
		case <-ctx.Done():
		}
		signal.Stop(ch)
	}()
	return ctx, cancel
}
