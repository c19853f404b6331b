package flow

import "iter"

// A portid is given out again when its socket is closed, to a process that opens
// one socket after another. If the first stops reading a dump, and the second asks
// for one with the same sequence number, the numbers do not tell whose the parts
// are that come then. What does is that the kernel makes the first part inside the
// send call: a request that gets nothing at another portid has got what came at
// this one. A part that begins as the first dump's first did says so at once: no
// dump shows an object twice. Until it is known the first has the parts, and
// neither is done.

// contest is a running dump's with the oldest later request that may be of the
// socket which has its portid by now.
type contest struct {
	rival *entry
	id    uint64 // of the rival
	// What came since the rival was sent.
	first, last    MsgRef
	firstTime, end int64
	before         int64 // time of the last answer that is the dump's for certain
	replies, bytes int
	intr           bool
	held           bool // the DONE came, and may be the rival's
	doubt          bool // what came may be of a request that is given up
}

// contend finds the running dumps whose numbers a request for another repeats.
func (t *Tracker) contend(w *entry) {
	o := t.running.tail
	for i := 0; o != nil && i < maxScan; i, o = i+1, o.in[byDump].prev {
		if o.mayBe(w) && !o.contest.held && t.rival(o) == nil {
			o.contest = contest{rival: w, id: w.ex.ID, before: o.ex.End, doubt: o.contest.doubt}
		}
	}
}

// mayBe says whether a request can be of a socket that got a running dump's
// portid.
func (e *entry) mayBe(w *entry) bool {
	x, y := &e.ex, &w.ex
	return x.Seq == y.Seq && x.Proto == y.Proto && x.Section == y.Section && y.Dump && y.ID > x.ID && (w.claim == 0 || w.claim == x.PortID) &&
		compatible(e, &y.Process)
}

// rival returns the request that still waits and may have what comes of a dump,
// nil if there is none.
func (t *Tracker) rival(e *entry) *entry {
	c := &e.contest
	if c.rival == nil {
		return nil
	}
	if w := c.rival; w.ex.ID == c.id && !w.closed && !w.bound {
		return w
	}
	c.rival = nil
	if c.first.Frame == 0 {
		return nil
	}
	for w := range t.rivals(e) {
		c.rival, c.id = w, w.ex.ID
		return w
	}
	return nil
}

// rivals yields the requests that wait and may have something of what came of a
// dump.
func (t *Tracker) rivals(e *entry) iter.Seq[*entry] {
	return func(yield func(*entry) bool) {
		others := t.waiting.find(numbers{e.ex.Section, e.ex.Seq, 0, e.ex.Proto}, false)
		w := others.next()
		for i := 0; i < maxScan && w != nil; i++ {
			next := others.next() // w may be closed
			if e.mayBe(w) && w.ex.Request.Frame < e.contest.last.Frame && !yield(w) {
				return
			}
			w = next
		}
	}
}

// startOf mixes how a part of a dump begins: what tells its object from others,
// but not its counters, which stand behind.
func startOf(p *place) uint64 {
	const enough = 128
	b := p.body()
	return sumOf(b[:min(len(b), enough)]) ^ uint64(p.h.Type)
}

// anew returns the request of which a message is the first part, if it shows
// again what a running dump began with, else the dump.
func (t *Tracker) anew(e *entry, p *place) *entry {
	if control(p.h) || e.contest.first.Frame != 0 || e.start == 0 || startOf(p) != e.start {
		return e
	}
	w := t.rival(e)
	if w == nil || t.fits(w, p) != exact || !compatible(w, &p.f.Process) {
		return e
	}
	t.close(e, Open, Unread)
	return w
}

// contested notes a message of a dump that may be its rival's.
func (t *Tracker) contested(e *entry, p *place) {
	w := t.rival(e)
	if w == nil || t.fits(w, p) != exact || !compatible(w, &p.f.Process) {
		return
	}
	c := &e.contest
	if c.first.Frame == 0 {
		c.first, c.firstTime = p.ref(), p.f.Time
		t.keep(w, PartReply, p, false)
	}
	c.last, c.end = p.ref(), p.f.Time
	for w := range t.rivals(e) {
		w.perhaps = true
	}
	c.intr = c.intr || p.h.Flags&flagDumpIntr != 0
	if p.h.Type != typeDone {
		c.replies++
		c.bytes += p.size()
	}
}

