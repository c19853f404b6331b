package flow

// Socket is what the capture knows of the socket that sent a request. The zero
// Socket is not known.
type Socket struct {
	Inode  uint64 // 0: nothing is known
	PortID uint32 // 0: not known
	Known  bool   // the options below are what they seem
	ExtAck bool   // NETLINK_EXT_ACK: errors bring the kernel's words
	CapAck bool   // NETLINK_CAP_ACK: errors do not repeat the request
	Strict bool   // NETLINK_GET_STRICT_CHK: the kernel looks at all of a dump's request
}

// Kind is what happened to a socket.
type Kind uint8

// The kinds.
const (
	SocketOverrun Kind = iota // the kernel had no room for messages
	SocketUnread              // it is about to close, and has a message that nobody has read
	SocketClosed
)

// Happening is something that happened to a socket between the frames.
type Happening struct {
	Kind    Kind
	Frame   int // its number in the capture
	Section int
	Proto   uint8
	PortID  uint32
	Inode   uint64
	Process Process
	// Of SocketUnread: the numbers of the oldest message that was not read.
	// Errno is 0 if it is no error.
	Seq   uint32
	Errno int32
	// Of SocketClosed: the socket had nothing left in it, and had lost nothing.
	AllRead bool
}

// Happened takes what happened to a socket, in its place among the frames.
func (t *Tracker) Happened(h *Happening) {
	switch h.Kind {
	case SocketOverrun:
		t.lose(loss{h.Section, h.Proto, h.PortID, h.Process.PID, h.Frame, 0})
	case SocketUnread, SocketClosed:
		for e := t.open.head; e != nil; {
			next := e.in[byAge].next
			if x := &e.ex; x.Socket.Inode == h.Inode && h.Inode != 0 && x.Section == h.Section && x.Proto == h.Proto {
				t.unread(e, h)
			}
			e = next
		}
	}
}

// unread ends an exchange whose socket is no more, or has an answer that nobody
// will read.
func (t *Tracker) unread(e *entry, h *Happening) {
	x := &e.ex
	switch {
	case h.Kind == SocketUnread && !e.numbered(h.Seq):
		return
	case h.Kind == SocketUnread:
		x.Note(FindNeverRead, uint64(-int64(h.Errno)), 0)
		if h.Errno < 0 {
			x.Errno, x.Errors = h.Errno, 1
			t.close(e, Failed, NeverRead)
			return
		}
		t.close(e, Unanswered, NeverRead)
	case e.quiet:
		// An error would have come before the socket was closed.
		e.spoke = e.spoke || h.AllRead
		t.conclude(e, NoReason)
	case e.acked || x.Errors > 0 || e.dead != NoReason || e.batch.committed:
		t.conclude(e, NoReason)
	case x.Dump && x.Replies > 0 && !e.partial:
		t.close(e, Open, SocketGone)
	case x.Replies > 0 || e.spoke || t.lossy(e):
		t.conclude(e, NoReason)
	case e.partial:
		t.close(e, Unanswered, LeftOut)
	default:
		t.close(e, Unanswered, SocketGone)
	}
}

// numbered says whether a sequence number is the request's.
func (e *entry) numbered(seq uint32) bool {
	if e.ex.Batch {
		return seq-e.batch.lo <= e.batch.hi-e.batch.lo
	}
	return e.ex.Seq == seq
}

// lossy says whether an answer to a request can be among the messages that a
// socket lost.
func (t *Tracker) lossy(e *entry) bool {
	if t.losses-e.lossAt > len(t.lately) {
		return true
	}
	for i := e.lossAt; i < t.losses; i++ {
		l, x := &t.lately[i%len(t.lately)], &e.ex
		if l.section == x.Section && l.proto == x.Proto && (l.portid == 0 || x.PortID == 0 || l.portid == x.PortID) && (l.pid == 0 || x.Process.PID == 0 || l.pid == x.Process.PID) {
			return true
		}
	}
	return false
}

// lose remembers that messages to a socket were lost. The frame behind an
// overrun says so again.
func (t *Tracker) lose(n loss) {
	t.lately[t.losses%len(t.lately)] = n
	t.losses++
	for i := range t.lost {
		if l := &t.lost[i]; l.frame != 0 && l.section == n.section && l.proto == n.proto && l.pid == n.pid && n.pid != 0 {
			return
		}
	}
	t.lost[t.losses%len(t.lost)] = n
}

// notSent ends a request that the kernel did not take.
func (t *Tracker) notSent(e *entry, errno int32) {
	e.ex.Errno, e.ex.Errors = errno, 1
	e.ex.Note(FindNotSent, uint64(-int64(errno)), 0)
	t.close(e, Failed, NotSent)
}
