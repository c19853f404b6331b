package ebpf

import (
	"errors"
	"fmt"
	"io"
	"math/bits"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cilium/ebpf/ringbuf"
	"golang.org/x/sys/unix"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/capture/nlmon"
)

// Options say what to capture, and how.
type Options struct {
	// RingSize is the size in bytes of the ring between the kernel and us,
	// made a power of two, 0 for DefaultRing.
	RingSize int
	// Idle, if set, is called by Next before it waits.
	Idle func()
	// SnapLen is how many bytes of a frame to keep, the cooked header
	// included, 0 for all.
	SnapLen int
	// Wanted, if anything is in it, chooses processes.
	Wanted Wanted
	// Keep, if set, decides what is delivered.
	Keep func(*capture.Frame) bool

	hooks []hook // nil for all
}

// DefaultRing is the size of the ring if nobody says another.
const DefaultRing = 32 << 20

// Source captures. It is a capture.Source; Next is for one goroutine, the
// other methods are for any.
type Source struct {
	opt      Options
	ring     int
	programs *programs
	queue    *queue
	streams  *streams
	raw      ringbuf.Record
	offset   int64 // of the monotonic clock
	deadline bool  // the reader has one
	number   int
	ended    bool
	closing  sync.Once
	stopping atomic.Bool

	captured, filtered atomic.Uint64
}

var _ capture.Source = (*Source)(nil)

// Open starts a capture. Its errors are *Error where the kernel cannot, or may
// not be asked to.
func Open(o Options) (*Source, error) {
	if o.RingSize == 0 {
		o.RingSize = DefaultRing
	}
	ring := max(1<<(bits.Len(uint(o.RingSize))-1), os.Getpagesize())
	if o.hooks == nil {
		o.hooks = hooks
	}
	p, err := begin(o.hooks, uint32(ring), o.Wanted)
	if err != nil {
		return nil, err
	}
	s := &Source{opt: o, ring: ring, programs: p, streams: newStreams(nlmon.HomeNetNS())}
	s.setClock()
	s.queue = newQueue(func(t uint64) int64 { return int64(t) + s.offset }, s.streams.number)
	s.opt.Wanted.below(s.queue.who.root)
	for i := range p.early {
		s.queue.add(&p.early[i])
	}
	return s, nil
}

// setClock compares the clocks: the programs have the monotonic one.
func (s *Source) setClock() {
	var m unix.Timespec
	if unix.ClockGettime(unix.CLOCK_MONOTONIC, &m) == nil {
		s.offset = time.Now().UnixNano() - m.Nano()
	}
}

// Next waits for the next frame. It returns io.EOF after Stop.
func (s *Source) Next(f *capture.Frame) error {
	for {
		if ready := s.queue.next(); ready != nil {
			*f = *ready
			if s.accept(f) {
				if f.Event == nil {
					s.captured.Add(1)
				}
				s.number++
				f.Number = s.number
				return nil
			}
			continue
		}
		if s.ended {
			if s.queue.waiting() {
				s.queue.giveUp()
				continue
			}
			return io.EOF
		}
		if err := s.read(); err != nil {
			return err
		}
	}
}

// read takes one record, waiting for it.
func (s *Source) read() error {
	if s.programs.reader.AvailableBytes() == 0 {
		s.setClock()
		if s.opt.Idle != nil {
			s.opt.Idle()
		}
	}
	if waiting := s.queue.waiting(); waiting || s.deadline {
		var at time.Time
		if waiting {
			// Not from now on: others may never stop to come.
			if at = s.queue.until(); time.Now().After(at) {
				s.queue.giveUp()
				return nil
			}
		}
		s.deadline = waiting
		s.programs.reader.SetDeadline(at)
	}
	err := s.programs.reader.ReadInto(&s.raw)
	switch {
	case err == nil:
		if r, ok := readRecord(s.raw.RawSample); ok {
			s.queue.add(&r)
		}
	case errors.Is(err, os.ErrDeadlineExceeded):
		s.queue.giveUp()
	case errors.Is(err, ringbuf.ErrFlushed):
		s.ended = s.stopping.Load()
	case errors.Is(err, os.ErrClosed):
		s.ended = true
	default:
		return fmt.Errorf("reading what the kernel tells: %w", err)
	}
	return nil
}

func (s *Source) accept(f *capture.Frame) bool {
	wanted := s.opt.Wanted.inCgroup(f)
	if f.Event != nil {
		return wanted
	}
	if !wanted || s.opt.Keep != nil && !s.opt.Keep(f) {
		s.filtered.Add(1)
		return false
	}
	if s.opt.SnapLen > 0 && len(f.Data) > s.opt.SnapLen {
		f.Data = f.Data[:s.opt.SnapLen:s.opt.SnapLen]
		f.Flags |= capture.FlagTruncated
	}
	return true
}

// Introduce asks the kernel for the names of generic families and interfaces,
// and calls each with the messages as frames. They do not turn up in Next, and
// have no Number.
func (s *Source) Introduce(each func(*capture.Frame) error) error { return nlmon.Ask(each) }

// Interfaces returns the network namespaces that were seen so far.
func (s *Source) Interfaces() []nlmon.Interface { return s.streams.all() }

// RingSize returns the size of the ring in bytes.
func (s *Source) RingSize() int { return s.ring }

// Counters returns what became of the frames so far.
func (s *Source) Counters() nlmon.Counters {
	c := nlmon.Counters{Captured: s.captured.Load(), Filtered: s.filtered.Load()}
	_ = s.programs.get("lost", &c.Dropped)
	return c
}

// InterfaceStats returns what was counted on the first of Interfaces: the
// kernel's side does not count by namespace.
func (s *Source) InterfaceStats(i int) capture.Stats {
	if i > 0 {
		return capture.Stats{}
	}
	return s.Stats()
}

// Stats counts what Next delivered, and what the kernel's side had no room for.
func (s *Source) Stats() capture.Stats {
	c := s.Counters()
	return capture.Stats{Frames: c.Captured, Dropped: c.Dropped}
}

// Facts says what a capture tells, by which functions of the kernel, and what this
// kernel does not tell.
func (s *Source) Facts() []Fact { return facts(s.opt.hooks, s.programs.chosen, s.programs.absent) }

// Unknown says what this kernel does not tell.
func (s *Source) Unknown() (list []string) {
	for _, f := range s.Facts() {
		if !f.Known {
			list = append(list, f.Name+" ("+strings.Join(f.Functions, ", ")+")")
		}
	}
	return list
}

// Stop ends the capture. What was captured before is delivered by Next, which
// then returns io.EOF.
func (s *Source) Stop() {
	s.stopping.Store(true)
	_ = s.programs.reader.Flush()
}

// Close ends the capture at once.
func (s *Source) Close() error {
	s.closing.Do(func() {
		s.stopping.Store(true)
		s.programs.close()
	})
	return nil
}
