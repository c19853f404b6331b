package filter

import (
	"slices"
	"strings"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/flow"
)

// ref is what the name of a field stands for: a builtin, or the attributes and
// members that bear it.
type ref struct {
	name    string
	builtin *families.Field // nil for the others

	fields []*families.Field
	// above are what the attributes around the field have to be, the nearest
	// last.
	above  []step
	family string // of the message, "" for any
	own    bool   // not in the request that an NLMSG_ERROR echoes

	types []*families.Type // that its values can have
}

// spellings are all texts that the field's values can be, nil if nobody can list
// them.
func (r *ref) spellings() []string {
	switch {
	case r.builtin == nil:
	case r.builtin.Name == "finding":
		return slices.Concat(dissect.Codes(), flow.Codes())
	case r.builtin.Name == "exchange.finding":
		return flow.Codes()
	}
	return nil
}

// foreign says whether a name is tshark's, which takes apart no more than the
// header of an echoed request.
func foreign(name string) bool {
	for _, p := range []string{"netlink-", "nl80211.", "genl.ctrl."} {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return false
}

// step is one attribute or struct around a field.
type step struct {
	fields []*families.Field
	types  []*families.Type // the format that was chosen, nil for any
}

// resolve finds what a name stands for. deep looks through all descriptions
// for YNL's short names too.
func (e *Env) resolve(name string, deep bool) *ref {
	if to, ok := aliases[name]; ok {
		r := e.resolve(to, false)
		if r != nil {
			r.name, r.own = name, foreign(name)
		}
		return r
	}
	if f := e.builtins()[name]; f != nil {
		return &ref{name: name, builtin: f, types: []*families.Type{&f.Type}}
	}
	r := &ref{name: name}
	switch {
	case strings.Contains(name, "/"):
		if !e.slashed(r, strings.Split(name, "/")) {
			return nil
		}
	case deep && ynlName(name):
		// A word may be a C member and YNL's name of attributes as well.
		_, shorts := e.everything()
		if r.fields = shorts[name]; len(r.fields) == 0 && strings.Contains(name, ".") {
			e.dotted(r, strings.Split(name, "."))
		}
	case e.byName(r, name):
	case strings.Contains(name, ".") && e.dotted(r, strings.Split(name, ".")):
	case deep && looksLikeName(name):
		_, shorts := e.everything()
		r.fields = shorts[name]
	}
	if len(r.fields) == 0 {
		return nil
	}
	r.fields = distinct(r.fields)
	for _, f := range r.fields {
		r.types = appendTypes(r.types, &f.Type, 0)
	}
	return r
}

// ynlName says whether a name can be YNL's: it has no capitals and dashes
// instead of underlines.
func ynlName(s string) bool {
	return looksLikeName(s) && !strings.Contains(s, "_") && strings.ToLower(s) == s
}

func distinct(list []*families.Field) []*families.Field {
	var out []*families.Field
	for _, f := range list {
		if !slices.Contains(out, f) {
			out = append(out, f)
		}
	}
	return out
}

// generic says whether a field can be in messages of a generic family.
func (e *Env) generic(r *ref) bool {
	for _, f := range r.fields {
		if e.loaded.Load() {
			if e.generics[f] {
				return true
			}
			continue
		}
		list, err := e.db.Mentioning(f.Name)
		if err != nil {
			return true
		}
		for _, fam := range list {
			for _, d := range fam.Fields() {
				if d.Field == f && e.db.Generic(fam.Name) {
					return true
				}
			}
		}
	}
	return false
}

// byName finds the fields with exactly that uapi name.
func (e *Env) byName(r *ref, name string) bool {
	r.fields = e.fieldsNamed(name, false)
	return len(r.fields) > 0
}

func (e *Env) fieldsNamed(name string, deep bool) []*families.Field {
	if e.loaded.Load() { // everything was read for another reason
		var out []*families.Field
		for _, f := range e.shorts[name] {
			if f.Name == name {
				out = append(out, f)
			}
		}
		if len(out) == 0 && deep {
			out = e.shorts[name]
		}
		return out
	}
	list, err := e.db.Mentioning(name)
	if err != nil {
		return nil
	}
	var out []*families.Field
	for _, f := range list {
		for _, d := range f.Fields() {
			if d.Field.Name == name && d.Field.Type.Kind != families.KindPad {
				out = append(out, d.Field)
			}
		}
	}
	if len(out) == 0 && deep {
		_, shorts := e.everything()
		out = shorts[name]
	}
	return out
}

// slashed resolves IFLA_LINKINFO/IFLA_INFO_KIND: each name is the attribute
// right around the next.
func (e *Env) slashed(r *ref, parts []string) bool {
	for i, p := range parts {
		fields := distinct(e.fieldsNamed(p, true))
		if len(fields) == 0 {
			return false
		}
		if i == len(parts)-1 {
			r.fields = fields
		} else {
			r.above = append(r.above, step{fields: fields})
		}
	}
	return true
}

// appendTypes lists the types that a field's values can have.
func appendTypes(list []*families.Type, t *families.Type, depth int) []*families.Type {
	if t.Kind == families.KindSub && depth < 4 {
		for _, f := range t.Sub.Formats() {
			list = appendTypes(list, f, depth+1)
		}
		return list
	}
	if slices.Contains(list, t) {
		return list
	}
	return append(list, t)
}

// place is where a name of a dotted path is looked for.
type place struct {
	set *families.AttrSet
	str *families.Struct
	sub *families.Type // its formats can be named
}

// places lists where the names inside of a type are.
func places(list []place, t *families.Type, depth int) []place {
	if t == nil || depth > 8 {
		return list
	}
	switch t.Kind {
	case families.KindNest, families.KindTypeValue, families.KindRecords, families.KindStruct:
		if t.Set != nil || t.Struct != nil {
			list = append(list, place{set: t.Set, str: t.Struct})
		}
	case families.KindIndexed, families.KindArray:
		list = places(list, t.Elem, depth+1)
	case families.KindTLV:
		list = append(list, place{set: t.TLV.Set, str: t.TLV.Head})
	case families.KindSub:
		list = append(list, place{sub: t})
		for _, f := range t.Sub.Formats() {
			list = places(list, f, depth+1)
		}
	}
	return list
}

// dotted resolves rt-link.linkinfo.data.vxlan.id, from a family's messages
// inwards, and ifinfomsg.ifi_index or link.IFLA_MTU: a member of a struct, an
// attribute of a space.
func (e *Env) dotted(r *ref, parts []string) bool {
	if f := e.familyNamed(parts[0]); f != nil {
		r.family = f.Name
		if e.walk(r, bodies(f), parts[1:]) {
			return true
		}
		*r = ref{name: r.name}
	}
	list, err := e.db.Mentioning(parts[0])
	if err != nil {
		return false
	}
	var at []place
	for _, f := range list {
		if s := f.Structs[parts[0]]; s != nil {
			at = append(at, place{str: s})
		}
		if s := f.Sets[parts[0]]; s != nil {
			at = append(at, place{set: s})
		}
	}
	return len(at) > 0 && e.walk(r, at, parts[1:])
}

// familyNamed finds a description by its own name or the generic family's.
func (e *Env) familyNamed(name string) *families.Family {
	if f, err := e.db.Load(name); err == nil {
		return f
	}
	return e.db.Genl(name)
}

func bodies(f *families.Family) []place {
	var out []place
	for _, set := range f.Bodies {
		for _, b := range set.Bodies {
			if b.Set != nil || b.Header != nil {
				out = append(out, place{set: b.Set, str: b.Header})
			}
			out = places(out, b.Payload, 0)
		}
	}
	for _, m := range f.Messages {
		if m.Body == nil {
			continue
		}
		for _, b := range m.Body.Bodies {
			out = append(out, place{set: b.Set, str: b.Header})
			out = places(out, b.Payload, 0)
		}
	}
	return unique(out)
}

func unique(list []place) []place {
	seen := map[place]bool{}
	return slices.DeleteFunc(list, func(p place) bool {
		was := seen[p]
		seen[p] = true
		return was
	})
}

// walk follows names from place to place. The last one is the field.
func (e *Env) walk(r *ref, at []place, parts []string) bool {
	for i, name := range parts {
		var fields []*families.Field
		var formats []*families.Type
		for _, p := range at {
			fields = append(fields, p.find(name)...)
			if p.sub != nil {
				if f := p.sub.Sub.ByName[name]; f != nil {
					formats = append(formats, f)
				}
			}
		}
		fields = distinct(fields)
		switch {
		case len(fields) > 0 && i == len(parts)-1:
			r.fields = fields
			return true
		case len(fields) > 0:
			at = nil
			for _, f := range fields {
				at = places(at, &f.Type, 0)
			}
			r.above = append(r.above, step{fields: fields})
		case len(formats) > 0 && len(r.above) > 0 && i < len(parts)-1:
			r.above[len(r.above)-1].types = formats
			at = nil
			for _, f := range formats {
				at = places(at, f, 0)
			}
		default:
			return false
		}
		at = unique(at)
	}
	return false
}

// find returns what is called name in a place.
func (p place) find(name string) []*families.Field {
	var out []*families.Field
	if p.set != nil {
		if f := p.set.ByName(name); f != nil {
			out = append(out, f)
		}
	}
	if p.str != nil {
		for _, f := range p.str.Members {
			if f.Name == name || f.Short == name {
				out = append(out, f)
			}
		}
	}
	return out
}
