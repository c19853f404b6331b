//go:build linux && (amd64 || arm64)

package main

import (
	"fmt"
	"io"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/nlsniff/nlsniff/capture/trace"
	"github.com/nlsniff/nlsniff/internal/interrupt"
	"github.com/nlsniff/nlsniff/internal/phrase"
)

// A command and its tracer are one job of the shell. What the terminal sends
// (Ctrl-C, Ctrl-Z) reaches both: the command does with it what it likes, and the
// tracer does as the command does. What somebody sends to the tracer alone is
// passed on.

// traceSignals are the signals of one run.
type traceSignals struct {
	stderr io.Writer
	ch     chan os.Signal
	quit   chan struct{}
	stops  atomic.Int32 // job control's signals that came to us as well
}

func newTraceSignals(stderr io.Writer) *traceSignals {
	return &traceSignals{stderr: stderr, ch: make(chan os.Signal, 16), quit: make(chan struct{})}
}

// follow begins to take signals. It comes after the command has started, which
// is to inherit what is ignored.
func (s *traceSignals) follow(src *trace.Source) {
	notify := interrupt.Notify
	if src.PID() != 0 {
		notify = signal.Notify // all of them: the command may have asked for them since
	}
	notify(s.ch, unix.SIGINT, unix.SIGQUIT, unix.SIGTERM, unix.SIGHUP, unix.SIGPIPE, unix.SIGUSR1, unix.SIGUSR2,
		unix.SIGTSTP, unix.SIGTTIN, unix.SIGTTOU)
	go func() {
		for {
			select {
			case <-s.quit:
				return
			case sig := <-s.ch:
				s.came(src, sig.(syscall.Signal))
			}
		}
	}()
}

func (s *traceSignals) came(src *trace.Source, sig syscall.Signal) {
	pid := src.PID()
	switch {
	case sig == unix.SIGPIPE:
		return // writing says so too
	case sig == unix.SIGTSTP || sig == unix.SIGTTIN || sig == unix.SIGTTOU:
		if pid == 0 {
			_ = unix.Kill(os.Getpid(), unix.SIGSTOP)
			return
		}
		s.stops.Store(1)
	case pid == 0:
		src.Stop()
	case src.CommandEnded():
		if left := src.Left(); len(left) > 0 {
			fmt.Fprintf(s.stderr, "nlsniff: the command has ended, but %s it started go on (%v): they are followed until they end; hint: kill them, or nlsniff with SIGKILL, which ends them too\n",
				phrase.Count(len(left), "process"), left)
		}
	case (sig == unix.SIGINT || sig == unix.SIGQUIT || sig == unix.SIGHUP) && inForeground():
		// The terminal has sent it to the command as well.
	default:
		_ = unix.Kill(pid, sig)
	}
}

// inForeground says whether this process is in the group that a terminal sends
// its signals to.
func inForeground() bool {
	f, err := os.Open("/dev/tty")
	if err != nil {
		return false
	}
	defer f.Close()
	group, err := unix.IoctlGetInt(int(f.Fd()), unix.TIOCGPGRP)
	return err == nil && group == unix.Getpgrp()
}

// commandStopped is called when job control has stopped the command.
func (s *traceSignals) commandStopped(trace.Signal) {
	// The signal came to the whole job, or will in a moment: the shell waits
	// for this process.
	_ = unix.Kill(os.Getpid(), unix.SIGSTOP)
}

func (s *traceSignals) stop() {
	signal.Stop(s.ch)
	close(s.quit)
}
