//go:build linux && (amd64 || arm64)

package trace

import (
	"encoding/binary"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/nlsniff/nlsniff/capture"
)

// event makes a record of something that is no datagram. c may be nil.
func (tr *tracer) event(t *thread, c *call, kind capture.EventKind) *record {
	r := tr.record(t, c)
	r.frame.Delivery = nil
	r.event.Kind = kind
	r.event.Socket.FD = -1
	if c != nil {
		r.event.Proto, r.event.HasProto = c.sock.proto, true
		r.event.Socket = c.sock.describe(c.fd)
	}
	r.frame.Event = &r.event
	return r
}

// made takes a socket that a call returned.
func (tr *tracer) made(t *thread, c *call, fd int) {
	s := &socket{proto: uint8(c.args[2]), refs: 1, peeked: -1, options: capture.OptKnown}
	s.inode = inodeOf(procPath(t.tid, "fd/"+strconv.Itoa(fd)))
	s.netns = inodeOf(procPath(t.tid, "ns/net"))
	c.sock, c.fd = s, fd
	t.p.fds[fd] = s
	tr.counts.sockets.Add(1)
	tr.out.put(tr.event(t, c, capture.EventSocket))
	tr.follow(t, fd)
}

// dropFD takes a descriptor away from a process.
func (tr *tracer) dropFD(t *thread, fd int) {
	s := t.p.fds[fd]
	if s == nil {
		return
	}
	delete(t.p.fds, fd)
	tr.closed(t, s, fd)
}

// closed says that a descriptor of a socket is no more.
func (tr *tracer) closed(t *thread, s *socket, fd int) {
	s.refs--
	if s.refs > 0 {
		return
	}
	r := tr.event(t, &call{sock: s, fd: fd}, capture.EventClose)
	if s.allRead {
		r.event.Value = capture.AllRead
	}
	tr.out.put(r)
}

// learnPortID asks which portid a socket has got.
func (tr *tracer) learnPortID(t *thread, c *call) {
	s := c.sock
	if portid, ok := tr.borrowPortID(t, c.fd); ok {
		s.portid, s.known = portid, true
		return
	}
	if l, ok := listed(t.tid, s.inode); ok {
		s.portid, s.known = l.portid, true
	}
}

// borrowPortID asks a copy of the socket.
func (tr *tracer) borrowPortID(t *thread, fd int) (uint32, bool) {
	file, err := tr.borrow(t, fd)
	if err != nil {
		return 0, false
	}
	defer unix.Close(file)
	sa, err := unix.Getsockname(file)
	if err != nil {
		return 0, false
	}
	nl, ok := sa.(*unix.SockaddrNetlink)
	if !ok {
		return 0, false
	}
	return nl.Pid, true
}

// listing is a row of /proc/net/netlink.
type listing struct {
	proto  uint8
	portid uint32
	groups uint32
	queued uint64 // bytes of memory that wait to be read
	drops  uint64
	inode  uint64
}

// listings reads the netlink sockets of a thread's network namespace.
func listings(tid int) []listing {
	b, err := os.ReadFile(procPath(tid, "net/netlink"))
	if err != nil {
		return nil
	}
	var list []listing
	for line := range strings.Lines(string(b)) {
		f := strings.Fields(line)
		if len(f) < 10 {
			continue
		}
		proto, err := strconv.ParseUint(f[1], 10, 8)
		if err != nil {
			continue // the heading
		}
		portid, _ := strconv.ParseUint(f[2], 10, 32)
		groups, _ := strconv.ParseUint(f[3], 16, 32)
		queued, _ := strconv.ParseUint(f[4], 10, 64)
		drops, _ := strconv.ParseUint(f[8], 10, 64)
		inode, _ := strconv.ParseUint(f[9], 10, 64)
		list = append(list, listing{uint8(proto), uint32(portid), uint32(groups), queued, drops, inode})
	}
	return list
}

