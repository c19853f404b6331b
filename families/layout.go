package families

import "fmt"

// link computes struct layouts and lookup tables once everything is defined.
func (f *Family) link() error {
	for _, e := range f.Enums {
		e.index()
	}
	for _, s := range f.Sets {
		s.index()
	}
	for _, s := range f.Structs {
		if err := s.layout(0); err != nil {
			return err
		}
	}
	for _, b := range f.Bodies {
		for _, body := range b.Bodies {
			if body.Header != nil && body.Header.Flex {
				return fmt.Errorf("body %s: the header %s has no fixed size", b.Name, body.Header.Name)
			}
		}
	}
	return nil
}

// maxStructDepth bounds how deep structs nest; a struct that holds itself
// runs into it.
const maxStructDepth = 16

// layout gives the members the offsets that a C compiler for a 64-bit machine
// gives them. The holes are not members; the dissector shows them as padding.
func (s *Struct) layout(depth int) error {
	if s.byName != nil {
		return nil
	}
	if depth > maxStructDepth {
		return fmt.Errorf("struct %s: nested too deep", s.Name)
	}
	off, align := 0, 1
	for i, m := range s.Members {
		size, a, err := m.Type.sizeAlign(depth)
		if err != nil {
			return fmt.Errorf("struct %s: %s: %w", s.Name, m.Name, err)
		}
		if m.Type.Kind == KindSub {
			m.Type.Size = size
		}
		if s.Packed {
			a = 1
		}
		off = (off + a - 1) / a * a
		m.Off = off
		off += size
		align = max(align, a)
		if size == 0 && !m.Type.emptyOK() {
			if i != len(s.Members)-1 {
				return fmt.Errorf("struct %s: %s: only the last member may have no size", s.Name, m.Name)
			}
			s.Flex = true
		}
		if m.Type.Hint == HintAF {
			s.AF = m
		}
	}
	s.Size = (off + align - 1) / align * align
	if s.Min == 0 {
		s.Min = s.Size
	}
	s.self = Type{Kind: KindStruct, Struct: s}
	s.leaves = s.flatten()
	s.byName = make(map[string]*Field, len(s.Members))
	for _, m := range s.Members {
		s.byName[m.Name] = m
		s.byName[m.Short] = m
	}
	return nil
}

// flatten lists the leaves, or nothing if there are members with parts.
func (s *Struct) flatten() []Leaf {
	var out []Leaf
	pos := 0
	for _, m := range s.Members {
		size := m.Type.FixedSize()
		if size == 0 || !m.Type.single() {
			return nil
		}
		if pos < m.Off {
			out = append(out, Leaf{nil, pos, m.Off - pos})
		}
		out = append(out, Leaf{m, m.Off, size})
		pos = m.Off + size
	}
	if pos < s.Size {
		out = append(out, Leaf{nil, pos, s.Size - pos})
	}
	return out
}

// single says whether a member of this type is one value.
func (t *Type) single() bool {
	switch t.Kind {
	case KindUint, KindSint, KindString, KindBinary, KindBitfield32, KindPad:
		return true
	case KindArray:
		return t.Elem.single()
	}
	return false
}

func (t *Type) emptyOK() bool { return t.Kind == KindStruct && t.Struct.Size == 0 }

// FixedSize returns the size in bytes of a value whose size the type alone
// decides, or 0.
func (t *Type) FixedSize() int {
	switch t.Kind {
	case KindUint, KindSint, KindBinary, KindString, KindPad:
		return t.Size
	case KindSub:
		if t.Size > 0 { // a member's, known since its struct was laid out
			return t.Size
		}
	}
	n, _, err := t.sizeAlign(0)
	if err != nil {
		return 0
	}
	return n
}

// sizeAlign returns the size and alignment in bytes; size 0 is a flexible
// array or a string without a bound.
func (t *Type) sizeAlign(depth int) (size, align int, err error) {
	switch t.Kind {
	case KindUint, KindSint:
		if t.Size == 0 {
			return 0, 0, fmt.Errorf("a struct member needs a size")
		}
		return t.Size, t.Size, nil
	case KindBitfield32:
		return 8, 4, nil
	case KindStruct:
		if err := t.Struct.layout(depth + 1); err != nil {
			return 0, 0, err
		}
		return t.Struct.Size, t.Struct.align(), nil
	case KindArray:
		n, a, err := t.Elem.sizeAlign(depth)
		if err != nil {
			return 0, 0, err
		}
		return n * t.Count, a, nil
	case KindBinary, KindString, KindPad:
		return t.Size, 1, nil
	case KindNest, KindTLV, KindMessage, KindRecords:
		return 0, 1, nil
	case KindSub:
		// Members whose meaning depends on a sibling take the room of
		// their largest form.
		align = 1
		for _, v := range t.Sub.Formats() {
			n, a, err := v.sizeAlign(depth)
			if err != nil {
				return 0, 0, err
			}
			size, align = max(size, n), max(align, a)
		}
		return size, align, nil
	}
	return 0, 0, fmt.Errorf("not a struct member")
}

func (s *Struct) align() int {
	if s.Packed {
		return 1
	}
	a := 1
	for _, m := range s.Members {
		if _, x, err := m.Type.sizeAlign(0); err == nil {
			a = max(a, x)
		}
	}
	return a
}

// Formats lists every format, once for each of its keys.
func (s *SubMessage) Formats() []*Type {
	var out []*Type
	for _, t := range s.ByName {
		out = append(out, t)
	}
	for _, t := range s.ByValue {
		out = append(out, t)
	}
	if s.Default != nil {
		out = append(out, s.Default)
	}
	return out
}
