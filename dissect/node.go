// Package dissect turns the bytes of a frame into a flat tree of nodes, with
// findings where the bytes are not as they should be. It does no I/O, knows no
// family by name, and never fails: whatever it is given, every byte ends up in
// exactly one leaf.
//
// Stability: v0; Message, Value, KernelError, Report and the names of findings stay,
// the rest may change in any version.
package dissect

import (
	"encoding/binary"
	"iter"
	"sort"

	"github.com/nlsniff/nlsniff/families"
)

// Kind says what a node is.
type Kind uint8

// The kinds of node. Those from Member on are leaves: together they cover the
// frame, each byte once.
const (
	KindLink    Kind = iota // the cooked header
	KindMessage             // one netlink message with its padding
	KindStruct              // a struct: nlmsghdr, a family's header, a value
	KindAttr                // an attribute with its header and padding
	KindElem                // one element of an array, one record or TLV

	KindMember   // a member of a struct
	KindLen      // nla_len
	KindType     // nla_type
	KindValue    // an attribute's payload or a part of it
	KindPadding  // alignment, holes in structs
	KindUnknown  // bytes that no description covers
	KindTrailing // bytes behind the end of what they should belong to
)

// Leaf says whether nodes of this kind have no children.
func (k Kind) Leaf() bool { return k >= KindMember }

// Node is one row of the tree. Rows stand in the order of their bytes, a
// parent before its children.
type Node struct {
	// Field describes the attribute or member, nil where nobody does.
	Field *families.Field
	// Type is how to read the bytes; it differs from Field.Type where a
	// sibling chose the format. A message has the format that was chosen for
	// what follows its header, if one was.
	Type *families.Type

	Off, Len uint32 // bytes within the frame
	Parent   int32  // index, -1 for the rows at the top
	End      int32  // index behind the last row of the subtree
	ID       uint16 // attributes: the type without its flags; elements: the index
	Kind     Kind
	Depth    uint8
	AF       uint8 // address family in force, AF_UNSPEC if unknown
	Big      bool  // integers are big-endian
	Secret   bool  // key material, or bytes that may be
}

// Dir is the direction of a message.
type Dir uint8

// The directions, in the order of capture.Direction.
const (
	DirUnknown Dir = iota
	DirToKernel
	DirFromKernel
	DirUserToUser
)

// Msg is what the headers of one message say.
type Msg struct {
	Node   int32  // its row in the tree
	Off    uint32 // of the nlmsghdr within the frame
	Len    uint32 // nlmsg_len as it stands there
	Type   uint16
	Flags  uint16
	Seq    uint32
	PortID uint32
	Dir    Dir
	Proto  uint8

	Message *families.Message // nil if nobody described the type
	Body    *families.Body    // the variant that fits, nil if none
	Class   families.Class
	FlagSet *families.Enum // names of the bits of Flags

	// Datagram is set if there is no nlmsghdr: the frame is one of a protocol
	// that does without.
	Datagram bool

	HasGenl  bool
	GenlCmd  uint8
	GenlVer  uint8
	GenlName string // the generic family's name, "" if the id is unknown
	Family   *families.Family

	HasErrno bool // NLMSG_ERROR or NLMSG_DONE with a number
	Errno    int32
	ExtAck   ExtAck
	// Echo is the index in Tree.Msgs of the message that this one carries, or
	// -1: the request in an NLMSG_ERROR, the last one in an attribute. EchoOf
	// is the other way round.
	Echo, EchoOf int32
}

// ExtAck is the kernel's extended ACK. Rows are -1 where it has none.
type ExtAck struct {
	Text       int32 // row of the NLMSGERR_ATTR_MSG value
	HasOffs    bool
	Offs       uint32 // from the start of the request's nlmsghdr
	HasMiss    bool
	MissType   uint32
	HasNest    bool
	MissNest   uint32
	Path       []Step // what Offs points at in the request, outermost first
	Miss       []Step // what MissType and MissNest stand for
	FromMemory bool   // the request was not echoed but seen before
}

// Step is one part of a path to an attribute or member.
type Step struct {
	Field *families.Field
	ID    uint16 // attribute type, or the index of an element
	Index bool   // an element of an array
}

// Tree is one decoded frame. It is valid until the Dissector's next frame.
type Tree struct {
	Data     []byte
	Big      bool // byte order of the netlink headers
	Proto    uint8
	Nodes    []Node
	Msgs     []Msg
	Findings []Finding

	d *Dissector // that made it

	ids    *families.Registry
	number int // of the frame

	asked   *Tree // of a clone: what Asked returns for the message in row askedBy
	askedBy int32
}

// DB returns the descriptions that the tree was decoded with: its rows point
// into them.
func (t *Tree) DB() *families.DB {
	if t.d == nil {
		return nil
	}
	return t.d.db
}

