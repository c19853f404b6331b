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

// Whole says whether the message is as long as its header says.
func (h *Header) Whole() bool {
	return h.Len >= hdrLen && !h.Incomplete && uint64(h.End-h.Off) == uint64(h.Len)
}

// Headers walks over the messages of a frame, one for each that Tree.Own
// yields, but for what has no nlmsghdr. It allocates nothing.
type Headers struct {
	data     []byte
	off      int
	big      bool
	proto    uint8
	datagram bool
	size     int // of the frame, in bytes, before it was cut
	count    int
}

// Scan starts a walk.
func Scan(in *Input) Headers {
	h := Headers{data: in.Data, off: len(in.Data), big: in.Big, size: max(in.OrigLen, len(in.Data))}
	if len(in.Data) < cookedLen || Uint(in.Data[2:4], true) != arphrdNetlink {
		return h
	}
	h.proto = in.Data[cookedLen-1]
	if h.datagram = families.IsDatagram(h.proto) && !chained(in.Data[cookedLen:], in.Big); !h.datagram {
		h.off = cookedLen
	}
	return h
}

// Datagram says that the frame is one message of a protocol without nlmsghdr,
// over which Next does not go.
func (h *Headers) Datagram() bool { return h.datagram }

// chained says whether some bytes look like messages, one behind the other.
func chained(b []byte, bigEndian bool) bool {
	some := false
	for len(b) >= hdrLen {
		n := Uint(b[:4], bigEndian)
		if n < hdrLen || n > uint64(len(b)) {
			return false
		}
		b = b[min(align4(int(n)), len(b)):]
		some = true
	}
	return some && len(b) == 0
}

// Next fills in m with the next message; false says that there is none.
func (h *Headers) Next(m *Header) bool {
	left := len(h.data) - h.off
	if left < hdrLen || h.count == maxMsgs {
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
	if h.off > cookedLen && misfit(h.proto, m.Len, h.size-h.off) {
		return false
	}
	h.count++
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

// MessageCount returns how many messages of its own a frame has, those that
// Tree.Own yields.
func MessageCount(in *Input) int {
	h := Scan(in)
	if h.datagram {
		return 1
	}
	n := 0
	for m := (Header{}); h.Next(&m); n++ {
	}
	return n
}
