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
	e.ex.State, e.ex.Reason = s, r
	e.closed = true
	if !e.ex.Batch {
		t.leave(e)
		t.past.add(e)
	}
	t.stopTimer(e)
	t.open.remove(e)
	t.kept.push(e)
	if e.ex.Batch {
		t.openBatches--
	}
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

// unanswered ends an exchange that will get no more answers.
func (t *Tracker) unanswered(e *entry, r Reason) {
	x := &e.ex
	switch {
	case e.orphan:
		t.close(e, Orphan, r)
	case x.Batch && x.Errors > 0:
		t.close(e, Failed, NoReason)
	case x.Batch && e.acked:
		t.close(e, Acknowledged, NoReason)
	case x.Dump && x.Replies > 0:
		t.close(e, Open, r)
	case x.Replies > 0 && x.Flags&flagAck == 0:
		t.close(e, Answered, NoReason)
	case e.acked:
		t.close(e, Acknowledged, NoReason)
	default:
		t.close(e, Unanswered, r)
	}
}

// whyNot refines the reason for which there is no answer.
func (t *Tracker) whyNot(e *entry, r Reason) Reason {
	switch {
	case r == Evicted:
	case e.timer == &t.quiet:
		return NoAck
	case t.losses > e.lossAt:
		return Loss
	}
	return r
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
		for i := range t.batches {
			if t.batches[i] == e {
				t.batches[i] = nil
			}
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
	e.timer, e.since = l, t.now
	l.push(e)
}

func (t *Tracker) stopTimer(e *entry) {
	if e.timer != nil {
		e.timer.remove(e)
		e.timer = nil
	}
}

// expire ends what has waited long enough.
func (t *Tracker) expire() {
	for e := t.quiet.head; e != nil && t.now-e.since > t.opt.Settle; e = t.quiet.head {
		t.unanswered(e, t.whyNot(e, NoAck))
	}
	for e := t.due.head; e != nil && t.now-e.since > t.opt.Timeout; e = t.due.head {
		switch x := &e.ex; {
		case t.now-x.End <= t.opt.Timeout:
			t.startTimer(e, &t.due) // a long dump
		case x.Dump && x.Replies > 0:
			t.unanswered(e, t.whyNot(e, Unread))
		default:
			t.unanswered(e, t.whyNot(e, Silence))
		}
	}
	for e := t.linger.head; e != nil && t.now-e.since > t.opt.Linger; e = t.linger.head {
		t.notRetried(e)
		t.report(e)
	}
}

// endBatches ends those batches whose answers are there: they come before the
// program's next request.
func (t *Tracker) endBatches(p *place) {
	if t.openBatches == 0 {
		return
	}
	for _, e := range t.batches {
		if e != nil && !e.closed && e.acked && e.ex.Request.Frame != p.f.Input.Number {
			t.unanswered(e, NoReason)
		}
	}
}
