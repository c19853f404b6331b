package dissect

import "github.com/nlsniff/nlsniff/families"

// appendPath appends the way to the attribute or header member at offset offs
// of a request, which counts from its nlmsghdr, and returns the row of the last
// step. Nothing is appended, and -1 returned, if the offset is outside.
func appendPath(dst []Step, t *Tree, msg int32, offs uint32) ([]Step, int32) {
	m := &t.Msgs[msg]
	root := &t.Nodes[m.Node]
	last := int32(-1)
	if offs >= root.Len {
		return dst, last
	}
	want := m.Off + offs
	for i := m.Node + 1; i < root.End; {
		n := &t.Nodes[i]
		if want < n.Off || want >= n.Off+n.Len {
			i = n.End
			continue
		}
		switch n.Kind {
		case KindAttr:
			dst, last = append(dst, Step{Field: n.Field, ID: n.ID}), i
			if want == n.Off {
				return dst, last
			}
		case KindMember:
			return append(dst, Step{Field: n.Field}), i
		case KindElem:
			dst, last = append(dst, Step{ID: n.ID, Index: true}), i
			if want == n.Off {
				return dst, last
			}
		}
		i++
	}
	return dst, last
}

// RowAt returns the row of the attribute or header member at an offset of a
// request, which counts from its nlmsghdr; -1 if there is none.
func RowAt(t *Tree, m *Msg, offs uint32) int32 {
	for i := range t.Msgs {
		if &t.Msgs[i] == m {
			_, row := appendPath(nil, t, int32(i), offs)
			return row
		}
	}
	return -1
}

// appendMissing appends the way to the attribute that the kernel missed: the
// nest that MISS_NEST points at (the top level without one), then the type.
func appendMissing(dst []Step, t *Tree, msg int32, x *ExtAck) []Step {
	if x.MissType > nlaTypeMask {
		return dst // no attribute can have that number
	}
	m := &t.Msgs[msg]
	var set *families.AttrSet
	if m.Body != nil {
		set = m.Body.Set
	}
	if x.HasNest {
		var row int32
		dst, row = appendPath(dst, t, msg, x.MissNest)
		set = nil
		// The row's type, not its field's: a sibling may have chosen it.
		if row >= 0 && t.Nodes[row].Type != nil {
			set = t.Nodes[row].Type.Set
		}
	}
	var f *families.Field
	if set != nil {
		f = set.Field(uint16(x.MissType))
	}
	return append(dst, Step{Field: f, ID: uint16(x.MissType)})
}
