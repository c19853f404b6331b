package dissect

import (
	"bytes"
	"slices"

	"github.com/nlsniff/nlsniff/families"
)

// scope is one level of attributes around what is being decoded: where the
// value that chooses a format may stand.
type scope struct {
	set      *families.AttrSet
	off, end int
	header   *families.Struct // the fixed header before the attributes, if any
	base     int              // where it starts

	// The selectors looked up here last, so that a nest of many
	// sub-messages is searched once for each.
	found [maxSelectors]located
	next  uint8
}

// maxSelectors is how many different attributes of one nest may choose
// formats before they are looked for again and again.
const maxSelectors = 4

// located says where an attribute is.
type located struct {
	field *families.Field
	at    int // offset, -1: not there
	next  int // of one that may repeat: how far was looked for it
}

func (d *Dissector) push(set *families.AttrSet, off, end int, header *families.Struct, base int) {
	i := len(d.scopes)
	if i == cap(d.scopes) {
		d.scopes = slices.Grow(d.scopes, max(8, i))
	}
	d.scopes = d.scopes[:i+1]
	s := &d.scopes[i] // in place, as there is one for each nest
	s.set, s.off, s.end, s.header, s.base = set, off, end, header, base
	s.found, s.next = [maxSelectors]located{}, 0
}

func (d *Dissector) pop() { d.scopes = d.scopes[:len(d.scopes)-1] }

// choose finds the format of a sub-message: by the nearest attribute or header
// member that bears the selector's name, from the inside out. It returns nil,
// with a finding, if there is none.
func (d *Dissector) choose(t *families.Type, node int32, from, to int) *families.Type {
	if t.Choose != families.ByName {
		return d.numbered(t, node, d.choice(t.Choose, node, from, to))
	}
	if t.Present {
		return d.numbered(t, node, d.present(t))
	}
	n := &d.t.Nodes[node]
	off, length := int(n.Off), int(n.Len)
	for i := len(d.scopes) - 1; i >= 0; i-- {
		s := &d.scopes[i]
		if s.set != nil {
			if f := s.set.ByName(t.Selector); f != nil {
				at := -1
				if f.Multi {
					at = d.before(s, f, off)
				} else {
					at = d.locate(s, f)
				}
				if at >= 0 {
					stop := min(at+int(d.uint(at, 2)), s.end)
					return d.inside(t, &f.Type, at+nlaHdrLen, stop, node)
				}
			}
		}
		if s.header != nil {
			if m := s.header.Member(t.Selector); m != nil {
				if at := s.base + m.Off; at+m.Type.FixedSize() <= s.end {
					return d.inside(t, &m.Type, at, at+m.Type.FixedSize(), node)
				}
			}
		}
	}
	if t.Sub.Default != nil {
		return t.Sub.Default
	}
	d.find(SelectorMissing, node, off, length, 0, 0)
	return nil
}

// present is 1 if the attribute that a selector leads to is there, else 0.
func (d *Dissector) present(t *families.Type) uint64 {
	var inner scope
	for i := len(d.scopes) - 1; i >= 0; i-- {
		s := &d.scopes[i]
		if s.set == nil {
			continue
		}
		f := s.set.ByName(t.Selector)
		if f == nil {
			continue
		}
		at := d.locate(s, f)
		if at < 0 {
			continue
		}
		for _, name := range t.Inside {
			inner = scope{set: f.Type.Set, off: at + nlaHdrLen, end: min(at+int(d.uint(at, 2)), s.end)}
			if f.Type.Kind != families.KindNest || f.Type.Struct != nil || inner.set == nil {
				return 0
			}
			if f = inner.set.ByName(name); f == nil {
				return 0
			}
			if at = d.locate(&inner, f); at < 0 {
				return 0
			}
			s = &inner
		}
		return 1
	}
	return 0
}

// choice is the number that chooses a format where that is no field.
func (d *Dissector) choice(c families.Choice, node int32, from, to int) uint64 {
	m := &d.t.Msgs[d.at]
	switch c {
	case families.ByRequest:
		if d.dir != DirFromKernel {
			return 1
		}
	case families.ByNested:
		if n := &d.t.Nodes[node]; n.Kind == KindAttr && d.u16(int(n.Off)+2)&nlaNested != 0 {
			return 1
		}
	case families.ByLen:
		return uint64(max(to-from, 0) + d.missing)
	case families.ByType:
		if m.HasGenl {
			return uint64(m.GenlCmd)
		}
		return uint64(m.Type)
	case families.ByAF:
		return uint64(d.af)
	}
	return 0
}

