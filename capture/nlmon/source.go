//go:build linux

package nlmon

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"

	"github.com/nlsniff/nlsniff/capture"
)

// Options say what to capture, and how. The zero value captures everything in
// this process's network namespace.
type Options struct {
	// Interface names the nlmon interface. "" takes one that is up, or
	// creates one for the time of the capture.
	Interface string
	// Namespaces are network namespaces: a name of ip netns, a path, or
	// pid:N. If there are any, frames carry the inode number of theirs in
	// Process.NetNS, and their index here in Interface.
	Namespaces []string
	// RingSize is the size in bytes of each kernel ring, 0 for DefaultRing.
	// Frames that are large for it wait outside, in memory of the kernel's, of
	// up to the same size, and 16 MiB at least.
	RingSize int
	// Watched says that somebody looks on: frames come 30 ms after they were
	// captured at the latest. If not, a tenth of a second with a large ring and
	// a second with a small one, which cost less, and last longer while nobody
	// reads them.
	Watched bool
	// Idle, if set, is called by Next before it waits.
	Idle func()
	// SnapLen is how many bytes of a frame to keep, the cooked header
	// included, 0 for all.
	SnapLen int
	// Filter is a classic BPF program that the kernel runs on each frame. To
	// it, a frame starts with its first nlmsghdr, and the packet protocol
	// (bpf.ExtProto) is the netlink protocol. It returns how many bytes to
	// keep.
	Filter []bpf.RawInstruction
	// Keep, if set, looks at what the kernel's filter has let through.
	Keep func(*capture.Frame) bool
	// AnyLink takes interfaces of other kinds for nlmon interfaces.
	AnyLink bool
	// Warn, if set, is told of what ends only a part of the capture. It is
	// called on another goroutine.
	Warn func(error)
	// Go, if set, starts goroutines.
	Go func(func())
}

// MinSnapLen keeps the cooked header and the first nlmsghdr.
const MinSnapLen = capture.CookedLen + unix.NLMSG_HDRLEN

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
	closed  atomic.Bool // wanted as soon as Next lets go
	running int         // listeners
	err     error       // what ended the capture

	captured, filtered atomic.Uint64
}

var _ capture.Source = (*Source)(nil)

// Open starts a capture. Its errors are *CapabilityError, *NoModuleError,
// *NoInterfaceError, *NotNlmonError and *NamespaceError where these apply.
func Open(o Options) (*Source, error) {
	if o.RingSize == 0 {
		o.RingSize = DefaultRing
	}
	wake, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		return nil, fmt.Errorf("eventfd: %w", err)
	}
	s := &Source{opt: o, shape: newShape(o.RingSize, o.Watched), wake: wake, done: make(chan struct{})}
	if err := s.open(); err != nil {
		s.abandon()
		return nil, err
	}
	s.running = len(s.listeners)
	if len(o.Namespaces) > 0 {
		s.start(s.watch)
	}
	return s, nil
}

// open opens a listener in each namespace, once.
func (s *Source) open() error {
	specs := s.opt.Namespaces
	if len(specs) == 0 {
		specs = []string{""}
	}
	for _, spec := range specs {
		l, err := s.listen(spec)
		if err != nil {
			return err
		}
		if l != nil {
			s.listeners = append(s.listeners, l)
		}
	}
	var err error
	if s.reader, err = newReader(s.wake, s.opt.Idle, &s.closed); err != nil {
		return err
	}
	for _, l := range s.listeners {
		if err := s.reader.add(l.ring, func(err error) { s.end(l, err) }); err != nil {
			return err
		}
	}
	return s.hireJanitor()
}

// has reports whether a namespace is listened in already, under whatever name.
func (s *Source) has(ns netns) bool {
	for _, l := range s.listeners {
		if l.ns.device == ns.device && l.ns.inode == ns.inode {
			return true
		}
	}
	return false
}

func (s *Source) start(fn func()) {
	if s.opt.Go == nil {
		go fn()
		return
	}
	s.opt.Go(fn)
}

