//go:build linux

package nlmon

import (
	"fmt"

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
	// captured at the latest. If not, 0.4 seconds with a large ring and up to a
	// second with a smaller one, which cost less, and last longer while nobody
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
