package ynl

import (
	"strconv"

	"github.com/nlsniff/nlsniff/families"
)

var (
	subKeys    = []string{"name", "formats", "doc"}
	formatKeys = []string{"value", "fixed-header", "attribute-set", "doc"}
)

// subDef is a sub-message and the attributes that hold it.
type subDef struct {
	obj  *object
	sub  *families.SubMessage
	enum *families.Enum // whose numbers ByValue holds
	uses []subUse
}

// subUse is an attribute that holds a sub-message.
type subUse struct {
	in  *setDef
	typ *families.Type
}

func (r *reader) declareSubs(o *object) {
	for _, s := range o.objects("sub-messages", "a sub-message", subKeys) {
		name := newName(r, s, "a sub-message", r.subs)
		if name == "" {
			continue
		}
		d := &subDef{obj: s, sub: &families.SubMessage{Name: name, ByName: map[string]*families.Type{}}}
		r.subs[name], r.fam.Subs[name] = d, d.sub
	}
}

// subMessage reads the type of an attribute that holds a sub-message.
func (r *reader) subMessage(a *object) (families.Type, bool) {
	name := a.text("sub-message")
	d := r.subs[name]
	if d == nil {
		r.errorf(a.at("sub-message"), "sub-message %s is not defined", quote(name))
		return families.Type{}, false
	}
	sel := a.name("selector")
	if sel == "" {
		r.errorf(a.at("name"), "sub-message %s needs a selector", quote(name))
		return families.Type{}, false
	}
	return families.Type{Kind: families.KindSub, Sub: d.sub, Selector: sel}, true
}

// defineSubs reads the formats: a fixed header, attributes, both, or nothing.
func (r *reader) defineSubs() {
	for _, d := range sorted(r.subs) {
		for _, f := range d.obj.objects("formats", "a format", formatKeys) {
			value := f.name("value")
			if value == "" {
				r.errorf(f.node, "a format needs a value")
				continue
			}
			if d.sub.ByName[value] != nil {
				r.errorf(f.at("value"), "format %s is there twice in %s", quote(value), quote(d.sub.Name))
				continue
			}
			set := r.setOf(f, "attribute-set")
			header := r.structOf(f, "fixed-header", set != nil)
			t := &families.Type{Struct: header}
			switch {
			case set != nil:
				t.Kind, t.Set = families.KindNest, set.set
				r.holds(d, set)
			case header != nil:
				t.Kind = families.KindStruct
			default:
				t.Kind = families.KindFlag
			}
			d.sub.ByName[value] = t
			if n, err := strconv.ParseUint(value, 0, 64); err == nil {
				number(d.sub, n, t)
			}
		}
	}
}

// holds notes that the sets in which d stands hold set.
func (r *reader) holds(d *subDef, set *setDef) {
	for i, u := range d.uses {
		if i == maxHolders {
			return
		}
		set.nests = append(set.nests, u.in)
	}
}

// number enters a format for a selector that is an integer.
func number(s *families.SubMessage, n uint64, t *families.Type) {
	if s.ByValue == nil {
		s.ByValue = map[uint64]*families.Type{}
	}
	if s.ByValue[n] == nil {
		s.ByValue[n] = t
	}
}

// bindSelectors gives the formats their numbers where the selector is an
// integer whose values an enum names.
func (r *reader) bindSelectors() {
	for _, d := range sorted(r.subs) {
		for _, u := range d.uses {
			e := r.selectorEnum(u)
			if e == nil {
				continue
			}
			if d.enum != nil && d.enum != e {
				u.typ.Sub = r.variant(d, e)
				continue
			}
			if d.enum == nil {
				d.enum = e
				bindEnum(d.sub, e)
			}
		}
	}
}

func bindEnum(s *families.SubMessage, e *families.Enum) {
	for _, x := range e.Entries {
		if t := s.ByName[x.Short]; t != nil {
			number(s, x.Value, t)
		}
	}
}

// variant returns d's formats numbered by another enum.
func (r *reader) variant(d *subDef, e *families.Enum) *families.SubMessage {
	name := d.sub.Name + "-by-" + e.Name
	if s := r.fam.Subs[name]; s != nil {
		return s
	}
	s := &families.SubMessage{Name: name, ByName: d.sub.ByName}
	bindEnum(s, e)
	r.fam.Subs[name] = s
	return s
}

// How far the search for a selector goes. An enclosing set that lies farther
// away is not found, so that its numbers have no format.
const (
	maxHolders = 16
	maxReach   = 64
)

// selectorEnum finds the enum of the attribute that selects u's format: the
// one of that name in the same set, else in the sets around it.
func (r *reader) selectorEnum(u subUse) *families.Enum {
	seen := map[*setDef]bool{u.in: true}
	queue := []*setDef{u.in}
	for len(queue) > 0 {
		d := queue[0]
		queue = queue[1:]
		if a := d.attrs[u.typ.Selector]; a != nil {
			if e := r.enums[a.text("enum")]; e != nil {
				return e.enum
			}
			return nil
		}
		for i, n := range d.nests {
			if i == maxHolders || len(seen) == maxReach {
				break
			}
			if !seen[n] {
				seen[n] = true
				queue = append(queue, n)
			}
		}
	}
	return nil
}
