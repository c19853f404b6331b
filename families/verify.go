package families

import "slices"

// What can be said of a type only once the structs are laid out.

// check puts a check of this line off until then.
func (p *parser) check(fn func() error) {
	no := p.no
	p.later = append(p.later, func() error {
		p.no = no
		return fn()
	})
}

// checkElem makes sure that the elements of an array are values of one size, or
// structs that tell theirs.
func (p *parser) checkElem(t *Type) {
	p.check(func() error {
		switch t.Kind {
		case KindUint, KindSint, KindBinary, KindString, KindPad, KindBitfield32, KindStruct, KindArray:
			if t.ToNUL || t.Kind == KindStruct && t.Struct.Flex && !t.Struct.Open && t.Struct.Size == 0 {
				return p.fail("no array can be made of %s", t.String())
			}
		default:
			return p.fail("no array can be made of %s", t.String())
		}
		x, err := t.extent()
		if err != nil {
			return p.fail("an array of %s: %v", t.String(), err)
		}
		if x.size == 0 && !(t.Kind == KindStruct && t.Struct.Flex) {
			return p.fail("an array needs elements that have a size, not %s", t.String())
		}
		return nil
	})
}

// checkHeader makes sure that what follows a struct has a place to start at.
func (p *parser) checkHeader(s *Struct) {
	p.check(func() error {
		if s.Open {
			return p.fail("the header %s has no end of its own", s.Name)
		}
		return nil
	})
}

// checkRecord makes sure that a record starts with its length.
func (p *parser) checkRecord(s *Struct) {
	p.check(func() error {
		if s.Flex {
			return p.fail("the record %s has no fixed size", s.Name)
		}
		if len(s.Members) > 0 {
			if l := &s.Members[0].Type; l.Kind == KindUint && l.Size == 2 && l.Order == OrderHost {
				return nil
			}
		}
		return p.fail("struct %s does not start with its length, a u16", s.Name)
	})
}

// checkSibling makes sure that a member's format can be chosen.
func (p *parser) checkSibling(in *Struct, selector string) {
	p.check(func() error {
		m := in.Member(selector)
		if m == nil {
			return nil // an attribute or a header around it has that name
		}
		if m.Type.As == nil && !m.Type.chooses() {
			return p.fail("%s can choose nothing: it is neither a number nor a string", selector)
		}
		return nil
	})
}

// chooses says whether a member of this type can choose a format. One of
// several forms can if each of them can.
func (t *Type) chooses() bool {
	switch t.Kind {
	case KindUint, KindSint, KindString:
		return true
	case KindSub:
		return !slices.ContainsFunc(t.Sub.Formats(), func(f *Type) bool { return !f.chooses() })
	}
	return false
}
