//go:build linux

package nlmon

import (
	"bytes"
	"encoding/binary"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"github.com/nlsniff/nlsniff/capture"
)

const (
	// ownCopy stands beside a notification of the controller's.
	ownCopy = "one copy of this is nlsniff's own: it listens, so that there is any"
	// nobodyHeard stands beside what only looks like one.
	nobodyHeard = "the kernel announced no such thing to nlsniff, which listens: a program sent this, and the kernel ignores it"
)

// hearsWithin is how long behind a frame our own copy of what is in it may come,
// in nanoseconds: nlmon is served first.
const hearsWithin = 20 * int64(time.Millisecond)

// maxHeard is how many notifications wait for their frames.
const maxHeard = 256

// announced has the controller announce families that come and go: who else
// listens is not known, and without a listener nothing is sent that nlmon could
// show. And it is evidence: anyone can send the kernel a message that looks like
// a notification, and nlmon shows it like one, but our socket does not get it.
type announced struct {
	fd     int
	buf    []byte
	heard  [][]byte // notifications whose frame has not come
	notice []byte   // the notification of the latest frame, without its copies
	// sure is the time, in nanoseconds since 1970, from which on nothing that was
	// announced has been missed.
	sure int64
}

// subscribe joins the controller's multicast group. Nil if that is not to be had.
func subscribe() *announced {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.NETLINK_GENERIC)
	if err != nil {
		return nil
	}
	if unix.Bind(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}) != nil ||
		unix.SetsockoptInt(fd, unix.SOL_NETLINK, unix.NETLINK_ADD_MEMBERSHIP, ctrlNotify) != nil {
		unix.Close(fd)
		return nil
	}
	return &announced{fd: fd, buf: make([]byte, 64<<10), sure: time.Now().UnixNano()}
}

func (a *announced) close() {
	if a != nil {
		unix.Close(a.fd)
	}
}

// judge looks at a frame that could be a notification of the controller's, and
// says of it what our own socket proves.
func (a *announced) judge(f *capture.Frame) {
	if a == nil || !isNotice(f.Data) {
		return
	}
	msg := f.Data[capture.CookedLen:]
	// The kernel sends a copy to each listener, one behind the other, and nothing
	// in them tells who gets which; so the first stands for ours.
	if bytes.Equal(a.notice, msg) {
		f.Dir = capture.DirFromKernel
		return
	}
	switch a.has(msg, f.Time) {
	case yes:
		f.Dir, f.Comment = capture.DirFromKernel, ownCopy
		a.notice = append(a.notice[:0], msg...)
	case no:
		f.Dir, f.Comment = capture.DirToKernel, nobodyHeard
	}
}

// isNotice says whether a frame is shaped like a notification of the
// controller's (genl_ctrl_event of net/netlink/genetlink.c).
func isNotice(data []byte) bool {
	const typeAt, portidAt, cmdAt = capture.CookedLen + 4, capture.CookedLen + 12, capture.CookedLen + unix.NLMSG_HDRLEN
	order := binary.NativeEndian
	if len(data) <= cmdAt || data[capture.CookedLen-1] != unix.NETLINK_GENERIC ||
		order.Uint16(data[typeAt:]) != unix.GENL_ID_CTRL || order.Uint32(data[portidAt:]) != 0 {
		return false
	}
	switch data[cmdAt] {
	case unix.CTRL_CMD_NEWFAMILY, unix.CTRL_CMD_DELFAMILY, unix.CTRL_CMD_NEWMCAST_GRP, unix.CTRL_CMD_DELMCAST_GRP:
		return true
	}
	return false
}

type verdict int

const (
	unknown verdict = iota
	yes
	no
)

// has says whether a message of a frame of that time came to our socket too. It
// waits for it where it could still come.
func (a *announced) has(msg []byte, at int64) verdict {
	for {
		a.read()
		if i := slices.IndexFunc(a.heard, func(b []byte) bool { return bytes.Equal(b, msg) }); i >= 0 {
			a.heard = slices.Delete(a.heard, i, i+1)
			return yes
		}
		if at < a.sure {
			return unknown
		}
		left := at + hearsWithin - time.Now().UnixNano()
		if left <= 0 || left > hearsWithin {
			return no
		}
		poll := []unix.PollFd{{Fd: int32(a.fd), Events: unix.POLLIN}}
		_, _ = unix.Poll(poll, int(left/int64(time.Millisecond))+1)
	}
}

// read takes in what has come.
func (a *announced) read() {
	for {
		n, from, err := unix.Recvfrom(a.fd, a.buf, unix.MSG_DONTWAIT|unix.MSG_TRUNC)
		switch sender, _ := from.(*unix.SockaddrNetlink); {
		case err == unix.EINTR:
		case err == unix.ENOBUFS, err == nil && n > len(a.buf): // something is missing
			a.sure = time.Now().UnixNano() + hearsWithin
		case err != nil:
			return
		case sender != nil && sender.Pid == 0:
			if len(a.heard) == maxHeard {
				a.heard = slices.Delete(a.heard, 0, 1)
				a.sure = time.Now().UnixNano()
			}
			a.heard = append(a.heard, bytes.Clone(a.buf[:n]))
		}
	}
}
