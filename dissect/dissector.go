package dissect

import (
	"slices"

	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/packet"
)

// cookedLen is the size in bytes of LINKTYPE_NETLINK's header.
const cookedLen = 16

// arphrdNetlink is ARPHRD_NETLINK of linux/if_arp.h.
const arphrdNetlink = 824

// maxDepth bounds how deep attributes nest. The kernel's own bound for
// nested policies is 10 (MAX_POLICY_RECURSION_DEPTH in lib/nlattr.c); more
// nesting than this is not netlink but an attack.
const maxDepth = 40

// Input is one frame and what is known of it.
type Input struct {
	Number  int    // within the capture; picks what was known at that time
	Data    []byte // the cooked header, then netlink messages
	OrigLen int    // bytes the frame had before it was cut
	Dir     Dir    // as the capture says; DirUnknown: look at the messages
	Big     bool   // byte order of the netlink messages
	IDs     *families.Registry
	Links   *Links // interface names, for whoever shows the frame
	Sets    *Sets  // what the elements of nf_tables sets are
	// Request is the request that this frame's capped NLMSG_ERROR answers,
	// or ACK, or the NLMSG_DONE, if the session saw it: a netlink message with
	// its header.
	Request []byte
	// RequestFrame is the Number of the frame that Request came in.
	RequestFrame int
	// Because are frames before this one that it would be explained otherwise
	// without.
	Because Because
}

// Because are the Numbers of frames that told how to read another one; 0 for
// none.
type Because struct {
	Part    int    // with the last part of the dump that this one ends
	Rivals  [2]int // with requests, of which either could be the one
	Repeats int    // with the request whose flags this one repeats: the kernel sent it
}

// Dissector decodes frames. It reuses its memory from frame to frame and is
// not safe for use by several goroutines; each has its own.
type Dissector struct {
	db   *families.DB
	core *core
	in   *Input
	t    Tree
	data []byte
	big  bool
	dir  Dir
	af   uint8
	// parent and depth are where the next rows go, at is the message that
	// they belong to, by its index.
	parent int32
	depth  uint8
	at     int
	scopes []scope
	// echo is set within the request that an error carries.
	echo bool
	peek bool // Describe is at work: there is no tree
	// missing is how many bytes of the innermost message or attribute the
	// capture left out.
	missing int

	wrapWork int // steps left for looking where nests end that say too little
	// hidden counts the open rows that are secret, mask says what else is.
	hidden int
	mask   mask
	over   bool // the tree is full, and says so

	noHeads, noHeaders bool // Lean was called
	brief              bool // Brief was
	left               int  // rows that were left out because of that

	done, doneSought bool // whether in has an NLMSG_DONE, once someone asked

	setAt int    // the scope that setOf was looked up for, -1 for none
	setOf string // what is known of its set

	added       uint32 // db.Additions when these were found
	protos      [256]*families.Table
	genl        map[string]*families.Family
	steps       []Step
	layers      []packet.Layer
	setKey      []byte // of the nftables set that is being looked up
	layerFields map[uint16]*families.Field
	sub         *Dissector // decodes remembered requests
	subIn       Input
	subFrame    []byte // what it decodes
	subDone     bool   // it has decoded the one of this frame
}

// New returns a Dissector for the families of db; nil stands for those that
// nlsniff comes with.
func New(db *families.DB) *Dissector {
	if db == nil {
		db = families.Embedded()
	}
	return &Dissector{db: db, core: loadCore(db), genl: map[string]*families.Family{}}
}

// core holds what the engine itself reads: the headers that every message has.
type core struct {
	cooked, nlmsghdr, genlmsghdr, nlmsgerr, nlmsgdone *families.Struct
	nlmsgerrAttrs                                     *families.AttrSet
	sets                                              [5]*families.Enum // flags by class, then those of ERROR and DONE
	errno                                             *families.Enum

	attrMsg, attrOffs, attrMissType, attrMissNest *families.Field
}