// listen opens everything for one namespace; nil if that is listened in already.
func (s *Source) listen(spec string) (*listener, error) {
	ns, err := openNetns(spec)
	if err != nil {
		return nil, err
	}
	if s.has(ns) {
		ns.close()
		return nil, nil
	}
	l := &listener{ns: ns, tap: tap{claim: -1}}
	err = ns.inside(func() (err error) {
		if l.ring, err = openRing(s.shape, max(s.opt.RingSize, minRoom), s.opt.Filter, s.opt.SnapLen); err != nil {
			return err
		}
		if l.rtnl, err = dial(unix.NETLINK_ROUTE); err != nil {
			return err
		}
		if l.ask, err = newAsker(); err != nil {
			return err
		}
		if l.tap, err = l.rtnl.find(s.opt.Interface, s.opt.AnyLink); err != nil {
			return err
		}
		if err := l.ring.bind(l.tap.index); err != nil {
			return fmt.Errorf("capturing on %s: %w", l.tap.name, err)
		}
		return nil
	})
	if err != nil {
		l.abandon()
		return nil, err
	}
	return l, nil
}

// hireJanitor starts the janitor if there is something for it to do.
func (s *Source) hireJanitor() error {
	var list []chore
	for _, l := range s.listeners {
		if l.tap.created || l.tap.raised {
			list = append(list, chore{l.tap, l.rtnl})
			continue
		}
		l.rtnl.close()
		l.rtnl = nil
	}
	if len(list) == 0 {
		return nil
	}
	j, err := startJanitor(list)
	if err != nil {
		return err
	}
	s.janitor = j
	for _, c := range list {
		c.rtnl.close()
		if c.claim >= 0 {
			_ = unix.Close(c.claim)
		}
	}
	for _, l := range s.listeners {
		l.rtnl, l.tap.claim = nil, -1
	}
	return nil
}

// abandon undoes an Open that failed.
func (s *Source) abandon() {
	for _, l := range s.listeners {
		l.abandon()
	}
	if s.reader != nil {
		s.reader.waiter.close()
	}
	_ = unix.Close(s.wake)
}

func (l *listener) abandon() {
	if l.rtnl != nil {
		_ = l.rtnl.undo(l.tap)
		l.rtnl.close()
	}
	if l.tap.claim >= 0 {
		_ = unix.Close(l.tap.claim)
	}
	if l.ring != nil {
		l.ring.unmap()
	}
	l.close()
}

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
		*f = capture.Frame{}
		from := s.reader.next(f)
		if from < 0 {
			break
		}
		if s.accept(f, from) {
			s.captured.Add(1)
			s.number++
			f.Number = s.number
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

// accept completes a frame and decides whether it is wanted.
func (s *Source) accept(f *capture.Frame, listener int) bool {
	if s.listeners[listener].ask.involved(f.Data) {
		return false
	}
	s.mark(f, listener)
	if s.listeners[listener].ask.isOwnCopy(f.Data) {
		f.Comment = ownCopy
	}
	if s.opt.Keep != nil && !s.opt.Keep(f) {
		s.filtered.Add(1)
		return false
	}
	if s.opt.SnapLen > 0 && len(f.Data) > s.opt.SnapLen {
		f.Data = f.Data[:s.opt.SnapLen:s.opt.SnapLen]
	}
	if f.OrigLen > len(f.Data) {
		f.Flags |= capture.FlagTruncated
	}
	return true
}

// mark says where a frame comes from.
func (s *Source) mark(f *capture.Frame, listener int) {
	f.Interface = listener
	if len(s.opt.Namespaces) > 0 {
		ns := &s.listeners[listener].ns
		f.Process.NetNS, f.Namespace = ns.inode, ns.spec
	}
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

// involved reports whether a frame belongs to a conversation of the asker's.
func (a *asker) involved(data []byte) bool {
	const portidAt = capture.CookedLen + 12
	if len(data) < portidAt+4 {
		return false
	}
	portid := binary.NativeEndian.Uint32(data[portidAt:])
	switch data[capture.CookedLen-1] {
	case unix.NETLINK_GENERIC:
		return portid == a.genl.portid
	case unix.NETLINK_ROUTE:
		return portid == a.rtnl.portid
	}
	return false
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
