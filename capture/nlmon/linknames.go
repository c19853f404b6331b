//go:build linux

package nlmon

import (
	"encoding/binary"
	"time"

	"golang.org/x/sys/unix"

	"github.com/nlsniff/nlsniff/capture"
)

// linkComment stands beside what the kernel was asked about an interface.
const linkComment = "nlsniff asked for this, to know an interface's name"

// linkNames has the kernel say itself what a message says an interface is called.
// Any program can send the kernel what looks like its notification, and nlmon shows
// it like one. To listen for the real ones, as for the controller's, would not do:
// the kernel copies them to each listener, and interfaces change often.
type linkNames struct {
	rtnl  *conn
	known map[uint32]string // as the kernel said last

	// Who sends lies without end must not have us ask without end.
	second int64 // of a frame's time
	asked  int   // in it
}

const (
	// asksPerSecond is how often the kernel is asked at most.
	asksPerSecond = 500
	// maxKnown is how many names are remembered; then all are asked for anew.
	maxKnown = 1 << 16
)

// told takes what the kernel said on being asked.
func (n *linkNames) told(b []byte) (news bool) {
	for _, m := range messages(b) {
		if index, name := linkName(m); name != "" && n.known[index] != name {
			if len(n.known) >= maxKnown {
				clear(n.known)
			}
			n.known[index], news = name, true
		}
	}
	return news
}

// check returns what the kernel was asked and answered, as frames, if a frame
// gives an interface a name that is not the one that it has, and the kernel says
// that there is a new one.
func (n *linkNames) check(f *capture.Frame) (talk []capture.Frame) {
	const typeAt = capture.CookedLen + 4
	if len(f.Data) < capture.CookedLen+unix.NLMSG_HDRLEN || f.Data[capture.CookedLen-1] != unix.NETLINK_ROUTE ||
		binary.NativeEndian.Uint16(f.Data[typeAt:]) != unix.RTM_NEWLINK {
		return nil
	}
	for _, m := range messages(f.Data[capture.CookedLen:]) {
		index, name := linkName(m)
		if name == "" || n.known[index] == name || !n.may(f.Time) {
			continue
		}
		question, answer, err := n.ask(index)
		if err != nil || !n.told(answer) {
			continue // there is none, or it has the name that is known
		}
		talk = append(talk, ownFrame(capture.DirToKernel, question, linkComment), ownFrame(capture.DirFromKernel, answer, linkComment))
	}
	return talk
}

// may reports whether the kernel may be asked once more at that time.
func (n *linkNames) may(at int64) bool {
	if s := at / int64(time.Second); s != n.second {
		n.second, n.asked = s, 0
	}
	n.asked++
	return n.asked <= asksPerSecond
}

// ask asks for one interface.
func (n *linkNames) ask(index uint32) (question, answer []byte, err error) {
	const skipStats = 1 << 3 // RTEXT_FILTER_SKIP_STATS of linux/rtnetlink.h
	body := make([]byte, unix.SizeofIfInfomsg)
	binary.NativeEndian.PutUint32(body[4:], index)
	body = appendAttr(body, unix.IFLA_EXT_MASK, binary.NativeEndian.AppendUint32(nil, skipStats))
	question = n.rtnl.request(unix.RTM_GETLINK, 0, body)
	if err := n.rtnl.send(question); err != nil {
		return nil, nil, err
	}
	for {
		b, err := n.rtnl.receive()
		if err != nil {
			return nil, nil, err
		}
		for _, m := range messages(b) {
			switch {
			case m.seq != n.rtnl.seq:
			case m.typ == unix.NLMSG_ERROR:
				return nil, nil, m.refusal()
			default:
				return question, b, nil
			}
		}
	}
}

// linkName returns what a message says an interface is called, "" if it says no
// such thing.
func linkName(m message) (index uint32, name string) {
	if m.typ != unix.RTM_NEWLINK || m.flags&unix.NLM_F_REQUEST != 0 || len(m.body) < unix.SizeofIfInfomsg {
		return 0, ""
	}
	return binary.NativeEndian.Uint32(m.body[4:]), text(findAttr(m.body[unix.SizeofIfInfomsg:], unix.IFLA_IFNAME))
}

// ownFrame makes a frame of what we said, or were told.
func ownFrame(dir capture.Direction, b []byte, comment string) capture.Frame {
	data := make([]byte, capture.CookedLen, capture.CookedLen+len(b))
	data[1], data[2], data[3] = unix.PACKET_OUTGOING, capture.ARPHRDNetlink>>8, capture.ARPHRDNetlink&0xff
	data[capture.CookedLen-1] = unix.NETLINK_ROUTE
	data = append(data, b...)
	return capture.Frame{Time: time.Now().UnixNano(), Data: data, OrigLen: len(data), Dir: dir, Comment: comment}
}
