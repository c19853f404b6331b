package flow

import (
	"encoding/binary"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
)

// failure remembers a request that was refused.
type failure struct {
	hash   uint64
	id     uint64
	portid uint32
	pid    uint32
}

// pair counts the changes of one type that were followed by a notification,
// and those that were not.
type pair struct{ with, without int }

const (
	// maxPairs bounds what is learned of types.
	maxPairs = 1 << 10
	// mayWait is how many requests a program may send, after messages to it
	// were lost, before it dumps what it has missed.
	mayWait = 3
	// enoughPairs is how often a type must have been followed by a
	// notification before one is missed.
	enoughPairs = 5
)

// loss is a frame before which a socket lost messages.
type loss struct {
	section int
	proto   uint8
	portid  uint32
	pid     uint32
	frame   int
	asked   int // requests of the socket since
}

// requestFindings looks at a request when it is sent.
func (t *Tracker) requestFindings(e *entry, p *place) {
	const kernelOnly = flagMulti | flagDumpIntr | 0x20 // NLM_F_DUMP_FILTERED
	if bad := p.h.Flags & kernelOnly; bad != 0 {
		e.ex.Note(FindFlags, uint64(bad), 0)
	}
	if p.h.Flags&flagRequest == 0 && p.h.Proto != families.ProtoISCSI {
		e.ex.Note(FindNoRequest, 0, 0)
	}
	t.retried(e)
}

// retried reports those dumps that came out wrong and are read again by this
// request.
func (t *Tracker) retried(e *entry) {
	next := t.linger.head
	for i := 0; next != nil && i < maxScan; i++ {
		o := next
		next = o.in[byTimer].next
		x, y := &o.ex, &e.ex
		if x.Proto != y.Proto || x.Type != y.Type || x.Cmd != y.Cmd || x.Section != y.Section ||
			x.Process.PID != 0 && y.Process.PID != 0 && x.Process.PID != y.Process.PID {
			continue
		}
		if x.State == Interrupted {
			x.Note(FindRetried, y.ID, 0)
		}
		t.report(o)
	}
}

// notRetried is the end of the time in which a program could have tried again.
func (t *Tracker) notRetried(e *entry) {
	if e.ex.State == Interrupted {
		e.ex.Note(FindInterrupted, 0, 0)
	}
}

// boundFindings looks at a request when its socket is known.
func (t *Tracker) boundFindings(e *entry) {
	x := &e.ex
	if e.claim != 0 && e.claim != x.PortID {
		x.Note(FindPortID, uint64(e.claim), uint64(x.PortID))
	}
	others := t.bound.find(e.numbers(), true)
	for i := 0; i < maxScan && !e.orphan; i++ {
		o := others.next()
		if o == nil {
			break
		}
		if !o.closed && !o.orphan && compatible(o, &x.Process) {
			x.Note(FindSeqReused, o.ex.ID, 0)
			break
		}
	}
	for i := range t.lost {
		if e.orphan {
			break
		}
		l := &t.lost[i]
		if l.frame == 0 || l.section != x.Section || x.Request.Frame != 0 && x.Request.Frame < l.frame {
			continue
		}
		if l.proto != x.Proto || (l.portid == 0 || l.portid != x.PortID) && (l.pid == 0 || l.pid != x.Process.PID) {
			continue
		}
		switch {
		case x.Dump:
			x.Note(FindResync, uint64(l.frame), 0)
		case l.asked >= mayWait: // it may do something else first
			x.Note(FindOverrun, uint64(l.frame), 0)
		default:
			l.asked++
			continue
		}
		*l = loss{}
	}
}

// overrun notes that messages to a socket were lost before a frame.
func (t *Tracker) overrun(f *Frame) {
	walk := dissect.Scan(f.Input)
	var m dissect.Header
	walk.Next(&m)
	t.lose(loss{f.Section, m.Proto, m.PortID, f.Process.PID, f.Input.Number, 0})
}

