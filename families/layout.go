package families

import (
	"errors"
	"fmt"

	"github.com/nlsniff/nlsniff/internal/phrase"
)

// link computes struct layouts and lookup tables once everything is defined.
func (f *Family) link() error {
	if f.consts == nil {
		f.constants()
	}
	for _, e := range f.Enums {
		e.index()
	}
	for _, s := range f.Sets {
		s.index()
	}
	for _, name := range sortedKeys(f.Structs) {
		if err := f.Structs[name].layout(); err != nil {
			return err
		}
	}
	for _, name := range sortedKeys(f.Bodies) {
		for _, body := range f.Bodies[name].Bodies {
			if body.Header != nil && body.Header.Open {
				return fmt.Errorf("body %s: the header %s has no end of its own", name, body.Header.Name)
			}
		}
	}
	return nil
}

const (
	// maxLevels bounds how deep structs nest.
	maxLevels = 16
	// maxSize bounds the bytes of a struct or an array: netlink messages are
	// smaller, and nothing that is computed from a size overflows.
	maxSize = 1 << 20
)

// layoutError is a struct that no C compiler would accept.
type layoutError struct {
	in     *Struct
	member int // index, -1: the struct as a whole
	text   string
}

func (e *layoutError) Error() string {
	s := "struct " + e.in.Name + ": "
	if e.member >= 0 {
		s += e.in.Members[e.member].Name + ": "
	}
	return s + e.text
}

// layout gives the members the offsets that a C compiler for a 64-bit machine
// gives them. The holes are not members; the dissector shows them as padding.
func (s *Struct) layout() error {
	if s.levels > 0 {
		return nil
	}
	s.busy = true
	defer func() { s.busy = false }()
	off, align, levels := 0, 1, 1
	for i, m := range s.Members {
		x, err := m.Type.extent()
		var inner *layoutError
		switch {
		case errors.As(err, &inner):
			return err
		case err != nil:
			return &layoutError{s, i, err.Error()}
		}
		if m.Type.Kind == KindSub {
			if s.Packed && i == len(s.Members)-1 && m.Type.Sub.unsized() {
				x.size, m.Type.ToEnd = 0, true // no union of C but whatever is left
			}
			m.Type.Size = x.size
		}
		if s.Packed || s.Flex { // what follows something of no fixed size follows it directly
			x.align = 1
		}
		off = (off + x.align - 1) / x.align * x.align
		m.Off = off
		off += x.size
		align, levels = max(align, x.align), max(levels, x.levels+1)
		flex := m.Type.Varies()
		open := flex && !m.Type.bounded()
		switch {
		case open && i != len(s.Members)-1:
			return &layoutError{s, i, "only the last member may have no size"}
		case flex && m.Type.Kind == KindStruct && i != len(s.Members)-1:
			return &layoutError{s, i, "struct " + m.Type.Struct.Name + " has no fixed size"}
		case off > maxSize:
			return &layoutError{s, i, fmt.Sprintf("more than %d bytes", maxSize)}
		case levels > maxLevels:
			return &layoutError{s, i, "structs are nested too deep"}
		}
		s.Flex, s.Open = s.Flex || flex, s.Open || open
		if m.Type.Hint == HintAF {
			s.AF = m
		}
	}
	s.Size, s.align = off, align
	if !s.Flex || !s.behind(s.Members[len(s.Members)-1]) {
		s.Size = (off + align - 1) / align * align
	}
	if s.Min == 0 {
		s.Min = s.Size
	}
	if s.Min > s.Size && !s.Flex {
		return &layoutError{s, -1, fmt.Sprintf("min=%d, but it has only %s", s.Min, phrase.Count(s.Size, "byte"))}
	}
	s.self = Type{Kind: KindStruct, Struct: s}
	s.leaves = s.flatten()
	s.levels = levels
	return nil
}

