package render

import (
	"fmt"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/families"
)

// A key path of JSON output has one type. These tests hold it twice: here over
// everything that is described, in jsonconform_test.go over what is printed of
// all captures. If one fails, a description gives one name two types on one
// path. Give it one type (an enum and a number, flags and hex: take the enum or
// the flags for both); or, where the formats of a sub differ, mark the sub
// tagged, so that a value says of which format it is.

// spot is one thing that can stand at a key path: a value, or the list of an
// attribute that may repeat.
type spot struct {
	t      *families.Type
	multi  bool
	levels int              // of KindTypeValue that are left
	head   *families.Struct // before the value, of an element of a TLV list
	name   string           // of that element
	is     shape            // where t is nil
	from   string           // where it is described
}

func (s spot) shape() shape {
	switch {
	case s.multi:
		return shapeArray
	case s.t == nil:
		return s.is
	case s.levels > 0, s.head != nil:
		return shapeObject
	}
	return shapeOf(s.t)
}

// same says whether two spots are one.
func (s spot) same(o spot) bool {
	return s.t == o.t && s.multi == o.multi && s.levels == o.levels && s.head == o.head && s.is == o.is
}

// keyed is what stands under a key: "[]" for the elements of an array, "#" for
// keys that are numbers, "[]." and a name for lists in order.
type keyed struct {
	key string
	at  spot
}

func structKeys(s *families.Struct, out []keyed) []keyed {
	for _, m := range s.Members {
		if m.Type.Kind != families.KindPad {
			out = append(out, keyed{m.Name, spot{t: &m.Type, from: s.Name + "." + m.Name}})
		}
	}
	return out
}

func setKeys(s *families.AttrSet, out []keyed) []keyed {
	if s == nil {
		return out
	}
	for _, f := range s.Fields {
		switch {
		case f.Guess: // a list of what it was read as
			out = append(out, keyed{f.Name, spot{is: shapeArray, from: s.Name + "." + f.Name}})
		case f.Type.Kind != families.KindPad:
			out = append(out, keyed{f.Name, spot{t: &f.Type, multi: f.Multi, from: s.Name + "." + f.Name}})
		}
	}
	return out
}

// leafKeys are the keys of objects and arrays that no description spells out.
func leafKeys(t *families.Type) []keyed {
	one := func(key string, is shape) keyed { return keyed{key, spot{is: is, from: t.String()}} }
	switch {
	case t.Kind == families.KindBitfield32:
		return []keyed{one("value", shapeArray), one("selector", shapeArray)}
	case t.Kind == families.KindPacket:
		out := []keyed{one("layers", shapeArray), one("hex", shapeString)}
		if t.TLV != nil {
			out = append(out, keyed{"elements", spot{t: &families.Type{Kind: families.KindTLV, TLV: t.TLV}, from: t.String()}})
		}
		return out
	case t.Hint == families.HintSockaddr:
		return []keyed{one("family", shapeString), one("address", shapeString), one("port", shapeNumber)}
	case t.Hint == families.HintTCInfo:
		return []keyed{one("prio", shapeNumber), one("protocol", shapeString)}
	case t.Kind == families.KindStrings, shapeOf(t) == shapeArray && (t.Kind == families.KindUint || t.Kind == families.KindSint):
		return []keyed{one("[]", shapeString)}
	case t.Kind == families.KindArray && isBitmap(t):
		return []keyed{one("[]", shapeString)}
	case t.Kind == families.KindMessage:
		return []keyed{one("message", shapeObject)}
	}
	return nil
}

func (s spot) keys() []keyed {
	t := s.t
	switch {
	case t == nil:
		return nil
	case s.multi:
		s.multi = false
		return []keyed{{"[]", s}}
	case s.levels > 1:
		s.levels--
		return []keyed{{"#", s}}
	case s.levels == 1:
		return []keyed{{"#", spot{t: &families.Type{Kind: families.KindNest, Set: t.Set}, from: s.from}}}
	case s.head != nil:
		out := structKeys(s.head, nil)
		for _, f := range formatsOf(t) {
			if f.Kind == families.KindStruct {
				out = structKeys(f.Struct, out)
			}
		}
		s.head = nil
		return append(out, keyed{s.name, s})
	}
	if out := leafKeys(t); out != nil {
		return out
	}
	var out []keyed
	switch t.Kind {
	case families.KindUint, families.KindSint:
		if shapeOf(t) == shapeObject {
			for i := range t.Enum.Entries {
				x := &t.Enum.Entries[i]
				if x.Type == nil {
					out = append(out, keyed{x.Name, spot{is: shapeNumber, from: t.Enum.Name}})
					continue
				}
				out = append(out, keyed{x.Name, spot{t: x.Type, from: t.Enum.Name}})
			}
		}
	case families.KindNest:
		if t.Struct != nil {
			out = structKeys(t.Struct, out)
		}
		return inOrder(t, setKeys(t.Set, out))
	case families.KindTLV:
		for _, f := range t.TLV.Set.Fields {
			out = append(out, keyed{f.Name, spot{t: &f.Type, multi: f.Multi, head: t.TLV.Head, name: f.Name, from: t.TLV.Set.Name + "." + f.Name}})
		}
		return inOrder(t, out)
	case families.KindIndexed:
		if t.Ordered {
			return []keyed{{"[].#", spot{t: t.Elem, from: s.from}}}
		}
		return []keyed{{"[]", spot{t: t.Elem, from: s.from}}}
	case families.KindArray:
		return []keyed{{"[]", spot{t: t.Elem, from: s.from}}}
	case families.KindTypeValue:
		s.levels = len(t.Levels)
		return s.keys()
	case families.KindStruct:
		return structKeys(t.Struct, nil)
	case families.KindRecords:
		return []keyed{{"[]", spot{t: &families.Type{Kind: families.KindNest, Struct: t.Struct, Set: t.Set}, from: s.from}}}
	case families.KindSub:
		return s.formatKeys()
	}
	return out
}

