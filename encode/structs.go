package encode

import (
	"fmt"
	"strconv"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/phrase"
)

// strct appends a struct. Members that are not there are zero; one that grew
// over time ends behind the last that is there, unless Options.Whole is set.
func (e *encoder) strct(dst []byte, s *families.Struct, v *Value, tm *tmpl) ([]byte, error) {
	if v.Shape != Object {
		if v.Shape == String {
			if b, err := hexBytes(v.Text); err == nil {
				return append(dst, b...), nil
			}
		}
		return dst, fmt.Errorf("struct %s is an object, not %s", s.Name, shapeName(v))
	}
	for _, m := range v.Members {
		if s.Member(m.Key) == nil && !beside(m.Key) {
			return dst, at(m.Key, fmt.Errorf("no member of struct %s", s.Name))
		}
	}
	outer := e.af
	defer func() { e.af = outer }()
	e.useAF(s, v)
	if s.Flex {
		return e.flex(dst, s, v)
	}
	b := make([]byte, s.Size)
	end, last := 0, 0
	for i, m := range s.Members {
		x := member(v, m)
		raw := v.Get("raw").Get(m.Name)
		if x == nil && raw == nil {
			continue
		}
		p, err := e.member(s, m, x, v)
		if err != nil {
			return dst, at(m.Name, err)
		}
		if size := m.Type.FixedSize(); len(p) > size {
			return dst, at(m.Name, fmt.Errorf("%s, there is room for %d", phrase.Count(len(p), "byte"), size))
		}
		copy(b[m.Off:], p)
		end, last = m.Off+m.Type.FixedSize(), i
		if raw != nil && x == nil { // a member that is cut
			end = m.Off + len(p)
		}
	}
	for _, m := range s.Members[min(last+1, len(s.Members)):] {
		if m.Type.Kind != families.KindPad {
			break
		}
		end = m.Off + m.Type.Size
	}
	if e.opt.Whole || end >= s.Size || s.Min >= s.Size && v.Get("raw") == nil || last == len(s.Members)-1 && end == s.Members[last].Off+s.Members[last].Type.FixedSize() {
		end = s.Size
	}
	b = b[:max(end, min(s.Min, s.Size))]
	b = tm.overlay(b, s, v)
	if x := v.Get("unknown"); x != nil {
		more, err := hexBytes(x.Text)
		if err != nil {
			return dst, at("unknown", err)
		}
		b = append(b, more...)
	}
	return append(dst, b...), nil
}

// member makes the bytes of a member.
func (e *encoder) member(s *families.Struct, m *families.Field, x, v *Value) ([]byte, error) {
	if raw := v.Get("raw").Get(m.Name); raw != nil && len(raw.Items) == 1 {
		return hexBytes(raw.Items[0].Text)
	}
	if m.Type.Kind == families.KindSub {
		t := e.memberFormat(s, &m.Type, x, v)
		if t == nil {
			if x.Shape == Object && len(x.Members) == 1 {
				if x.Members[0].Key == "unknown" {
					return hexBytes(x.Members[0].Value.Text)
				}
				t = tagged(m.Type.Sub, x.Members[0].Key)
			}
			if t == nil {
				return nil, fmt.Errorf("nothing tells its format: %s is missing", m.Type.Selector)
			}
		}
		if x.Shape == Object && len(x.Members) == 1 {
			switch key := x.Members[0].Key; {
			case key == "unknown":
				return hexBytes(x.Members[0].Value.Text)
			case key == tag(t):
				return e.value(nil, t, m, x.Members[0].Value, nil, nil)
			}
		}
		return e.value(nil, t, m, x, v.Get(m.Name+"_value"), nil)
	}
	return e.value(nil, &m.Type, m, x, v.Get(m.Name+"_value"), nil)
}

// memberFormat chooses the format of a member by a sibling's value.
func (e *encoder) memberFormat(s *families.Struct, t *families.Type, x, v *Value) *families.Type {
	for t != nil && t.Kind == families.KindSub {
		sel := s.Member(t.Selector)
		switch {
		case sel == nil || t.Choose != families.ByName:
			t = e.choose(t, x)
		case sel.Type.As != nil:
			t = e.parallel(t, sel, v)
		default:
			y := member(v, sel)
			if y == nil {
				y = &Value{Shape: Number, Text: "0"}
			}
			t = e.format(t.Sub, &sel.Type, y)
		}
	}
	return t
}

// parallel chooses a member's format by the element of an array whose kind,
// the element of another at the same place, is the one that Inside names.
func (e *encoder) parallel(t *families.Type, sel *families.Field, v *Value) *families.Type {
	kinds, values := items(member(v, sel.Type.Kinds)), items(member(v, sel))
	for i := range min(len(kinds), len(values)) {
		if len(t.Inside) == 1 && kinds[i].Text == t.Inside[0] {
			if n, err := e.number(sel.Type.Elem, values[i], e.big); err == nil && t.Sub.ByValue[n] != nil {
				return t.Sub.ByValue[n]
			}
		}
	}
	return t.Sub.Default
}

