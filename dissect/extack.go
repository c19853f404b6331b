package dissect

import "github.com/nlsniff/nlsniff/families"

// appendPath appends the way to the attribute or header member at offset offs
// of a request, which counts from its nlmsghdr. Nothing is appended if the
// offset is outside.
func appendPath(dst []Step, t *Tree, msg int32, offs uint32) []Step {
	m := &t.Msgs[msg]
	root := &t.Nodes[m.Node]
	if offs >= root.Len {
		return dst
	}
	want := m.Off + offs
	for i := m.Node + 1; i < root.End; {
		n := &t.Nodes[i]
		if want < n.Off || want >= n.Off+n.Len {
			i = n.End
			continue
		}
		switch {
		case n.Kind == KindAttr:
			dst = append(dst, Step{Field: n.Field, ID: n.ID})
			if want == n.Off {
				return dst
			}
		case n.Kind == KindMember:
			return append(dst, Step{Field: n.Field})
		case n.Kind == KindElem:
			dst = append(dst, Step{ID: n.ID, Index: true})
			if want == n.Off {
				return dst
			}
		}
		i++
	}
	return dst
}

// appendMissing appends the way to the attribute that the kernel missed: the
// nest that MISS_NEST points at (the top level without one), then the type.
func appendMissing(dst []Step, t *Tree, msg int32, x *ExtAck) []Step {
	m := &t.Msgs[msg]
	var set *families.AttrSet
	if m.Body != nil {
		set = m.Body.Set
	}
	if x.HasNest {
		mark := len(dst)
		dst = appendPath(dst, t, msg, x.MissNest)
		set = nil
		if len(dst) > mark {
			if f := dst[len(dst)-1].Field; f != nil {
				set = f.Type.Set
				if f.Type.Elem != nil && set == nil {
					set = f.Type.Elem.Set
				}
			}
		}
	}
	var f *families.Field
	if set != nil {
		f = set.Field(uint16(x.MissType))
	}
	return append(dst, Step{Field: f, ID: uint16(x.MissType)})
}