// GenlName returns the name of the generic family that has an id at the time
// of the frame, "" if nobody knows.
func (t *Tree) GenlName(id uint16) string {
	if id == genlCtrl {
		return "nlctrl"
	}
	return t.ids.Name(id, t.number)
}

// Asked decodes the request that an answer of this frame is for and does not
// carry; nil if nobody saw it. It is valid as long as the tree is.
func (t *Tree) Asked(m *Msg) *Tree {
	if t.d == nil || &t.d.t != t { // a copy
		if t.asked != nil && t.askedBy == m.Node {
			return t.asked
		}
		return nil
	}
	return t.d.remembered(m)
}

// Hidden says whether a row has key material, or what may be: itself, or, where
// it has rows below it, one of these. A key of zeros means that there is none,
// which is no secret.
func (t *Tree) Hidden(i int32) bool {
	n := &t.Nodes[i]
	if n.Kind.Leaf() {
		return n.Secret && !allZero(t.Bytes(n))
	}
	for j := i + 1; j < n.End; j++ {
		if c := &t.Nodes[j]; c.Secret && c.Kind.Leaf() && !allZero(t.Bytes(c)) {
			return true
		}
	}
	return false
}

// Bytes returns the bytes of a node.
func (t *Tree) Bytes(n *Node) []byte { return t.Data[n.Off : n.Off+n.Len] }

// Uint returns the bytes of a node as an unsigned integer in its byte order.
// It returns 0 for lengths other than 1, 2, 4 and 8.
func (t *Tree) Uint(n *Node) uint64 { return Uint(t.Bytes(n), n.Big) }

// Uint reads an integer of 1, 2, 4 or 8 bytes, and 0 from any other length.
func Uint(b []byte, big bool) uint64 {
	switch {
	case len(b) == 4 && !big:
		return uint64(binary.LittleEndian.Uint32(b))
	case len(b) == 1:
		return uint64(b[0])
	case len(b) == 2 && !big:
		return uint64(binary.LittleEndian.Uint16(b))
	case len(b) == 8 && !big:
		return binary.LittleEndian.Uint64(b)
	case len(b) == 2:
		return uint64(binary.BigEndian.Uint16(b))
	case len(b) == 4:
		return uint64(binary.BigEndian.Uint32(b))
	case len(b) == 8:
		return binary.BigEndian.Uint64(b)
	}
	return 0
}

// Int sign-extends an unsigned integer of size bytes.
func Int(v uint64, size int) int64 {
	shift := 64 - 8*uint(size)
	return int64(v<<shift) >> shift
}

// Payload returns the index of an attribute's first row behind nla_len and
// nla_type, and the index behind its last one, padding left out.
func (t *Tree) Payload(attr int32) (from, to int32) {
	n := &t.Nodes[attr]
	from, to = attr+1, n.End
	for from < to && (t.Nodes[from].Kind == KindLen || t.Nodes[from].Kind == KindType) {
		from++
	}
	if from < to && t.Nodes[to-1].Kind == KindPadding && t.Nodes[to-1].Parent == attr &&
		(n.Type == nil || n.Type.Kind != families.KindPad || to-from > 1) {
		to--
	}
	return from, to
}

// Find returns the row of the first child of parent that field describes, or
// -1. A child is looked for among the attributes and the header's members.
func (t *Tree) Find(parent int32, field *families.Field) int32 {
	for i := parent + 1; i < t.Nodes[parent].End; {
		n := &t.Nodes[i]
		if n.Field == field {
			return i
		}
		if n.Kind == KindStruct && n.Field == nil || n.Kind == KindElem && n.Field == nil {
			i++ // a header's members count as the message's own, and so do an array's elements
			continue
		}
		i = n.End
	}
	return -1
}

// Body returns the index of a message's first row behind its headers.
func (t *Tree) Body(m *Msg) int32 {
	i := m.Node + 1
	if m.Datagram {
		return i
	}
	i = t.Nodes[i].End
	if m.HasGenl {
		i = t.Nodes[i].End
	}
	return i
}

// Own yields the frame's own messages; the others are inside of these.
func (t *Tree) Own() iter.Seq[*Msg] {
	return func(yield func(*Msg) bool) {
		for i := range t.Msgs {
			if m := &t.Msgs[i]; m.EchoOf < 0 && !yield(m) {
				return
			}
		}
	}
}

// MsgOf returns the message whose row is i, nil if that is none.
func (t *Tree) MsgOf(i int32) *Msg {
	k := sort.Search(len(t.Msgs), func(k int) bool { return t.Msgs[k].Node >= i })
	if k == len(t.Msgs) || t.Msgs[k].Node != i {
		return nil
	}
	return &t.Msgs[k]
}