// contestedBy yields the running dumps that got what may be of a request.
func (t *Tracker) contestedBy(w *entry) iter.Seq[*entry] {
	return func(yield func(*entry) bool) {
		o := t.running.tail
		for i := 0; o != nil && i < maxScan; i, o = i+1, o.in[byDump].prev {
			if o.mayBe(w) && w.ex.Request.Frame < o.contest.last.Frame && !yield(o) {
				return
			}
		}
	}
}

// doubt marks the dumps that got what may be of a request of which no more will
// be known.
func (t *Tracker) doubt(w *entry) {
	for o := range t.contestedBy(w) {
		o.contest.doubt = true
	}
}

// doubtAll marks the requests that may have been answered already, one of which
// was answered now, and what they contest.
func (t *Tracker) doubtAll(k numbers) {
	c := t.waiting.find(k, false)
	for range maxScan {
		w := c.next()
		if w == nil {
			return
		}
		if w.perhaps {
			w.contest.doubt = true
			t.doubt(w)
		}
	}
}

// decide ends a contest, and the dump with it. What the socket of a later
// request got shows that the rival's first part has been made, too.
func (t *Tracker) decide(e, w *entry, atEnd Reason) {
	c := &e.contest
	sole := !c.doubt && !w.contest.doubt
	for another := range t.rivals(e) {
		sole = sole && another == w
	}
	for o := range t.contestedBy(w) {
		sole = sole && o == e
	}
	switch {
	case sole && c.replies > 0 && w.hash != e.hash && t.reached.after(w) && !t.lossy(w):
		t.handOver(e, w)
		return
	case atEnd == NoReason:
		t.startTimer(e, &t.settled)
		return
	}
	r := t.why(e, atEnd)
	if c.held {
		r = Unclear
	}
	c.rival = nil
	t.close(e, Open, r)
	if c.first.Frame == 0 {
		return
	}
	for w := range t.rivals(e) {
		t.doubt(w)
		t.close(w, Unanswered, Unclear)
	}
}

// handOver makes what is contested the rival's.
func (t *Tracker) handOver(e, w *entry) {
	c, x, y := e.contest, &e.ex, &w.ex
	y.Note(FindSeqReused, x.ID, 0)
	y.Replies, y.ReplyBytes, y.First, y.FirstTime, y.End = c.replies, c.bytes, c.first, c.firstTime, c.end
	x.Replies, x.ReplyBytes, x.End = x.Replies-c.replies, x.ReplyBytes-c.bytes, c.before
	w.multi, w.part, w.intr = true, e.part, c.intr
	if c.held {
		y.Answer, y.Errno, y.Errors, y.AckTLVs, y.AnswerComment, w.says = x.Answer, x.Errno, x.Errors, x.AckTLVs, x.AnswerComment, e.says
		w.kept[PartAnswer>>1], e.kept[PartAnswer>>1] = e.kept[PartAnswer>>1], w.kept[PartAnswer>>1]
		y.Cut, x.Cut = y.Cut|x.Cut&PartAnswer, x.Cut&^PartAnswer
		x.Answer, x.Errno, x.Errors, x.AckTLVs, x.AnswerComment, e.says = MsgRef{}, 0, 0, false, "", false
	}
	e.contest = contest{}
	if e.orphan {
		t.close(e, Orphan, NoReason)
	} else {
		t.close(e, Open, Unread)
	}
	t.bind(w, x.PortID)
	if c.held {
		t.finish(w)
	}
}

// finish ends a dump whose DONE came.
func (t *Tracker) finish(e *entry) {
	switch {
	case e.contest.doubt:
		t.close(e, Open, Unclear)
	case e.ex.Errno < 0:
		t.close(e, Failed, NoReason)
	default:
		t.close(e, Acknowledged, NoReason)
	}
}
