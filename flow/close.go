package flow

// close ends an exchange. Messages that come later are still its own, as long
// as it is kept.
func (t *Tracker) close(e *entry, s State, r Reason) {
	if s == Answered || s == Acknowledged {
		switch {
		case e.orphan:
			s = Orphan
		case e.short:
			s = Truncated
		case e.intr && e.ex.Dump:
			s = Interrupted
		}
	} else if s == Failed && e.orphan {
		s = Orphan
	}
	if s == Failed && e.probe {
		r = Probe
	}
	e.ex.State, e.ex.Reason = s, r
	e.closed = true
	if e.runs {
		e.runs = false
		t.running.remove(e)
	}
	e.quit()
	if !e.ex.Batch {
		t.leave(e)
		t.past.add(e)
	}
	t.stopTimer(e)
	t.open.remove(e)
	t.kept.push(e)
	t.closedFindings(e)
	if s == Interrupted || s == Truncated {
		t.startTimer(e, &t.linger) // the program may try again
	} else {
		t.report(e)
	}
	for t.kept.n > t.opt.MaxKept {
		t.recycle(t.kept.head)
	}
}

// conclude ends an exchange by what is known of it. atEnd is why no more can
// come: CaptureEnded, Evicted, or NoReason if the evidence is complete.
func (t *Tracker) conclude(e *entry, atEnd Reason) {
	x := &e.ex
	if e.contest.held || e.contest.rival != nil && atEnd != NoReason {
		if w := t.rival(e); w != nil {
			t.decide(e, w, atEnd)
			return
		}
	}
	switch {
	case e.contest.held:
		t.finish(e)
	case e.orphan:
		t.close(e, Orphan, atEnd)
	case x.Errors > 0:
		t.close(e, Failed, NoReason)
	case e.acked:
		t.close(e, Acknowledged, e.dead)
	case x.Dump && x.Replies > 0:
		t.close(e, Open, t.why(e, atEnd))
	case x.Replies > 0 && x.Flags&flagAck != 0 && !x.Batch && e.partial:
		t.close(e, Answered, LeftOut)
	case x.Replies > 0 && x.Flags&flagAck != 0 && !x.Batch:
		t.close(e, Answered, AckLost)
	case x.Replies > 0:
		t.close(e, Answered, e.dead)
	default:
		t.close(e, Unanswered, t.why(e, atEnd))
	}
}

// why says why nothing came of a request, or nothing more.
func (t *Tracker) why(e *entry, atEnd Reason) Reason {
	x := &e.ex
	quiet := func(change, other Reason) Reason {
		if e.nothing {
			return other
		}
		return change
	}
	switch {
	case e.dead != NoReason:
		return e.dead
	case e.batch.committed:
		return Applied
	case e.partial:
		return LeftOut
	case t.lossy(e):
		return Loss
	case e.quiet && e.batch.asked:
		return EndsUnacked
	case e.quiet && e.spoke:
		return quiet(Applied, DoneQuietly)
	case e.quiet:
		return quiet(PresumablyApplied, PresumablyDone)
	case x.Dump && x.Replies > 0 && (e.spoke || t.reached.after(e)) && atEnd != Evicted:
		return Unread
	case e.spoke:
		return Ignored
	case atEnd == Evicted:
		return Evicted
	case t.reached.after(e):
		return NoneCame
	}
	return CaptureEnded
}

// reached knows, for each protocol of each section, the latest request that has
// been answered.
type reached struct {
	m    map[uint64]*uint64
	key  uint64
	last *uint64
}

// maxReached bounds how many protocols and sections are told apart.
const maxReached = 1 << 12

func (r *reached) at(e *entry, make_ bool) *uint64 {
	key := uint64(e.ex.Section)<<8 | uint64(e.ex.Proto)
	if r.last != nil && r.key == key {
		return r.last
	}
	p := r.m[key]
	if p == nil {
		if !make_ || len(r.m) >= maxReached {
			return nil
		}
		if r.m == nil {
			r.m = map[uint64]*uint64{}
		}
		p = new(uint64)
		r.m[key] = p
	}
	r.key, r.last = key, p
	return p
}

// answered notes that an exchange was answered.
func (r *reached) answered(e *entry) {
	if p := r.at(e, true); p != nil {
		*p = max(*p, e.ex.ID)
	}
}

// after says whether a request that was sent after this one was answered.
func (r *reached) after(e *entry) bool {
	p := r.at(e, false)
	return p != nil && *p > e.ex.ID
}

// heard notes that the socket of an exchange got an answer to it. The kernel
// handles what a socket sends inside the send call, so what the socket sent
// before will get no other answers: but for dumps, which go on when they are
// read, and those whose answers come later.
func (t *Tracker) heard(e *entry) {
	if !e.guessed {
		t.reached.answered(e)
	}
	s := e.socket
	if s == nil || !e.bound {
		return
	}
	o := s.open.head
	for i := 0; o != nil && o.ex.ID < e.ex.ID && i < maxScan; i++ {
		next := o.in[bySocket].next
		switch {
		case o.late || o.orphan:
		case o.ex.Dump && o.ex.Replies > 0 && !(e.ex.Dump && e.ex.Replies > 0):
			o.spoke = true
		default:
			o.spoke = true
			t.settle(o)
		}
		o = next
	}
}

// report hands an exchange to whoever wants it.
func (t *Tracker) report(e *entry) {
	t.stopTimer(e)
	if e.reported {
		return
	}
	e.reported = true
	if t.opt.Closed != nil {
		x := &e.ex
		x.RequestBytes, x.ReplyData, x.AnswerBytes = e.kept[0], e.kept[1], e.kept[2]
		t.opt.Closed(x)
		x.RequestBytes, x.ReplyData, x.AnswerBytes = nil, nil, nil
	}
	t.release(e)
}

// recycle forgets a closed exchange.
func (t *Tracker) recycle(e *entry) {
	t.report(e)
	t.kept.remove(e)
	t.leave(e)
	if e.ex.Batch {
		t.batches.remove(e)
		if cap(e.batch.inner) > maxLook {
			e.batch.inner = nil
		}
	}
	if t.latest == e {
		t.latest = nil
	}
	e.next = t.freeEntries
	t.freeEntries = e
}

func (t *Tracker) startTimer(e *entry, l *list) {
	t.stopTimer(e)
	e.timer, e.since, e.at = l, t.frames, max(t.now, t.ticked)
	l.push(e)
}

func (t *Tracker) stopTimer(e *entry) {
	if e.timer != nil {
		e.timer.remove(e)
		e.timer = nil
	}
}

const (
	// patience is for how many frames an exchange stays open whose end is
	// known: the rest of a batch's reports, or the answer to another thread
	// that uses the same socket, can stand behind frames of other processors.
	patience = 8
	// lingering is for how many frames a dump that came out wrong waits for
	// the program to read it again.
	lingering = 256
)

// settle notes that the end of an exchange is known.
func (t *Tracker) settle(e *entry) {
	if e.closed || e.timer == &t.settled {
		return
	}
	t.startTimer(e, &t.settled)
	if e.socket != nil && !(e.ex.Batch && !e.spoke) {
		e.quit()
	}
}

// expire ends what has waited for enough frames.
func (t *Tracker) expire() {
	for e := t.settled.head; e != nil && t.frames-e.since > patience; e = t.settled.head {
		t.conclude(e, NoReason)
	}
	for e := t.linger.head; e != nil && t.frames-e.since > lingering; e = t.linger.head {
		t.notRetried(e)
		t.report(e)
	}
}
