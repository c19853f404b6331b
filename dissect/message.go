package dissect

import "github.com/nlsniff/nlsniff/families"

// Message types below 16 are for what means the same in every protocol
// (NLMSG_MIN_TYPE in linux/netlink.h). Four of them are in use; NETLINK_ISCSI
// and NETLINK_FIB_LOOKUP use others for themselves.
const (
	typeNoop    = 1
	typeError   = 2
	typeDone    = 3
	typeOverrun = 4
	minType     = 16

	// genlCtrl is GENL_ID_CTRL, the only generic family with a fixed id.
	genlCtrl = 16
)

// Message flags of linux/netlink.h.
const (
	flagRequest = 0x1
	flagAck     = 0x4
	flagMulti   = 0x2
	flagDump    = 0x300
	flagCreate  = 0x400
	flagCapped  = 0x100
	flagTLVs    = 0x200
)

const hdrLen = 16

// isAck says whether a message is an NLMSG_ERROR or NLMSG_DONE, whose upper
// flag bits have a meaning of their own.
func isAck(m *Msg) bool { return m.Type == typeError || isDone(m) }

// isDone says whether a message is an NLMSG_DONE. Connector messages have that
// type and are none, and so does what stands behind the packets of a log
// (__nfulnl_send in net/netfilter/nfnetlink_log.c).
func isDone(m *Msg) bool {
	switch m.Proto {
	case families.ProtoConnector:
		return false
	case families.ProtoNetfilter:
		return m.Type == typeDone && m.Flags != 0
	}
	return m.Type == typeDone
}

// isControl says whether a message belongs to netlink itself and not to a
// protocol.
func isControl(m *Msg) bool {
	switch {
	case m.Proto == families.ProtoGeneric:
		return m.Type < minType
	case m.Type == typeDone:
		return isDone(m)
	}
	return m.Type >= typeNoop && m.Type <= typeOverrun && m.Proto != families.ProtoConnector
}

// message decodes the message at off and returns where the next one starts.
func (d *Dissector) message(off, end int, truncated bool) int {
	left := end - off
	if left < hdrLen {
		if !truncated {
			d.find(FrameTrailing, int32(len(d.t.Nodes)), off, left, uint64(left), 0)
		}
		d.leaf(KindTrailing, nil, nil, off, end)
		return end
	}
	if len(d.t.Msgs) > 0 && allZero(d.data[off:end]) {
		// iproute2 sends some requests with the whole buffer they are in;
		// the kernel stops at a length of 0.
		d.find(FrameZeros, int32(len(d.t.Nodes)), off, left, uint64(left), 0)
		d.leaf(KindPadding, nil, nil, off, end)
		return end
	}
	m := Msg{
		Node: int32(len(d.t.Nodes)), Off: uint32(off), Len: uint32(d.uint(off, 4)), Type: uint16(d.uint(off+4, 2)),
		Flags: uint16(d.uint(off+6, 2)), Seq: uint32(d.uint(off+8, 4)), PortID: uint32(d.uint(off+12, 4)),
		Proto: d.t.Proto, Echo: -1, EchoOf: -1, ExtAck: ExtAck{Text: -1},
	}
	if len(d.t.Msgs) > 0 && misfit(m.Proto, m.Len, max(end, d.in.OrigLen)-off) {
		// What d.mask says of the message before holds for what may be its rest.
		d.find(FrameMisfit, m.Node, off, left, uint64(left), 0)
		d.leaf(KindTrailing, nil, nil, off, end)
		return end
	}
	d.mask = maskNone
	bodyEnd := off + atMost(uint64(m.Len), left)
	headerOnly := m.Len < hdrLen
	switch {
	case m.Proto == families.ProtoAudit && int64(m.Len)+hdrLen == int64(left):
		// Records that the kernel sends to one socket leave the header out
		// of the length (kauditd_send_queue in kernel/audit.c).
		bodyEnd, headerOnly = end, false
	case m.Len < hdrLen:
		// Where the next message would start is anyone's guess, and the
		// kernel stops here too.
		d.find(MsgLenSmall, m.Node, off, 4, uint64(m.Len), 0)
		bodyEnd = end
	case int64(m.Len) > int64(left):
		if !truncated {
			d.find(MsgPastEnd, m.Node, off, 4, uint64(m.Len), uint64(left))
		}
		bodyEnd = end
	}
	next := min(align4(bodyEnd-off)+off, end)
	at := len(d.t.Msgs)
	d.t.Msgs = append(d.t.Msgs, m)
	node := d.open(KindMessage, nil, nil, off, next)
	d.netlinkHeader(d.core.nlmsghdr, off, off+hdrLen)
	d.missing = d.lost(int(min(int64(off)+int64(m.Len), int64(d.in.OrigLen))), end)
	if headerOnly {
		d.lookup(&m, bodyEnd, bodyEnd)
		d.mask = d.maskOf(&m)
		d.rest(KindUnknown, off+hdrLen, bodyEnd)
	} else {
		d.body(at, off+hdrLen, bodyEnd)
	}
	d.padding(bodyEnd, next, MsgPadding)
	d.close(node)
	d.missing = 0
	return next
}

