package flow

import (
	"github.com/nlsniff/nlsniff/families"
)

// batch is what is known of an nfnetlink batch (nfnetlink_rcv_batch in
// net/netfilter/nfnetlink.c).
type batch struct {
	subsys uint16
	lo, hi uint32  // sequence numbers
	inner  []inner // the first maxInner messages
	at     int     // where in inner to look first
	lost   int     // the others
	ended  bool    // BATCH_END came
	asked  bool    // some message asks for an ACK
	acks   int     // inner messages that do; BATCH_BEGIN and BATCH_END get one since Linux 6.11
	acked  int     // of these, how many have been reported on
	echoes bool    // some ask for an echo
	// committed says that the kernel told of the new generation, which it does
	// when all is done.
	committed bool
}

// inner is one message of a batch.
type inner struct {
	seq, length uint32
	typ, flags  uint16
	told        bool // an error or ACK came
	hash        uint64
}

// maxInner bounds how many messages of a batch are told apart.
const maxInner = 1 << 16

// maxBatches bounds how many batches are looked at for an answer, maxLook how
// many messages of one.
const (
	maxBatches = 512
	maxLook    = 1024
)

// beginBatch makes an exchange one of a batch.
func (t *Tracker) beginBatch(e *entry, p *place) {
	e.ex.Batch, e.change, e.claim = true, true, p.h.PortID
	b := &e.batch
	b.lo, b.hi, b.subsys = p.h.Seq, p.h.Seq, subsystem(p)
	b.add(p, e.hash)
	t.batches.push(e)
}

// addToBatch adds a message to a batch.
func (t *Tracker) addToBatch(e *entry, p *place) {
	h := p.h
	e.ex.Messages++
	e.ex.Length += p.size()
	sum := hashRequest(h, p.body())
	e.hash = e.hash*31 + sum
	t.keep(e, PartRequest, p, true)
	b := &e.batch
	switch {
	case h.Type == batchEnd:
		b.ended = true
	case h.Type == batchBegin, h.Len < hdrLen+4, int(h.Len) > p.size() && p.whole():
		// The kernel gives up, and says nothing of it.
		e.dead = Discarded
	}
	b.add(p, sum)
}

func (b *batch) add(p *place, sum uint64) {
	h := p.h
	// The numbers of one batch go up; a message out of order does not make
	// those in between its own.
	switch d := int32(h.Seq - b.hi); {
	case d > 0 && d <= maxInner:
		b.hi = h.Seq
	case int32(h.Seq-b.lo) < 0 && b.lo-h.Seq <= maxInner:
		b.lo = h.Seq
	}
	b.asked = b.asked || h.Flags&flagAck != 0
	if h.Type != batchBegin && h.Type != batchEnd {
		if h.Flags&flagAck != 0 {
			b.acks++
		}
		b.echoes = b.echoes || h.Flags&flagEcho != 0
	}
	if len(b.inner) < maxInner {
		b.inner = append(b.inner, inner{h.Seq, h.Len, h.Type, h.Flags, false, sum})
	} else {
		b.lost++
	}
}

// endFrame looks at the batch that a frame has begun, when the frame is over.
func (t *Tracker) endFrame(e *entry, p *place) {
	b := &e.batch
	if !b.ended && e.dead == NoReason && p.whole() {
		e.dead = Discarded
	}
	e.quiet = b.acks == 0 && !b.echoes && !(b.asked && t.acksFrames[e.ex.Section])
	if e.dead == Discarded {
		e.ex.Note(FindDiscarded, 0, 0)
		if b.ended {
			e.quiet = false
		}
	}
	s := t.sockets.claimed(e)
	switch {
	case p.f.Errno != 0:
		t.notSent(e, p.f.Errno)
	case p.f.Socket.PortID != 0:
		t.bind(e, p.f.Socket.PortID)
	case s != nil:
		s.join(e)
	}
}

// last returns the last message before BATCH_END, nil if that is not known.
func (b *batch) last() *inner {
	if b.lost > 0 {
		return nil
	}
	for i := len(b.inner) - 1; i >= 0; i-- {
		if m := &b.inner[i]; m.typ != batchBegin && m.typ != batchEnd {
			return m
		}
	}
	return nil
}

// each yields the messages of a batch with a sequence number, the likeliest
// first: numbers mostly count up, and reports come in the order of the messages.
func (b *batch) each(seq uint32, yield func(*inner) bool) {
	n := len(b.inner)
	if n == 0 {
		return
	}
	if i := int(seq - b.inner[0].seq); i < n && b.inner[i].seq == seq {
		b.at = i
		for b.at > 0 && b.inner[b.at-1].seq == seq {
			b.at-- // some share a number
		}
	}
	for i := range min(n, maxLook) {
		if m := &b.inner[(b.at+i)%n]; m.seq == seq && !yield(m) {
			b.at = (b.at + i) % n
			return
		}
	}
}

// about returns the message of a batch that an error or ACK repeats, and
// whether all its bytes agree; rather one of which there was no report yet.
func (b *batch) about(p *place) (m *inner, same bool) {
	echo, whole := p.echo()
	for in := range func(yield func(*inner) bool) { b.each(echo.Seq, yield) } {
		if in.typ != echo.Type || in.flags != echo.Flags || in.length != echo.Len {
			continue
		}
		agree := whole && hashRequest(&echo, p.body()[4+hdrLen:4+echo.Len]) == in.hash
		if m == nil || m.told && !in.told && agree == same || agree && !same {
			m, same = in, agree
		}
		if !m.told && (same || !whole) {
			break
		}
	}
	return m, same
}

// inside returns the first message of a batch with a sequence number, nil if
// there is none.
func (b *batch) inside(seq uint32) (m *inner) {
	for in := range func(yield func(*inner) bool) { b.each(seq, yield) } {
		if in.typ != batchBegin && in.typ != batchEnd {
			return in
		}
	}
	return nil
}

// findBatch finds the batch that an answer or notification is about: it
// carries the number of an inner message. Those that are open come first, the
// newest of them, but an error is for the one whose bytes it repeats.
func (t *Tracker) findBatch(p *place) *entry {
	h := p.h
	if h.Proto != families.ProtoNetfilter || h.Type == typeDone {
		return nil
	}
	var open, ended *entry
	e := t.batches.tail
	for i := 0; e != nil && i < maxBatches; i, e = i+1, e.in[byBatch].prev {
		b := &e.batch
		if e.dead == NotReached || e.ex.Section != p.f.Section || e.bound && e.ex.PortID != h.PortID || e.socket != nil && e.socket.key.portid != h.PortID || !compatible(e, &p.f.Process) {
			continue
		}
		numbered := h.Seq-b.lo <= b.hi-b.lo
		switch {
		case h.Type == typeError && !numbered:
			continue
		case h.Type == typeError:
			m, same := b.about(p)
			if m == nil && b.lost == 0 && len(b.inner) <= maxLook {
				continue
			}
			if m != nil && m.told {
				if ended == nil {
					ended = e // that is reported once, so this is of another batch
				}
				continue
			}
			if same && !e.closed {
				return e
			}
		case h.Type>>8 != b.subsys:
			continue
		case numbered:
		case h.Seq != 0 || !e.bound && e.closed: // what is told of set elements can have no number
			continue
		}
		switch over := e.closed || h.Type != typeError && (b.committed || e.ex.Errors > 0); {
		case over && ended == nil:
			ended = e
		case over:
		case open == nil || e.bound && !open.bound:
			open = e
		}
	}
	if open != nil {
		return open
	}
	return ended
}
