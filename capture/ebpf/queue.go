package ebpf

import (
	"time"

	"github.com/nlsniff/nlsniff/capture"
)

// message is a datagram that records tell of, one after the other.
type message struct {
	id       uint64
	frame    capture.Frame
	delivery capture.Delivery
	whole    int       // bytes that data is to have
	closed   bool      // nothing more comes
	since    time.Time // when the last of it came, if more comes
}

// queue joins the records of one datagram, and keeps datagrams in the order in
// which they began.
type queue struct {
	list []*message
	open map[uint64]*message
	// clock turns the kernel's time into one since 1970.
	clock func(uint64) int64
	// stream numbers network namespaces.
	stream func(netns uint64) (number int, name string)
	cut    uint64 // datagrams that are not whole
	words  []asked
	// who says of a process what records do not.
	who *processes
}

func newQueue(clock func(uint64) int64, stream func(uint64) (int, string)) *queue {
	return &queue{open: map[uint64]*message{}, clock: clock, stream: stream, who: newProcesses()}
}

// add takes a record.
func (q *queue) add(r *record) {
	q.who.complete(r)
	switch r.kind {
	case program:
		return
	case toKernel, fromKernel, fromUser:
		q.begin(r)
		return
	case words:
		q.hear(r)
		return
	case cut:
		q.event(r, cutEvent(r))
		return
	case sendFailed:
		q.event(r, &capture.Event{Kind: capture.EventRefused, Call: capture.CallSendMsg, Errno: r.value})
		return
	case recvFailed:
		q.event(r, recvEvent(r))
		return
	case released:
		e := capture.Event{Kind: capture.EventClose}
		if r.length == 0 { // whatever the kernel sent is told, read or not
			e.Value = capture.AllRead
		}
		q.event(r, &e)
		return
	case missed:
		if r.id == 0 {
			q.event(r, &capture.Event{Kind: capture.EventOverrun, Value: 1})
			return
		}
	}
	m := q.open[r.id]
	if m == nil {
		return // its beginning was lost
	}
	m.since = time.Now()
	switch r.kind {
	case more:
		if int(r.at) == len(m.frame.Data)-capture.CookedLen {
			m.frame.Data = append(m.frame.Data, r.data...)
		}
	case receiver, missed:
		m.receive(r)
	}
	if r.last {
		q.close(m)
	}
}

// packet types of linux/if_packet.h
const (
	packetUser   = 6
	packetKernel = 7
)

func (q *queue) begin(r *record) {
	m := &message{id: r.id, whole: capture.CookedLen + int(r.length)}
	f := &m.frame
	packet := byte(packetUser)
	switch r.kind {
	case toKernel:
		f.Dir, packet = capture.DirToKernel, packetKernel
	case fromKernel:
		f.Dir = capture.DirFromKernel
	default:
		f.Dir = capture.DirUserToUser
	}
	f.Data = make([]byte, 0, capture.CookedLen+len(r.data))
	f.Data = append(f.Data, 0, packet, capture.ARPHRDNetlink>>8, capture.ARPHRDNetlink&0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, byte(r.proto>>8), byte(r.proto))
	f.Data = append(f.Data, r.data...)
	f.OrigLen = m.whole
	m.delivery = capture.Delivery{Socket: r.socket, Peer: r.peer, Group: r.group}
	f.Delivery = &m.delivery
	q.mark(f, r)
	if r.kind == fromKernel {
		f.Comment = q.said(r, f.Data[capture.CookedLen:])
	}
	q.list = append(q.list, m)
	if r.last {
		q.close(m)
		return
	}
	m.since = time.Now()
	q.open[r.id] = m
}

// mark says when, where and whose.
func (q *queue) mark(f *capture.Frame, r *record) {
	f.Time, f.Process = q.clock(r.time), r.process
	f.Interface, f.Namespace = q.stream(r.process.NetNS)
}

func (q *queue) event(r *record, e *capture.Event) {
	m := &message{closed: true}
	e.Proto, e.HasProto, e.Socket = uint8(r.proto), true, r.socket
	m.frame.Event = e
	q.mark(&m.frame, r)
	q.list = append(q.list, m)
}

// receive adds one that got the datagram, or did not. One that the kernel sent
// has its first receiver in the frame, and again in the list if there are more.
func (m *message) receive(r *record) {
	d := &m.delivery
	next := capture.Receiver{Process: r.process, Socket: r.socket, Group: r.group, Overrun: r.kind == missed}
	if next.Overrun && next.Group == 0 {
		next.Group = d.Group
	}
	if m.frame.Dir == capture.DirFromKernel && len(d.Receivers) == 0 {
		first := capture.Receiver{Process: m.frame.Process, Socket: d.Socket, Group: d.Group}
		if next.Overrun && first.Socket.Inode == next.Socket.Inode && first.Socket.PortID == next.Socket.PortID {
			d.Receivers = append(d.Receivers, next) // the frame was told for it
			return
		}
		d.Receivers = append(d.Receivers, first)
	}
	d.Receivers = append(d.Receivers, next)
}

func (q *queue) close(m *message) {
	if m.closed {
		return
	}
	m.closed = true
	delete(q.open, m.id)
	if len(m.frame.Data) < m.whole {
		m.frame.Flags |= capture.FlagTruncated
		q.cut++
	}
}

// next returns the frame that is first, if it is complete.
func (q *queue) next() *capture.Frame {
	if len(q.list) == 0 || !q.list[0].closed {
		return nil
	}
	f := &q.list[0].frame
	q.list[0] = nil
	if q.list = q.list[1:]; len(q.list) == 0 {
		q.list = nil
	}
	return f
}

// waiting reports whether the first datagram is not complete.
func (q *queue) waiting() bool { return len(q.list) > 0 && !q.list[0].closed }

// holdOn is how long a datagram may wait for what else the kernel tells of it,
// which is lost if the ring was full.
const holdOn = time.Second

// until returns how long to wait for more of the first datagram.
func (q *queue) until() time.Time { return q.list[0].since.Add(holdOn) }

// giveUp waits no longer for more of the first datagram.
func (q *queue) giveUp() {
	if q.waiting() {
		q.close(q.list[0])
	}
}