// misfit says whether what stands behind a message, and has so many bytes left,
// is no message: its length is impossible, and the kernel would not take it
// for one either. In protocols with keys it may be the rest of one, if the
// length of the message before was too small, and is not shown as a header. Of
// a frame that was cut, the bytes that it had count.
func misfit(proto uint8, length uint32, left int) bool {
	if proto != families.ProtoGeneric && proto != families.ProtoXFRM {
		return false
	}
	return length < hdrLen || int64(length) > int64(left)
}

func allZero(b []byte) bool {
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}

// padding adds the bytes that align what stands before them.
func (d *Dissector) padding(off, end int, nonzero Code) {
	if off >= end {
		return
	}
	i := d.leaf(KindPadding, nil, nil, off, end)
	if !allZero(d.data[off:end]) {
		d.find(nonzero, i, off, end-off, 0, 0)
	}
}

// body decodes what follows the nlmsghdr. The message is d.t.Msgs[at]; it is
// addressed by index because decoding an echoed request appends to Msgs.
func (d *Dissector) body(at, off, end int) {
	m := &d.t.Msgs[at]
	outerDir, outerAF, outerAt := d.dir, d.af, d.at
	d.af, d.at = 0, at
	d.lookup(m, off, end)
	d.mask = d.maskOf(m)
	m.Dir = d.direction(m)
	d.dir = m.Dir
	known := ^uint64(0)
	if m.Type >= minType || m.Message != nil {
		known = d.class(m)
	}
	m.FlagSet = d.flagSet(m)
	if bad := uint64(m.Flags) &^ m.FlagSet.Known() & known; bad != 0 {
		d.find(MsgFlagsUnknown, m.Node, int(m.Off)+6, 2, bad, 0)
	}
	switch {
	case d.full():
		d.stop(KindUnknown, off, end)
	case m.Type == typeError:
		d.errorBody(at, off, end)
	case isDone(m):
		d.doneBody(at, off, end)
	case isControl(m):
		if m.Type != typeNoop && m.Type != typeOverrun {
			d.find(MsgTypeUnknown, m.Node, int(m.Off)+4, 2, uint64(m.Type), 0)
		}
		d.rest(KindUnknown, off, end)
	case m.HasGenl || m.Proto == families.ProtoGeneric:
		d.genlBody(m, off, end)
	case m.Message == nil:
		d.find(MsgTypeUnknown, m.Node, int(m.Off)+4, 2, uint64(m.Type), 0)
		d.rest(KindUnknown, off, end)
	default:
		d.variant(m, off, end)
	}
	d.dir, d.af, d.at = outerDir, outerAF, outerAt
}

// genlBody decodes the generic header and what follows.
func (d *Dissector) genlBody(m *Msg, off, end int) {
	if m.GenlName == "" {
		d.find(GenlFamilyUnknown, m.Node, int(m.Off)+4, 2, uint64(m.Type), 0)
	}
	if !m.HasGenl {
		d.find(GenlShort, m.Node, off, end-off, uint64(end-off), 0)
		d.rest(KindUnknown, off, end)
		return
	}
	hdr := d.netlinkHeader(d.core.genlmsghdr, off, off+4)
	if r := d.uint(off+2, 2); r != 0 {
		d.find(GenlReserved, hdr, off+2, 2, r, 0)
	}
	off += 4
	if m.Message == nil {
		if m.Family != nil {
			d.find(GenlCmdUnknown, m.Node, off-4, 1, uint64(m.GenlCmd), 0)
		}
		d.guess(off, end)
		return
	}
	d.variant(m, off, end)
}

// datagram decodes a frame of a protocol without message headers.
func (d *Dissector) datagram(message *families.Message, off, end int) {
	node := d.open(KindMessage, nil, nil, off, end)
	d.t.Msgs = append(d.t.Msgs, Msg{
		Node: node, Off: uint32(off), Len: uint32(end - off), Proto: d.t.Proto, Datagram: true,
		Message: message, Family: message.Family, Echo: -1, EchoOf: -1, ExtAck: ExtAck{Text: -1},
	})
	m := &d.t.Msgs[len(d.t.Msgs)-1]
	m.Dir = d.direction(m)
	d.dir, d.at = m.Dir, len(d.t.Msgs)-1
	m.FlagSet = d.flagSet(m)
	d.missing = d.lost(d.in.OrigLen, end)
	d.variant(m, off, end)
	d.missing = 0
	d.close(node)
}

