//go:build linux && (amd64 || arm64)

package trace

import (
	"encoding/binary"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/nlsniff/nlsniff/capture"
)

// unread looks, before the last descriptors of a socket are closed, whether there
// is an answer in it that nobody has read, and returns the event. It looks through
// a descriptor of its own, and takes nothing out. closing is how many of the
// socket's descriptors are about to close.
func (tr *tracer) unread(t *thread, s *socket, fd, closing int) *record {
	s.allRead = false
	if s.refs != closing || !s.sent {
		return nil
	}
	file, err := tr.borrow(t, fd)
	if err != nil {
		if l, ok := listed(t.tid, s.inode); ok && l.queued > 0 {
			tr.unseen(t, "unread", fmt.Sprintf("leaves a socket with messages that it did not read; what they are cannot be seen: %v", err),
				"a container's seccomp profile may forbid pidfd_getfd; nlsniff capture sees them", true)
		}
		return nil
	}
	defer unix.Close(file)
	var b [64]byte
	n, _, err := unix.Recvfrom(file, b[:], unix.MSG_PEEK|unix.MSG_DONTWAIT)
	const hdrLen, multi = 16, 2 // struct nlmsghdr, NLM_F_MULTI
	if err == unix.ENOBUFS {    // which comes before what is there
		tr.overrun(t, &call{sock: s, fd: fd})
		n, _, err = unix.Recvfrom(file, b[:], unix.MSG_PEEK|unix.MSG_DONTWAIT)
	}
	s.allRead = err == unix.EAGAIN && !tr.lostUnseen(t, s)
	if err != nil || n < hdrLen {
		return nil
	}
	typ, flags := binary.NativeEndian.Uint16(b[4:]), binary.NativeEndian.Uint16(b[6:])
	if binary.NativeEndian.Uint32(b[12:]) != s.portid || flags&multi != 0 {
		return nil // a notification, or the rest of a dump
	}
	r := tr.event(t, &call{sock: s, fd: fd}, capture.EventUnread)
	r.event.Value = int64(binary.NativeEndian.Uint32(b[8:]))
	if typ == unix.NLMSG_ERROR && n >= hdrLen+4 {
		r.event.Errno = int32(binary.NativeEndian.Uint32(b[hdrLen:]))
	}
	return r
}

// lostUnseen says whether the kernel had no room for messages and the program
// was not told, as it asked for.
func (tr *tracer) lostUnseen(t *thread, s *socket) bool {
	if s.options&capture.OptNoENOBUFS == 0 && s.options&capture.OptKnown != 0 {
		return false
	}
	l, ok := listed(t.tid, s.inode)
	return !ok || l.drops != s.drops
}

// unreadAll is unread for the descriptors of a process that closes says will
// close, at once.
func (tr *tracer) unreadAll(t *thread, closes func(fd int) bool) (list []*record) {
	closing := map[*socket]int{}
	fds := slices.Sorted(maps.Keys(t.p.fds))
	for _, fd := range fds {
		if closes(fd) {
			closing[t.p.fds[fd]]++
		}
	}
	for _, fd := range fds {
		s := t.p.fds[fd]
		n := closing[s]
		delete(closing, s)
		if n == 0 {
			continue
		}
		if r := tr.unread(t, s, fd, n); r != nil {
			list = append(list, r)
		}
	}
	return list
}

// aboutToClose finds what a call would leave unread, if it succeeds.
func (tr *tracer) aboutToClose(t *thread, c *call) {
	switch c.op {
	case opDup2:
		fd := int(int32(c.args[1]))
		if s := t.p.fds[fd]; s != nil && s != c.sock {
			if r := tr.unread(t, s, fd, 1); r != nil {
				c.left = append(c.left, r)
			}
		}
	case opCloseRange:
		first, last := uint32(c.args[0]), uint32(c.args[1])
		if c.args[2]&unix.CLOSE_RANGE_CLOEXEC == 0 {
			c.left = tr.unreadAll(t, func(fd int) bool { return uint32(fd) >= first && uint32(fd) <= last })
		}
	case opExec:
		t.p.unread = tr.unreadAll(t, func(fd int) bool { return closesOnExec(t.tid, fd) })
	}
}

// nowClosed says what a call that succeeded left unread.
func (tr *tracer) nowClosed(c *call) {
	for _, r := range c.left {
		tr.out.put(r)
	}
}

// closesOnExec says whether a descriptor has FD_CLOEXEC.
func closesOnExec(tid, fd int) bool {
	b, err := os.ReadFile(procPath(tid, "fdinfo/"+strconv.Itoa(fd)))
	if err != nil {
		return false
	}
	flags, _ := strconv.ParseUint(statusText(string(b), "flags:"), 8, 64)
	return flags&unix.O_CLOEXEC != 0
}

// statusText is a field of a file in /proc that has a line for each.
func statusText(status, name string) string {
	for line := range strings.Lines(status) {
		if v, ok := strings.CutPrefix(line, name); ok {
			return strings.TrimSpace(v)
		}
	}
	return ""
}