// closedFindings looks at an exchange when it has ended.
func (t *Tracker) closedFindings(e *entry) {
	x := &e.ex
	if e.orphan {
		x.Note(FindOrphan, 0, 0)
		return
	}
	if x.Reason == Probe {
		x.Note(FindProbe, uint64(-int64(x.Errno)), 0)
	} else if x.Errors > 0 {
		if x.Reason != NotSent {
			x.Note(FindError, uint64(-int64(x.Errno)), 0)
			if x.Socket.Known && !x.Socket.ExtAck && !x.AckTLVs && x.Answer.Frame != 0 {
				x.Note(FindNoExtAck, 0, 0)
			}
		}
		if x.Flags&flagAck == 0 && !x.Dump && !x.Batch && (e.change || x.Proto == families.ProtoGeneric) {
			x.Note(FindNoAck, 0, 0)
		}
		f := &t.failed[e.hash%uint64(len(t.failed))]
		if f.hash == e.hash && (f.portid == x.PortID && f.portid != 0 || f.pid == x.Process.PID && f.pid != 0) {
			x.Note(FindRepeated, f.id, 0)
		}
		*f = failure{e.hash, x.ID, x.PortID, x.Process.PID}
	} else if e.says {
		x.Note(FindWarning, 0, 0)
	}
	switch x.State {
	case Truncated:
		x.Note(FindTruncated, 0, 0)
	case Unanswered:
		if !x.OK() && !e.quiet && x.Reason != NoRequest && x.Reason != LeftOut && e.dead == NoReason {
			x.Note(FindUnanswered, 0, 0)
		}
	case Open:
		if x.Reason != Loss && x.Reason != LeftOut {
			x.Note(FindUnread, 0, 0)
		}
	}
	if d, ok := x.Latency(); ok && d > t.opt.Slow {
		x.Note(FindSlow, uint64(d/1e6), 0)
	}
	if e.change && x.OK() && !x.Batch {
		t.owed(e)
	}
}

// owed compares a change with others of its type.
func (t *Tracker) owed(e *entry) {
	x := &e.ex
	key := uint32(x.Proto)<<24 | uint32(x.Type)
	p, known := t.pairs[key]
	switch {
	case !known && len(t.pairs) >= maxPairs:
		return
	case x.Notified > 0:
		p.with++
	default:
		if p.without == 0 && p.with >= enoughPairs {
			x.Note(FindSilent, uint64(p.with), 0)
		}
		p.without++
	}
	t.pairs[key] = p
}

// hasText says whether an ACK or DONE carries the kernel's words.
func hasText(b []byte, big bool) bool {
	at := hdrLen + 4
	if len(b) >= hdrLen && uint16(dissect.Uint(b[4:6], big)) == typeError {
		at += hdrLen // an ACK carries the header only
	}
	const attrMsg = 1 // NLMSGERR_ATTR_MSG
	for at+4 <= len(b) {
		n, typ := int(dissect.Uint(b[at:at+2], big)), dissect.Uint(b[at+2:at+4], big)
		if typ == attrMsg {
			return true
		}
		if n < 4 {
			return false
		}
		at += (n + 3) &^ 3
	}
	return false
}

// hashRequest mixes what a request asks for: all but its numbers. The first
// half KiB tells requests apart well enough.
func hashRequest(h *dissect.Header, body []byte) uint64 {
	const prime = 1099511628211
	sum := uint64(14695981039346656037)
	sum = (sum ^ (uint64(h.Type) | uint64(h.Flags)<<16 | uint64(h.Len)<<32)) * prime
	if len(body) > 512 {
		body = body[:512]
	}
	for len(body) >= 8 {
		sum = (sum ^ binary.LittleEndian.Uint64(body)) * prime
		sum ^= sum >> 29
		body = body[8:]
	}
	for _, c := range body {
		sum = (sum ^ uint64(c)) * prime
	}
	return sum
}
