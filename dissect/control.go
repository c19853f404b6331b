package dissect

import (
	"bytes"
	"encoding/binary"

	"github.com/nlsniff/nlsniff/families"
)

// maxErrno is MAX_ERRNO of linux/err.h.
const maxErrno = 4095

// errorBody decodes an NLMSG_ERROR: the number, the request's header or the
// whole request, and the extended ACK.
func (d *Dissector) errorBody(at, off, end int) {
	m := &d.t.Msgs[at]
	if end-off < 4 {
		d.find(ErrorShort, m.Node, off, end-off, uint64(end-off), 4)
		d.rest(KindUnknown, off, end)
		return
	}
	d.errno(m, d.core.nlmsgerr, off)
	off += 4
	if end-off < hdrLen {
		d.find(ErrorShort, m.Node, off, end-off, uint64(4+end-off), 4+hdrLen)
		d.rest(KindUnknown, off, end)
		return
	}
	// An ACK echoes the header only, whatever the flags say; so does an
	// error to a socket that asked for NETLINK_CAP_ACK.
	echoLen := int(uint32(d.uint(off, 4)))
	stop := off + hdrLen
	if m.Flags&flagCapped == 0 && (m.Errno != 0 || echoLen <= end-off) && echoLen >= hdrLen {
		if echoLen > end-off {
			d.find(EchoShort, m.Node, off, 4, uint64(end-off), uint64(echoLen))
		}
		stop = off + min(align4(echoLen), end-off)
	}
	d.embedded(off, stop)
	m = &d.t.Msgs[at] // embedded may have moved it
	m.Echo = int32(at + 1)
	d.t.Msgs[at+1].EchoOf = int32(at)
	if stop < end {
		d.extAck(at, stop, end)
	}
}

// doneBody decodes an NLMSG_DONE: a number, then maybe an extended ACK.
func (d *Dissector) doneBody(at, off, end int) {
	m := &d.t.Msgs[at]
	if end-off < 4 {
		if end > off {
			d.find(ErrorShort, m.Node, off, end-off, uint64(end-off), 4)
		}
		d.rest(KindUnknown, off, end)
		return
	}
	d.errno(m, d.core.nlmsgdone, off)
	off += 4
	if off < end {
		d.extAck(at, off, end)
	}
}

func (d *Dissector) errno(m *Msg, s *families.Struct, off int) {
	n := d.strct(s, off, off+4)
	m.HasErrno, m.Errno = true, int32(d.uint(off, 4))
	if m.Errno < -maxErrno && d.core.errno.ValueName(uint64(-int64(m.Errno))) == "" || m.Type == typeError && m.Errno > 0 {
		d.find(ErrnoRange, n, off, 4, uint64(int64(m.Errno)), 0)
	}
}

// embedded decodes a request inside another message, or as much of it as is
// there: only its header if it was capped.
func (d *Dissector) embedded(off, end int) {
	m := Msg{
		Node: int32(len(d.t.Nodes)), Off: uint32(off), Len: uint32(d.uint(off, 4)), Type: uint16(d.uint(off+4, 2)),
		Flags: uint16(d.uint(off+6, 2)), Seq: uint32(d.uint(off+8, 4)), PortID: uint32(d.uint(off+12, 4)),
		Proto: d.t.Proto, Echo: -1, EchoOf: -1, ExtAck: ExtAck{Text: -1}, Dir: DirToKernel,
	}
	at := len(d.t.Msgs)
	d.t.Msgs = append(d.t.Msgs, m)
	outer, outerDir, outerMask := d.echo, d.dir, d.mask
	d.echo, d.dir = true, DirToKernel
	n := d.open(KindMessage, nil, nil, off, end)
	d.netlinkHeader(d.core.nlmsghdr, off, off+hdrLen)
	bodyEnd := off + max(atMost(uint64(m.Len), end-off), hdrLen)
	outerMissing := d.missing
	d.missing = d.lost(int(min(int64(off)+int64(m.Len), int64(d.in.OrigLen))), end)
	switch {
	case bodyEnd == off+hdrLen:
		m := &d.t.Msgs[at]
		d.lookup(m, bodyEnd, bodyEnd)
		d.mask = d.maskOf(m)
		d.recall(m)
		d.class(m)
		m.FlagSet = d.flagSet(m)
	case isAck(&m) || outer:
		d.t.Msgs[at].FlagSet = d.flagSet(&m)
		d.rest(KindUnknown, off+hdrLen, bodyEnd)
	default:
		d.body(at, off+hdrLen, bodyEnd)
	}
	d.padding(bodyEnd, end, MsgPadding)
	d.close(n)
	d.echo, d.dir, d.missing = outer, outerDir, outerMissing
	d.mask = max(outerMask, d.mask) // what follows may be a part of it
}