// formatKeys are the keys of a value whose format something decides.
func (s spot) formatKeys() []keyed {
	sub, list, tags := s.t.Sub, "", isTagged(s.t.Sub)
	if s.t.Choose >= families.BySetKey {
		list, tags = "[].", true
	}
	var out []keyed
	for _, f := range formatsOf(s.t) {
		x := spot{t: f, from: s.from + "(" + f.String() + ")"}
		switch {
		case tags:
			out = append(out, keyed{list + tagOf(f), x})
		case plainBytes(f) && subShape(sub) == shapeObject:
		default:
			out = append(out, x.keys()...)
		}
	}
	return out
}

// inOrder makes keys those of a list of objects with one key each, where the
// order of the attributes means something.
func inOrder(t *families.Type, list []keyed) []keyed {
	for i := range list {
		if t.Ordered {
			list[i].key = "[]." + list[i].key
			list[i].at.multi = false
		}
	}
	return list
}

func formatsOf(t *families.Type) []*families.Type {
	if t.Kind != families.KindSub {
		return []*families.Type{t}
	}
	var out []*families.Type
	eachFormat(t.Sub, func(f *families.Type) { out = append(out, f) })
	return out
}

// describedRoots are what can stand under header and attrs, whatever the
// message.
func describedRoots(t testing.TB) map[string][]spot {
	t.Helper()
	list, err := families.Embedded().LoadAll()
	if err != nil {
		t.Fatal(err)
	}
	roots := map[string][]spot{}
	add := func(key string, t *families.Type, from string) {
		roots[key] = append(roots[key], spot{t: t, from: from})
	}
	content := func(t *families.Type, from string) {
		if t.Kind == families.KindSub && marked(t.Sub) {
			add("attrs", t, from)
			return
		}
		for _, f := range formatsOf(t) {
			if f.Kind != families.KindStruct && f.Kind != families.KindNest && f.Kind != families.KindTLV {
				// One value, under a key that says what it is.
				f = &families.Type{Kind: families.KindStruct, Struct: &families.Struct{Name: from, Members: []*families.Field{{Name: contentKey(f), Type: *f}}}}
			}
			add("attrs", f, from)
		}
	}
	for _, f := range list {
		for name, set := range f.Bodies {
			for _, b := range set.Bodies {
				if b.Header != nil {
					add("header", b.Header.Self(), b.Header.Name)
				}
				if b.Set != nil {
					add("attrs", &families.Type{Kind: families.KindNest, Set: b.Set}, name)
				}
				if b.Payload != nil {
					content(b.Payload, name)
				}
			}
		}
	}
	return roots
}

// below are the spots behind each key.
func below(spots []spot) map[string][]spot {
	out := map[string][]spot{}
	for _, s := range spots {
		for _, k := range s.keys() {
			if !slices.ContainsFunc(out[k.key], k.at.same) {
				out[k.key] = append(out[k.key], k.at)
			}
		}
	}
	return out
}

// TestOneTypeAPath goes over every key path that descriptions allow. Paths
// have no end where attributes nest in themselves, but the sets of what can
// stand at one have.
func TestOneTypeAPath(t *testing.T) {
	seen, told := map[string]bool{}, map[string]bool{}
	var walk func(path string, spots []spot)
	walk = func(path string, spots []spot) {
		ids := make([]string, len(spots))
		by := map[shape]string{}
		for i, s := range spots {
			ids[i] = fmt.Sprintf("%p %p %v %d %d", s.t, s.head, s.multi, s.levels, s.is)
			by[s.shape()] = s.from
		}
		sort.Strings(ids)
		id := strings.Join(ids, ",")
		if seen[id] {
			return
		}
		seen[id] = true
		if len(by) > 1 {
			var what []string
			for is, from := range by {
				what = append(what, shapeTags[is]+" by "+from)
			}
			sort.Strings(what)
			if text := strings.Join(what, ", "); !told[text] {
				told[text] = true
				t.Errorf("%s: %s", path, text)
			}
			return
		}
		next := below(spots)
		keys := make([]string, 0, len(next))
		for k := range next {
			keys = append(keys, k)
		}
		sort.Strings(keys)
		for _, k := range keys {
			walk(path+"."+k, next[k])
		}
	}
	roots := describedRoots(t)
	walk("header", roots["header"])
	walk("attrs", roots["attrs"])
	if len(seen) < 8000 {
		t.Errorf("only %d places were looked at", len(seen))
	}
}
