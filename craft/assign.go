package craft

import (
	"fmt"
	"strings"

	"github.com/nlsniff/nlsniff/encode"
	"github.com/nlsniff/nlsniff/families"
)

// Assign gives a member or an attribute a value: NAME=VALUE, NAME:=JSON, or NAME
// for an attribute that is a flag. NAME is a path: A/B, or A[1]/B for the second
// of several.
func Assign(v *encode.Value, m *families.Message, word string) error {
	name, val := word, &encode.Value{Shape: encode.Bool, Text: "true"}
	if i := strings.IndexByte(word, '='); i > 0 {
		name, val = word[:i], encode.Text(word[i+1:])
		if word[i-1] == ':' {
			name = word[:i-1]
			var err error
			if val, err = encode.ParseOne([]byte(word[i+1:])); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	steps, err := path(name)
	if err != nil {
		return err
	}
	top := topOf(m)
	f := top.find(steps[0].name)
	where := "attrs"
	if f != nil && top.isMember(f) {
		where = "header"
	}
	if f == nil && !number(steps[0].name) {
		hint := top.hint(steps[0].name)
		if outer, inner, ok := strings.Cut(steps[0].name, "."); ok && top.find(outer) != nil {
			hint = " (hint: " + outer + "/" + inner + ")"
		}
		return fmt.Errorf("%s has no member or attribute %s%s", m.Name, steps[0].name, hint)
	}
	obj := v.Get(where)
	if obj == nil {
		obj = &encode.Value{Shape: encode.Object}
		v.Set(where, obj)
	}
	return set(obj, top, steps, val)
}

// step is a part of a path.
type step struct {
	name  string
	index int // of several, -1: the last, or a new one at the end of a path
}

func path(s string) ([]step, error) {
	var out []step
	for _, w := range strings.Split(s, "/") {
		x := step{w, -1}
		if i := strings.IndexByte(w, '['); i > 0 && strings.HasSuffix(w, "]") {
			if _, err := fmt.Sscanf(w[i:], "[%d]", &x.index); err != nil || x.index < 0 || x.index > 1<<12 {
				return nil, fmt.Errorf("%s: %q is no place in a list", s, w[i:])
			}
			x.name = w[:i]
		}
		if x.name == "" {
			return nil, fmt.Errorf("%q has an empty name (hint: NAME=VALUE, or OUTER/INNER=VALUE)", s)
		}
		out = append(out, x)
	}
	return out, nil
}

// set goes along a path and puts a value at its end.
func set(obj *encode.Value, p place, steps []step, val *encode.Value) error {
	s := steps[0]
	f := p.find(s.name)
	if f == nil && !number(s.name) {
		return fmt.Errorf("no member or attribute %s%s", s.name, p.hint(s.name))
	}
	name := s.name
	var t *families.Type
	multi := false
	if f != nil {
		name, t, multi = f.Name, &f.Type, f.Multi
	}
	if p.ordered { // a list of objects with one key each
		obj = elementOf(obj, s, name, len(steps) == 1)
	} else if multi || t != nil && listed(t) && len(steps) > 1 {
		list := obj.Get(name)
		if list == nil {
			list = &encode.Value{Shape: encode.List}
			obj.Set(name, list)
		}
		if len(steps) == 1 {
			if val.Shape == encode.List && multi {
				list.Items = append(list.Items, val.Items...)
			} else {
				list.Items = append(list.Items, val)
			}
			return nil
		}
		i := s.index
		if i < 0 {
			i = max(len(list.Items)-1, 0)
		}
		for len(list.Items) <= i {
			list.Items = append(list.Items, &encode.Value{Shape: encode.Object})
		}
		return wrap(s.name, set(list.Items[i], inside(t), steps[1:], val))
	}
	if len(steps) == 1 {
		obj.Set(name, val)
		return nil
	}
	if t == nil {
		return fmt.Errorf("%s: nobody described what is in it", s.name)
	}
	in := obj.Get(name)
	if in == nil {
		in = &encode.Value{Shape: encode.Object}
		if inside(t).ordered {
			in.Shape = encode.List
		}
		obj.Set(name, in)
	}
	return wrap(s.name, set(in, inside(t), steps[1:], val))
}

// elementOf returns the object for a key in a list of objects with one key each.
func elementOf(list *encode.Value, s step, name string, last bool) *encode.Value {
	list.Shape = encode.List
	n := 0
	for _, x := range list.Items {
		if len(x.Members) == 1 && x.Members[0].Key == name {
			if s.index == n || s.index < 0 && !last && n == count(list, name)-1 {
				return x
			}
			n++
		}
	}
	x := &encode.Value{Shape: encode.Object}
	if !last {
		x.Set(name, &encode.Value{Shape: encode.Object})
	}
	list.Items = append(list.Items, x)
	return x
}

func count(list *encode.Value, name string) (n int) {
	for _, x := range list.Items {
		if len(x.Members) == 1 && x.Members[0].Key == name {
			n++
		}
	}
	return n
}

func wrap(name string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s/%w", name, err)
}

func number(s string) bool {
	for _, c := range s {
		if c < '0' || c > '9' {
			return false
		}
	}
	return s != ""
}
