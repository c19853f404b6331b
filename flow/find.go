package flow

import (
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
)

// maxScan bounds how many exchanges with the same numbers are looked at.
const maxScan = 64

// fit says how well a message answers a request.
type fit uint8

const (
	unfit fit = iota
	loose     // it may be a consequence
	near      // it is about the same
	exact     // it is the answer to such a request
)

// find returns the exchange that a message of the kernel belongs to, nil if
// there is none. The order of the attempts is that of their certainty.
func (t *Tracker) find(p *place) *entry {
	h := p.h
	if h.Proto == protoFIBLookup { // the answer is the request, filled in
		return t.pick(t.waiting, numbers{p.f.Section, h.Seq, 0, h.Proto}, p, exact)
	}
	mine := numbers{p.f.Section, h.Seq, h.PortID, h.Proto}
	if p.dump.portid != 0 && (h.PortID == 0 || h.Flags&flagMulti != 0) && h.Type >= minType {
		mine.seq, mine.portid = p.dump.seq, p.dump.portid
	}
	if mine.portid == 0 && (h.Seq == 0 || h.Proto != families.ProtoNetfilter && h.Proto != families.ProtoAudit) {
		return nil // an event; some of these number themselves
	}
	others := mine
	others.portid = 0
	if h.Type == typeError && mine.portid != 0 {
		if e := t.findEcho(p, mine, others); e != nil {
			return e
		}
	}
	if mine.portid != 0 {
		if e := t.pick(t.bound, mine, p, exact); e != nil {
			return t.newer(e, p, others)
		}
	}
	if e := t.pick(t.waiting, others, p, exact); e != nil {
		return e
	}
	if mine.portid == 0 {
		return t.findAudit(p)
	}
	if e := t.findBatch(p); e != nil {
		return e
	}
	if e := t.pick(t.bound, mine, p, loose); e != nil {
		return e
	}
	if e := t.pick(t.waiting, others, p, loose); e != nil {
		return e
	}
	if e := t.pick(t.past, mine, p, loose); e != nil {
		return e
	}
	if e := t.pick(t.past, others, p, exact); e != nil {
		return e
	}
	return t.findCause(p)
}

// newer returns, in place of a request that waits for nothing, the latest that
// its socket has sent with the same numbers: the kernel is done with the first.
func (t *Tracker) newer(e *entry, p *place, others numbers) *entry {
	if !e.quiet && (e.contest.rival == nil || e.contest.rival.socket != e.socket) {
		return e
	}
	c := t.waiting.find(others, true)
	for range maxScan {
		o := c.next()
		if o == nil || o.ex.ID < e.ex.ID {
			return e
		}
		if o.socket == e.socket && o.socket != nil && t.fits(o, p) == exact {
			return o
		}
	}
	return e
}

// findEcho finds the open request whose bytes an error repeats.
func (t *Tracker) findEcho(p *place, mine, others numbers) *entry {
	echo, whole := p.echo()
	if !whole {
		return nil
	}
	sum := hashRequest(&echo, p.body()[4+hdrLen:4+echo.Len])
	for _, in := range [...]*table{t.bound, t.waiting} {
		k := mine
		if in == t.waiting {
			k = others
		}
		c := in.find(k, false)
		for range maxScan {
			e := c.next()
			if e == nil {
				break
			}
			if !e.orphan && e.hash == sum && compatible(e, &p.f.Process) && fitsEcho(e, p) == exact {
				return e
			}
		}
	}
	return nil
}

// pick returns the first exchange with certain numbers that fits at least so
// well: the newest of a socket's, the oldest of those whose socket is unknown,
// and of several in one frame the first that still waits.
func (t *Tracker) pick(in *table, k numbers, p *place, least fit) *entry {
	c := in.find(k, in != t.waiting)
	var best, served *entry
	several := false // of those that may have been served
	for range maxScan {
		e := c.next()
		if e == nil || best != nil && e.ex.Request.Frame != best.ex.Request.Frame {
			break
		}
		if !compatible(e, &p.f.Process) || t.fits(e, p) < least {
			continue
		}
		if e.perhaps && in == t.waiting && !control(p.h) {
			if several = served != nil; !several {
				served = e
			}
			continue
		}
		if in == t.bound && e.ex.Dump && e.ex.Socket.Inode != 0 {
			return t.firstDump(e, c, p, least)
		}
		if !e.several {
			e.guessed = served != nil
			return e
		}
		if best == nil || !e.served(p) && (best.served(p) || e.ex.ID < best.ex.ID) {
			best = e
		}
	}
	if best == nil && served != nil {
		if several { // nobody knows for which of them it is
			t.doubtAll(k)
		}
		return served
	}
	return best
}

