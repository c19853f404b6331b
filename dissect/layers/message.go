package layers

import (
	"fmt"
	"iter"
	"strconv"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/render"
)

// Message is one netlink message of a packet.
type Message struct {
	Len       uint32 // nlmsg_len as it stands there
	Type      uint16
	Flags     uint16
	Seq       uint32
	PortID    uint32
	Direction dissect.Dir

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

	layer *Netlink
	index int
}

// list fills in the messages of n.
func (n *Netlink) list() {
	n.Messages, n.all = n.Messages[:0], n.all[:0]
	for i := range n.tree.Msgs {
		m := &n.tree.Msgs[i]
		x := Message{
			Len: m.Len, Type: m.Type, Flags: m.Flags, Seq: m.Seq, PortID: m.PortID, Direction: m.Dir,
			TypeName: typeName(m), Generic: m.HasGenl, Command: m.GenlCmd, Version: m.GenlVer,
			HasErrno: m.HasErrno, Errno: m.Errno, layer: n, index: i,
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
		n.all = append(n.all, x)
	}
	for i := range n.all {
		m := &n.tree.Msgs[i]
		if m.Echo >= 0 {
			n.all[i].Request = &n.all[m.Echo]
		}
	}
	for i := range n.all {
		if n.tree.Msgs[i].EchoOf < 0 {
			n.Messages = append(n.Messages, n.all[i])
		}
	}
}

// controlNames are the message types that every protocol shares.
var controlNames = map[uint16]string{1: "NLMSG_NOOP", 2: "NLMSG_ERROR", 3: "NLMSG_DONE", 4: "NLMSG_OVERRUN"}

func typeName(m *dissect.Msg) string {
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

func (m *Message) msg() *dissect.Msg { return &m.layer.tree.Msgs[m.index] }

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
	if set := m.msg().FlagSet; set != nil {
		for i := range set.Entries {
			if e := &set.Entries[i]; e.Value != 0 && v&e.Value == e.Value {
				out = append(out, e.Name)
				v &^= e.Value
			}
		}
	}
	if v != 0 {
		out = append(out, fmt.Sprintf("%#x", v))
	}
	return out
}

// Attr returns the first attribute at a path such as
// "IFLA_LINKINFO/IFLA_INFO_KIND". Each part is a uapi name, a YNL name (mtu),
// or a number. What is not there is a Value that does not exist, and asking it
// for anything is safe.
func (m *Message) Attr(path string) Value {
	return m.value().find(path, dissect.KindAttr, dissect.KindElem)
}

// Header returns a member of the family's fixed header, such as ifi_index.
func (m *Message) Header(name string) Value {
	return m.value().find(name, dissect.KindMember, dissect.KindStruct)
}

// Attrs returns the attributes at the top.
func (m *Message) Attrs() iter.Seq[Value] { return m.value().Attrs() }

// Reason returns the kernel's own words on an error, from its extended ACK.
func (m *Message) Reason() string {
	if i := m.msg().ExtAck.Text; i >= 0 {
		return Value{m.layer, i}.Text()
	}
	return ""
}

// String returns the line that nlsniff prints of the message. Key material is
// masked.
func (m *Message) String() string {
	ev := m.layer.event()
	return string(render.AppendMessage(nil, render.Options{}, &ev, m.msg()))
}

func (m *Message) value() Value {
	if m.layer == nil || m.layer.tree == nil {
		return Value{}
	}
	return Value{m.layer, m.msg().Node}
}
