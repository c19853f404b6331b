// Package synth makes requests of the descriptions alone: one for every value at
// the edges of what an attribute's or a member's type can hold, with no more around
// it than it needs to be understood. Tests ask of them what they ask of captured
// requests, which have few of all attributes.
package synth

import (
	"encoding/binary"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
)

const (
	cookedLen = 16     // LINKTYPE_NETLINK's header
	hdrLen    = 16     // struct nlmsghdr
	ctrlID    = 0x10   // GENL_ID_CTRL of linux/genetlink.h
	genlID    = 0x20   // of every other generic family
	nested    = 0x8000 // NLA_F_NESTED of linux/netlink.h
	request   = 1      // NLM_F_REQUEST, likewise
	dump      = 0x300  // NLM_F_DUMP
	create    = 0x400  // NLM_F_CREATE
)

// Request is a request that has one value.
type Request struct {
	Message *families.Message
	What    string // RTM_NEWLINK IFLA_LINKINFO/IFLA_INFO_KIND 6100
	Data    []byte // with its nlmsghdr
}

// Input is the request as a frame of a capture.
func (r *Request) Input() *dissect.Input {
	f := r.Message.Family
	frame := make([]byte, cookedLen, cookedLen+len(r.Data))
	binary.BigEndian.PutUint16(frame[2:], 824) // ARPHRD_NETLINK
	frame[cookedLen-1] = f.Protocol
	frame = append(frame, r.Data...)
	ids := &families.Registry{}
	if f.Genl != "" {
		ids.Learn(0, idOf(f), f.Genl)
	}
	return &dissect.Input{
		Number: 1, Data: frame, OrigLen: len(frame), Dir: dissect.DirToKernel, Big: bigHost,
		IDs: ids, Links: &dissect.Links{}, Sets: &dissect.Sets{},
	}
}

var bigHost = binary.NativeEndian.Uint16([]byte{0, 1}) == 1

func idOf(f *families.Family) uint16 {
	if f.Genl == "nlctrl" {
		return ctrlID
	}
	return genlID
}

// Requests makes the requests of a family. A set of attributes is gone through
// once, wherever it stands; where messages are not commands of one family, what
// formats their own attributes may have for each of them.
func Requests(f *families.Family) iter.Seq[*Request] {
	return func(yield func(*Request) bool) {
		g := &generator{seen: map[*families.AttrSet]bool{}, yield: yield}
		for _, m := range f.Messages {
			if !m.Req || m.Body == nil || g.done {
				continue
			}
			g.message = m
			for _, b := range m.Body.Bodies {
				if g.flags = request; g.asks(b) {
					g.body(b)
				}
			}
		}
	}
}

// generator makes the requests of a family.
type generator struct {
	message *families.Message
	flags   uint16 // nlmsg_flags
	seen    map[*families.AttrSet]bool
	path    []string
	yield   func(*Request) bool
	done    bool
}

// level is a space of attributes around a value: those of the message, or of a nest.
type level struct {
	set    *families.AttrSet
	header *families.Struct
	head   []byte // its bytes
	before []byte // attributes in front: those that choose the value's format
	up     put    // makes the nest
}

// put makes a payload a part of what is around it.
type put func(payload []byte, nest bool) []byte

// asks says whether a body is one of whole requests, and sets the flags with which
// it is.
func (g *generator) asks(b *families.Body) bool {
	for _, c := range b.When {
		switch c.Kind {
		case families.CondRequest, families.CondMember:
		case families.CondDump:
			if !c.Not {
				g.flags |= dump
			}
		case families.CondCreate:
			g.flags |= create
		default:
			return false
		}
	}
	return true
}

// body makes the requests that have one of the bodies of the message.
func (g *generator) body(b *families.Body) {
	top := level{set: b.Set, header: b.Header}
	if b.Header != nil {
		top.head = make([]byte, b.Header.Size)
		for _, c := range b.When {
			if c.Kind == families.CondMember && !c.Not {
				store(top.head, c.Member, c.Value)
			}
		}
		for _, m := range b.Header.Members {
			if m.Type.Kind == families.KindPad || m.Type.FixedSize() == 0 {
				continue
			}
			for _, v := range leaf(&m.Type) {
				if len(v) != m.Type.FixedSize() {
					continue
				}
				l := top
				l.head = slices.Clone(top.head)
				copy(l.head[m.Off:], v)
				g.emit([]level{l}, nil, fmt.Sprintf("%s %x", m.Name, v))
			}
		}
	}
	if b.Payload == nil {
		g.emit([]level{top}, nil, "")
		if g.message.Class == families.ClassGet && g.flags == request {
			g.flags |= dump
			g.emit([]level{top}, nil, "of all")
			g.flags = request
		}
	}
	switch {
	case b.Set != nil:
		g.attrs([]level{top})
	case b.Payload != nil:
		g.value(b.Payload, []level{top}, func(p []byte, _ bool) []byte { return p })
	}
}

// attrs makes requests with each attribute of the innermost level.
func (g *generator) attrs(in []level) {
	set := in[len(in)-1].set
	first := !g.seen[set]
	g.seen[set] = true
	for _, f := range set.Fields {
		if first || f.Type.Kind == families.KindSub && len(in) == 1 && g.message.Family.Genl == "" {
			g.attr(f, in)
		}
	}
}

