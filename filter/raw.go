package filter

import (
	"bytes"
	"slices"

	"github.com/nlsniff/nlsniff/families"
)

// Bits and sizes of struct nlattr (linux/netlink.h).
const (
	nlaHdrLen   = 4
	nlaTypeMask = 0x3fff
)

// raw looks a field up in the bytes of a message that is not decoded. Whatever
// is not as it should be is left to the tree: then known is false.
func (s *attrSource) raw(m *Matcher, dst []value) (vals []value, known bool) {
	if s.core || m.none || m.headless {
		return dst, false
	}
	if s.never(m) {
		return dst, true
	}
	if m.stage == NeedHeader || m.head.Type < 16 && m.proto != families.ProtoConnector {
		return dst, false
	}
	x := m.message()
	if x.Body == nil {
		return dst, true
	}
	if !m.f.env.ShowSecrets && (s.deep || m.d.Masks(m.in, x)) {
		return dst, false // which bytes may be asked for, the dissector says
	}
	if s.ref.family != "" && len(s.ref.above) == 0 && (x.Family == nil || x.Family.Name != s.ref.family) {
		return dst, true
	}
	p := m.planner(s)
	w := walker{m: m, p: p, out: dst, family: x.Family}
	m.stack, m.kinds = m.stack[:0], m.kinds[:0]
	off := m.body
	if h := x.Body.Header; h != nil {
		if !w.header(h, off, m.head.End) {
			return dst, false
		}
		off += align4(h.Size)
	}
	if x.Body.Payload != nil && p.payload(x.Body.Payload) {
		return dst, false
	}
	if x.Body.Set != nil && !w.attrs(x.Body.Set, off, m.head.End, 0) {
		return dst, false
	}
	return w.out, true
}

// never says that a message has not got the field, whatever is in it: its type
// has no such attribute.
func (s *attrSource) never(m *Matcher) bool {
	h := &m.head
	switch {
	case h.Type < 16 && m.proto != families.ProtoConnector:
		// Control messages have attributes only behind what they always
		// have.
		const ack, done = 16 + 4 + 16, 16 + 4
		n := h.End - h.Off
		return s.ref.own || h.Type == typeError && n == ack || h.Type == typeDone && n == done
	case m.proto == families.ProtoGeneric:
		return m.planner(s).neverIn(m.genlName(h.Type))
	}
	return m.planner(s).neverOf(m.proto, h.Type)
}

// payload says whether the field can be in a payload that is not attributes.
func (p *planner) payload(t *families.Type) bool {
	links(t, 0, func(x any) { p.explore(x) })
	return p.inside(t, 0)
}

// walker looks through the attributes of one message. Its methods return false
// where the tree has to be asked.
type walker struct {
	m      *Matcher
	p      *planner
	out    []value
	family *families.Family
}

func align4(n int) int { return (n + 3) &^ 3 }

func (w *walker) u16(off int) int {
	b := w.m.data[off : off+2]
	if w.m.big {
		return int(b[0])<<8 | int(b[1])
	}
	return int(b[1])<<8 | int(b[0])
}

// header takes the field from a fixed header, which has to be whole if the
// field is in it or attributes follow.
func (w *walker) header(s *families.Struct, off, end int) bool {
	if s.Flex || end-off < s.Size {
		return false
	}
	return w.members(s, off)
}

// members takes the field from a struct of which all bytes are there.
func (w *walker) members(s *families.Struct, off int) bool {
	plan := w.p.strct(s)
	if plan.empty {
		return true
	}
	if plan.tree {
		return false
	}
	for _, f := range plan.members {
		t := &f.Type
		if t.Hint == families.HintIP && t.Kind == families.KindBinary {
			return false // the address family decides how much of it counts
		}
		at := off + f.Off
		if w.fits() {
			w.out = appendValues(w.out, t, w.m.data[at:at+t.FixedSize()], w.bigEndian(t), w.m.proto, 0)
		}
	}
	return true
}

func (w *walker) bigEndian(t *families.Type) bool {
	return t.Order == families.OrderBig || t.Order == families.OrderHost && w.m.big
}

// fits checks what stands around the field.
func (w *walker) fits() bool {
	s := w.p.src.ref
	if s.family != "" && (w.family == nil || w.family.Name != s.family) {
		return false
	}
	stack, kinds := w.m.stack, w.m.kinds
	if len(stack) < len(s.above) {
		return false
	}
	from := len(stack) - len(s.above)
	for i, st := range s.above {
		if !slices.Contains(st.fields, stack[from+i]) || st.types != nil && !slices.Contains(st.types, kinds[from+i]) {
			return false
		}
	}
	return true
}

