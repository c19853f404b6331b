package render

import (
	"fmt"
	"sort"
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/families"
)

// spot is one thing that can stand at a key path: a value, or the list of an
// attribute that may repeat.
type spot struct {
	t      *families.Type
	multi  bool
	levels int // of KindTypeValue that are left
	tlv    *families.TLV
	from   string // where it is described
	s      shape  // where t is nil
}

func (s spot) shape() shape {
	switch {
	case s.t == nil:
		return s.s
	case s.multi:
		return shapeArray
	case s.levels > 0:
		return shapeObject
	}
	return shapeOf(s.t)
}

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
		if f.Type.Kind != families.KindPad {
			out = append(out, keyed{f.Name, spot{t: &f.Type, multi: f.Multi, from: s.Name + "." + f.Name}})
		}
	}
	return out
}

func (s spot) keys() []keyed {
	var out []keyed
	if s.t == nil {
		return nil
	}
	if s.multi {
		s.multi = false
		return []keyed{{"[]", s}}
	}
	if s.levels > 1 {
		s.levels--
		return []keyed{{"#", s}}
	} else if s.levels == 1 {
		return []keyed{{"#", spot{t: &families.Type{Kind: families.KindNest, Set: s.t.Set}, from: s.from}}}
	}
	t := s.t
	switch t.Kind {
	case families.KindUint, families.KindSint:
		if shapeOf(t) == shapeObject && t.Enum != nil && t.Enum.Kind == families.EnumBits {
			for _, x := range t.Enum.Entries {
				pt := x.Type
				if pt == nil {
					pt = &families.Type{Kind: families.KindUint}
				}
				out = append(out, keyed{x.Name, spot{t: pt, from: t.Enum.Name}})
			}
		}
	case families.KindNest:
		if t.Ordered {
			plain := *t
			plain.Ordered = false
			for _, k := range (spot{t: &plain}).keys() {
				k.at.multi = false
				out = append(out, keyed{"[]." + k.key, k.at})
			}
			return out
		}
		if t.Struct != nil {
			out = structKeys(t.Struct, out)
		}
		out = setKeys(t.Set, out)
	case families.KindIndexed, families.KindArray:
		if t.Ordered {
			return append(out, keyed{"[].#", spot{t: t.Elem, from: s.from}})
		}
		out = append(out, keyed{"[]", spot{t: t.Elem, from: s.from}})
	case families.KindTypeValue:
		s.levels = len(t.Levels)
		return s.keys()
	case families.KindStruct:
		out = structKeys(t.Struct, out)
	case families.KindRecords:
		out = append(out, keyed{"[]", spot{t: &families.Type{Kind: families.KindNest, Struct: t.Struct, Set: t.Set}, from: s.from}})
	case families.KindSub:
		tagged := isTagged(t.Sub)
		if t.Choose >= families.BySetKey {
			return append(out, keyed{"[]", spot{t: &families.Type{Kind: families.KindSub, Sub: &families.SubMessage{Tagged: true, ByName: map[string]*families.Type{}, ByValue: t.Sub.ByValue, Default: t.Sub.Default}}, from: s.from}})
		}
		eachFormat(t.Sub, func(f *families.Type) {
			if plainBytes(f) && subShape(t.Sub) == shapeObject {
				return
			}
			x := spot{t: f, from: s.from + "(" + f.String() + ")"}
			if tagged {
				out = append(out, keyed{tagOf(f), x})
			} else {
				out = append(out, x.keys()...)
			}
		})
	case families.KindTLV:
		for _, f := range t.TLV.Set.Fields {
			x := spot{t: &f.Type, multi: f.Multi, from: t.TLV.Set.Name + "." + f.Name}
			if h := t.TLV.Head; h != nil {
				x = spot{t: &families.Type{Kind: families.KindNest, Struct: h, Set: &families.AttrSet{Name: x.from, Fields: []*families.Field{f}}}, multi: f.Multi, from: x.from}
			}
			if t.Ordered {
				x.multi = false
				out = append(out, keyed{"[]." + f.Name, x})
				continue
			}
			out = append(out, keyed{f.Name, x})
		}
	case families.KindPacket:
		if t.TLV != nil {
			out = append(out, keyed{"elements", spot{t: &families.Type{Kind: families.KindTLV, TLV: t.TLV}, from: s.from}})
		}
	}
	return out
}

func TestOneTypeAPathInDescriptions(t *testing.T) {
	list, err := families.Embedded().LoadAll()
	if err != nil {
		t.Fatal(err)
	}
	var roots []keyed
	var content func(t *families.Type)
	content = func(t *families.Type) {
		switch {
		case t.Kind == families.KindSub:
			if !marked(t.Sub) {
				eachFormat(t.Sub, content)
				return
			}
			roots = append(roots, keyed{"attrs", spot{t: t, from: "payload"}})
		case shapeOf(t) == shapeObject && (t.Kind == families.KindStruct || t.Kind == families.KindNest || t.Kind == families.KindTLV):
			roots = append(roots, keyed{"attrs", spot{t: t, from: "payload"}})
		default:
			one := &families.Struct{Name: "content", Members: []*families.Field{{Name: contentKey(t), Type: *t}}}
			roots = append(roots, keyed{"attrs", spot{t: &families.Type{Kind: families.KindStruct, Struct: one}}})
		}
	}
	body := func(b *families.Body) {
		if b.Header != nil {
			roots = append(roots, keyed{"header", spot{t: b.Header.Self(), from: "header"}})
		}
		if b.Set != nil {
			roots = append(roots, keyed{"attrs", spot{t: &families.Type{Kind: families.KindNest, Set: b.Set}, from: "attrs"}})
		}
		if b.Payload != nil {
			content(b.Payload)
		}
	}
	for _, f := range list {
		for _, set := range f.Bodies {
			for _, b := range set.Bodies {
				body(b)
			}
		}
	}
	seen := map[string]bool{}
	bad := map[string]bool{}
	n := 0
	var walk func(path string, spots []spot)
	id := func(spots []spot) string {
		var ids []string
		for _, s := range spots {
			ids = append(ids, fmt.Sprintf("%p%v%d", s.t, s.multi, s.levels))
		}
		sort.Strings(ids)
		return strings.Join(ids, " ")
	}
	visit := func(path string, keys []keyed) {
		byKey := map[string][]spot{}
		for _, k := range keys {
			dup := false
			for _, o := range byKey[k.key] {
				dup = dup || o.t == k.at.t && o.multi == k.at.multi && o.levels == k.at.levels
			}
			if !dup {
				byKey[k.key] = append(byKey[k.key], k.at)
			}
		}
		var names []string
		for k := range byKey {
			names = append(names, k)
		}
		sort.Strings(names)
		for _, k := range names {
			walk(path+"."+k, byKey[k])
		}
	}
	walk = func(path string, spots []spot) {
		if k := id(spots); seen[k] {
			return
		} else {
			seen[k] = true
		}
		n++
		by := map[shape]string{}
		for _, s := range spots {
			if by[s.shape()] == "" {
				by[s.shape()] = s.from
			}
		}
		if len(by) > 1 && strings.Count(path, ".") < 40 {
			what := ""
			for s, from := range by {
				what += " " + shapeTags[s] + ":" + from
			}
			if !bad[what] {
				bad[what] = true
				t.Errorf("%s%s", path, what)
			}
		}
		var keys []keyed
		for _, s := range spots {
			keys = append(keys, s.keys()...)
		}
		visit(path, keys)
	}
	visit("", roots)
	t.Log(n, "paths")
}
