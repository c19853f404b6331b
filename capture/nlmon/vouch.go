//go:build linux

package nlmon

import (
	"bytes"
	"encoding/binary"
	"time"

	"golang.org/x/sys/unix"

	"github.com/nlsniff/nlsniff/capture"
)

// What looks like the kernel's word that something has a new name may be any
// process's. So the kernel is asked whenever a frame brings a name that it has not
// confirmed, and its answers go before that frame.

// vouchComment stands beside the frames of such a conversation.
const vouchComment = "nlsniff asked for this, as the next frame says that there is a new name"

const (
	// maxQuestions is how many questions are asked at once, and a second. Who
	// sends more names than that has them not confirmed until it is over.
	maxQuestions = 64
	// askAllEvery is how often all names are asked for, if some could not be.
	askAllEvery = 10 * time.Second
	// maxConfirmed bounds the names that are remembered as the kernel's.
	maxConfirmed = 1 << 16
)

// nameKey is a number that has a name: of a generic family or an interface.
type nameKey struct {
	protocol byte
	number   uint32
}

// confirmed are the names that the kernel has told on our asking.
type confirmed struct {
	names   map[nameKey]string
	left    int // questions that may be asked
	filled  time.Time
	missed  bool      // some were not asked
	askedAt time.Time // for all names
}

// eachName calls fn with the names that a datagram gives, in a message that is no
// request. It stops when fn returns false.
func eachName(data []byte, fn func(k nameKey, name []byte) bool) {
	const genlHdrLen = 4
	if len(data) < capture.CookedLen {
		return
	}
	protocol := data[capture.CookedLen-1]
	if protocol != unix.NETLINK_ROUTE && protocol != unix.NETLINK_GENERIC {
		return
	}
	order := binary.NativeEndian
	for b := data[capture.CookedLen:]; len(b) >= unix.NLMSG_HDRLEN; {
		n := int64(order.Uint32(b))
		if n < unix.NLMSG_HDRLEN || n > int64(len(b)) {
			return
		}
		typ, flags, body := order.Uint16(b[4:]), order.Uint16(b[6:]), b[unix.NLMSG_HDRLEN:n]
		var k nameKey
		var name []byte
		switch {
		case flags&unix.NLM_F_REQUEST != 0:
		case protocol == unix.NETLINK_ROUTE && typ == unix.RTM_NEWLINK && len(body) >= unix.SizeofIfInfomsg:
			k = nameKey{protocol, order.Uint32(body[4:])}
			name = findAttr(body[unix.SizeofIfInfomsg:], unix.IFLA_IFNAME)
		case protocol == unix.NETLINK_GENERIC && typ == unix.GENL_ID_CTRL && len(body) >= genlHdrLen && body[0] == unix.CTRL_CMD_NEWFAMILY:
			if id := findAttr(body[genlHdrLen:], unix.CTRL_ATTR_FAMILY_ID); len(id) == 2 {
				k = nameKey{protocol, uint32(order.Uint16(id))}
				name = findAttr(body[genlHdrLen:], unix.CTRL_ATTR_FAMILY_NAME)
			}
		}
		if i := bytes.IndexByte(name, 0); i >= 0 {
			name = name[:i]
		}
		if len(name) > 0 && !fn(k, name) {
			return
		}
		b = b[min(int64(len(b)), (n+3)&^3):]
	}
}

// learn takes the names of a frame that the kernel has sent to us.
func (c *confirmed) learn(f *capture.Frame) {
	if f.Dir != capture.DirFromKernel {
		return
	}
	eachName(f.Data, func(k nameKey, name []byte) bool {
		if c.names == nil || len(c.names) >= maxConfirmed {
			c.names = map[nameKey]string{} // they are asked for again
		}
		c.names[k] = string(name)
		return true
	})
}

// unconfirmed returns what a frame gives a name that the kernel has not told, if
// it may be asked now.
func (c *confirmed) unconfirmed(data []byte, now time.Time) (ask []nameKey) {
	if passed := now.Sub(c.filled); passed >= time.Second {
		c.left, c.filled = maxQuestions, now
	}
	eachName(data, func(k nameKey, name []byte) bool {
		if c.names[k] == string(name) {
			return true
		}
		if c.left == 0 {
			c.missed = true
			return false
		}
		c.left--
		ask = append(ask, k)
		return true
	})
	return ask
}

// overdue says whether it is time to ask for all names.
func (c *confirmed) overdue(now time.Time) bool {
	if !c.missed || c.left < maxQuestions/2 || now.Sub(c.askedAt) < askAllEvery {
		return false
	}
	c.missed, c.askedAt = false, now
	return true
}

// confirm asks the kernel for the names that a frame gives, if they are news, and
// calls each with what is said. That it cannot be asked leaves the names to be
// what they are in a file: hearsay.
func (a *asker) confirm(data []byte, now time.Time, each func(*capture.Frame)) {
	tell := func(f *capture.Frame) error {
		f.Comment = vouchComment
		a.confirmed.learn(f)
		each(f)
		return nil
	}
	if a.confirmed.overdue(now) {
		_ = a.introduce(tell)
	}
	for _, k := range a.confirmed.unconfirmed(data, now) {
		switch k.protocol {
		case unix.NETLINK_ROUTE:
			body := make([]byte, unix.SizeofIfInfomsg)
			binary.NativeEndian.PutUint32(body[4:], k.number)
			_ = a.rtnl.record(k.protocol, a.rtnl.request(unix.RTM_GETLINK, 0, body), tell)
		case unix.NETLINK_GENERIC:
			body := appendAttr([]byte{ctrlCmdGetFamily, ctrlVersion, 0, 0}, unix.CTRL_ATTR_FAMILY_ID, binary.NativeEndian.AppendUint16(nil, uint16(k.number)))
			_ = a.genl.record(k.protocol, a.genl.request(unix.GENL_ID_CTRL, 0, body), tell)
		}
	}
}