// firstDump returns the oldest of the dumps that one socket has asked for with the
// same number: another is refused as long as it runs, so what comes is the first's.
func (t *Tracker) firstDump(e *entry, others chain, p *place, least fit) *entry {
	for range maxScan {
		o := others.next()
		if o == nil {
			break
		}
		if o.ex.Dump && o.ex.Socket.Inode == e.ex.Socket.Inode && t.fits(o, p) >= least {
			e = o
		}
	}
	return e
}

// served says whether a request has what a message could be to it.
func (e *entry) served(p *place) bool {
	if control(p.h) {
		return e.acked
	}
	return e.ex.Replies > 0 && !e.ex.Dump && !e.multi && !e.change
}

// compatible says whether what the capture knows of the processes at both
// ends allows that they are one.
func compatible(e *entry, b *Process) bool {
	a := &e.ex.Process
	return (a.NetNS == 0 || b.NetNS == 0 || a.NetNS == b.NetNS) && (a.PID == 0 || b.PID == 0 || a.PID == b.PID)
}

// fits compares a message with the request of an exchange.
func (t *Tracker) fits(e *entry, p *place) fit {
	h := p.h
	switch {
	case e.orphan:
		return t.fitsOrphan(e, p)
	case e.dead == NotReached:
		return unfit
	case h.Type != typeError && e.claim != 0 && e.claim != h.PortID && !e.bound && p.dump.portid == 0:
		if e.socket != nil {
			return unfit // that socket has shown who it is
		}
		return min(t.fitsData(e, p), loose)
	}
	return t.fitsData(e, p)
}

func (t *Tracker) fitsData(e *entry, p *place) fit {
	h, x := p.h, &e.ex
	switch {
	case h.Type == typeError:
		return fitsEcho(e, p)
	case h.Type == typeDone:
		// An answer in parts, which need not be one to a dump.
		switch {
		case x.Dump || e.multi:
			return exact
		case e.change:
			return unfit
		}
		return loose
	case h.Type < minType && h.Proto != protoFIBLookup:
		return loose
	case e.change:
		return t.fitsChange(x, h)
	}
	return t.kinds.answers(x, p)
}

// fitsChange: what follows from a change is told with the requester's numbers.
func (t *Tracker) fitsChange(x *Exchange, h *dissect.Header) fit {
	switch {
	case h.Flags&flagMulti != 0 && !x.Batch: // a part of somebody's dump
		return unfit
	case x.Proto == families.ProtoNetfilter && h.Type>>8 != x.Type>>8:
		return unfit
	case x.Proto == families.ProtoRoute && h.Type&^3 == x.Type&^3, t.kinds.same(x, h):
		return exact
	}
	return loose
}

// fitsEcho: an error carries the header of the message that it is about.
func fitsEcho(e *entry, p *place) fit {
	if len(p.body()) < 4+hdrLen {
		return loose
	}
	x := &e.ex
	if e.multi && x.Dump && int32(p.u32(0)) == eBUSY {
		return unfit // it runs, which is why another is refused
	}
	if echo, _ := p.echo(); echo.Type != x.Type || echo.Flags != x.Flags || echo.Seq != x.Seq || echo.Len != e.length {
		return unfit
	}
	return exact
}

// fitsOrphan: parts of the same dump, and its end. An error names its request,
// which may be in the capture.
func (t *Tracker) fitsOrphan(e *entry, p *place) fit {
	switch h := p.h; {
	case h.Type == typeError:
		return loose
	case h.Type == typeDone || h.Type == e.part && h.Flags&flagMulti != 0 && !e.closed:
		return exact
	case e.closed || e.part == 0:
		return loose
	}
	return unfit
}

// findAudit finds the question that audit answers: behind the ACK, and without
// the portid.
func (t *Tracker) findAudit(p *place) *entry {
	if p.h.Proto != families.ProtoAudit {
		return nil
	}
	e := t.open.tail
	for i := 0; e != nil && i < maxScan; i++ {
		if x := &e.ex; e.twice && x.Seq == p.h.Seq && x.Section == p.f.Section && t.fits(e, p) >= loose {
			return e
		}
		e = e.in[byAge].prev
	}
	return nil
}

// findCause finds the change that a notification follows from which carries
// the requester's portid, but another sequence number (ctnetlink has 0).
func (t *Tracker) findCause(p *place) *entry {
	h := p.h
	if h.Seq != 0 || control(h) || h.PortID == 0 {
		return nil
	}
	e := t.open.tail
	for i := 0; e != nil && i < maxScan; i++ {
		x := &e.ex
		if e.change && !e.orphan && x.Proto == h.Proto && x.Section == p.f.Section && (!e.bound || x.PortID == h.PortID) && compatible(e, &p.f.Process) &&
			(h.Type == x.Type || t.kinds.same(x, h)) {
			return e
		}
		e = e.in[byAge].prev
	}
	return nil
}
