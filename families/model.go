// Package families says what netlink bytes mean. It holds the description
// model (a superset of the kernel's YNL), the descriptions that come with
// nlsniff (spec/*.spec), the reader for them, and the registry of generic
// netlink family ids. It does no I/O beyond the embedded files.
//
// Stability: v0, a part of nlsniff's own; it may change in any version.
package families

import (
	"slices"
	"sync/atomic"
)

// Protocol numbers of linux/netlink.h that the code itself needs.
const (
	ProtoRoute     = 0
	ProtoUsersock  = 2
	ProtoSockDiag  = 4
	ProtoXFRM      = 6
	ProtoISCSI     = 8
	ProtoAudit     = 9
	ProtoConnector = 11
	ProtoNetfilter = 12
	ProtoUevent    = 15
	ProtoGeneric   = 16
)

// IsDatagram says whether the frames of a protocol are no messages with an
// nlmsghdr, but whatever its users make of them: the descriptions that say
// "datagram".
func IsDatagram(protocol uint8) bool {
	switch protocol {
	case 1, ProtoUsersock, 3, 5, 13, 14, ProtoUevent, 19, 22: // UNUSED, FIREWALL, NFLOG, IP6_FW, DNRTMSG, ECRYPTFS, SMC
		return true
	}
	return false
}

// Family is one description: a generic netlink family, or a part of a classic
// protocol (rt-link and rt-addr are both NETLINK_ROUTE).
type Family struct {
	Name     string // as YNL spells it: "rt-link", "ethtool"
	Protocol uint8
	Genl     string // the generic family's name as registered, else ""
	Version  uint8
	Subsys   int      // nfnetlink subsystem (high byte of the type), or -1
	Base     uint16   // added to the numbers of its messages
	Headers  []string // uapi headers that the names come from
	Use      []string // other descriptions whose names this one uses
	Origin   string   // "embedded", or the file it came from
	Guess    bool     // learned or derived, not described
	// Keyed is set if what the description does not know may be key material.
	Keyed bool

	Messages []*Message
	// Datagram is what the protocol's frames are where they have no nlmsghdr.
	Datagram *Message
	Groups   []Group
	Bodies   map[string]*BodySet
	Sets     map[string]*AttrSet
	Structs  map[string]*Struct
	Enums    map[string]*Enum
	Subs     map[string]*SubMessage

	ids    []idRange // that its messages may have, nil: any
	table  Table
	consts map[string]uint64 // the values of its enums by name
}

// Table finds the family's messages by id.
func (f *Family) Table() *Table { return &f.table }

// Group is a multicast group. ID is 0 for generic families, whose group ids
// are dynamic.
type Group struct {
	ID   uint32
	Name string
}

// Class is what a message does, which decides what the flag bits
// NLM_F_ROOT…NLM_F_APPEND (0x100 to 0x800) mean.
type Class uint8

// The message classes.
const (
	ClassOther Class = iota
	ClassGet
	ClassNew
	ClassDel
)

// Answer says whether and when the kernel answers a request that asks for no
// ACK.
type Answer uint8

// The ways to answer. What most do follows from the request: data for a
// question, nothing for a change.
const (
	AnswerUsual Answer = iota
	AnswerNone         // nothing but an error
	AnswerLate         // when it is ready, which can be long after the send call
)

// Message is one message type or generic command.
type Message struct {
	ID     uint16 // nlmsg_type, or the generic command
	Name   string // RTM_NEWLINK
	Short  string // newlink
	Class  Class
	Req    bool // sent to the kernel
	Event  bool // multicast by the kernel, with a number that an answer may have too
	Rep    bool // sent by the kernel
	Answer Answer
	// CopiesFlags says that the kernel sends the message with the nlmsg_flags of
	// the request that it follows from, NLM_F_REQUEST included.
	CopiesFlags bool
	// Unmarked says that the kernel takes nests without NLA_F_NESTED in it.
	Unmarked bool
	Body     *BodySet
	Family   *Family
}

// BodySet is what follows the message header: the first Body whose conditions
// hold is the one.
type BodySet struct {
	Name   string
	Bodies []*Body
	Line   []LineItem // what the one-line summary shows
	Only   bool       // and nothing else
}

// Body is a fixed header, attributes behind it, or both.
type Body struct {
	When   []Cond
	Header *Struct
	Set    *AttrSet
	// Payload is what follows Header where that is not attributes.
	Payload *Type
	// Line is what the BodySet's items show of this body.
	Line Line
}

// CondKind says what a Cond looks at.
type CondKind uint8

