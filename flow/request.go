package flow

import "github.com/nlsniff/nlsniff/families"

// request opens an exchange, or adds a message to the batch of its frame.
func (t *Tracker) request(p *place, batch *entry) (Ref, *entry) {
	h := p.h
	if batch != nil {
		t.addToBatch(batch, p)
		if h.Type == batchEnd {
			return Ref{batch.ex.ID, Request}, nil
		}
		return Ref{batch.ex.ID, Request}, batch
	}
	t.endBatches(p)
	e := t.begin(p)
	asks := t.kinds.asks(p)
	e.change = !asks && h.Proto != families.ProtoGeneric
	e.twice = h.Proto == families.ProtoAudit && asks
	switch {
	case h.Proto == families.ProtoISCSI: // has no flags, and no numbers to be found by
		t.startTimer(e, &t.due)
		return Ref{e.ex.ID, Request}, nil
	case h.Flags&(flagRequest|flagAck) == 0:
		t.close(e, Unanswered, NoRequest)
		return Ref{e.ex.ID, Request}, nil
	case h.Proto == families.ProtoNetfilter && h.Type == batchBegin:
		e.ex.Batch, e.change = true, true
		e.lo, e.hi, e.subsys = h.Seq, h.Seq, subsystem(p)
		t.startTimer(e, &t.quiet)
		t.addBatch(e)
		return Ref{e.ex.ID, Request}, e
	}
	e.claim = h.PortID // which the kernel does not look at
	t.wait(e)
	if h.Flags&flagAck == 0 && !e.ex.Dump && !asks {
		t.startTimer(e, &t.quiet)
	} else {
		t.startTimer(e, &t.due)
	}
	return Ref{e.ex.ID, Request}, nil
}

// begin makes an open exchange of a request.
func (t *Tracker) begin(p *place) *entry {
	e := t.entry(p)
	h, x := p.h, &e.ex
	x.Request, x.Messages, x.Length = p.ref(), 1, p.size()
	x.Start = p.f.Time
	x.Process = p.f.Process
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
		t.unanswered(t.open.head, t.whyNot(t.open.head, Evicted))
	}
	e := t.freeEntries
	if e == nil {
		e = &entry{}
	} else {
		t.freeEntries = e.next
		findings := e.ex.Findings[:0]
		*e = entry{}
		e.ex.Findings = findings
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
	if o := others.next(); o != nil && o.timer == &t.due && sameSender(&o.ex, &e.ex) {
		e.ex.Note(FindSeqReused, o.ex.ID, 0)
	}
	t.waiting.add(e)
}

// sameSender says whether two requests are known to come from one program.
func sameSender(a, b *Exchange) bool {
	return a.Request.Frame == b.Request.Frame || a.Process.PID != 0 && a.Process.PID == b.Process.PID
}

// bind notes which socket an exchange belongs to.
func (t *Tracker) bind(e *entry, portid uint32) {
	if e.bound || portid == 0 {
		return
	}
	t.leave(e)
	e.bound, e.ex.PortID = true, portid
	t.boundFindings(e, t.sockets.seen(e, portid))
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

// addToBatch adds a message to a batch.
func (t *Tracker) addToBatch(e *entry, p *place) {
	e.ex.Messages++
	e.ex.Length += p.size()
	e.hi = p.h.Seq
	e.hash = e.hash*31 + hashRequest(p.h, p.body())
	t.keep(e, PartRequest, p, true)
}

// addBatch remembers a batch: its answers carry inner numbers.
func (t *Tracker) addBatch(e *entry) {
	if old := t.batches[t.batchAt]; old != nil && !old.closed {
		t.unanswered(old, t.whyNot(old, NoAck))
	}
	t.openBatches++
	t.batches[t.batchAt] = e
	t.batchAt = (t.batchAt + 1) % len(t.batches)
}