// attrs walks a run of attributes.
func (w *walker) attrs(set *families.AttrSet, off, end, depth int) bool {
	plan := w.p.set(set)
	if plan.empty {
		return true
	}
	start := off
	if end-off > 1<<16 {
		return false // nla_len may have wrapped
	}
	for off < end {
		if end-off < nlaHdrLen {
			return false
		}
		n, id := w.u16(off), w.u16(off+2)&nlaTypeMask
		if n < nlaHdrLen || n > end-off {
			return false
		}
		if id < len(plan.byID) && plan.byID[id] != nil {
			if !w.attr(plan.byID[id], set, start, end, off+nlaHdrLen, off+n, depth) {
				return false
			}
		}
		off += min(align4(n), end-off)
	}
	return true
}

// attr takes what one attribute has. Its payload is off…stop, its nest
// from…end.
func (w *walker) attr(a *attrPlan, set *families.AttrSet, from, end, off, stop, depth int) bool {
	t := &a.field.Type
	if t.Kind == families.KindSub {
		if t = w.choose(t, set, from, end); t == nil {
			return false
		}
	}
	if a.hit && w.fits() {
		if !w.value(t, off, stop) {
			return false
		}
	}
	if !a.enter {
		return true
	}
	const deepest = 16
	if depth >= deepest {
		return false
	}
	w.m.stack, w.m.kinds = append(w.m.stack, a.field), append(w.m.kinds, t)
	ok := w.enter(t, off, stop, depth+1)
	w.m.stack, w.m.kinds = w.m.stack[:len(w.m.stack)-1], w.m.kinds[:len(w.m.kinds)-1]
	return ok
}

// enter looks inside of a payload.
func (w *walker) enter(t *families.Type, off, stop, depth int) bool {
	links(t, 0, func(x any) { w.p.explore(x) })
	if !w.p.inside(t, 0) {
		return true
	}
	switch t.Kind {
	case families.KindNest:
		if t.Struct != nil {
			if !w.header(t.Struct, off, stop) {
				return false
			}
			off += align4(t.Struct.Size)
		}
		return t.Set == nil || w.attrs(t.Set, off, stop, depth)
	case families.KindStruct:
		return stop-off == t.Struct.Size && !t.Struct.Flex && w.members(t.Struct, off)
	case families.KindIndexed:
		if t.Elem.Kind != families.KindNest {
			return false
		}
		for off < stop {
			if stop-off < nlaHdrLen {
				return false
			}
			n := w.u16(off)
			if n < nlaHdrLen || n > stop-off || !w.enter(t.Elem, off+nlaHdrLen, off+n, depth) {
				return false
			}
			off += min(align4(n), stop-off)
		}
		return true
	}
	return false
}

// value takes a payload that is as long as its type wants it.
func (w *walker) value(t *families.Type, off, stop int) bool {
	b := w.m.data[off:stop]
	n := len(b)
	if n == 0 {
		w.out = append(w.out, emptyValue(t))
		return true
	}
	switch t.Kind {
	case families.KindUint, families.KindSint:
		if n != t.Size && !(t.Size == 0 && (n == 4 || n == 8)) {
			return false
		}
	case families.KindString:
	case families.KindBinary:
		if t.Size > 0 && n != t.Size {
			return false
		}
	case families.KindBitfield32:
		if n != 8 {
			return false
		}
	case families.KindArray:
		if !scalarArray(t) || n%t.Elem.FixedSize() != 0 || t.Count > 0 && n > t.Count*t.Elem.FixedSize() {
			return false
		}
	case families.KindNest, families.KindStruct, families.KindIndexed, families.KindTypeValue, families.KindTLV, families.KindRecords:
		if classOf(t) != classNone {
			return false // a list of values
		}
		w.out = append(w.out, value{b: b, t: t})
		return true
	default:
		return false
	}
	w.out = appendValues(w.out, t, b, w.bigEndian(t), w.m.proto, 0)
	return true
}

// choose finds the format of a sub-message by an attribute beside it; where
// anything else decides it returns nil.
func (w *walker) choose(t *families.Type, set *families.AttrSet, off, end int) *families.Type {
	if t.Choose != families.ByName || len(t.Inside) > 0 || t.Present {
		return nil
	}
	f := set.ByName(t.Selector)
	if f == nil || f.Multi {
		return nil
	}
	for end-off >= nlaHdrLen {
		n := w.u16(off)
		if n < nlaHdrLen || n > end-off {
			return nil
		}
		if w.u16(off+2)&nlaTypeMask == int(f.ID) {
			return format(t.Sub, &f.Type, w.m.data[off+nlaHdrLen:off+n])
		}
		off += min(align4(n), end-off)
	}
	return nil
}

func format(sub *families.SubMessage, sel *families.Type, b []byte) *families.Type {
	if sel.Kind != families.KindString {
		return nil
	}
	if i := bytes.IndexByte(b, 0); i >= 0 {
		b = b[:i]
	}
	t := sub.ByName[string(b)]
	if t == nil {
		t = sub.Default
	}
	if t == nil || t.Kind == families.KindSub {
		return nil
	}
	return t
}
