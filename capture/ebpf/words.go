package ebpf

import (
	"encoding/binary"
	"fmt"

	"github.com/nlsniff/nlsniff/capture"
)

// asked is what the kernel would have said to a program, had it set
// NETLINK_EXT_ACK.
type asked struct {
	netns          uint64
	proto          uint16
	portid, number uint32 // nlmsg_seq
	errno          int32
	text           string
	attr           uint32 // where the attribute stands in the request, 0 if none
}

// maxWords is how many wait for the message that they belong to, which is the
// next thing that the kernel makes.
const maxWords = 64

func (q *queue) hear(r *record) {
	if len(q.words) >= maxWords {
		q.words = append(q.words[:0], q.words[1:]...)
	}
	q.words = append(q.words, asked{
		netns: r.process.NetNS, proto: r.proto, portid: r.peer, number: r.length, errno: r.value, text: string(r.data), attr: r.at,
	})
}

// Numbers of linux/netlink.h.
const (
	headerLen  = 16
	errorType  = 2 // NLMSG_ERROR
	doneType   = 3 // NLMSG_DONE
	offsetType = 4
	offsetSeq  = 8
)

// said finds what the kernel left unsaid in an answer.
func (q *queue) said(r *record, b []byte) string {
	if len(q.words) == 0 {
		return ""
	}
	e := binary.NativeEndian
	for len(b) >= headerLen+4 {
		n := int(e.Uint32(b))
		if n < headerLen || n > len(b) {
			return ""
		}
		if t := e.Uint16(b[offsetType:]); t == errorType || t == doneType {
			for i, w := range q.words {
				if w.netns == r.process.NetNS && w.proto == r.proto && w.portid == r.socket.PortID && w.number == e.Uint32(b[offsetSeq:]) && w.errno == int32(e.Uint32(b[headerLen:])) {
					q.words = append(q.words[:i], q.words[i+1:]...)
					return w.String()
				}
			}
		}
		b = b[min(len(b), (n+3)&^3):]
	}
	return ""
}

func (w *asked) String() string {
	s := "the kernel's reason, which the program did not ask for:"
	if w.text != "" {
		s += " " + w.text
	}
	if w.attr != 0 {
		s += fmt.Sprintf(" (the attribute at offset %d of the request)", w.attr)
	}
	return s
}

// recvEvent says what a read failed with.
func recvEvent(r *record) *capture.Event {
	const enobufs = -105
	if r.value == enobufs {
		return &capture.Event{Kind: capture.EventOverrun, Call: capture.CallRecvMsg, Errno: r.value}
	}
	return &capture.Event{Kind: capture.EventRefused, Call: capture.CallRecvMsg, Errno: r.value}
}

// cutEvent says what a read lost.
func cutEvent(r *record) *capture.Event {
	e := &capture.Event{Kind: capture.EventCut, Call: capture.CallRecvMsg}
	if r.length > r.at {
		e.Value = int64(r.length - r.at)
		e.Text = fmt.Sprintf("room for %d of %d", r.at, r.length)
	}
	return e
}
