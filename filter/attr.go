package filter

import (
	"slices"
	"sync"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
)

// attrSource is a field that is an attribute or a member, at any depth of a
// message.
type attrSource struct {
	ref *ref
	set map[*families.Field]bool // ref.fields, if there are several
	// core is set for members of the headers that every message has: only
	// the tree has these.
	core bool
	// deep is set if there may be key material in it.
	deep bool
	// holders says which messages can have the field at all.
	holders func() *families.Holders
}

func newAttrSource(r *ref, core map[*families.Field]bool, db *families.DB) *attrSource {
	s := &attrSource{ref: r}
	if len(r.fields) > 1 {
		s.set = map[*families.Field]bool{}
	}
	for _, f := range r.fields {
		if s.set != nil {
			s.set[f] = true
		}
		s.core = s.core || core[f]
		s.deep = s.deep || families.HoldsSecret(f)
	}
	s.holders = sync.OnceValue(func() *families.Holders {
		names := make([]string, len(r.fields))
		for i, f := range r.fields {
			names[i] = f.Name
		}
		slices.Sort(names)
		return db.Holders(slices.Compact(names))
	})
	return s
}

func (s *attrSource) has(f *families.Field) bool {
	if s.set == nil {
		return f == s.ref.fields[0]
	}
	return s.set[f]
}

func (s *attrSource) load(m *Matcher, dst []value) ([]value, bool) {
	if m.tree == nil {
		return s.raw(m, dst)
	}
	from, to := int32(0), int32(len(m.tree.Nodes))
	if !m.none {
		from, to = m.msg.Node, m.tree.Nodes[m.msg.Node].End
	}
	t := m.tree
	for i := from; i < to; i++ {
		n := &t.Nodes[i]
		if n.Kind == dissect.KindMessage && i > from && s.ref.own {
			i = n.End - 1
			continue
		}
		if n.Field == nil || n.Kind == dissect.KindValue || !s.has(n.Field) || !occurs(t, n) || !s.fits(t, n) {
			continue
		}
		dst = m.valuesOf(dst, i)
	}
	return dst, true
}

// occurs says whether a row is its field, not a part of it: the elements of an
// array and the rows of a payload bear the attribute's description too.
func occurs(t *dissect.Tree, n *dissect.Node) bool {
	switch n.Kind {
	case dissect.KindAttr, dissect.KindMember:
		return true
	case dissect.KindElem, dissect.KindStruct, dissect.KindUnknown:
		return n.Parent < 0 || t.Nodes[n.Parent].Field != n.Field
	}
	return false
}

// fits checks what stands around a row.
func (s *attrSource) fits(t *dissect.Tree, n *dissect.Node) bool {
	if len(s.ref.above) == 0 && s.ref.family == "" {
		return true
	}
	last := n.Field
	at := n
	for _, st := range slices.Backward(s.ref.above) {
		for {
			if at.Parent < 0 {
				return false
			}
			at = &t.Nodes[at.Parent]
			if at.Kind == dissect.KindMessage {
				return false
			}
			if at.Kind == dissect.KindAttr || at.Field != nil && at.Field != last {
				break
			}
		}
		if at.Field == nil || !slices.Contains(st.fields, at.Field) || st.types != nil && !slices.Contains(st.types, at.Type) {
			return false
		}
		last = at.Field
	}
	if s.ref.family == "" {
		return true
	}
	for at.Kind != dissect.KindMessage {
		if at.Parent < 0 {
			return false
		}
		at = &t.Nodes[at.Parent]
	}
	x := t.MsgOf(indexOf(t, at))
	return x != nil && x.Family != nil && x.Family.Name == s.ref.family
}

// indexOf finds a row by its message's offset.
func indexOf(t *dissect.Tree, n *dissect.Node) int32 {
	for i := range t.Msgs {
		if &t.Nodes[t.Msgs[i].Node] == n {
			return t.Msgs[i].Node
		}
	}
	return -1
}

// valuesOf appends the values of an attribute or member.
func (m *Matcher) valuesOf(dst []value, i int32) []value {
	t := m.tree
	n := &t.Nodes[i]
	if !m.f.env.ShowSecrets && t.Hidden(i) {
		return append(dst, value{t: typeOf(n)}) // it is there, and that is all
	}
	if n.Kind.Leaf() {
		if n.Type == nil || n.Kind == dissect.KindUnknown {
			return append(dst, value{b: t.Bytes(n), t: &n.Field.Type})
		}
		return appendValues(dst, n.Type, t.Bytes(n), n.Big, m.proto, n.AF)
	}
	from, to := i+1, n.End
	if n.Kind != dissect.KindStruct {
		from, to = t.Payload(i)
	}
	if from >= to {
		return append(dst, emptyValue(typeOf(n)))
	}
	whole := t.Data[t.Nodes[from].Off : t.Nodes[to-1].Off+t.Nodes[to-1].Len]
	if n.Kind == dissect.KindAttr {
		whole = payloadOf(t, n)
	}
	first := &t.Nodes[from]
	if first.Kind == dissect.KindElem && classOf(typeOf(n)) != classNone {
		for k := from; k < to; k = t.Nodes[k].End {
			dst = m.elementOf(dst, k)
		}
		return dst
	}
	if first.Kind != dissect.KindValue || first.Type == nil {
		return append(dst, value{b: whole, t: typeOf(n)})
	}
	if first.Type.Kind == families.KindStrings {
		for k := from; k < to; k++ {
			if x := &t.Nodes[k]; x.Kind == dissect.KindValue {
				dst = appendValues(dst, x.Type, t.Bytes(x), x.Big, m.proto, x.AF)
			}
		}
		return dst
	}
	return appendValues(dst, first.Type, t.Bytes(first), first.Big, m.proto, first.AF)
}

// elementOf appends the value of an element of a list.
func (m *Matcher) elementOf(dst []value, i int32) []value {
	from, to := m.tree.Payload(i)
	if from >= to {
		return append(dst, emptyValue(typeOf(&m.tree.Nodes[i])))
	}
	x := &m.tree.Nodes[from]
	if x.Kind != dissect.KindValue || x.Type == nil {
		return dst
	}
	return appendValues(dst, x.Type, m.tree.Bytes(x), x.Big, m.proto, x.AF)
}

// payloadOf returns what stands behind an attribute's header, as nla_len says.
func payloadOf(t *dissect.Tree, n *dissect.Node) []byte {
	b := t.Bytes(n)
	size := int(dissect.Uint(b[:2], t.Big))
	return b[nlaHdrLen:max(min(size, len(b)), nlaHdrLen)]
}

// emptyValue is an attribute without payload.
func emptyValue(t *families.Type) value {
	if classOf(t) == classText {
		return value{kind: valText, t: t}
	}
	return value{t: t}
}

func typeOf(n *dissect.Node) *families.Type {
	if n.Type != nil {
		return n.Type
	}
	return &n.Field.Type
}