// numbered looks up the format for a number.
func (d *Dissector) numbered(t *families.Type, node int32, v uint64) *families.Type {
	f := t.Sub.ByValue[v]
	if f == nil {
		f = t.Sub.Default
	}
	if f == nil {
		n := &d.t.Nodes[node]
		d.find(SelectorUnknown, node, int(n.Off), int(n.Len), 0, 0)
	}
	return f
}

// inside goes from the attribute or member that a selector starts with to the
// value that chooses.
func (d *Dissector) inside(t, sel *families.Type, off, end int, node int32) *families.Type {
	for _, name := range t.Inside {
		found := false
		if sel.Struct != nil {
			if m := sel.Struct.Member(name); m != nil && off+m.Off+m.Type.FixedSize() <= end {
				sel, found = &m.Type, true
				off += m.Off
				end = off + m.Type.FixedSize()
			}
		}
		if !found && sel.Set != nil && sel.Kind == families.KindNest && sel.Struct == nil {
			if f := sel.Set.ByName(name); f != nil {
				s := scope{set: sel.Set, off: off, end: end}
				if at := d.locate(&s, f); at >= 0 {
					off, end = at+nlaHdrLen, min(at+int(d.uint(at, 2)), end)
					sel, found = &f.Type, true
				}
			}
		}
		if !found {
			if t.Sub.Default == nil {
				n := &d.t.Nodes[node]
				d.find(SelectorMissing, node, int(n.Off), int(n.Len), 0, 0)
			}
			return t.Sub.Default
		}
	}
	return d.chosen(t, sel, off, end, node)
}

func (d *Dissector) chosen(t, sel *families.Type, off, end int, node int32) *families.Type {
	f := d.format(t.Sub, sel, off, end)
	if f == nil {
		n := &d.t.Nodes[node]
		d.find(SelectorUnknown, node, int(n.Off), int(n.Len), 0, 0)
	}
	return f
}

// format looks up the format that the selector's bytes off…end choose.
func (d *Dissector) format(sub *families.SubMessage, sel *families.Type, off, end int) *families.Type {
	var t *families.Type
	b := d.data[off:max(off, end)]
	if sel.Kind == families.KindString {
		if i := bytes.IndexByte(b, 0); i >= 0 {
			b = b[:i]
		}
		t = sub.ByName[string(b)]
	} else {
		v := Uint(b, d.order(sel))
		t = sub.ByValue[v]
		if t == nil && sel.Enum != nil {
			t = sub.ByName[sel.Enum.ValueName(v)]
		}
	}
	if t == nil {
		t = sub.Default
	}
	return t
}

// locate finds an attribute of a scope, -1 if it is not there. It may stand
// behind what asks for it.
func (d *Dissector) locate(s *scope, f *families.Field) int {
	for i := range s.found {
		if s.found[i].field == f {
			return s.found[i].at
		}
	}
	l := s.room(f)
	for off := s.off; s.end-off >= nlaHdrLen; {
		n := int(d.uint(off, 2))
		if n < nlaHdrLen {
			break
		}
		if uint16(d.uint(off+2, 2))&nlaTypeMask == f.ID {
			l.at = off
			break
		}
		if s.end-off > wrapAt {
			n = d.spanned(off, n)
		}
		off += align4(n)
	}
	return l.at
}

// room is where to keep where an attribute of a scope is.
func (s *scope) room(f *families.Field) *located {
	l := &s.found[s.next%maxSelectors]
	s.next++
	*l = located{field: f, at: -1, next: s.off}
	return l
}

// before finds the last of the attributes of a scope that stand before an offset, of
// those that may repeat: each is for what follows it (devlink_fmsg_prepare_skb in
// net/devlink/health.c). It is asked from the front to the back.
func (d *Dissector) before(s *scope, f *families.Field, off int) int {
	i := slices.IndexFunc(s.found[:], func(l located) bool { return l.field == f })
	if i < 0 {
		s.room(f)
		i = int(s.next-1) % maxSelectors
	}
	l := &s.found[i]
	for l.next < off && s.end-l.next >= nlaHdrLen {
		n := int(d.uint(l.next, 2))
		if n < nlaHdrLen {
			break
		}
		if uint16(d.uint(l.next+2, 2))&nlaTypeMask == f.ID {
			l.at = l.next
		}
		if s.end-l.next > wrapAt {
			n = d.spanned(l.next, n)
		}
		l.next += align4(n)
	}
	return l.at
}
