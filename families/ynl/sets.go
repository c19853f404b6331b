package ynl

import "github.com/nlsniff/nlsniff/families"

var (
	setKeys = []string{"name", "name-prefix", "enum-name", "doc", "subset-of", "attr-cnt-name",
		"attr-max-name", "header", "attributes"}
	attrKeys = []string{"name", "type", "doc", "value", "type-value", "byte-order", "multi-attr",
		"nested-attributes", "enum", "enum-as-flags", "checks", "sub-type", "display-hint",
		"name-prefix", "struct", "sub-message", "selector", "config-cond"}
)

// setDef is an attribute set, and how far its reading has come.
type setDef struct {
	name  string
	obj   *object
	set   *families.AttrSet
	base  *setDef            // the set that this one is a part of
	attrs map[string]*object // by name, what the base says included
	ids   map[string]uint16
	nests []*setDef // the sets that hold this one
	busy  bool
	done  bool
}

func (r *reader) declareSets(o *object) {
	for _, s := range o.objects("attribute-sets", "an attribute set", setKeys) {
		name := newName(r, s, "an attribute set", r.sets)
		if name == "" {
			continue
		}
		r.addHeader(s.text("header"))
		d := &setDef{name: name, obj: s, set: &families.AttrSet{Name: name}}
		r.sets[name], r.fam.Sets[name] = d, d.set
	}
}

func (r *reader) defineSets() {
	for _, d := range sorted(r.sets) {
		r.defineSet(d, 0)
	}
}

// maxSubsets bounds how many sets may be a part of one another.
const maxSubsets = 16

// defineSet reads the attributes of a set. A part of another set has its
// attributes from there, and may say more of them.
func (r *reader) defineSet(d *setDef, depth int) {
	if d.done {
		return
	}
	d.busy = true
	d.attrs, d.ids = map[string]*object{}, map[string]uint16{}
	if d.obj.has("subset-of") {
		d.base = r.baseSet(d, depth)
		if d.base == nil {
			d.busy, d.done = false, true
			return
		}
		d.set.Prefix = d.base.set.Prefix
		if d.obj.has("name-prefix") {
			r.warnf(d.obj.at("name-prefix"), "name-prefix has no effect in a subset")
		}
	} else if d.set.Prefix = setPrefix(r.fam.Name, d.name); d.obj.has("name-prefix") {
		d.set.Prefix = prefix(d.obj.text("name-prefix"))
	}
	next := int64(1)
	used := map[uint16]string{}
	for _, a := range d.obj.objects("attributes", "an attribute", attrKeys) {
		name := a.name("name")
		switch {
		case name == "":
			r.errorf(a.at("name"), "an attribute needs a name")
			continue
		case d.attrs[name] != nil && d.base != nil:
			r.warnf(a.at("name"), "attribute %s is there twice in %s", quote(name), quote(d.name))
			continue
		case d.attrs[name] != nil:
			r.errorf(a.at("name"), "attribute %s is there twice in %s", quote(name), quote(d.name))
			continue
		case d.base != nil && d.base.attrs[name] == nil:
			r.errorf(a.at("name"), "attribute set %s has no attribute %s", quote(d.base.name), quote(name))
			continue
		case d.base != nil:
			next = int64(d.base.ids[name])
		}
		if v, ok := a.integer("value", 0, maxType); ok {
			next = v
		}
		if next > maxType {
			r.errorf(a.at("name"), "attribute %s is number %d, should be at most %d", quote(name), next, maxType)
			break
		}
		if d.base != nil {
			a = a.over(d.base.attrs[name])
		}
		id := uint16(next)
		if first, ok := used[id]; ok {
			r.warnf(a.at("name"), "attribute %s has number %d as %s has", quote(name), id, quote(first))
		} else {
			used[id] = name
		}
		d.attrs[name], d.ids[name] = a, id
		if f := r.attr(d, a, name, id); f != nil {
			d.set.Fields = append(d.set.Fields, f)
		}
		next++
	}
	d.busy, d.done = false, true
}

// maxType is the largest attribute type: two bits of nla_type are flags.
const maxType = 1<<14 - 1

// baseSet finds and reads the set that d is a part of.
func (r *reader) baseSet(d *setDef, depth int) *setDef {
	name := d.obj.text("subset-of")
	base := r.sets[name]
	switch {
	case base == nil:
		r.errorf(d.obj.at("subset-of"), "attribute set %s is not defined", quote(name))
		return nil
	case base.busy:
		r.errorf(d.obj.at("subset-of"), "attribute set %s is a part of itself", quote(name))
		return nil
	case depth == maxSubsets:
		r.errorf(d.obj.at("subset-of"), "subsets are nested deeper than %d", maxSubsets)
		return nil
	}
	r.defineSet(base, depth+1)
	return base
}

// attr makes a field of an attribute.
func (r *reader) attr(d *setDef, a *object, name string, id uint16) *families.Field {
	p := d.set.Prefix
	if a.has("name-prefix") {
		p = prefix(a.text("name-prefix"))
	}
	if !validName(p + name) {
		r.errorf(a.at("name"), "bad name %s", quote(p+name))
		return nil
	}
	t, ok := r.attrType(d, a)
	if !ok {
		return nil
	}
	f := &families.Field{Name: p + upper(name), Short: name, ID: id, Type: t, Doc: a.prose("doc"),
		Multi: a.truth("multi-attr")}
	if t.Kind == families.KindBinary || t.Kind == families.KindString {
		f.Secret = secret(name)
	}
	sub := &f.Type
	if sub.Kind == families.KindIndexed {
		sub = sub.Elem
	}
	if sub.Kind == families.KindSub {
		s := r.subs[sub.Sub.Name]
		s.uses = append(s.uses, subUse{d, sub})
	}
	return f
}

// setOf finds the attribute set that key names; nil if it names none.
func (r *reader) setOf(o *object, key string) *setDef {
	if !o.has(key) {
		return nil
	}
	name := o.text(key)
	d := r.sets[name]
	if d == nil {
		r.errorf(o.at(key), "attribute set %s is not defined", quote(name))
	}
	return d
}
