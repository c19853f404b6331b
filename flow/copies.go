package flow

import (
	"github.com/nlsniff/nlsniff/dissect"
	"hash/maphash"
)

// A multicast is handed to each listener as a clone of one buffer
// (netlink_broadcast in net/netlink/af_netlink.c), and nlmon shows every
// clone: so many frames with the same bytes, one behind the other. The copy
// that NLM_F_ECHO sends to the requester is another clone (nlmsg_notify).

// maxCopyGap is how much later, in nanoseconds, the next receiver's copy of an
// event can be. What carries a request's numbers can hardly be told twice.
const (
	maxCopyGap      = 1e6
	maxCausedCopy   = 1e8 // names who caused it
	maxNumberedCopy = 1e9 // and by which request
)

// copies remembers the latest frames of the kernel, to know them again.
type copies struct {
	seed maphash.Seed
	sent [8]sent
	at   int
}

// sent is a frame that the kernel sent.
type sent struct {
	hash    uint64
	section int
	frame   int32 // its number
	size    int
	copies  int32
	time    int64 // of the latest copy
	refs    []Ref
}

// repeatable says whether the kernel can send a frame to several receivers:
// parts of a dump, ACKs and errors are for one.
func repeatable(h *dissect.Header) bool { return !control(h) && h.Flags&flagMulti == 0 }

// find returns the frame of which f is a copy, nil if there is none.
func (c *copies) find(f *Frame, h *dissect.Header) (uint64, *sent) {
	gap := int64(maxCopyGap)
	switch {
	case h.PortID != 0 && h.Seq != 0:
		gap = maxNumberedCopy
	case h.PortID != 0:
		gap = maxCausedCopy
	}
	sum := c.sum(f.Input.Data)
	for i := range c.sent { // the latest first
		s := &c.sent[(c.at-1-i+2*len(c.sent))%len(c.sent)]
		if s.frame != 0 && s.hash == sum && s.size == len(f.Input.Data) && s.section == f.Section && f.Time-s.time <= gap && f.Time >= s.time {
			return sum, s
		}
	}
	return sum, nil
}

// addressEnd is where, in LINKTYPE_NETLINK's header, the unused bytes of the
// address end. They differ between clones, as nobody writes them.
const addressEnd = 14

// sum is that of what a frame's clones share: protocol and messages.
func (c *copies) sum(data []byte) uint64 {
	return maphash.Bytes(c.seed, data[min(addressEnd, len(data)):])
}

// note remembers a frame.
func (c *copies) note(f *Frame, sum uint64, refs []Ref) {
	s := &c.sent[c.at]
	c.at = (c.at + 1) % len(c.sent)
	*s = sent{hash: sum, section: f.Section, frame: int32(f.Input.Number), size: len(f.Input.Data), time: f.Time, refs: append(s.refs[:0], refs...)}
}

// asCopy takes a frame in as a copy of one before, unless it answers a request
// that was sent since, or another one that still waits. It returns false if it
// is none.
func (t *Tracker) asCopy(f *Frame, s *sent) bool {
	walk := dissect.Scan(f.Input)
	var h dissect.Header
	for no := 0; walk.Next(&h); no++ {
		p := place{f: f, h: &h, no: no}
		if e := t.answers(&p); e != nil && !e.served(&p) &&
			(int32(e.ex.Request.Frame) > s.frame || no < len(s.refs) && s.refs[no].Role == Reply && s.refs[no].Exchange != e.ex.ID) {
			return false
		}
	}
	s.copies++
	s.time = f.Time
	for _, r := range s.refs {
		r.Copy, r.Of = s.copies, s.frame
		if r.Exchange != 0 {
			r.Role = Copy
			if e := t.alive(r.Exchange); e != nil {
				e.ex.Copies++
			}
		}
		t.refs = append(t.refs, r)
	}
	return true
}

// answers returns the open request that a message answers in every respect.
func (t *Tracker) answers(p *place) *entry {
	if p.h.PortID == 0 {
		return nil
	}
	if e := t.pick(t.bound, numbers{p.f.Section, p.h.Seq, p.h.PortID, p.h.Proto}, p, exact); e != nil && !e.orphan {
		return e
	}
	return t.pick(t.waiting, numbers{p.f.Section, p.h.Seq, 0, p.h.Proto}, p, exact)
}

// alive returns an exchange that is still known by its number, nil if it is
// not among the latest.
func (t *Tracker) alive(id uint64) *entry {
	for _, l := range [...]*list{&t.open, &t.kept} {
		e := l.tail
		for i := 0; e != nil && i < maxScan; i, e = i+1, e.in[byAge].prev {
			if e.ex.ID == id {
				return e
			}
		}
	}
	return nil
}