// The kinds of condition.
const (
	CondRequest CondKind = iota // the message goes to the kernel
	CondReply                   // it comes from the kernel
	CondDump                    // NLM_F_DUMP on a request, NLM_F_MULTI on a reply
	CondLenLess                 // the body is shorter than Value bytes
	CondMember                  // a member of the header equals Value
	CondStarts                  // the body starts with Text
	CondAttrsAt                 // attributes fill what is behind the first Value bytes
	CondEvent                   // the kernel sent it unasked: its nlmsg_seq is 0
	CondCreate                  // NLM_F_CREATE is set
)

// Cond is one condition on a message.
type Cond struct {
	Kind   CondKind
	Member *Field // for CondMember: offset and size within the header
	Value  uint64
	Text   string
	Not    bool
}

// Field is a struct member or an attribute.
type Field struct {
	Name  string // the uapi name: IFLA_MTU, ifi_index
	Short string // the YNL name: mtu
	ID    uint16 // attribute type

	Multi  bool // may stand several times in its nest
	Quiet  bool // a line shows it only if it names it: counters, times, what follows from other values
	Secret bool // key material
	Guess  bool
	inLine uint32 // InLine; set and read atomically, as a description that is read later may name it
	// Volatile says why the value differs from run to run; Space is what a
	// VolatileID is an id of.
	Volatile Volatile
	Space    string

	Off   int // struct member: offset in bytes
	Type  Type
	Since string // the version of Linux that brought it
	Until string // the first that has it no more
	Doc   string
}

// Kind is the shape of a value.
type Kind uint8

// The shapes of values.
const (
	KindBinary     Kind = iota
	KindUint            // Size 1, 2, 4, 8; 0 means 4 or 8 by the payload's length
	KindSint            // likewise
	KindString          // with or without NUL; Size > 0 in a struct
	KindFlag            // no payload
	KindBitfield32      // struct nla_bitfield32: value, selector
	KindNest            // attributes of Set, behind a fixed Struct if that is set
	KindIndexed         // attributes whose types are indices, each an Elem
	KindTypeValue       // nested attributes whose types are values (Levels), then Set
	KindStruct
	KindArray   // Elem after Elem
	KindSub     // chosen among Sub's formats by a sibling
	KindPad     // no meaning
	KindMessage // a netlink message with its header
	KindTLV     // type-length-value of another shape than nlattr
	KindRecords // structs that start with their own length, each with attributes
	KindStrings // strings, each with its NUL
	KindPacket  // a packet of another protocol, taken apart into its headers
)

// Order is the byte order of an integer.
type Order uint8

// The byte orders.
const (
	OrderHost Order = iota
	OrderBig
	OrderLittle
)

// Type says how to read a value.
type Type struct {
	Kind   Kind
	Size   int   // bytes; 0: whatever is there
	Secret bool  // key material, as a format that something else chose
	Order  Order // of an array: that of its elements
	Hint   Hint
	Enum   *Enum
	Struct *Struct
	Set    *AttrSet
	Elem   *Type

	Count       int    // arrays: number of elements, 0: as many as fit
	CountMember *Field // arrays, bytes, strings: the struct member that holds the number
	CountMul    int    // what it is multiplied with, 0: 1
	CountDiv    int    // what it is divided by, rounded down, 0: 1
	CountAdd    int    // and then added to it
	ToNUL       bool   // strings in a struct: up to the first NUL
	ToEnd       bool   // subs in a struct: up to its end

	// Used is the member that says how many elements of an array, or bytes of
	// a binary, of a fixed size mean something. As, if not nil, is what the elements are by those of
	// Kinds, another array of the struct, at the same index: so a value stands
	// beside the number of its field. Cut is an array whose elements that are
	// numbers of bytes are the lengths of strings.
	Used, Kinds, Cut *Field
	As               *SubMessage

	Unit  string // of an integer, for people
	Scale int    // how many of the integer's steps make one Unit, 0: 1

	Sub      *SubMessage
	Selector string   // attribute or header member that chooses Sub's format
	Inside   []string // the way from there to the value that chooses
	Present  bool     // what chooses is whether that is there: 1, else 0
	Choose   Choice

	// Ordered is set if the order of the attributes inside has a meaning:
	// KindNest, KindTLV, and KindIndexed by the indices.
	Ordered bool

	Levels []string // KindTypeValue: what each level's type number is
	TLV    *TLV     // also the elements that end a packet
	Layer  Layer    // KindPacket: what the packet starts with

	MinLen, MaxLen int // of the payload in bytes; MaxLen 0: no limit

	// Range of an integer, if HasMin or HasMax.
	Min, Max       int64
	HasMin, HasMax bool
}

