package flow

import (
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
)

// answerTo finds the exchange of a message that the kernel sent, and enters it
// there.
func (t *Tracker) answerTo(p *place) Ref {
	h := p.h
	if h.Proto == families.ProtoISCSI {
		return t.iscsiAnswer(p)
	}
	e := t.latest
	if p.dump.portid != 0 || !t.goesOn(p) {
		e = t.find(p)
	}
	if e != nil && e.contest.held && !e.closed {
		// The DONE came, so this is of the next dump at this portid.
		t.conclude(e, CaptureEnded)
		e = t.find(p)
	}
	if e != nil && e.contest.rival != nil && !e.closed {
		e = t.anew(e, p)
	}
	if e == nil {
		if h.PortID == 0 || p.forListeners() || t.opt.NoOrphans {
			return Ref{} // an event
		}
		e = t.orphan(p)
	}
	t.latest = e
	if x := &e.ex; x.Process.PID == 0 && x.Process.Comm == "" && p.f.Process != (Process{}) {
		x.Process, x.Learned = p.f.Process, x.Request.Frame != 0
	}
	portid := h.PortID
	if p.dump.portid != 0 {
		portid = p.dump.portid
	}
	t.bind(e, portid)
	return Ref{Exchange: e.ex.ID, Role: t.take(e, p)}
}

// goesOn says whether a message is one more part of the dump of which the one
// before was.
func (t *Tracker) goesOn(p *place) bool {
	e, h := t.latest, p.h
	return e != nil && !e.closed && e.bound && e.contest.rival == nil && h.PortID == e.ex.PortID && h.Seq == e.ex.Seq && h.Proto == e.ex.Proto &&
		e.multi && h.Flags&flagMulti != 0 && h.Type == e.part && p.f.Section == e.ex.Section && compatible(e, &p.f.Process)
}

// orphan opens an exchange for an answer whose request is not there.
func (t *Tracker) orphan(p *place) *entry {
	e := t.entry(p)
	e.orphan = true
	e.ex.Process = p.f.Process
	if h := p.h; h.Type == typeError && p.size() >= hdrLen+4+hdrLen {
		b := p.body()[4:]
		e.ex.Type, e.ex.Flags = uint16(dissect.Uint(b[4:6], h.Big)), uint16(dissect.Uint(b[6:8], h.Big))
		e.ex.HasCmd = false
	}
	return e
}

// take enters a message into its exchange and ends the exchange if it is the
// last.
func (t *Tracker) take(e *entry, p *place) Role {
	h, x := p.h, &e.ex
	if e.contest.rival != nil {
		t.contested(e, p)
	}
	if h.Flags&flagDumpIntr != 0 && h.Type != typeError {
		e.intr = true
	}
	e.short = e.short || p.f.Short
	switch {
	case h.Type == typeError:
		return t.takeError(e, p)
	case h.Type == typeDone:
		return t.takeDone(e, p)
	case h.Type < minType && h.Proto != protoFIBLookup:
		return Notification
	}
	if e.change && !e.orphan && (h.Flags&flagMulti == 0 || e.ex.Batch) && t.consequence(e, p) == Notification {
		x.Notified++
		x.NotifiedSize += p.size()
		if x.Notified <= maxEffects {
			x.Effects[x.Notified-1] = p.ref()
		}
		return Notification
	}
	t.answered(e, p)
	if x.Replies == 0 && len(e.kept[PartReply>>1]) == 0 {
		t.keep(e, PartReply, p, false)
	}
	if x.Replies == 0 && (x.Dump || e.orphan) && h.Flags&flagMulti != 0 {
		e.start = startOf(p)
	}
	x.Replies++
	x.ReplyBytes += p.size()
	e.part = h.Type
	if h.Flags&flagMulti != 0 || p.dump.portid != 0 {
		e.multi = true
	}
	if e.multi && e.bound && !e.runs && !e.closed {
		e.runs = true
		t.running.push(e)
	}
	if x.Dump && x.Replies > longDump && e.cycle.again(p.bytes()) {
		x.Note(FindCircle, 0, 0)
	}
	switch {
	case e.closed:
	case e.twice && e.acked && !e.multi:
		t.close(e, Acknowledged, NoReason)
	case h.Flags&flagMulti != 0 || x.Dump || x.Batch || x.Flags&flagAck != 0 && !e.orphan:
	case e.orphan:
		x.Answer = p.ref()
		t.close(e, Orphan, NoReason)
	default:
		x.Answer = p.ref()
		t.close(e, Answered, NoReason)
	}
	return Reply
}

