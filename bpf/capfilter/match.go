package capfilter

import "encoding/binary"

// Numbers of linux/netlink.h and linux/genetlink.h that a filter reads.
const (
	hdrLen       = 16 // struct nlmsghdr
	echoOff      = 20 // of the nlmsghdr that an NLMSG_ERROR echoes
	echoCmdOff   = echoOff + hdrLen
	flagRequest  = 0x1   // NLM_F_REQUEST
	flagCapped   = 0x100 // NLM_F_CAPPED, of an NLMSG_ERROR
	typeError    = 2     // NLMSG_ERROR
	typeDone     = 3     // NLMSG_DONE
	protoGeneric = 16    // NETLINK_GENERIC
	protoConn    = 11    // NETLINK_CONNECTOR, whose messages all have type 3
	protoNetflt  = 12    // NETLINK_NETFILTER
	protoUevent  = 15    // NETLINK_KOBJECT_UEVENT, whose datagrams have no nlmsghdr
	minGenlID    = 16    // GENL_MIN_ID
)

// Frame is what a filter looks at.
type Frame struct {
	Proto uint8
	Data  []byte // from the first nlmsghdr on
	Big   bool   // the messages are big-endian
	// Number and IDs name the generic family that an id belongs to.
	Number int
	IDs    IDs
}

// msg is a message of a frame as the tests see it.
type msg struct {
	f    *Frame
	has  bool   // there is an nlmsghdr
	b    []byte // from the nlmsghdr to the end of the message
	len  uint32
	typ  uint16
	flag uint16
}

func (f *Frame) u16(b []byte) uint16 {
	if f.Big {
		return binary.BigEndian.Uint16(b)
	}
	return binary.LittleEndian.Uint16(b)
}

func (f *Frame) u32(b []byte) uint32 {
	if f.Big {
		return binary.BigEndian.Uint32(b)
	}
	return binary.LittleEndian.Uint32(b)
}

// Match says whether any message of a frame passes the filter. What is shorter
// than an nlmsghdr counts as a message of which only the protocol is known,
// if there is no other. Zeros behind a message are not a message: iproute2 sends
// some requests with the whole buffer they are in.
func (f *Filter) Match(fr *Frame) bool {
	rest := fr.Data
	if fr.Proto == protoUevent || len(rest) < hdrLen {
		return eval(f.root, &msg{f: fr})
	}
	for len(rest) >= hdrLen {
		m := msg{f: fr, has: true, len: fr.u32(rest), typ: fr.u16(rest[4:]), flag: fr.u16(rest[6:])}
		if m.len == 0 && len(rest) < len(fr.Data) && allZero(rest) {
			return false
		}
		end := min(max(uint64(m.len), hdrLen), uint64(len(rest)))
		m.b = rest[:end]
		if eval(f.root, &m) {
			return true
		}
		if m.len < hdrLen {
			return false // there is no telling where the next one starts
		}
		rest = rest[min((uint64(m.len)+3)&^3, uint64(len(rest))):]
	}
	return false
}

func allZero(b []byte) bool {
	for _, v := range b {
		if v != 0 {
			return false
		}
	}
	return true
}

func eval(n node, m *msg) bool {
	switch n := n.(type) {
	case and:
		return eval(n.l, m) && eval(n.r, m)
	case or:
		return eval(n.l, m) || eval(n.r, m)
	case not:
		return !eval(n.x, m)
	case always:
		return n.value
	case *test:
		return n.holds(m)
	}
	return false
}

func (t *test) holds(m *msg) bool {
	if t.kind == testProto {
		for _, p := range t.protos {
			if p == m.f.Proto {
				return true
			}
		}
		return false
	}
	if !m.has {
		return false
	}
	switch t.kind {
	case testType:
		if t.hasType(m.f.Proto, m.typ) {
			return true
		}
		echo, ok := m.echoed()
		return ok && t.hasType(m.f.Proto, echo)
	case testFamily:
		if m.f.Proto != protoGeneric {
			return false
		}
		if t.hasFamily(m, m.typ) {
			return true
		}
		echo, ok := m.echoed()
		return ok && t.hasFamily(m, echo)
	case testCmd:
		return m.f.Proto == protoGeneric && t.hasCmd(m)
	case testRequest:
		return m.flag&flagRequest != 0
	case testReply:
		return m.flag&flagRequest == 0
	case testError, testAck:
		return t.hasErrno(m)
	}
	switch t.field {
	case fieldLen:
		return t.op.holds(m.len, t.value)
	case fieldSeq:
		return t.op.holds(m.f.u32(m.b[8:]), t.value)
	}
	return t.op.holds(m.f.u32(m.b[12:]), t.value)
}

// echoed returns the type of the request that an NLMSG_ERROR answers.
func (m *msg) echoed() (uint16, bool) {
	if m.typ != typeError || len(m.b) < echoOff+hdrLen {
		return 0, false
	}
	return m.f.u16(m.b[echoOff+4:]), true
}

func (t *test) hasType(proto uint8, typ uint16) bool {
	for _, r := range t.types {
		if (r.any || r.proto == proto) && r.has(typ) {
			return true
		}
	}
	return false
}

func (t *test) hasFamily(m *msg, id uint16) bool {
	for _, v := range t.ids {
		if v == id {
			return true
		}
	}
	if len(t.fams) == 0 || id < minGenlID {
		return false
	}
	name := m.family(id)
	if name == "" {
		return false
	}
	for _, n := range t.fams {
		if n == name {
			return true
		}
	}
	return false
}

// family names a generic family id, "" if it has no name.
func (m *msg) family(id uint16) string {
	if id == minGenlID {
		return nameCtrl // GENL_ID_CTRL, the one that is fixed
	}
	if m.f.IDs == nil {
		return ""
	}
	return m.f.IDs.Name(id, m.f.Number)
}

// nameCtrl is the registered name of the generic netlink controller.
const nameCtrl = "nlctrl"

// hasCmd looks at the genlmsghdr of a message, or of the request that an error
// echoes. An ACK echoes the nlmsghdr only: it has no command.
func (t *test) hasCmd(m *msg) bool {
	id, request, at := m.typ, m.flag&flagRequest != 0, hdrLen
	if echo, ok := m.echoed(); ok && m.flag&flagCapped == 0 {
		id, request, at = echo, true, echoCmdOff
	}
	if id < minGenlID || len(m.b) <= at {
		return false
	}
	cmd := m.b[at]
	for _, c := range t.cmds {
		if c.lo <= cmd && cmd <= c.hi && (request && c.req || !request && c.rep) &&
			(c.genl == "" || c.genl == m.family(id)) {
			return true
		}
	}
	return false
}

// hasErrno looks at the number of an NLMSG_ERROR or NLMSG_DONE. Of the latter
// only a negative one is an error: a dump may return what it likes. What stands
// behind the packets of a netfilter log has the type of an NLMSG_DONE, no
// flags and no number (__nfulnl_send in net/netfilter/nfnetlink_log.c).
func (t *test) hasErrno(m *msg) bool {
	done := m.typ == typeDone && m.f.Proto != protoConn && (m.f.Proto != protoNetflt || m.flag != 0)
	if m.typ != typeError && !done || len(m.b) < echoOff {
		return false
	}
	v := int32(m.f.u32(m.b[hdrLen:]))
	if t.kind == testAck {
		return v == 0 && !done
	}
	if v == 0 || done && v > 0 {
		return false
	}
	for _, n := range t.errnos {
		if int64(n) == -int64(v) {
			return true
		}
	}
	return len(t.errnos) == 0
}