// TLV describes a type-length-value list that is not made of nlattr, such as
// 802.11 information elements.
type TLV struct {
	TypeSize, LenSize int  // bytes
	LenFirst          bool // the length stands before the type
	LenIncludesHeader bool
	Align             int
	Order             Order
	Set               *AttrSet // by type
	// Head, if not nil, is the struct that each element starts with. It
	// holds TypeMember and LenMember, and the sizes above mean nothing.
	Head                  *Struct
	TypeMember, LenMember *Field
	Unit                  int // bytes that the length counts in
}

// Choice is what chooses among a sub's formats where that is not an attribute
// or a member.
type Choice uint8

// The choices.
const (
	ByName    Choice = iota // the attribute or member called Selector
	ByRequest               // 1 in a message to the kernel, else 0
	ByNested                // 1 if the attribute bears NLA_F_NESTED, else 0
	ByLen                   // the payload's length in bytes
	ByType                  // the nlmsg_type or generic command
	ByAF                    // the address family in force
	BySetKey                // the datatypes of the nf_tables set at hand
	BySetData               // those of what its elements map to
)

// choiceWords are the words of the language for them.
var choiceWords = map[string]Choice{
	"@request": ByRequest, "@nested": ByNested, "@len": ByLen, "@type": ByType, "@af": ByAF,
	"@set_key": BySetKey, "@set_data": BySetData,
}

// Layer is what a packet starts with.
type Layer uint8

// The layers.
const (
	LayerNone Layer = iota
	LayerEthernet
	LayerIP // version 4 or 6, as its first bits say
	LayerIPv4
	LayerIPv6
	LayerARP
	LayerIEEE80211
	LayerRadiotap
	LayerEAPOL
	LayerEthernetOrIP // as bytes that can be only one say
)

var layerWords = map[string]Layer{
	"ethernet": LayerEthernet, "ip": LayerIP, "ipv4": LayerIPv4, "ipv6": LayerIPv6, "arp": LayerARP,
	"ieee80211": LayerIEEE80211, "radiotap": LayerRadiotap, "eapol": LayerEAPOL,
	"ethernet-or-ip": LayerEthernetOrIP,
}

// Show says how a struct is shown on one line.
type Show uint8

// The ways to show a struct.
const (
	ShowMembers Show = iota
	ShowCBPF         // struct sock_filter: an instruction of classic BPF
	ShowU32Key       // struct tc_u32_key: what it matches
	ShowBCOp         // struct inet_diag_bc_op with its operands
	ShowVLAN         // struct bridge_vlan_info: half a range ends or starts with -
)

var showWords = map[string]Show{"cbpf": ShowCBPF, "u32-key": ShowU32Key, "bc-op": ShowBCOp, "bridge-vlan": ShowVLAN}

// AttrSet is an attribute space.
type AttrSet struct {
	Name   string
	Prefix string
	Fields []*Field // in the order described
	// Keyed is set if attributes that nobody described may be key material.
	Keyed bool
	Line  Line // what a summary shows of them, wherever they are

	words  []LineItem
	only   bool
	dense  []*Field
	sparse bool // some ids are beyond dense
	byName atomic.Pointer[map[string]*Field]
}

// Struct is a C struct.
type Struct struct {
	Name    string
	Packed  bool
	Show    Show
	Size    int // bytes, with members of no fixed size not counted
	Min     int // a shorter one is malformed; what lies between is an older kernel's
	Members []*Field
	// Flex is set if a member has no fixed size, Open if that is the last and
	// nothing but the end of the payload bounds it.
	Flex, Open bool
	// AF is the member that holds the address family, if any.
	AF   *Field
	Line Line // what a summary shows of it, wherever it is

	words  []LineItem
	only   bool
	self   Type
	leaves []Leaf
	align  int  // bytes
	levels int  // how deep structs nest in it, 0: not laid out
	busy   bool // being laid out
}

// Leaf is a member that is one value, or a hole between members, for which
// Field is nil.
type Leaf struct {
	Field     *Field
	Off, Size int // bytes
}

// Leaves lists the members and holes of a struct that is made of single values
// only. It is nil for any other.
func (s *Struct) Leaves() []Leaf { return s.leaves }

// Self returns the type of a value that is this struct.
func (s *Struct) Self() *Type { return &s.self }

// Member finds a member by its name.
func (s *Struct) Member(name string) *Field {
	for _, m := range s.Members {
		if m.Name == name {
			return m
		}
	}
	for _, m := range slices.Backward(s.Members) {
		if m.Short == name {
			return m
		}
	}
	return nil
}

// SubMessage maps a selector's value to a format.
type SubMessage struct {
	Name string
	// Tagged is set if a value has to say which format it is of, because
	// members of one name differ.
	Tagged  bool
	ByName  map[string]*Type
	ByValue map[uint64]*Type
	Default *Type
}
