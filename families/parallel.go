package families

import "strings"

// parallel reads what ties an array to other members of its struct:
// used=MEMBER, as=SUB/MEMBER, cut=MEMBER. Bytes have used=MEMBER too.
func (p *parser) parallel(f *Field, key, val string, in *Struct) error {
	t := &f.Type
	if in == nil {
		return p.fail("%s is for the members of a struct", key)
	}
	switch {
	case key == "cut" && t.Kind == KindStrings:
		t.Cut = p.sibling(val, in, func(m *Type) bool { return m.As != nil })
	case key == "used" && t.room():
		p.used(f, val, in)
	case key == "as" && t.fixedArray():
		name, kinds, ok := strings.Cut(val, "/")
		if t.As = p.sub(name); t.As == nil || !ok {
			return p.fail("want: as=SUB/MEMBER")
		}
		size := t.Count
		t.Kinds = p.sibling(kinds, in, func(m *Type) bool { return m.fixedArray() && m.Count == size })
		p.check(func() error {
			for _, x := range t.As.Formats() {
				if x.Kind != KindUint && x.Kind != KindSint || x.Size != t.Elem.Size {
					return p.fail("%s: a format of %s is not as long as an element", f.Name, name)
				}
			}
			return nil
		})
	default:
		return p.fail("%s: unexpected %s", f.Name, key)
	}
	if t.Cut == nil && key == "cut" || t.Kinds == nil && key == "as" {
		return p.fail("%s: no such member before it fits %s=%s", f.Name, key, val)
	}
	return nil
}

// used ties room to the number of what is in it, which may stand behind the room.
func (p *parser) used(f *Field, val string, in *Struct) {
	f.Type.Used = f // until the number is known
	p.check(func() error {
		m := in.Member(val)
		if m == nil || m.Type.Kind != KindUint && m.Type.Kind != KindSint || m.Type.Size == 0 || in.behind(m) {
			return p.fail("%s: no member of a fixed place fits used=%s", f.Name, val)
		}
		f.Type.Used = m
		return nil
	})
}

// sibling finds a member of a fixed place among those that were read so far.
func (p *parser) sibling(name string, in *Struct, fits func(*Type) bool) *Field {
	for _, m := range in.Members {
		if m.Type.Varies() && m.Type.Kind != KindSub {
			return nil
		}
		if m.Name == name && fits(&m.Type) {
			return m
		}
	}
	return nil
}

// fixedArray says whether a type is so many integers.
func (t *Type) fixedArray() bool {
	return t.Kind == KindArray && t.Count > 0 && (t.Elem.Kind == KindUint || t.Elem.Kind == KindSint)
}

// room says whether a type is room for as many bytes or elements as a number
// beside it says: an address, say, in an array that fits the longest. Of formats,
// the arrays are.
func (t *Type) room() bool {
	return t.Kind == KindSub || (t.Kind == KindBinary || t.Kind == KindString) && t.Size > 0 || t.Kind == KindArray && t.Count > 0
}

// Format is how to read element i of an array of parallel members, whose struct is
// b. It returns the element's own type where nothing says more.
func (t *Type) Format(b []byte, i int, kind func(b []byte, t *Type) uint64) *Type {
	if t.As == nil {
		return t.Elem
	}
	k := t.Kinds
	size := k.Type.Elem.Size
	at := k.Off + i*size
	if at+size > len(b) {
		return t.Elem
	}
	if f := t.As.ByValue[kind(b[at:at+size], k.Type.Elem)]; f != nil {
		return f
	}
	if t.As.Default != nil {
		return t.As.Default
	}
	return t.Elem
}
