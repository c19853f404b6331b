package dissect

import (
	"encoding/binary"

	"github.com/nlsniff/nlsniff/families"
)

// Head is the header of one message, read without decoding the frame.
type Head struct {
	Off, End int    // within the frame; End is where nlmsg_len says
	Len      uint32 // nlmsg_len
	Type     uint16
	Flags    uint16
	Seq      uint32
	PortID   uint32
}

// Regular says whether a frame is made of messages that Heads can find: a
// whole frame of a protocol whose frames are nothing else.
func Regular(in *Input) bool {
	d := in.Data
	if len(d) < cookedLen || in.OrigLen > len(d) || d[2] != arphrdNetlink>>8 || d[3] != arphrdNetlink&0xff {
		return false
	}
	switch d[cookedLen-1] {
	case families.ProtoUevent, families.ProtoUsersock, families.ProtoAudit:
		return false
	}
	return true
}

// Next reads the header at off. ok is false where what stands there is not a
// whole message: then Frame has to be asked. Off is cookedLen first, then what
// Next returns; the frame ends where that is its length.
func (h *Head) Next(in *Input, off int) (next int, ok bool) {
	b := in.Data[off:]
	if len(b) < hdrLen {
		return off, false
	}
	if in.Big {
		h.Len, h.Type, h.Flags = binary.BigEndian.Uint32(b), binary.BigEndian.Uint16(b[4:]), binary.BigEndian.Uint16(b[6:])
		h.Seq, h.PortID = binary.BigEndian.Uint32(b[8:]), binary.BigEndian.Uint32(b[12:])
	} else {
		h.Len, h.Type, h.Flags = binary.LittleEndian.Uint32(b), binary.LittleEndian.Uint16(b[4:]), binary.LittleEndian.Uint16(b[6:])
		h.Seq, h.PortID = binary.LittleEndian.Uint32(b[8:]), binary.LittleEndian.Uint32(b[12:])
	}
	if h.Len < hdrLen || uint64(h.Len) > uint64(len(b)) {
		return off, false
	}
	h.Off, h.End = off, off+int(h.Len)
	return min(off+align4(int(h.Len)), len(in.Data)), true
}

// Describe finds out what a message that Head.Next has read means, without
// decoding it: m is set as Frame sets it, but for the rows. It returns where
// the message's body starts.
func (d *Dissector) Describe(in *Input, h *Head, m *Msg) (body int) {
	d.in, d.data, d.big, d.dir, d.echo = in, in.Data, in.Big, in.Dir, false
	d.t.Proto = in.Data[cookedLen-1]
	*m = Msg{
		Node: -1, Off: uint32(h.Off), Len: h.Len, Type: h.Type, Flags: h.Flags, Seq: h.Seq, PortID: h.PortID,
		Proto: d.t.Proto, Echo: -1, EchoOf: -1, ExtAck: ExtAck{Text: -1},
	}
	off := h.Off + hdrLen
	d.lookup(m, off, h.End)
	m.Dir = d.direction(m)
	if m.Type >= minType || m.Message != nil {
		d.class(m)
	}
	m.FlagSet = d.flagSet(m)
	if isAck(m) {
		if h.End-off >= 4 {
			m.HasErrno, m.Errno = true, int32(d.uint(off, 4))
		}
		return off
	}
	if m.HasGenl {
		off += 4
	}
	if m.Message != nil && m.Message.Body != nil {
		for _, b := range m.Message.Body.Bodies {
			if d.holds(b, m, off, h.End) {
				m.Body = b
				break
			}
		}
	}
	return off
}