// consequence says what a message that follows from a change is: a
// notification, or the copy that NLM_F_ECHO asks for, which goes to the
// requester alone.
func (t *Tracker) consequence(e *entry, p *place) Role {
	switch {
	case e.ex.Batch:
		return t.batchTold(e, p)
	case p.forListeners():
		return Notification
	case p.toRequester() && p.f.Group == 0 || e.ex.Flags&flagEcho != 0 && e.ex.Replies == 0:
		return Reply
	}
	return Notification
}

// answered notes the time of an answer.
func (t *Tracker) answered(e *entry, p *place) {
	x := &e.ex
	if x.FirstTime == 0 {
		x.FirstTime, x.First = p.f.Time, p.ref()
	}
	x.End = p.f.Time
	if !e.orphan {
		t.heard(e)
	}
}

func (t *Tracker) takeError(e *entry, p *place) Role {
	x := &e.ex
	t.answered(e, p)
	errno := int32(0)
	if len(p.body()) >= 4 {
		// A number above 0 is what a command returned, not an error:
		// mac80211_hwsim tells the new radio's number that way.
		errno = min(int32(p.u32(0)), 0)
	}
	if errno != 0 {
		x.Errors++
	}
	if x.Errors == 0 || x.Errors == 1 && errno != 0 {
		x.Errno, x.Answer, x.AckTLVs = errno, p.ref(), p.h.Flags&flagTLVs != 0
		e.says = x.AckTLVs && hasText(p.bytes(), x.Big)
		t.keep(e, PartAnswer, p, false)
		x.AnswerComment = p.f.Comment
	}
	if x.Batch {
		e.acked = e.acked || errno == 0
		t.batchError(e, p, errno)
	} else {
		e.acked = true
	}
	switch {
	case errno != 0 && !e.closed && !x.Batch:
		t.close(e, Failed, NoReason)
	case e.closed || x.Batch:
	case e.twice && x.Replies == 0 || e.multi && x.Dump:
		// The data, or the DONE, comes behind the ACK.
	default:
		t.close(e, Acknowledged, NoReason)
	}
	if errno != 0 {
		return Failure
	}
	return Ack
}

func (t *Tracker) takeDone(e *entry, p *place) Role {
	x := &e.ex
	t.answered(e, p)
	if len(p.body()) >= 4 {
		if errno := int32(p.u32(0)); errno < 0 {
			x.Errno, x.Errors = errno, 1
		}
	}
	x.Answer, x.AckTLVs = p.ref(), p.h.Flags&flagTLVs != 0
	e.says = x.AckTLVs && hasText(p.bytes(), x.Big)
	t.keep(e, PartAnswer, p, false)
	x.AnswerComment = p.f.Comment
	if !e.closed {
		switch {
		case t.rival(e) != nil:
			e.contest.held = true
			t.settle(e)
		case x.Errno == 0 && x.Flags&flagAck != 0 && !x.Dump && !e.acked && !e.orphan:
			return Done // an answer in parts to a question with an ACK, which is still to come
		default:
			t.finish(e)
		}
	}
	if x.Errno < 0 {
		return Failure
	}
	return Done
}

// direction decides who sent a message: what the source knows, else what the
// headers can only mean one way.
func (t *Tracker) direction(p *place) dissect.Dir {
	in := p.f.Input
	if in.Dir != dissect.DirUnknown {
		return in.Dir
	}
	const packetUser, packetKernel = 6, 7 // linux/if_packet.h
	switch in.Data[1] {
	case packetUser:
		return dissect.DirFromKernel
	case packetKernel:
		return dissect.DirToKernel
	}
	h := p.h
	switch {
	case h.Flags&flagRequest != 0:
		return dissect.DirToKernel
	case control(h) || h.Proto == families.ProtoConnector:
		return dissect.DirFromKernel
	}
	return t.kinds.direction(h)
}
