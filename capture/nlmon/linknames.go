//go:build linux

package nlmon

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"github.com/nlsniff/nlsniff/capture"
)

// linkComment stands beside the message that tells an interface's name.
const linkComment = "nlsniff asked for this name (SIOCGIFNAME) and made a message of the answer"

// linkNames has the kernel say itself what a message says an interface is called.
// Any program can send the kernel what looks like its notification, and nlmon shows
// it like one. To listen for the real ones, as for the controller's, would not do:
// the kernel copies them to each listener, for everybody who captures to see. So the
// kernel is asked in a way that nobody sees, and that takes less time than it took
// the liar.
type linkNames struct {
	rtnl  *conn
	known map[uint32]string // as the kernel said last
}

// maxKnown is how many names are remembered; then all are asked for anew.
const maxKnown = 1 << 16

// told takes what the kernel said of an interface. It reports whether that is new.
func (n *linkNames) told(index uint32, name string) bool {
	if n.known[index] == name {
		return false
	}
	if len(n.known) >= maxKnown {
		clear(n.known)
	}
	n.known[index] = name
	return true
}

// check returns the names of interfaces, as frames, that a frame has brought to
// light: it gives one a name that is not known, and the kernel has a new one too.
func (n *linkNames) check(f *capture.Frame) (out []capture.Frame) {
	const typeAt = capture.CookedLen + 4
	if len(f.Data) < capture.CookedLen+unix.NLMSG_HDRLEN || f.Data[capture.CookedLen-1] != unix.NETLINK_ROUTE ||
		binary.NativeEndian.Uint16(f.Data[typeAt:]) != unix.RTM_NEWLINK {
		return nil
	}
	for _, m := range messages(f.Data[capture.CookedLen:]) {
		index, said := linkName(m)
		if said == "" || n.known[index] == said {
			continue
		}
		// Who is not there any more has no name, and nobody speaks of it.
		if name := n.ask(index); name != "" && n.told(index, name) {
			out = append(out, n.frame(f.Time, index, name))
		}
	}
	return out
}

// ask asks the kernel what an interface is called; "" is none.
func (n *linkNames) ask(index uint32) string {
	r, err := unix.NewIfreq("")
	if err != nil {
		return ""
	}
	r.SetUint32(index)
	if unix.IoctlIfreq(n.rtnl.fd, unix.SIOCGIFNAME, r) != nil {
		return ""
	}
	return r.Name()
}

// frame makes a frame of a name, as if the kernel had told everybody at that time: it
// has the numbers of no request.
func (n *linkNames) frame(at int64, index uint32, name string) capture.Frame {
	body := make([]byte, unix.SizeofIfInfomsg)
	binary.NativeEndian.PutUint32(body[4:], index)
	m := appendAttr(append(make([]byte, unix.NLMSG_HDRLEN), body...), unix.IFLA_IFNAME, append([]byte(name), 0))
	binary.NativeEndian.PutUint32(m, uint32(len(m)))
	binary.NativeEndian.PutUint16(m[4:], unix.RTM_NEWLINK)
	data := make([]byte, capture.CookedLen, capture.CookedLen+len(m))
	data[1], data[2], data[3] = unix.PACKET_OUTGOING, capture.ARPHRDNetlink>>8, capture.ARPHRDNetlink&0xff
	data[capture.CookedLen-1] = unix.NETLINK_ROUTE
	data = append(data, m...)
	return capture.Frame{Time: at, Data: data, OrigLen: len(data), Dir: capture.DirFromKernel, Flags: capture.FlagAsked, Comment: linkComment}
}

// linkName returns what a message says an interface is called, "" if it says no
// such thing.
func linkName(m message) (index uint32, name string) {
	if m.typ != unix.RTM_NEWLINK || m.flags&unix.NLM_F_REQUEST != 0 || len(m.body) < unix.SizeofIfInfomsg {
		return 0, ""
	}
	return binary.NativeEndian.Uint32(m.body[4:]), text(findAttr(m.body[unix.SizeofIfInfomsg:], unix.IFLA_IFNAME))
}
