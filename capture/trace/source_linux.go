//go:build linux && (amd64 || arm64)

package trace

import (
	"fmt"
	"slices"

	"github.com/nlsniff/nlsniff/capture"
)

// Source yields what the traced processes say and hear. It is a
// capture.Source whose frames can be events.
type Source struct {
	tr     *tracer
	number int
	last   *record
}

// TraceError says that a process cannot be traced.
type TraceError struct {
	PID int // 0: the command
	Err error
	Why Obstacle
}

func (e *TraceError) Error() string {
	what := "the command"
	if e.PID != 0 {
		what = fmt.Sprintf("process %d", e.PID)
	}
	s := fmt.Sprintf("tracing %s: %v", what, e.Err)
	if why := e.Why.String(); why != "" {
		s += ": " + why
	}
	return s
}

func (e *TraceError) Unwrap() error { return e.Err }

// Open starts the command, or attaches to the processes. It returns a
// *LaunchError if the command cannot be started, and a *TraceError if something
// cannot be traced.
func Open(o Options) (*Source, error) {
	tr := &tracer{opt: o, out: newQueue(), threads: map[int]*thread{}, procs: map[int]*process{}, early: newBirths(), done: make(chan struct{}), left: map[int]bool{}}
	tr.notify = o.Notify
	spawn := o.Go
	if spawn == nil {
		spawn = func(f func()) { go f() }
	}
	keepSIGCHLD()
	started := make(chan error, 1)
	spawn(func() { tr.run(started) })
	if err := <-started; err != nil {
		return nil, err
	}
	return &Source{tr: tr}, nil
}

// Next fills f with the next datagram or event. It returns io.EOF when the last
// process is gone.
func (s *Source) Next(f *capture.Frame) error {
	r, err := s.tr.out.next()
	if err != nil {
		return err
	}
	s.last = r
	s.number++
	*f = r.frame
	f.Number = s.number
	return nil
}

// Stats counts the frames delivered. None are dropped: the traced wait.
func (s *Source) Stats() capture.Stats { return capture.Stats{Frames: uint64(s.number)} }

// Counts returns what was seen so far.
func (s *Source) Counts() Counts {
	c := &s.tr.counts
	return Counts{
		Processes: c.processes.Load(), Sockets: c.sockets.Load(), Sent: c.sent.Load(), Received: c.received.Load(),
		Cut: c.cut.Load(), Overruns: c.overruns.Load(), Failed: c.failed.Load(), Unseen: c.unseen.Load(), Slow: c.slow.Load(),
	}
}

// PID returns the process of the command, 0 if there is none.
func (s *Source) PID() int { return s.tr.leader }

// Wait returns when the last process has ended, or was let go of.
func (s *Source) Wait() { <-s.tr.done }

// CommandEnded says that the command has ended; processes that it started may
// go on.
func (s *Source) CommandEnded() bool { return s.tr.ended.Load() }

// Left lists the processes that still run.
func (s *Source) Left() (pids []int) {
	s.tr.mu.Lock()
	defer s.tr.mu.Unlock()
	for pid := range s.tr.left {
		pids = append(pids, pid)
	}
	slices.Sort(pids)
	return pids
}

// ExitCode is what the command ended with: its exit code, or 128 and the
// signal that killed it. It is valid after io.EOF.
func (s *Source) ExitCode() int {
	ws := s.tr.status
	if ws.Signaled() {
		return 128 + int(ws.Signal())
	}
	return ws.ExitStatus()
}

// Stop detaches from processes that ran before; their command's source ends
// when the command does.
func (s *Source) Stop() {
	if s.tr.leader != 0 {
		return
	}
	s.tr.stopping.Store(true)
	s.tr.bell.ring()
}

// Close ends reading. A command goes on, and nobody sees what it says.
func (s *Source) Close() error {
	s.tr.out.leave()
	return nil
}

var _ capture.Source = (*Source)(nil)
