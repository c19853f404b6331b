package filter

import (
	"bytes"

	"github.com/nlsniff/nlsniff/families"
)

// builtinSource is a field that is not an attribute.
type builtinSource struct {
	stage Need
	t     *families.Type
	fn    loader
	nums  numbers // or nil
	// answers says that a message has what it answers has, too.
	answers bool
}

// answers says whether a message that answers a request has the field of the
// request, too.
func (r *ref) answers() bool {
	return r.builtin != nil && (r.builtin.Name == "family" || r.builtin.Name == "op")
}

func (s *builtinSource) load(m *Matcher, dst []value) ([]value, bool) {
	if m.stage < s.stage {
		return dst, false
	}
	if !s.answers || !m.hasHeader() || m.head.Type != typeError && m.head.Type != typeDone {
		return s.fn(m, dst, s.t), true
	}
	if m.tree == nil {
		return dst, false // the request may be in another frame
	}
	dst = s.fn(m, dst, s.t)
	own := m.msg
	if own.Echo >= 0 {
		m.msg = &m.tree.Msgs[own.Echo]
	} else if asked := m.tree.Asked(own); asked != nil && len(asked.Msgs) > 0 {
		m.msg = &asked.Msgs[0]
	}
	if m.msg != own {
		dst = s.fn(m, dst, s.t)
	}
	m.msg = own
	return dst, true
}

// lenSource is len(): bytes of payload, of a text without its NUL.
type lenSource struct{ x source }

func (s *lenSource) load(m *Matcher, dst []value) ([]value, bool) {
	dst, known := s.x.load(m, dst)
	for i := range dst {
		dst[i] = value{kind: valNum, num: uint64(len(dst[i].b)), t: countType}
	}
	return dst, known
}

// countSource is count(): how often a field is there.
type countSource struct{ x source }

func (s *countSource) load(m *Matcher, dst []value) ([]value, bool) {
	dst, known := s.x.load(m, dst)
	return append(dst[:0], value{kind: valNum, num: uint64(len(dst)), t: countType}), known
}

// countType is the type of len() and count(), textType that of upper() and
// lower(), bytesType that of slices.
var (
	countType = &families.Type{Kind: families.KindUint, Size: 8}
	textType  = &families.Type{Kind: families.KindString}
	bytesType = &families.Type{Kind: families.KindBinary}
)

// caseSource is upper() and lower().
type caseSource struct {
	x     source
	upper bool
}

func (s *caseSource) load(m *Matcher, dst []value) ([]value, bool) {
	dst, known := s.x.load(m, dst)
	out := dst[:0]
	for _, v := range dst {
		b := v.b
		if v.kind == valNum {
			b = m.nameOf(&v)
		} else if v.kind != valText {
			continue
		}
		mark := len(m.arena)
		m.arena = appendCase(m.arena, b, s.upper)
		out = append(out, value{kind: valText, b: m.arena[mark:], t: textType})
	}
	return out, known
}

// appendCase appends a text in another case.
func appendCase(dst, b []byte, upper bool) []byte {
	mark := len(dst)
	for _, c := range b {
		switch {
		case c >= 0x80:
			if upper {
				return append(dst[:mark], bytes.ToUpper(b)...)
			}
			return append(dst[:mark], bytes.ToLower(b)...)
		case upper && c >= 'a' && c <= 'z':
			c -= 'a' - 'A'
		case !upper && c >= 'A' && c <= 'Z':
			c += 'a' - 'A'
		}
		dst = append(dst, c)
	}
	return dst
}

// maskSource is x & bits.
type maskSource struct {
	x    source
	bits *prepared
}

func (s *maskSource) load(m *Matcher, dst []value) ([]value, bool) {
	dst, known := s.x.load(m, dst)
	out := dst[:0]
	for _, v := range dst {
		o := m.operand(s.bits, v.t)
		if v.kind != valNum || o == nil || o.kind != opNum {
			continue
		}
		v.num &= o.n.u
		v.neg = v.neg && o.n.neg
		out = append(out, v)
	}
	return out, known
}

// sliceSource is x[…].
type sliceSource struct {
	x     source
	parts []part
	t     *families.Type
}

func (s *sliceSource) load(m *Matcher, dst []value) ([]value, bool) {
	dst, known := s.x.load(m, dst)
	out := dst[:0]
	for _, v := range dst {
		if b, ok := m.cut(v.b, s.parts); ok {
			kind := valBytes
			if s.t == textType {
				kind = valText
			}
			out = append(out, value{kind: kind, b: b, t: s.t})
		}
	}
	return out, known
}

// cut takes parts of some bytes. A value that is too short for what is asked
// has no slice.
func (m *Matcher) cut(b []byte, parts []part) ([]byte, bool) {
	mark := len(m.arena)
	for _, p := range parts {
		off := p.off
		if off < 0 {
			off += len(b)
		}
		if off < 0 || off > len(b) {
			return nil, false
		}
		end := len(b)
		if !p.toEnd {
			if end = off + p.n; end > len(b) {
				return nil, false
			}
		}
		if len(parts) == 1 {
			return b[off:end], true
		}
		m.arena = append(m.arena, b[off:end]...)
	}
	return m.arena[mark:], true
}