// flex appends a struct with members of no fixed size. Numbers that tell such a
// size are made to fit.
func (e *encoder) flex(dst []byte, s *families.Struct, v *Value) ([]byte, error) {
	parts := make([][]byte, len(s.Members))
	last := -1
	for i, m := range s.Members {
		x := member(v, m)
		if x == nil && v.Get("raw").Get(m.Name) == nil {
			continue
		}
		last = i
		var err error
		if parts[i], err = e.member(s, m, x, v); err != nil {
			return dst, at(m.Name, err)
		}
	}
	for i, m := range s.Members {
		if m.Type.CountMember != nil && parts[i] != nil && v.Get("raw").Get(m.Name) == nil {
			var err error
			if parts[i], err = e.counted(s, m, parts, parts[i], v); err != nil {
				return dst, at(m.Name, err)
			}
		}
	}
	start, shift := len(dst), 0
	for i, m := range s.Members {
		if i > last && (m.Type.Varies() || !e.opt.Whole && start+m.Off+shift-start >= s.Min && m.Off+shift >= s.Size) {
			break
		}
		for len(dst)-start < m.Off+shift {
			dst = append(dst, 0)
		}
		p := parts[i]
		if size := m.Type.FixedSize(); !m.Type.Varies() && len(p) < size && v.Get("raw").Get(m.Name) == nil {
			p = append(p, make([]byte, size-len(p))...)
		}
		dst = append(dst, p...)
		if m.Type.Varies() {
			shift += len(p) - m.Type.FixedSize()
		}
	}
	if x := v.Get("unknown"); x != nil {
		more, err := hexBytes(x.Text)
		if err != nil {
			return dst, at("unknown", err)
		}
		dst = append(dst, more...)
	}
	return dst, nil
}

// counted makes a member and the number that tells its size agree: what ends in
// zeros that JSON does not show gets them back, else the number is set.
func (e *encoder) counted(s *families.Struct, m *families.Field, parts [][]byte, p []byte, v *Value) ([]byte, error) {
	t, c := &m.Type, m.Type.CountMember
	at := -1
	for i, x := range s.Members {
		if x == c {
			at = i
		}
	}
	if at < 0 {
		return p, nil
	}
	order := c.Type.Order == families.OrderBig || c.Type.Order == families.OrderHost && e.big
	mul, div := max(t.CountMul, 1), max(t.CountDiv, 1)
	unit := 1
	if t.Elem != nil && t.Elem.FixedSize() > 0 && !(t.Elem.Kind == families.KindStruct && t.Elem.Struct.Flex) {
		unit = t.Elem.FixedSize()
	}
	have := len(p) / unit
	if t.Elem != nil && t.Elem.Kind == families.KindStruct && t.Elem.Struct.Flex {
		have = len(items(member(v, m)))
	}
	if parts[at] != nil {
		n := int(dissect.Uint(parts[at], order))*mul/div + t.CountAdd
		if n == have {
			return p, nil
		}
		if t.Kind == families.KindString && n == have+1 { // with its NUL
			return append(p, 0), nil
		}
	}
	n := (have - t.CountAdd) * div
	if n%mul != 0 {
		n += mul - n%mul
	}
	b := make([]byte, c.Type.Size)
	putUint(b, uint64(n/mul), order)
	parts[at] = b
	return p, nil
}

// records appends structs that start with their own length, each with
// attributes behind it.
func (e *encoder) records(dst []byte, t *families.Type, v *Value) ([]byte, error) {
	list := v.Items
	if v.Shape != List {
		list = []*Value{v}
	}
	for i, x := range list {
		for len(dst)%4 != 0 {
			dst = append(dst, 0)
		}
		b, err := e.record(t, x)
		if err != nil {
			return dst, at(strconv.Itoa(i), err)
		}
		dst = append(dst, b...)
	}
	return dst, nil
}

func (e *encoder) record(t *families.Type, v *Value) ([]byte, error) {
	if v.Shape != Object {
		return nil, fmt.Errorf("an object is wanted, not %s", shapeName(v))
	}
	own, rest := split(v, t.Struct)
	outer := e.af
	defer func() { e.af = outer }()
	b, err := e.headerStruct(nil, t.Struct, own, nil)
	if err != nil {
		return nil, err
	}
	if len(rest.Members) > 0 {
		b = pad4(b)
		e.push(t.Set, rest, t.Struct, own)
		defer e.pop()
		if b, err = e.attrs(b, t.Set, rest, nil, nil); err != nil {
			return nil, err
		}
	}
	if len(b) < 2 {
		return b, nil
	}
	if first := t.Struct.Members[0]; member(v, first) != nil {
		if n, err := parseNumber(member(v, first).Text); err == nil && int(n) < len(b) && len(b)-int(n) < 4 && int(n) >= t.Struct.Size {
			b = b[:n] // its last attribute is not padded
		}
	}
	putUint(b[:2], uint64(len(b)), e.big)
	return b, nil
}