func loadCore(db *families.DB) *core {
	f, err := db.Load("netlink")
	if err != nil {
		panic(err) // part of the binary, and read by a test
	}
	c := &core{
		cooked: f.Structs["cooked"], nlmsghdr: f.Structs["nlmsghdr"], genlmsghdr: f.Structs["genlmsghdr"],
		nlmsgerr: f.Structs["nlmsgerr"], nlmsgdone: f.Structs["nlmsgdone"], nlmsgerrAttrs: f.Sets["nlmsgerr"],
		sets:  [...]*families.Enum{f.Enums["nlm-flags"], f.Enums["nlm-get"], f.Enums["nlm-new"], f.Enums["nlm-del"], f.Enums["nlm-ack"]},
		errno: f.Structs["nlmsgerr"].Members[0].Type.Enum,
	}
	c.attrMsg = c.nlmsgerrAttrs.ByName("NLMSGERR_ATTR_MSG")
	c.attrOffs = c.nlmsgerrAttrs.ByName("NLMSGERR_ATTR_OFFS")
	c.attrMissType = c.nlmsgerrAttrs.ByName("NLMSGERR_ATTR_MISS_TYPE")
	c.attrMissNest = c.nlmsgerrAttrs.ByName("NLMSGERR_ATTR_MISS_NEST")
	return c
}

// flagSet returns the names of a message's flag bits.
func (d *Dissector) flagSet(m *Msg) *families.Enum {
	if isAck(m) {
		return d.core.sets[4]
	}
	return d.core.sets[m.Class]
}

// Frame decodes one frame. The result is valid until the next call.
func (d *Dissector) Frame(in *Input) *Tree {
	clip(in)
	d.reset(in)
	d.frame()
	if len(d.t.Findings) > 1 {
		d.t.sortFindings()
	}
	return &d.t
}

func (d *Dissector) frame() {
	in := d.in
	data := in.Data
	end := len(data)
	truncated := in.OrigLen > end
	switch {
	case truncated && end == MaxFrame:
		d.find(FrameTooLarge, -1, 0, end, uint64(end), uint64(in.OrigLen))
	case truncated:
		d.find(FrameTruncated, -1, 0, end, uint64(end), uint64(in.OrigLen))
	}
	if end < cookedLen {
		node := int32(0)
		if end == 0 {
			node = -1
		}
		d.find(LinkShort, node, 0, end, uint64(end), 0)
		d.rest(KindUnknown, 0, end)
		return
	}
	d.t.Proto = data[15]
	link := d.open(KindLink, nil, d.core.cooked.Self(), 0, cookedLen)
	d.headerMembers(d.core.cooked, 0, cookedLen)
	d.close(link)
	if hatype := Uint(data[2:4], true); hatype != arphrdNetlink {
		d.find(LinkType, link, 2, 2, hatype, 0)
		d.rest(KindUnknown, cookedLen, end)
		return
	}
	switch m := d.protocol(d.t.Proto).Datagram(); {
	case m != nil && !chained(data[cookedLen:], in.Big):
		d.datagram(m, cookedLen, end)
		return
	case m == nil && d.t.Proto == families.ProtoUevent: // nobody described it, but it is no message
		d.rest(KindUnknown, cookedLen, end)
		return
	}
	own := 0
	for off := cookedLen; off < end; own++ {
		if own == maxMsgs {
			d.stop(KindTrailing, off, end)
			return
		}
		off = d.message(off, end, truncated)
	}
}