// unsized says whether a format has no fixed size.
func (s *SubMessage) unsized() bool {
	for _, t := range s.Formats() {
		if x, err := t.extent(); err == nil && (x.size == 0 || t.Kind == KindStruct && t.Struct.Flex) {
			return true
		}
	}
	return false
}

// bounded says whether the bytes of a value without a fixed size tell where it
// ends.
func (t *Type) bounded() bool {
	return t.CountMember != nil || t.ToNUL || t.Kind == KindStruct && !t.Struct.Open
}

// Varies says whether a member of this type has no fixed size.
func (t *Type) Varies() bool {
	if t.Kind == KindStruct {
		return t.Struct.Flex
	}
	return t.FixedSize() == 0
}

// behind says whether a member stands behind one of no fixed size.
func (s *Struct) behind(m *Field) bool {
	flex := false
	for _, x := range s.Members {
		if x == m {
			return flex
		}
		flex = flex || x.Type.Varies()
	}
	return false
}

// flatten lists the leaves, or nothing if there are members with parts.
func (s *Struct) flatten() []Leaf {
	var out []Leaf
	pos := 0
	for _, m := range s.Members {
		size := m.Type.FixedSize()
		if size == 0 || !m.Type.single() || m.Type.Used != nil {
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

// FixedSize returns the size in bytes of a value whose size the type alone
// decides, or 0.
func (t *Type) FixedSize() int {
	switch t.Kind {
	case KindUint, KindSint, KindBinary, KindString, KindPad:
		return t.Size
	case KindSub:
		if t.Size > 0 || t.ToEnd { // a member's, known since its struct was laid out
			return t.Size
		}
	}
	x, err := t.extent()
	if err != nil {
		return 0
	}
	return x.size
}

// extent is the room that a value takes in a struct.
type extent struct {
	size   int // bytes; 0 is a flexible array or a string without a bound
	align  int // bytes
	levels int // how deep structs nest in it
}

func (t *Type) extent() (extent, error) {
	switch t.Kind {
	case KindUint, KindSint:
		if t.Size == 0 {
			return extent{}, errors.New("a struct member needs a size")
		}
		return extent{t.Size, t.Size, 0}, nil
	case KindBitfield32:
		return extent{8, 4, 0}, nil
	case KindStruct:
		s := t.Struct
		if s.busy {
			return extent{}, fmt.Errorf("struct %s holds itself", s.Name)
		}
		if err := s.layout(); err != nil {
			return extent{}, err
		}
		return extent{s.Size, s.align, s.levels}, nil
	case KindArray:
		if t.Elem.Kind == KindSub { // which could hold the array
			return extent{}, errors.New("no array can be made of a sub")
		}
		x, err := t.Elem.extent()
		if err != nil {
			return extent{}, err
		}
		if int64(x.size)*int64(t.Count) > maxSize {
			return extent{}, fmt.Errorf("more than %d bytes", maxSize)
		}
		x.size *= t.Count
		return x, nil
	case KindBinary, KindString, KindPad:
		return extent{t.Size, 1, 0}, nil
	case KindNest, KindTLV, KindMessage, KindRecords, KindStrings, KindPacket:
		return extent{0, 1, 0}, nil
	case KindSub:
		// Members whose meaning depends on a sibling take the room of
		// their largest form.
		room := extent{0, 1, 0}
		for _, v := range t.Sub.Formats() {
			x, err := v.extent()
			if err != nil {
				return extent{}, err
			}
			room = extent{max(room.size, x.size), max(room.align, x.align), max(room.levels, x.levels)}
		}
		return room, nil
	}
	return extent{}, errors.New("not a struct member")
}

// Formats lists every format, once for each of its keys: those by name, those
// by value, the default.
func (s *SubMessage) Formats() []*Type {
	var out []*Type
	for _, k := range sortedKeys(s.ByName) {
		out = append(out, s.ByName[k])
	}
	for _, k := range sortedKeys(s.ByValue) {
		out = append(out, s.ByValue[k])
	}
	if s.Default != nil {
		out = append(out, s.Default)
	}
	return out
}
