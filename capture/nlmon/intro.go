//go:build linux

package nlmon

import (
	"fmt"
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
	announced  *announced
	links      linkNames
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
	return &asker{genl: genl, rtnl: rtnl, announced: subscribe(), links: linkNames{rtnl: rtnl, known: map[uint32]string{}}}, nil
}

func (a *asker) close() {
	a.genl.close()
	a.rtnl.close()
	a.announced.close()
}

// introduce asks, and calls each with every datagram, ours and the kernel's,
// as a frame.
func (a *asker) introduce(each func(*capture.Frame) error) error {
	genl := a.genl.request(unix.GENL_ID_CTRL, unix.NLM_F_DUMP, []byte{ctrlCmdGetFamily, ctrlVersion, 0, 0})
	if err := a.genl.record(unix.NETLINK_GENERIC, genl, each); err != nil {
		return fmt.Errorf("asking for the generic families: %w", err)
	}
	rtnl := a.rtnl.request(unix.RTM_GETLINK, unix.NLM_F_DUMP, make([]byte, unix.SizeofIfInfomsg))
	err := a.rtnl.record(unix.NETLINK_ROUTE, rtnl, func(f *capture.Frame) error {
		if f.Dir == capture.DirFromKernel {
			for _, m := range messages(f.Data[capture.CookedLen:]) {
				if index, name := linkName(m); name != "" {
					a.links.told(index, name)
				}
			}
		}
		return each(f)
	})
	if err != nil {
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
		return each(&capture.Frame{Time: time.Now().UnixNano(), Data: data, OrigLen: len(data), Dir: dir, Flags: capture.FlagAsked, Comment: introComment})
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
