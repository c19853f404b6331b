package filter

import (
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
)

// Message types of linux/netlink.h.
const (
	typeError = 2
	typeDone  = 3
)

// header is a field of messages that have an nlmsghdr.
func header(load loader) builtin {
	return builtin{need: NeedHeader, load: func(m *Matcher, d []value, t *families.Type) []value {
		if !m.hasHeader() {
			return d
		}
		return load(m, d, t)
	}}
}

func headerNum(get func(*dissect.Header) uint64) builtin {
	return plain(func(m *Matcher, d []uint64) []uint64 { return append(d, get(&m.head)) })
}

// plain is a field of messages that have an nlmsghdr.
func plain(nums numbers) builtin {
	all := func(m *Matcher, d []uint64) []uint64 {
		if !m.hasHeader() {
			return d
		}
		return nums(m, d)
	}
	return builtin{need: NeedHeader, nums: all, load: func(m *Matcher, d []value, t *families.Type) []value {
		m.nums = all(m, m.nums[:0])
		for _, n := range m.nums {
			d = addNum(d, t, n)
		}
		return d
	}}
}

// echoed returns the header of the request inside an NLMSG_ERROR.
func (m *Matcher) echoed() (h dissect.Header, ok bool) {
	const at = 16 + 4 // nlmsghdr, error
	off := m.head.Off + at
	if m.head.Type != typeError || m.proto == families.ProtoConnector || m.head.End-off < 16 {
		return h, false
	}
	b := m.data[off:]
	h.Off, h.End = off, m.head.End
	h.Len, h.Type, h.Flags = uint32(dissect.Uint(b[:4], m.big)), uint16(dissect.Uint(b[4:6], m.big)), uint16(dissect.Uint(b[6:8], m.big))
	h.Seq, h.PortID = uint32(dissect.Uint(b[8:12], m.big)), uint32(dissect.Uint(b[12:16], m.big))
	return h, true
}

// echoedNum is a field that tshark has for the echoed header as well.
func echoedNum(get func(*dissect.Header) uint64) builtin {
	return plain(func(m *Matcher, d []uint64) []uint64 {
		d = append(d, get(&m.head))
		if h, ok := m.echoed(); ok {
			d = append(d, get(&h))
		}
		return d
	})
}

func echoedFlag(bit uint16) builtin {
	return echoedNum(func(h *dissect.Header) uint64 {
		if h.Flags&bit != 0 {
			return 1
		}
		return 0
	})
}

// upperFlag is a flag whose meaning the message decides. tshark shows all of
// them, by all their names, for requests that have any.
func upperFlag(bit uint16) builtin {
	add := func(d []uint64, h *dissect.Header) []uint64 {
		const request, upper = 0x1, 0xff00
		switch {
		case h.Flags&request == 0 || h.Flags&upper == 0:
			return d
		case h.Flags&bit != 0:
			return append(d, 1)
		}
		return append(d, 0)
	}
	return plain(func(m *Matcher, d []uint64) []uint64 {
		d = add(d, &m.head)
		if h, ok := m.echoed(); ok {
			d = add(d, &h)
		}
		return d
	})
}

// typeOfProto is the type of a protocol's own messages.
func typeOfProto(proto uint8) builtin {
	return header(func(m *Matcher, d []value, t *families.Type) []value {
		if m.proto != proto || m.head.Type < 16 {
			return d
		}
		return addType(m, d, t, m.head.Type)
	})
}

// addType appends a message type, with what it takes to know its name.
func addType(m *Matcher, d []value, t *families.Type, typ uint16) []value {
	v := value{kind: valNum, t: t, num: uint64(typ), proto: m.proto}
	if m.proto == families.ProtoGeneric && typ >= 16 && m.f.families {
		v.genl = m.genlName(typ)
	}
	return append(d, v)
}

// types is the type of a message, and with echoed that of the request in it.
func types(echoed bool) builtin {
	b := plain(func(m *Matcher, d []uint64) []uint64 {
		d = append(d, uint64(m.head.Type))
		if h, ok := m.echoed(); echoed && ok {
			d = append(d, uint64(h.Type))
		}
		return d
	})
	b.load = func(m *Matcher, d []value, t *families.Type) []value {
		m.nums = b.nums(m, m.nums[:0])
		for _, n := range m.nums {
			d = addType(m, d, t, uint16(n))
		}
		return d
	}
	return b
}

// genlName names a generic family's id at the time of the frame.
func (m *Matcher) genlName(id uint16) string {
	const ctrl = 16 // GENL_ID_CTRL
	switch {
	case id == ctrl:
		return "nlctrl"
	case m.in != nil:
		return m.in.IDs.Name(id, m.number)
	case m.msg.Type == id:
		return m.msg.GenlName
	case m.msg.Echo >= 0 && m.tree.Msgs[m.msg.Echo].Type == id:
		return m.tree.Msgs[m.msg.Echo].GenlName
	}
	return ""
}

// genlHeader returns the generic header of the message at hand.
func (m *Matcher) genlHeader() []byte {
	off := m.head.Off + 16
	if !m.hasHeader() || m.proto != families.ProtoGeneric || m.head.Type < 16 || m.head.End-off < 4 {
		return nil
	}
	return m.data[off : off+4]
}

func loadCmd(m *Matcher, d []value, t *families.Type) []value {
	h := m.genlHeader()
	if h == nil {
		return d
	}
	v := value{kind: valNum, t: t, num: uint64(h[0])}
	if m.f.families {
		v.genl = m.genlName(m.head.Type)
	}
	return append(d, v)
}

// cmdOf is the command of one generic family's messages.
func cmdOf(family string) builtin {
	return builtin{need: NeedHeader, load: func(m *Matcher, d []value, t *families.Type) []value {
		if h := m.genlHeader(); h == nil || m.genlName(m.head.Type) != family {
			return d
		}
		return loadCmd(m, d, t)
	}}
}

func loadVersion(m *Matcher, d []value, t *families.Type) []value {
	h := m.genlHeader()
	if h == nil {
		return d
	}
	return addNum(d, t, uint64(h[1]))
}

// loadErrno is what an NLMSG_ERROR or NLMSG_DONE reports. For error there has
// to be one; errno counts without its sign.
func loadErrno(m *Matcher, d []value, t *families.Type) []value {
	off := m.head.Off + 16
	if !m.hasHeader() || m.proto == families.ProtoConnector || m.head.Type != typeError && m.head.Type != typeDone || m.head.End-off < 4 {
		return d
	}
	n := int64(int32(dissect.Uint(m.data[off:off+4], m.big)))
	return append(d, value{kind: valNum, t: t, num: uint64(n), neg: n < 0})
}