// variant picks the body whose conditions hold and decodes it.
func (d *Dissector) variant(m *Msg, off, end int) {
	set := m.Message.Body
	if set == nil {
		if off < end {
			d.find(MsgPayload, m.Node, off, end-off, uint64(end-off), 0)
		}
		d.guess(off, end)
		return
	}
	for _, b := range set.Bodies {
		if d.holds(b, m, off, end) {
			m.Body = b
			break
		}
	}
	b := m.Body
	if b == nil {
		d.find(MsgBodyUnknown, m.Node, off, end-off, 0, 0)
		d.rest(KindUnknown, off, end)
		return
	}
	base := off
	if b.Header != nil {
		off = d.header(b.Header, off, end, HeaderShort)
	}
	switch {
	case b.Set != nil:
		d.push(b.Set, off, end, b.Header, base)
		d.attrs(b.Set, off, end)
		d.pop()
	case b.Payload != nil:
		d.push(nil, off, end, b.Header, base)
		d.value(b.Payload, nil, off, end)
		d.pop()
	case off < end:
		d.find(MsgPayload, m.Node, off, end-off, uint64(end-off), 0)
		d.rest(KindTrailing, off, end)
	}
}

// header decodes a fixed header and the padding that aligns what follows. It
// returns where that starts. The header's address family stays in force; the
// caller restores the one before.
func (d *Dissector) header(s *families.Struct, off, end int, short Code) int {
	size, whole := d.extent(s, off, end)
	if !whole && s.Flex {
		size = end - off
	}
	stop := min(off+size, end)
	n := d.strct(s, off, stop)
	if end-off < s.Min || !whole && s.Flex {
		d.find(short, n, off, end-off, uint64(end-off), uint64(s.Min))
	}
	if s.AF != nil {
		if at, n := off+s.AF.Off, s.AF.Type.Size; at+n <= stop {
			d.af = uint8(Uint(d.data[at:at+n], d.order(&s.AF.Type)))
		}
	}
	next := min(off+align4(size), end)
	d.padding(stop, next, PaddingNonzero)
	return next
}

// holds evaluates a body's conditions.
func (d *Dissector) holds(b *families.Body, m *Msg, off, end int) bool {
	for i := range b.When {
		c := &b.When[i]
		if c.Kind == families.CondAttrsAt {
			if d.chains(off+int(c.Value), end) == c.Not {
				return false
			}
		} else if !holds(c, m, d.data[off:end], d.missing, d.big) {
			return false
		}
	}
	return true
}

// Holds says whether a condition is true of a message, but for CondAttrsAt,
// which is only asked of a message that is being decoded.
func (t *Tree) Holds(c *families.Cond, m *Msg) bool {
	var p []byte
	if i := t.Body(m); i < t.Nodes[m.Node].End {
		last := &t.Nodes[t.Nodes[m.Node].End-1]
		p = t.Data[t.Nodes[i].Off : last.Off+last.Len]
	}
	return holds(c, m, p, 0, t.Big)
}

// holds says whether a condition is true of a message whose body is p, of which
// so many bytes are missing.
func holds(c *families.Cond, m *Msg, p []byte, missing int, big bool) bool {
	var ok bool
	switch c.Kind {
	case families.CondRequest:
		ok = m.Dir != DirFromKernel
	case families.CondReply:
		ok = m.Dir == DirFromKernel
	case families.CondDump:
		if m.Dir == DirFromKernel {
			ok = m.Flags&flagMulti != 0
		} else {
			ok = m.Flags&flagDump == flagDump
		}
	case families.CondEvent:
		ok = m.Dir == DirFromKernel && m.Seq == 0 && m.Flags&flagMulti == 0
	case families.CondCreate:
		ok = m.Flags&flagCreate != 0
	case families.CondLenLess:
		ok = len(p)+missing < int(c.Value)
	case families.CondStarts:
		ok = len(p) >= len(c.Text) && string(p[:len(c.Text)]) == c.Text
	case families.CondMember:
		at, n := c.Member.Off, c.Member.Type.Size
		if at+n > len(p) {
			return false
		}
		order := c.Member.Type.Order
		ok = Uint(p[at:at+n], order == families.OrderBig || order == families.OrderHost && big) == c.Value
	}
	return ok != c.Not
}
