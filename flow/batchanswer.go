package flow

import "github.com/nlsniff/nlsniff/dissect"

// batchError takes an ACK or error of a batch in. They come in the order of the
// messages when all have been looked at.
func (t *Tracker) batchError(e *entry, p *place, errno int32) {
	b := &e.batch
	m, _ := b.about(p)
	if m != nil {
		m.told = true
	}
	switch {
	case m == nil || m.flags&flagAck == 0:
	case m.typ != batchBegin && m.typ != batchEnd:
		b.acked++
	case errno == 0:
		t.acksFrame(e.ex.Section)
	}
	last := b.last()
	switch {
	case e.closed:
	case errno != 0: // nothing of the batch is done
		t.settle(e)
	case b.acked >= b.acks && m != nil && (m.typ == batchEnd || last != nil && m.seq == last.seq && m.typ == last.typ):
		t.settle(e)
	}
}

// acksFrame notes that a kernel acknowledges BATCH_BEGIN and BATCH_END. One that
// is not known to may be older, and say nothing.
func (t *Tracker) acksFrame(section int) {
	const most = 1 << 10
	if len(t.acksFrames) < most {
		t.acksFrames[section] = true
	}
}

// Numbers of linux/netfilter/nf_tables.h.
const nftMsgNewgen = subsysNftables<<8 | 15

// batchTold takes in what nf_tables tells of a batch: an echo to the
// requester, which prints it, or a notification to who listens.
func (t *Tracker) batchTold(e *entry, p *place) Role {
	b := &e.batch
	if p.h.Type == nftMsgNewgen {
		b.committed = true
		if b.acks == 0 {
			t.settle(e)
		}
		return Notification
	}
	if !b.echoes || p.forListeners() {
		return Notification
	}
	if m := b.inside(p.h.Seq); m != nil && m.flags&flagEcho == 0 {
		return Notification
	}
	return Reply
}

// whole says whether the capture has all bytes of the frame.
func (p *place) whole() bool { return p.f.Input.OrigLen <= len(p.f.Input.Data) }

// echo returns the header that an error repeats, and whether all of the
// message stands behind it.
func (p *place) echo() (h dissect.Header, whole bool) {
	b := p.body()
	if len(b) < 4+hdrLen {
		return dissect.Header{}, false
	}
	big := p.h.Big
	h = dissect.Header{
		Len: uint32(dissect.Uint(b[4:8], big)), Type: uint16(dissect.Uint(b[8:10], big)), Flags: uint16(dissect.Uint(b[10:12], big)),
		Seq: uint32(dissect.Uint(b[12:16], big)), PortID: uint32(dissect.Uint(b[16:20], big)), Proto: p.h.Proto, Big: big,
	}
	return h, p.h.Flags&flagCapped == 0 && h.Len > hdrLen && int64(len(b)) >= 4+int64(h.Len)
}