func (d *Dissector) reset(in *Input) {
	if n := d.db.Additions(); n != d.added {
		d.added, d.protos = n, [256]*families.Table{}
		clear(d.genl)
	}
	d.in, d.data, d.big, d.doneSought = in, in.Data, in.Big, false
	d.parent, d.depth, d.af, d.echo, d.dir, d.missing = -1, 0, 0, false, in.Dir, 0
	d.scopes, d.subDone = d.scopes[:0], false
	d.setAt, d.hidden, d.mask, d.over = -1, 0, maskNone, false
	d.left = 0
	d.wrapWork = wrapEffort * len(in.Data) / nlaHdrLen
	d.steps = d.steps[:0]
	d.peek = false
	d.t = Tree{d: d, ids: in.IDs, number: in.Number, Data: in.Data, Big: in.Big, Nodes: d.t.Nodes[:0], Msgs: d.t.Msgs[:0], Findings: d.t.Findings[:0]}
}

// room makes room for so many rows and returns them, to be written in place:
// rows are what the time goes into.
func (d *Dissector) room(rows int) []Node {
	i := len(d.t.Nodes)
	if i+rows > cap(d.t.Nodes) {
		d.grow(rows)
	}
	d.t.Nodes = d.t.Nodes[:i+rows]
	return d.t.Nodes[i:]
}

// grow is what room does now and then; room itself, which every row needs, stays
// small without it.
//
//go:noinline
func (d *Dissector) grow(rows int) {
	d.t.Nodes = slices.Grow(d.t.Nodes, max(256, len(d.t.Nodes), rows))
}

// add makes room for a row and returns it, with everything but Field, Type and
// Big set.
func (d *Dissector) add(k Kind, off, end int) *Node {
	n := &d.room(1)[0]
	n.Off, n.Len = uint32(off), uint32(end-off)
	n.Parent, n.End = d.parent, int32(len(d.t.Nodes))
	n.ID, n.Kind, n.Depth, n.AF, n.Secret = 0, k, d.depth, d.af, false
	return n
}

// open starts a node with children; close ends it.
func (d *Dissector) open(k Kind, f *families.Field, t *families.Type, off, end int) int32 {
	i := int32(len(d.t.Nodes))
	n := d.add(k, off, end)
	n.Field, n.Type, n.Big = f, t, d.big
	if f != nil && f.Secret || d.hidden > 0 {
		n.Secret = true
		d.hidden++
	}
	d.parent = i
	d.depth++
	return i
}

func (d *Dissector) close(i int32) {
	n := &d.t.Nodes[i]
	n.End = int32(len(d.t.Nodes))
	d.parent = n.Parent
	d.depth--
	if n.Secret {
		d.hidden--
	}
}

// leaf adds a row that owns its bytes.
func (d *Dissector) leaf(k Kind, f *families.Field, t *families.Type, off, end int) int32 {
	i := int32(len(d.t.Nodes))
	n := d.add(k, off, end)
	n.Field, n.Type = f, t
	if t == nil {
		n.Big = d.big
	} else {
		n.Big = d.order(t)
	}
	if d.hidden > 0 || d.mask != maskNone || f != nil && f.Secret || t != nil && t.Secret {
		n.Secret = d.hide(n)
	}
	return i
}

// rest adds a leaf for off…end unless that is empty.
func (d *Dissector) rest(k Kind, off, end int) {
	if off < end {
		d.leaf(k, nil, nil, off, end)
	}
}

// order resolves a type's byte order.
func (d *Dissector) order(t *families.Type) bool {
	return t.Order == families.OrderBig || t.Order == families.OrderHost && d.big
}

func (d *Dissector) uint(off, n int) uint64 { return Uint(d.data[off:off+n], d.big) }

// u16 is uint for the two bytes that are read most.
func (d *Dissector) u16(off int) uint16 {
	b := d.data[off : off+2]
	if d.big {
		return uint16(b[0])<<8 | uint16(b[1])
	}
	return uint16(b[1])<<8 | uint16(b[0])
}

func align4(n int) int { return (n + 3) &^ 3 }

// atMost is a length from outside, or most if it is larger. It compares before
// it converts: an int has 32 bits on some machines.
func atMost(n uint64, most int) int {
	if n > uint64(most) {
		return most
	}
	return int(n)
}