// inner decodes a message that is the payload of an attribute. One inside
// another is not looked into.
func (d *Dissector) inner(off, end int) {
	if d.echo || end-off < hdrLen {
		d.rest(KindUnknown, off, end)
		return
	}
	stop := end
	if n := d.uint(off, 4); n < uint64(end-off) {
		stop = min(off+align4(max(atMost(n, end-off), hdrLen)), end)
	}
	outer, at := d.at, int32(len(d.t.Msgs))
	d.embedded(off, stop)
	d.t.Msgs[outer].Echo, d.t.Msgs[at].EchoOf = at, int32(outer)
	d.rest(KindTrailing, stop, end)
}

// recall names the generic command of a request of which only the nlmsghdr was
// echoed, from the request itself if the session saw it.
func (d *Dissector) recall(m *Msg) {
	req := d.in.Request
	if m.Family == nil || m.Proto != families.ProtoGeneric || len(req) <= hdrLen ||
		!bytes.Equal(req[:hdrLen], d.data[m.Off:m.Off+hdrLen]) {
		return
	}
	m.GenlCmd = req[hdrLen]
	m.Message = m.Family.Table().Lookup(uint16(m.GenlCmd), false)
}

// extAck decodes the TLVs behind an error or the end of a dump and resolves
// what they point at.
func (d *Dissector) extAck(at, off, end int) {
	m := &d.t.Msgs[at]
	if m.Flags&flagTLVs == 0 {
		d.find(MsgPayload, m.Node, off, end-off, uint64(end-off), 0)
		d.guess(off, end)
		return
	}
	first := len(d.t.Nodes)
	d.push(d.core.nlmsgerrAttrs, off, end, nil, 0)
	d.attrs(d.core.nlmsgerrAttrs, off, end)
	d.pop()
	m = &d.t.Msgs[at]
	for i := first; i < len(d.t.Nodes); i++ {
		n := &d.t.Nodes[i]
		if n.Kind != KindValue || n.Type.Size > int(n.Len) {
			continue
		}
		v := d.t.Uint(n)
		switch n.Field {
		case d.core.attrMsg:
			m.ExtAck.Text = int32(i)
		case d.core.attrOffs:
			m.ExtAck.HasOffs, m.ExtAck.Offs = true, uint32(v)
		case d.core.attrMissType:
			m.ExtAck.HasMiss, m.ExtAck.MissType = true, uint32(v)
		case d.core.attrMissNest:
			m.ExtAck.HasNest, m.ExtAck.MissNest = true, uint32(v)
		}
	}
	d.resolve(at)
}

// resolve finds the attributes that an extended ACK speaks of: in the echoed
// request, or in the one that the session remembers.
func (d *Dissector) resolve(at int) {
	m := &d.t.Msgs[at]
	x := &m.ExtAck
	if !x.HasOffs && !x.HasMiss {
		return
	}
	t, req := &d.t, m.Echo
	if req < 0 || !whole(&d.t, req) {
		if t, req = d.remembered(m), 0; t == nil {
			return
		}
		x.FromMemory = true
	}
	if x.HasOffs {
		mark, size := len(d.steps), t.Nodes[t.Msgs[req].Node].Len
		d.steps, _ = appendPath(d.steps, t, req, x.Offs)
		x.Path = d.steps[mark:len(d.steps):len(d.steps)]
		if x.Offs >= size {
			d.find(ExtAckOffset, m.Node, int(m.Off), int(d.t.Nodes[m.Node].Len), uint64(x.Offs), uint64(size))
		}
	}
	if x.HasMiss {
		mark := len(d.steps)
		d.steps = appendMissing(d.steps, t, req, x)
		x.Miss = d.steps[mark:len(d.steps):len(d.steps)]
	}
}

// whole says whether an echoed message has all its bytes.
func whole(t *Tree, msg int32) bool {
	m := &t.Msgs[msg]
	return t.Nodes[m.Node].Len >= m.Len && m.Len > hdrLen
}

// remembered decodes the request that the session saw earlier, if it is the
// one that m answers: a frame can hold several answers.
func (d *Dissector) remembered(m *Msg) *Tree {
	req := d.in.Request
	if len(req) < hdrLen || !answered(req, d.echoed(m), m.Seq, m.PortID, d.big) {
		return nil
	}
	if d.subDone {
		return &d.sub.t
	}
	d.subDone = true
	if d.sub == nil {
		d.sub = &Dissector{db: d.db, core: d.core, genl: d.genl, noHeads: d.noHeads}
		d.subFrame = make([]byte, cookedLen)
		binary.BigEndian.PutUint16(d.subFrame[2:], arphrdNetlink)
	}
	d.subFrame = append(d.subFrame[:cookedLen], req...)
	d.subFrame[cookedLen-1] = d.t.Proto
	d.subIn = Input{Number: d.in.Number, Data: d.subFrame, OrigLen: len(d.subFrame), Dir: DirToKernel, Big: d.big, IDs: d.in.IDs}
	return d.sub.Frame(&d.subIn)
}

// echoed returns the nlmsghdr of the request that an error carries, nil if it
// carries none.
func (d *Dissector) echoed(m *Msg) []byte {
	if m.Echo < 0 {
		return nil
	}
	off := d.t.Msgs[m.Echo].Off
	return d.data[off : off+hdrLen]
}
