package dissect

import (
	"iter"
	"strconv"

	"github.com/nlsniff/nlsniff/families"
)

// Words puts what a tree holds into words. Package render's Event is one; this
// package knows no output, so whoever makes Messages says in which words they
// speak.
type Words interface {
	// AppendMessage appends the line of a message, key material masked and
	// control characters escaped.
	AppendMessage(dst []byte, m *Msg) []byte
	// AppendValue appends the value of a leaf likewise.
	AppendValue(dst []byte, n *Node) []byte
	// ErrnoName returns the name of the errno that a message reports, "" if it
	// has none.
	ErrnoName(m *Msg) string
	// Of returns the words for another tree of the same frame: a request that
	// the frame does not carry (Tree.Asked).
	Of(t *Tree) Words
}

// view is what messages and values of one frame share.
type view struct {
	t *Tree
	w Words
}

// Message is one netlink message of a decoded frame, with its headers and what
// they are called. It is valid as long as its tree is (Tree.Clone).
type Message struct {
	Len       uint32 // nlmsg_len as it stands there
	Type      uint16
	Flags     uint16
	Seq       uint32
	PortID    uint32
	Protocol  uint8
	Direction Dir

	// TypeName is RTM_NEWLINK or NLMSG_DONE; of a generic family, its name.
	// It is the number where nobody knows one.
	TypeName string
	// Family is the name of the description: rt-link, nftables, ethtool.
	Family string

	// Generic says that there is a generic header, which has the next three.
	Generic     bool
	Command     uint8
	CommandName string // ETHTOOL_MSG_RINGS_GET, or empty
	Version     uint8

	// HasErrno is set in an NLMSG_ERROR, where Errno 0 is an ACK, and in an
	// NLMSG_DONE.
	HasErrno bool
	Errno    int32 // negative
	// Request is the message that an NLMSG_ERROR echoes, or nil.
	Request *Message

	in    *view
	index int32
}

// AppendMessages appends the frame's own messages, those that Own yields.
func AppendMessages(dst []Message, t *Tree, w Words) []Message {
	in := &view{t, w}
	for i := range t.Msgs {
		if t.Msgs[i].EchoOf < 0 {
			dst = append(dst, in.message(int32(i)))
		}
	}
	return dst
}

func (in *view) message(i int32) Message {
	m := &in.t.Msgs[i]
	x := Message{
		Len: m.Len, Type: m.Type, Flags: m.Flags, Seq: m.Seq, PortID: m.PortID, Protocol: m.Proto, Direction: m.Dir,
		TypeName: typeName(m), Generic: m.HasGenl, Command: m.GenlCmd, Version: m.GenlVer,
		HasErrno: m.HasErrno, Errno: m.Errno, in: in, index: i,
	}
	if m.HasGenl && m.Message != nil {
		x.CommandName = m.Message.Name
	}
	switch {
	case m.Family != nil:
		x.Family = m.Family.Name
	case m.GenlName != "":
		x.Family = m.GenlName
	}
	if m.HasErrno && m.Echo >= 0 {
		r := in.message(m.Echo)
		x.Request = &r
	}
	return x
}

// controlNames are the message types that every protocol shares.
var controlNames = map[uint16]string{1: "NLMSG_NOOP", 2: "NLMSG_ERROR", 3: "NLMSG_DONE", 4: "NLMSG_OVERRUN"}

func typeName(m *Msg) string {
	switch {
	case m.Proto != families.ProtoConnector && controlNames[m.Type] != "":
		return controlNames[m.Type]
	case m.Proto == families.ProtoGeneric && m.GenlName != "":
		return m.GenlName
	case m.Proto != families.ProtoGeneric && m.Message != nil:
		return m.Message.Name
	}
	return strconv.Itoa(int(m.Type))
}

// Row returns what the dissector found of the message, nil of the zero
// Message; Tree returns the frame that it is in.
func (m *Message) Row() *Msg {
	if m.in == nil {
		return nil
	}
	return &m.in.t.Msgs[m.index]
}

// Tree returns the decoded frame that the message is in, nil of the zero
// Message.
func (m *Message) Tree() *Tree {
	if m.in == nil {
		return nil
	}
	return m.in.t
}

// Words returns what puts the message into words: what AppendMessages got.
func (m *Message) Words() Words {
	if m.in == nil {
		return nil
	}
	return m.in.w
}

// Name is what the message does: the generic command if there is one, else the
// type.
func (m *Message) Name() string {
	if m.CommandName != "" {
		return m.CommandName
	}
	return m.TypeName
}

// FlagNames returns the names of the bits of Flags by what the message does:
// the same bit is NLM_F_ROOT in a request for a dump and NLM_F_REPLACE in one
// that makes something. Bits without a name come last, as a number.
func (m *Message) FlagNames() []string {
	var out []string
	v := uint64(m.Flags)
	if row := m.Row(); row != nil && row.FlagSet != nil {
		set := row.FlagSet
		for i := range set.Entries {
			if e := &set.Entries[i]; e.Value != 0 && v&e.Value == e.Value {
				out = append(out, e.Name)
				v &^= e.Value
			}
		}
	}
	if v != 0 {
		out = append(out, "0x"+strconv.FormatUint(v, 16))
	}
	return out
}

// Attr returns the first attribute at a path such as
// "IFLA_LINKINFO/IFLA_INFO_KIND". Each part is a uapi name, a YNL name (mtu),
// or a number. What is not there is a Value that does not exist, and asking it
// for anything is safe.
func (m *Message) Attr(path string) Value {
	return m.value().find(path, KindAttr, KindElem)
}

// Header returns a member of the family's fixed header, such as ifi_index.
func (m *Message) Header(name string) Value {
	return m.value().find(name, KindMember, KindStruct)
}

// Attrs yields the attributes at the top.
func (m *Message) Attrs() iter.Seq[Value] { return m.value().Attrs() }

// Reason returns the kernel's own words on an error, from its extended ACK.
func (m *Message) Reason() string {
	if row := m.Row(); row != nil && row.ExtAck.Text >= 0 {
		return Value{m.in, row.ExtAck.Text}.Text()
	}
	return ""
}

// String returns the line that nlsniff prints of the message. Key material is
// masked.
func (m *Message) String() string {
	if m.in == nil || m.in.w == nil {
		return m.Name()
	}
	return string(m.in.w.AppendMessage(nil, m.Row()))
}

func (m *Message) value() Value {
	if m.in == nil {
		return Value{}
	}
	return Value{m.in, m.Row().Node}
}
