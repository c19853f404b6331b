//go:build linux && (amd64 || arm64)

package trace

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"github.com/nlsniff/nlsniff/capture"
)

// unread looks, before the last descriptor of a socket is closed, whether there
// is an answer in it that nobody has read. It looks through a descriptor of its
// own, and takes nothing out.
func (tr *tracer) unread(t *thread, s *socket, fd int) {
	if s.refs != 1 || !s.sent {
		return
	}
	file, err := borrow(t.p.pid, fd)
	if err != nil {
		return
	}
	defer unix.Close(file)
	var b [64]byte
	n, _, err := unix.Recvfrom(file, b[:], unix.MSG_PEEK|unix.MSG_DONTWAIT)
	const hdrLen, multi = 16, 2 // struct nlmsghdr, NLM_F_MULTI
	if err != nil || n < hdrLen {
		return
	}
	typ, flags := binary.NativeEndian.Uint16(b[4:]), binary.NativeEndian.Uint16(b[6:])
	if binary.NativeEndian.Uint32(b[12:]) != s.portid || flags&multi != 0 {
		return // a notification, or the rest of a dump
	}
	r := tr.event(t, &call{sock: s, fd: fd}, capture.EventUnread)
	r.event.Value = int64(binary.NativeEndian.Uint32(b[8:]))
	if typ == unix.NLMSG_ERROR && n >= hdrLen+4 {
		r.event.Errno = int32(binary.NativeEndian.Uint32(b[hdrLen:]))
	}
	tr.out.put(r)
}
