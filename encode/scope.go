package encode

import (
	"slices"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/render"
)

// scope is one level around what is being encoded, where the value that chooses
// a format may stand.
type scope struct {
	set    *families.AttrSet
	obj    *Value // the attributes, an object or a list of objects
	at     int    // which of the list is being encoded
	header *families.Struct
	head   *Value // its members
}

func (e *encoder) push(set *families.AttrSet, obj *Value, s *families.Struct, head *Value) {
	e.path = append(e.path, scope{set: set, obj: obj, header: s, head: head})
}

func (e *encoder) pop() { e.path = e.path[:len(e.path)-1] }

// tag is the key of a value that says which format it is of.
func tag(t *families.Type) string { return render.JSONTag(t) }

// member returns the value of a field in an object, by either name.
func member(v *Value, f *families.Field) *Value {
	if x := v.Get(f.Name); x != nil || f.Short == "" {
		return x
	}
	return v.Get(f.Short)
}

// attrOf finds an attribute in an object, or in a list of objects with one key.
func attrOf(v *Value, f *families.Field) *Value {
	if v == nil || v.Shape == Object {
		return member(v, f)
	}
	for _, x := range v.Items {
		if m := member(x, f); m != nil {
			return m
		}
	}
	return nil
}

// before finds the last of the attributes that may repeat before the one that is
// being encoded.
func (s *scope) before(f *families.Field) *Value {
	if s.obj == nil || s.obj.Shape == Object {
		x := member(s.obj, f)
		if x != nil && x.Shape == List && len(x.Items) > 0 {
			return x.Items[len(x.Items)-1]
		}
		return x
	}
	for _, x := range slices.Backward(s.obj.Items[:min(s.at, len(s.obj.Items))]) {
		if m := member(x, f); m != nil {
			return m
		}
	}
	return nil
}

// choose finds the format of a sub-message as dissect does: by the nearest
// attribute or header member that bears the selector's name. v is the value that
// is to have the format. It returns nil if nothing tells.
func (e *encoder) choose(t *families.Type, v *Value) *families.Type {
	switch t.Choose {
	case families.ByName:
	case families.ByRequest:
		n := uint64(0)
		if e.dir != dissect.DirFromKernel {
			n = 1
		}
		return t.Sub.Format("", n, false)
	case families.ByType:
		return t.Sub.Format("", e.id, false)
	case families.ByAF:
		return t.Sub.Format("", uint64(e.af), false)
	default:
		return e.byShape(t, v)
	}
	if t.Present {
		return t.Sub.Format("", e.present(t), false)
	}
	for i := len(e.path) - 1; i >= 0; i-- {
		s := &e.path[i]
		if s.set != nil {
			if f := s.set.ByName(t.Selector); f != nil {
				x := attrOf(s.obj, f)
				if f.Multi {
					x = s.before(f)
				}
				if x != nil {
					return e.inside(t, &f.Type, x)
				}
			}
		}
		if s.header != nil {
			if m := s.header.Member(t.Selector); m != nil {
				x := member(s.head, m)
				if x == nil {
					x = &Value{Shape: Number, Text: "0"}
				}
				return e.inside(t, &m.Type, x)
			}
		}
	}
	return t.Sub.Default
}

// present is 1 if the attribute that a selector leads to is there, else 0.
func (e *encoder) present(t *families.Type) uint64 {
	for i := len(e.path) - 1; i >= 0; i-- {
		s := &e.path[i]
		if s.set == nil {
			continue
		}
		f := s.set.ByName(t.Selector)
		if f == nil {
			continue
		}
		x := attrOf(s.obj, f)
		if x == nil {
			continue
		}
		for _, name := range t.Inside {
			if f.Type.Kind != families.KindNest || f.Type.Set == nil {
				return 0
			}
			if f = f.Type.Set.ByName(name); f == nil {
				return 0
			}
			if x = attrOf(x, f); x == nil {
				return 0
			}
		}
		return 1
	}
	return 0
}

// inside goes from the value that a selector starts with to the one that
// chooses.
func (e *encoder) inside(t, sel *families.Type, v *Value) *families.Type {
	for _, name := range t.Inside {
		var f *families.Field
		if sel.Struct != nil {
			f = sel.Struct.Member(name)
		}
		if f == nil && sel.Set != nil && sel.Kind == families.KindNest {
			f = sel.Set.ByName(name)
		}
		if f == nil {
			return t.Sub.Default
		}
		x := attrOf(v, f)
		if x == nil {
			return t.Sub.Default
		}
		sel, v = &f.Type, x
	}
	return e.format(t.Sub, sel, v)
}

// format looks up the format that a selector's value chooses.
func (e *encoder) format(sub *families.SubMessage, sel *families.Type, v *Value) *families.Type {
	var t *families.Type
	if sel.Kind == families.KindString {
		b, err := unescape(v.Text)
		if err == nil {
			t = sub.ByName[string(b)]
		}
	} else if b, err := e.integer(nil, sel, v, nil); err == nil {
		n := dissect.Uint(b, sel.Order == families.OrderBig || sel.Order == families.OrderHost && e.big)
		t = sub.ByValue[n]
		if t == nil && sel.Enum != nil {
			t = sub.ByName[sel.Enum.ValueName(n)]
		}
	}
	if t == nil {
		t = sub.Default
	}
	return t
}

// byShape finds a format for a value where what chooses is not in JSON: its
// length, or a flag of its attribute. A tag says it; else the first format that
// takes the value and, in case of a length, has that.
func (e *encoder) byShape(by *families.Type, v *Value) *families.Type {
	sub := by.Sub
	if v == nil {
		return sub.Default
	}
	if by.Choose == families.ByLen {
		for n, t := range sub.ByValue {
			if b, err := e.value(nil, t, nil, untagged(t, v), nil, nil); err == nil && len(b) == int(n) {
				return t
			}
		}
	}
	if v.Shape == Object && len(v.Members) == 1 {
		if t := tagged(sub, v.Members[0].Key); t != nil {
			return t
		}
	}
	for _, t := range sub.Formats() {
		if t.Kind == families.KindSub {
			continue
		}
		if _, err := e.value(nil, t, nil, v, nil, nil); err == nil {
			return t
		}
	}
	return sub.Default
}

// tagged finds the format of a sub that a tag names; of several with one tag
// the first.
func tagged(sub *families.SubMessage, key string) *families.Type {
	for _, t := range sub.Formats() {
		if t.Kind == families.KindSub {
			if x := tagged(t.Sub, key); x != nil {
				return x
			}
			continue
		}
		if tag(t) == key {
			return t
		}
	}
	return nil
}

// untagged returns what a tag stands before, where it is that of a format.
func untagged(t *families.Type, v *Value) *Value {
	if v.Shape == Object && len(v.Members) == 1 && v.Members[0].Key == tag(t) {
		return v.Members[0].Value
	}
	return v
}
