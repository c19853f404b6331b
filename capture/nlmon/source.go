//go:build linux

package nlmon

import (
	"errors"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/nlsniff/nlsniff/capture"
)

// Interface is one that a Source listens on.
type Interface struct {
	Name      string
	Namespace string // as in Options.Namespaces, "" for the process's own
	NetNS     uint64 // inode number of the namespace
	Created   bool   // by Open
}

// Counters are what became of the frames.
type Counters struct {
	Captured uint64 // delivered by Next
	Filtered uint64 // let through by the kernel's filter, but not by Keep
	Dropped  uint64 // lost, as there was no room
	Large    uint64 // of these, too large for the ring, and with no room beside it
	Full     uint64 // how many times the ring was full
}

// listener captures on one interface.
type listener struct {
	ns   netns
	tap  tap
	rtnl *conn // until the janitor has it
	ring *ring
	ask  *asker
	gone atomic.Bool // the namespace was deleted
}

// Source captures. It is a capture.Source; Next is for one goroutine, the
// other methods are for any.
type Source struct {
	opt       Options
	shape     shape
	listeners []*listener
	janitor   *janitor
	wake      int // eventfd
	done      chan struct{}
	closing   sync.Once
	closeErr  error

	reading sync.Mutex // held by Next; guards what follows
	reader  *reader
	number  int
	closed  atomic.Bool     // wanted as soon as Next lets go
	running int             // listeners
	err     error           // what ended the capture
	talk    []capture.Frame // names that a frame waits for
	waiting capture.Frame
	waits   bool

	captured, filtered atomic.Uint64
}

var _ capture.Source = (*Source)(nil)

// close closes what a listener needs while it runs.
func (l *listener) close() {
	if l.ring != nil {
		l.ring.close()
	}
	if l.ask != nil {
		l.ask.close()
	}
	l.ns.close()
}

// end is called when nothing more comes from a listener.
func (s *Source) end(l *listener, err error) {
	switch {
	case l.gone.Load():
		err = l.ns.goneError()
	case errors.Is(err, errGone), errors.Is(err, errDown):
		err = &GoneError{What: "interface " + l.tap.name + l.ns.suffix(), err: err}
	}
	s.running--
	switch {
	case s.running == 0:
		s.err = err
		close(s.done)
	case err != nil && s.opt.Warn != nil:
		s.opt.Warn(err)
	}
}

// watch ends the capture in namespaces that are deleted.
func (s *Source) watch() {
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-s.done:
			return
		case <-tick.C:
		}
		for _, l := range s.listeners {
			if !l.gone.Load() && !l.ns.exists() {
				l.gone.Store(true)
				l.ring.stopped.Store(true)
				s.look()
			}
		}
	}
}

// Next waits for the next frame. It returns io.EOF after Stop, and a
// *GoneError when there is nothing left to capture on.
func (s *Source) Next(f *capture.Frame) error {
	s.reading.Lock()
	err := s.next(f)
	s.reading.Unlock()
	return err
}

func (s *Source) next(f *capture.Frame) error {
	for !s.closed.Load() {
		if s.told(f) {
			return nil
		}
		*f = capture.Frame{}
		from := s.reader.next(f)
		if from < 0 {
			break
		}
		if s.listeners[from].ask.involved(f.Data) {
			continue
		}
		s.talk = s.listeners[from].ask.links.check(f)
		for i := range s.talk {
			s.mark(&s.talk[i], from)
		}
		wanted := s.accept(f, from)
		if len(s.talk) > 0 {
			s.waiting, s.waits = *f, wanted
			continue
		}
		if wanted {
			s.deliver(f)
			return nil
		}
	}
	for _, l := range s.listeners {
		l.ring.unmap() // no frame is valid any more
	}
	if s.err != nil {
		return s.err
	}
	return io.EOF
}

// Introduce asks the kernel for the names of generic families and interfaces,
// in each namespace, and calls each with the messages, in both directions, as
// frames. A file that starts with them explains itself anywhere. They do not
// turn up in Next, and have no Number.
func (s *Source) Introduce(each func(*capture.Frame) error) error {
	for i, l := range s.listeners {
		err := l.ask.introduce(func(f *capture.Frame) error {
			s.mark(f, i)
			return each(f)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Interfaces returns what is listened on.
func (s *Source) Interfaces() []Interface {
	out := make([]Interface, len(s.listeners))
	for i, l := range s.listeners {
		out[i] = Interface{Name: l.tap.name, Namespace: l.ns.spec, NetNS: l.ns.inode, Created: l.tap.created}
	}
	return out
}

// RingSize returns the size in bytes of each ring, as was asked for.
func (s *Source) RingSize() int { return s.opt.RingSize }

// Counters returns what became of the frames so far.
func (s *Source) Counters() Counters {
	c := Counters{Captured: s.captured.Load(), Filtered: s.filtered.Load()}
	for _, l := range s.listeners {
		k := l.ring.counters()
		c.Dropped += k.dropped
		c.Large += k.large
		c.Full += k.frozen
	}
	return c
}

// InterfaceStats returns what the kernel counted on one of Interfaces.
func (s *Source) InterfaceStats(i int) capture.Stats {
	k := s.listeners[i].ring.counters()
	return capture.Stats{Frames: k.seen - min(k.seen, k.dropped), Dropped: k.dropped}
}

// Stats counts what Next delivered, and what the kernel lost.
func (s *Source) Stats() capture.Stats {
	c := s.Counters()
	return capture.Stats{Frames: c.Captured, Dropped: c.Dropped}
}

// Stop ends the capture. What was captured before is delivered by Next, which
// then returns io.EOF.
func (s *Source) Stop() {
	for _, l := range s.listeners {
		l.ring.stopped.Store(true)
	}
	s.look()
}

// look has the reader look at what was asked for.
func (s *Source) look() {
	_, _ = unix.Write(s.wake, []byte{1, 0, 0, 0, 0, 0, 0, 0})
}

// Close ends the capture at once, and removes the interfaces that Open
// created. The frame that Next returned last stays valid.
func (s *Source) Close() error {
	s.closing.Do(func() {
		s.closed.Store(true)
		s.Stop()
		s.reading.Lock()
		defer s.reading.Unlock()
		for _, l := range s.listeners {
			l.close()
		}
		s.reader.waiter.close()
		_ = unix.Close(s.wake)
		if s.running > 0 {
			s.running = 0
			close(s.done)
		}
		if s.janitor != nil {
			s.closeErr = s.janitor.finish()
		}
	})
	return s.closeErr
}

// goneError is the error for a namespace that does not exist any more.
func (ns *netns) goneError() error {
	if pid, ok := strings.CutPrefix(ns.spec, "pid:"); ok {
		return &GoneError{What: "process " + pid, err: errEnded}
	}
	return &GoneError{What: "network namespace " + ns.spec, err: errGone}
}

// suffix names a namespace behind the name of an interface.
func (ns *netns) suffix() string {
	if ns.spec == "" {
		return ""
	}
	return " in network namespace " + ns.spec
}
