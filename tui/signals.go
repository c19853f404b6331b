package tui

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	tea "charm.land/bubbletea/v2"
)

// SignalError says that a signal ended the interface.
type SignalError struct{ Signal os.Signal }

func (e *SignalError) Error() string { return "ended by " + e.Signal.String() }

// Code is the exit code that a shell gives a program which the signal ended.
func (e *SignalError) Code() int {
	n, _ := e.Signal.(syscall.Signal)
	return 128 + int(n)
}

// endsWithin is how long the model has to end properly after a signal.
const endsWithin = 2 * time.Second

// onSignals ends a program properly on the signals that Bubble Tea leaves to
// their default, which is to leave the terminal as it is: those of a terminal
// that goes away, and of Ctrl-\ from outside. If the model does not end, because
// it hangs, the terminal is put back without it. The function that it returns
// stops that, and returns the signal that came.
func onSignals(p *tea.Program) (stop func() os.Signal) {
	ch := make(chan os.Signal, 1)
	done, over := make(chan struct{}), make(chan struct{})
	signal.Notify(ch, syscall.SIGHUP, syscall.SIGQUIT)
	var came os.Signal
	go func() {
		defer close(over)
		select {
		case came = <-ch:
		case <-done:
			return
		}
		p.Quit()
		select {
		case <-done:
		case <-ch:
			giveUp(p, came)
		case <-time.After(endsWithin):
			giveUp(p, came)
		}
	}()
	return func() os.Signal {
		signal.Stop(ch)
		close(done)
		<-over
		return came
	}
}

func giveUp(p *tea.Program, sig os.Signal) {
	_ = p.ReleaseTerminal() // there is nobody to tell
	fmt.Fprintf(os.Stderr, "nlsniff: the interface did not answer to %v\n", sig)
	os.Exit((&SignalError{sig}).Code())
}
