package flow

import (
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
)

// requests takes the messages of a frame that a program sent; p is the first.
// The kernel takes those that begin with a BATCH_BEGIN for one batch, and stops
// at its end (nfnetlink_rcv in net/netfilter/nfnetlink.c).
func (t *Tracker) requests(p *place, walk *dissect.Headers) {
	if p.h.Proto == families.ProtoNetfilter && p.h.Type == batchBegin && p.h.Flags&flagRequest != 0 {
		t.batchFrame(p, walk)
		return
	}
	several := *walk
	p.mates = several.Next(new(dissect.Header))
	for more := true; more; more = walk.Next(p.h) {
		t.refs = append(t.refs, t.request(p))
		p.no++
	}
}

// batchFrame takes the messages of a frame that is a batch.
func (t *Tracker) batchFrame(p *place, walk *dissect.Headers) {
	var e *entry
	over := false
	for more := true; more; more = walk.Next(p.h) {
		switch {
		case e == nil:
			e = t.begin(p)
			if over {
				e.dead = NotReached
			}
			t.refs = append(t.refs, Ref{Exchange: e.ex.ID, Role: Request})
			if p.h.Type == batchBegin {
				t.beginBatch(e, p)
			}
			if !e.ex.Batch {
				t.notReached(e)
				e = nil
			}
		default:
			t.addToBatch(e, p)
			t.refs = append(t.refs, Ref{Exchange: e.ex.ID, Role: Request})
		}
		if e != nil && p.h.Type == batchEnd {
			t.endFrame(e, p)
			if over && !e.closed {
				t.notReached(e)
			}
			e, over = nil, true
		}
		p.no++
	}
	if e != nil {
		t.endFrame(e, p)
		if over && !e.closed {
			t.notReached(e)
		}
	}
}

// notReached ends what the kernel does not look at.
func (t *Tracker) notReached(e *entry) {
	e.dead = NotReached
	e.ex.Note(FindNotReached, 0, 0)
	t.close(e, Unanswered, NotReached)
}

// request opens an exchange.
func (t *Tracker) request(p *place) Ref {
	h := p.h
	e := t.begin(p)
	w := t.kinds.wants(p)
	e.change = !w.asks && h.Proto != families.ProtoGeneric
	e.twice = h.Proto == families.ProtoAudit && w.asks
	e.late, e.nothing = w.answer == families.AnswerLate, w.answer == families.AnswerNone
	e.quiet = h.Flags&flagAck == 0 && !e.ex.Dump && !w.asks
	e.mates, e.several = p.mates, p.mates
	ref := Ref{Exchange: e.ex.ID, Role: Request}
	switch {
	case h.Proto == families.ProtoISCSI: // has no flags, and no numbers to be found by
		e.quiet = false
		return ref
	case h.Flags&(flagRequest|flagAck) == 0:
		t.close(e, Unanswered, NoRequest)
		return ref
	}
	if p.f.Errno != 0 {
		t.notSent(e, p.f.Errno)
		return ref
	}
	e.probe = isProbe(p)
	e.claim = h.PortID // which the kernel does not look at
	t.wait(e)
	if s := t.sockets.claimed(e); s != nil {
		s.join(e)
	}
	switch {
	case p.f.Socket.PortID != 0:
		t.bind(e, p.f.Socket.PortID)
	case e.ex.Dump:
		t.contend(e)
	}
	return ref
}

// isProbe says whether a request asks for nothing, but for whether the kernel
// knows its type: ip link sends RTM_NEWLINK about interface 0 for that
// (iplink_have_newlink in iproute2).
func isProbe(p *place) bool {
	if p.h.Proto != families.ProtoRoute || p.h.Type != rtmNewlink || p.h.Seq != 0 || p.h.Len != hdrLen+ifinfomsgLen {
		return false
	}
	for _, b := range p.body() {
		if b != 0 {
			return false
		}
	}
	return true
}

