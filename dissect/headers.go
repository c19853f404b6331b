package dissect

import (
	"encoding/binary"

	"github.com/nlsniff/nlsniff/families"
)

// Header is what an nlmsghdr says, for those who need no more of a message.
// Off counts from the start of the frame; End is where the message ends, its
// padding left out.
type Header struct {
	Off, End   int
	Len        uint32 // nlmsg_len as it stands there
	Type       uint16
	Flags      uint16
	Seq        uint32
	PortID     uint32
	Proto      uint8
	Big        bool
	Incomplete bool // the frame has fewer bytes than the message
}

// Headers walks over the messages of a frame, one for each that Tree.Own
// yields. It allocates nothing.
type Headers struct {
	data  []byte
	off   int
	big   bool
	proto uint8
}

// Scan starts a walk. A frame of a protocol without message headers yields
// nothing.
func Scan(in *Input) Headers {
	h := Headers{data: in.Data, off: len(in.Data), big: in.Big}
	if len(in.Data) < cookedLen || Uint(in.Data[2:4], true) != arphrdNetlink {
		return h
	}
	h.proto = in.Data[cookedLen-1]
	if h.proto != families.ProtoUevent && h.proto != families.ProtoUsersock {
		h.off = cookedLen
	}
	return h
}

// Next fills in m with the next message; false says that there is none.
func (h *Headers) Next(m *Header) bool {
	left := len(h.data) - h.off
	if left < hdrLen {
		return false
	}
	b := h.data[h.off : h.off+hdrLen : h.off+hdrLen]
	if !h.big { // spelled out: this is where the time goes
		le := binary.LittleEndian
		m.Len, m.Type, m.Flags, m.Seq, m.PortID = le.Uint32(b), le.Uint16(b[4:]), le.Uint16(b[6:]), le.Uint32(b[8:]), le.Uint32(b[12:])
	} else {
		be := binary.BigEndian
		m.Len, m.Type, m.Flags, m.Seq, m.PortID = be.Uint32(b), be.Uint16(b[4:]), be.Uint16(b[6:]), be.Uint32(b[8:]), be.Uint32(b[12:])
	}
	if m.Len == 0 && h.off > cookedLen && allZero(h.data[h.off:]) {
		return false
	}
	m.Off, m.Proto, m.Big = h.off, h.proto, h.big
	m.End, m.Incomplete = len(h.data), int64(m.Len) > int64(left)
	switch {
	case h.proto == families.ProtoAudit && int64(m.Len)+hdrLen == int64(left):
		m.Incomplete = false
	case m.Len >= hdrLen && int64(m.Len) < int64(left):
		m.End = h.off + int(m.Len)
	}
	h.off = min(h.off+align4(m.End-h.off), len(h.data))
	return true
}