func listed(tid int, inode uint64) (listing, bool) {
	for _, l := range listings(tid) {
		if l.inode == inode && inode != 0 {
			return l, true
		}
	}
	return listing{}, false
}

// overrun records that the kernel had no room for messages.
func (tr *tracer) overrun(t *thread, c *call) {
	s := c.sock
	r := tr.event(t, c, capture.EventOverrun)
	if l, ok := listed(t.tid, s.inode); ok && l.drops >= s.drops {
		r.event.Value = int64(l.drops - s.drops)
		s.drops = l.drops
	}
	s.overrun = true
	tr.counts.overruns.Add(1)
	tr.out.put(r)
}

// bound takes what bind did.
func (tr *tracer) bound(t *thread, c *call, ret int64) {
	var b [12]byte
	n := uint64(12)
	if c.args[2] < n || t.read(c.args[1], b[:]) != len(b) {
		n = 0
	}
	if ret == 0 {
		tr.learnPortID(t, c)
	}
	r := tr.event(t, c, capture.EventBind)
	r.event.Errno = int32(min(ret, 0))
	if n != 0 {
		r.event.Value = int64(binary.LittleEndian.Uint32(b[8:]))
		if ret < 0 {
			r.event.Socket.PortID = binary.LittleEndian.Uint32(b[4:])
		}
	}
	tr.out.put(r)
}

func (tr *tracer) connected(t *thread, c *call, ret int64) {
	portid, group, ok := t.address(c.args[1], uint32(c.args[2]))
	if !ok {
		return
	}
	if ret == 0 {
		c.sock.peer, c.sock.dstGrp = portid, group
	}
	r := tr.event(t, c, capture.EventConnect)
	r.event.Errno, r.event.Value, r.event.Group = int32(min(ret, 0)), int64(portid), group
	tr.out.put(r)
}

// optionAsked takes what getsockopt told the program: of a list the first.
func (tr *tracer) optionAsked(t *thread, c *call, ret int64) {
	r := tr.event(t, c, capture.EventOption)
	r.event.Level, r.event.Option, r.event.Errno = int32(c.args[1]), int32(c.args[2]), int32(min(ret, 0))
	r.event.Text = capture.AskedText
	var n, v [4]byte
	if ret == 0 && t.read(c.args[4], n[:]) == len(n) && binary.LittleEndian.Uint32(n[:]) >= 4 && t.read(c.args[3], v[:]) == len(v) {
		r.event.Value = int64(int32(binary.LittleEndian.Uint32(v[:])))
	}
	tr.out.put(r)
}

// option takes what setsockopt did.
func (tr *tracer) option(t *thread, c *call, ret int64) {
	level, opt := int32(c.args[1]), int32(c.args[2])
	var value int64
	if n := min(c.args[4], 8); n >= 4 {
		var b [4]byte
		if t.read(c.args[3], b[:]) == len(b) {
			value = int64(int32(binary.LittleEndian.Uint32(b[:])))
		}
	}
	kind := capture.EventOption
	if level == unix.SOL_NETLINK {
		switch opt {
		case unix.NETLINK_ADD_MEMBERSHIP:
			kind = capture.EventJoin
		case unix.NETLINK_DROP_MEMBERSHIP:
			kind = capture.EventLeave
		default:
			if bit := capture.SocketOptions(1) << uint(opt&31); ret == 0 && opt > 2 && opt < 31 {
				c.sock.options &^= bit
				if value != 0 {
					c.sock.options |= bit
				}
			}
		}
	}
	r := tr.event(t, c, kind)
	r.event.Level, r.event.Option, r.event.Value, r.event.Errno = level, opt, value, int32(min(ret, 0))
	if kind != capture.EventOption {
		r.event.Group, r.event.Value, r.event.Level, r.event.Option = uint32(value), 0, 0, 0
	}
	tr.out.put(r)
}
