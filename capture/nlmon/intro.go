//go:build linux

package nlmon

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"github.com/nlsniff/nlsniff/capture"
)

// introComment stands beside the frames of an introduction.
const introComment = "nlsniff asked for this when the capture began, to know the names"

const (
	ctrlCmdGetFamily = 3 // CTRL_CMD_GETFAMILY of linux/genetlink.h
	ctrlVersion      = 2
	ctrlNotify       = unix.GENL_ID_CTRL // nlctrl's only multicast group has its family's id
)

// asker asks the kernel for the names that messages only have as numbers:
// those of generic families from the controller, those of interfaces from
// rtnetlink. Its sockets stay open, so that their portids, by which the
// ring's copies of the same messages are left out, stay ours.
type asker struct {
	genl, rtnl *conn
	// subscriber has the controller announce families that come and go. Who
	// else listens is not known, and without a listener nothing is sent that
	// nlmon could show.
	subscriber *os.File
	// notice is the notification that was seen last, without its copies.
	notice []byte
}

// ownCopy stands beside a notification of the controller's.
const ownCopy = "one copy of this is nlsniff's own: it listens, so that there is any"

// isOwnCopy says whether a frame is a notification of the controller's of which our
// subscription caused a copy. The kernel sends one to each listener, one behind the
// other, and nothing in them tells who gets which; so the first stands for ours.
func (a *asker) isOwnCopy(data []byte) bool {
	const typeAt, portidAt, cmdAt = capture.CookedLen + 4, capture.CookedLen + 12, capture.CookedLen + unix.NLMSG_HDRLEN
	order := binary.NativeEndian
	if len(data) <= cmdAt || a.subscriber == nil || data[capture.CookedLen-1] != unix.NETLINK_GENERIC ||
		order.Uint16(data[typeAt:]) != unix.GENL_ID_CTRL || order.Uint32(data[portidAt:]) != 0 {
		return false
	}
	switch data[cmdAt] {
	case unix.CTRL_CMD_NEWFAMILY, unix.CTRL_CMD_DELFAMILY, unix.CTRL_CMD_NEWMCAST_GRP, unix.CTRL_CMD_DELMCAST_GRP:
	default:
		return false
	}
	if bytes.Equal(a.notice, data) {
		return false
	}
	a.notice = append(a.notice[:0], data...)
	return true
}

func newAsker() (*asker, error) {
	genl, err := dial(unix.NETLINK_GENERIC)
	if err != nil {
		return nil, err
	}
	rtnl, err := dial(unix.NETLINK_ROUTE)
	if err != nil {
		genl.close()
		return nil, err
	}
	return &asker{genl: genl, rtnl: rtnl, subscriber: subscribe()}, nil
}

// subscribe joins the controller's multicast group and reads what comes, so
// that the socket has always room. Nil if that is not to be had.
func subscribe() *os.File {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.NETLINK_GENERIC)
	if err != nil {
		return nil
	}
	f := os.NewFile(uintptr(fd), "nlctrl")
	if unix.Bind(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}) != nil ||
		unix.SetsockoptInt(fd, unix.SOL_NETLINK, unix.NETLINK_ADD_MEMBERSHIP, ctrlNotify) != nil {
		f.Close()
		return nil
	}
	go func() {
		b := make([]byte, 64<<10)
		for {
			if _, err := f.Read(b); err != nil && !errors.Is(err, unix.ENOBUFS) {
				return
			}
		}
	}()
	return f
}

func (a *asker) close() {
	a.genl.close()
	a.rtnl.close()
	if a.subscriber != nil {
		a.subscriber.Close()
	}
}

// introduce asks, and calls each with every datagram, ours and the kernel's,
// as a frame.
func (a *asker) introduce(each func(*capture.Frame) error) error {
	genl := a.genl.request(unix.GENL_ID_CTRL, unix.NLM_F_DUMP, []byte{ctrlCmdGetFamily, ctrlVersion, 0, 0})
	if err := a.genl.record(unix.NETLINK_GENERIC, genl, each); err != nil {
		return fmt.Errorf("asking for the generic families: %w", err)
	}
	rtnl := a.rtnl.request(unix.RTM_GETLINK, unix.NLM_F_DUMP, make([]byte, unix.SizeofIfInfomsg))
	if err := a.rtnl.record(unix.NETLINK_ROUTE, rtnl, each); err != nil {
		return fmt.Errorf("asking for the interfaces: %w", err)
	}
	return nil
}

// record sends a dump request and calls each with all that goes to and fro.
func (c *conn) record(protocol byte, request []byte, each func(*capture.Frame) error) error {
	var data []byte
	frame := func(dir capture.Direction, b []byte) error {
		data = append(data[:0], 0, unix.PACKET_OUTGOING, capture.ARPHRDNetlink>>8, capture.ARPHRDNetlink&0xff,
			0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, protocol)
		data = append(data, b...)
		return each(&capture.Frame{Time: time.Now().UnixNano(), Data: data, OrigLen: len(data), Dir: dir, Comment: introComment})
	}
	if err := frame(capture.DirToKernel, request); err != nil {
		return err
	}
	if err := c.send(request); err != nil {
		return err
	}
	for {
		b, err := c.receive()
		if err != nil {
			return err
		}
		if err := frame(capture.DirFromKernel, b); err != nil {
			return err
		}
		for _, m := range messages(b) {
			switch {
			case m.seq != c.seq:
			case m.typ == unix.NLMSG_DONE:
				return nil
			case m.typ == unix.NLMSG_ERROR:
				return m.refusal()
			}
		}
	}
}

// Ask asks the kernel for the names of generic families and interfaces, as a
// capture does when it begins, and calls each with every datagram. It needs no
// privileges.
func Ask(each func(*capture.Frame) error) error {
	a, err := newAsker()
	if err != nil {
		return err
	}
	defer a.close()
	return a.introduce(each)
}