// Numbers of linux/rtnetlink.h.
const (
	rtmNewlink   = 16
	ifinfomsgLen = 16
)

// begin makes an open exchange of a request.
func (t *Tracker) begin(p *place) *entry {
	e := t.entry(p)
	h, x := p.h, &e.ex
	x.Request, x.Messages, x.Length = p.ref(), 1, p.size()
	x.Start = p.f.Time
	x.Process = p.f.Process
	x.Socket = p.f.Socket
	e.partial = p.f.Part
	x.Dump = t.kinds.dumps(h)
	e.length = p.h.Len
	t.keep(e, PartRequest, p, false)
	x.RequestComment = p.f.Comment
	e.hash = hashRequest(h, p.body())
	t.requestFindings(e, p)
	return e
}

// entry makes an open exchange that starts with a message.
func (t *Tracker) entry(p *place) *entry {
	for t.open.n >= t.opt.MaxOpen {
		t.conclude(t.open.head, Evicted)
	}
	e := t.freeEntries
	if e == nil {
		e = &entry{}
	} else {
		t.freeEntries = e.next
		findings, inner := e.ex.Findings[:0], e.batch.inner[:0]
		*e = entry{}
		e.ex.Findings, e.batch.inner = findings, inner
	}
	h, x := p.h, &e.ex
	x.ID, x.Section, x.Proto, x.Seq = t.next, p.f.Section, h.Proto, h.Seq
	x.Type, x.Flags, x.Big = h.Type, h.Flags, h.Big
	if b := p.body(); h.Proto == families.ProtoGeneric && h.Type >= minType && len(b) > 0 {
		x.Cmd, x.HasCmd = b[0], true
	}
	x.IDs, x.Links, x.Sets = p.f.Input.IDs, p.f.Input.Links, p.f.Input.Sets
	e.lossAt = t.losses
	t.next++
	t.open.push(e)
	return e
}

// wait enters a request whose socket is not known: programs leave nlmsg_pid 0.
func (t *Tracker) wait(e *entry) {
	others := t.waiting.find(e.numbers(), true)
	if o := others.next(); o != nil && !o.quiet && sameSender(&o.ex, &e.ex) {
		e.ex.Note(FindSeqReused, o.ex.ID, 0)
	}
	t.waiting.add(e)
}

// sameSender says whether two requests are known to come from one program.
func sameSender(a, b *Exchange) bool {
	return a.Request.Frame == b.Request.Frame || a.Process.PID != 0 && a.Process.PID == b.Process.PID
}

// bind notes which socket an exchange belongs to. What was sent in the same
// frame is that socket's too.
func (t *Tracker) bind(e *entry, portid uint32) {
	if e.bound || portid == 0 {
		return
	}
	t.bindOne(e, portid)
	if !e.mates || e.closed {
		return
	}
	e.mates = false
	for o := e.in[byAge].prev; o != nil && o.ex.Request.Frame == e.ex.Request.Frame; o = o.in[byAge].prev {
		t.bindMate(o, portid)
	}
	for o := e.in[byAge].next; o != nil && o.ex.Request.Frame == e.ex.Request.Frame; o = o.in[byAge].next {
		t.bindMate(o, portid)
	}
}

func (t *Tracker) bindMate(o *entry, portid uint32) {
	o.mates = false
	if !o.bound && !o.orphan {
		t.bindOne(o, portid)
	}
}

func (t *Tracker) bindOne(e *entry, portid uint32) {
	t.leave(e)
	e.bound, e.ex.PortID = true, portid
	s := t.sockets.seen(e, portid)
	t.boundFindings(e)
	if !e.closed && !e.orphan {
		s.join(e)
	} else {
		e.quit()
	}
	switch {
	case e.ex.Batch: // found through t.batches
	case e.closed:
		t.past.add(e)
	default:
		t.bound.add(e)
	}
}

// leave takes an exchange out of those that are found by their numbers.
func (t *Tracker) leave(e *entry) {
	if e.among != nil {
		e.among.remove(e)
	}
}
