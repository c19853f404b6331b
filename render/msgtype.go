package render

import (
	"sort"
	"strconv"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
)

// msgType names a message type in the context of the nlmsghdr it stands in.
func (b *base) msgType(dst []byte, n *dissect.Node, v uint16) []byte {
	if m := b.msgAt(n.Off); m != nil && m.Type == v && m.Off+4 == n.Off {
		return appendType(dst, m)
	}
	return strconv.AppendUint(dst, uint64(v), 10)
}

func (b *base) genlCmd(dst []byte, n *dissect.Node, v uint8) []byte {
	if m := b.msgAt(n.Off); m != nil && m.Message != nil && m.GenlCmd == v {
		return append(dst, m.Message.Name...)
	}
	return strconv.AppendUint(dst, uint64(v), 10)
}

// msgAt returns the innermost message that holds an offset. Messages stand in
// the order of their offsets, an echoed request behind what carries it.
func (b *base) msgAt(off uint32) *dissect.Msg {
	i := sort.Search(len(b.t.Msgs), func(i int) bool { return b.t.Msgs[i].Off > off })
	for i--; i >= 0; i-- {
		m := &b.t.Msgs[i]
		n := &b.t.Nodes[m.Node]
		if off < n.Off+n.Len {
			return m
		}
		if m.EchoOf < 0 {
			break
		}
	}
	return nil
}

// controlNames are the message types that every protocol shares.
var controlNames = [16]string{1: "NLMSG_NOOP", 2: "NLMSG_ERROR", 3: "NLMSG_DONE", 4: "NLMSG_OVERRUN"}

// appendType appends what the nlmsg_type of a message means.
func appendType(dst []byte, m *dissect.Msg) []byte {
	switch {
	case m.Type < 16 && m.Proto != families.ProtoConnector && controlNames[m.Type] != "":
		return append(dst, controlNames[m.Type]...)
	case m.Proto == families.ProtoGeneric && m.GenlName != "":
		return appendEscaped(dst, []byte(m.GenlName), 0)
	case m.Proto != families.ProtoGeneric && m.Message != nil:
		return append(dst, m.Message.Name...)
	}
	return strconv.AppendUint(dst, uint64(m.Type), 10)
}