func (g *generator) attr(f *families.Field, in []level) {
	g.path = append(g.path, f.Name)
	defer func() { g.path = g.path[:len(g.path)-1] }()
	g.value(&f.Type, in, func(p []byte, nest bool) []byte { return attr(f.ID, p, nest) })
	if f.Multi && single(&f.Type) {
		g.value(&f.Type, in, func(p []byte, nest bool) []byte {
			return append(attr(f.ID, p, nest), attr(f.ID, p, nest)...)
		})
	}
}

func attr(id uint16, payload []byte, nest bool) []byte {
	if nest {
		id |= nested
	}
	b := binary.NativeEndian.AppendUint16(nil, uint16(4+len(payload)))
	b = binary.NativeEndian.AppendUint16(b, id)
	return pad(append(b, payload...))
}

func pad(b []byte) []byte {
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return b
}

// value makes requests with each value of a type.
func (g *generator) value(t *families.Type, in []level, up put) {
	if len(in) > 16 {
		return
	}
	switch t.Kind {
	case families.KindNest:
		l := level{set: t.Set, header: t.Struct, up: func(p []byte, _ bool) []byte { return up(p, true) }}
		if t.Struct != nil {
			l.head = pad(make([]byte, t.Struct.Size))
		}
		in = append(slices.Clone(in), l)
		g.emit(in, nil, "nothing")
		if t.Set != nil {
			g.attrs(in)
		}
	case families.KindIndexed:
		first, second := uint16(0), uint16(1)
		if g.message.Family.Protocol == families.ProtoNetfilter { // elements are attributes of one type there
			first = 1
		}
		g.emit(in, up(nil, true), "no element")
		g.value(t.Elem, in, func(p []byte, nest bool) []byte { return up(attr(first, p, nest), true) })
		if single(t.Elem) {
			g.value(t.Elem, in, func(p []byte, nest bool) []byte {
				return up(append(attr(first, p, nest), attr(second, p, nest)...), true)
			})
		}
	case families.KindTypeValue:
		g.value(&families.Type{Kind: families.KindNest, Set: t.Set}, in, func(p []byte, nest bool) []byte {
			for range t.Levels {
				p = attr(1, p, true)
			}
			return up(p, true)
		})
	case families.KindArray:
		counts := []int{0, 1, 3}
		if t.Count > 0 {
			counts = []int{t.Count}
		}
		for _, n := range counts {
			g.value(t.Elem, in, func(p []byte, nest bool) []byte { return up(slices.Repeat(p, n), nest) })
		}
	case families.KindSub:
		g.sub(t, in, up)
	case families.KindTLV:
		g.emit(in, up(nil, false), "no element")
		g.tlv(t.TLV, in, up)
	default:
		for _, v := range leaf(t) {
			g.emit(in, up(v, false), fmt.Sprintf("%x", v))
		}
	}
}

// tlv makes requests with each kind of element.
func (g *generator) tlv(t *families.TLV, in []level, up put) {
	if t.Head != nil {
		return
	}
	for _, f := range t.Set.Fields {
		if !single(&f.Type) {
			continue
		}
		g.path = append(g.path, f.Name)
		g.value(&f.Type, in, func(p []byte, _ bool) []byte {
			n := len(p)
			if t.LenIncludesHeader {
				n += t.TypeSize + t.LenSize
			}
			if t.Unit > 1 {
				n /= t.Unit
			}
			typ, length := integer(uint64(f.ID), t.TypeSize, t.Order), integer(uint64(n), t.LenSize, t.Order)
			b := append(slices.Clone(typ), length...)
			if t.LenFirst {
				b = append(length, typ...)
			}
			b = append(b, p...)
			for t.Align > 0 && len(b)%t.Align != 0 {
				b = append(b, 0)
			}
			return up(b, false)
		})
		g.path = g.path[:len(g.path)-1]
	}
}

// emit gives away a request with something at the innermost level.
func (g *generator) emit(in []level, b []byte, what string) {
	for _, l := range slices.Backward(in) {
		b = slices.Concat(pad(slices.Clone(l.head)), l.before, b)
		if l.up != nil {
			b = l.up(b, true)
		}
	}
	f := g.message.Family
	h := make([]byte, hdrLen)
	typ := g.message.ID
	if f.Genl != "" {
		typ = idOf(f)
		h = append(h, byte(g.message.ID), max(f.Version, 1), 0, 0)
	}
	h = append(h, b...)
	if g.done || len(h) > 1<<15 {
		return
	}
	binary.NativeEndian.PutUint32(h, uint32(len(h)))
	binary.NativeEndian.PutUint16(h[4:], typ)
	binary.NativeEndian.PutUint16(h[6:], g.flags)
	binary.NativeEndian.PutUint32(h[8:], 1)
	text := strings.TrimSpace(strings.Join(append([]string{g.message.Name}, strings.Join(g.path, "/"), what), " "))
	g.done = !g.yield(&Request{Message: g.message, What: text, Data: h})
}
