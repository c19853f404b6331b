package craft

import (
	"strings"

	"github.com/nlsniff/nlsniff/families"
)

// place is where names stand: attribute spaces and structs, several where
// something beside them decides.
type place struct {
	sets    []*families.AttrSet
	structs []*families.Struct
	ordered bool
}

// topOf is the place that a message is.
func topOf(m *families.Message) place {
	var p place
	if m.Body == nil {
		return p
	}
	for _, b := range m.Body.Bodies {
		skip := false
		for _, c := range b.When {
			skip = skip || c.Kind == families.CondReply && !c.Not || c.Kind == families.CondAttrsAt && !c.Not
		}
		if skip {
			continue
		}
		if b.Header != nil {
			p.structs = append(p.structs, b.Header)
		}
		if b.Set != nil {
			p.sets = append(p.sets, b.Set)
		}
		if b.Payload != nil {
			in := inside(b.Payload)
			p.sets = append(p.sets, in.sets...)
			p.structs = append(p.structs, in.structs...)
		}
	}
	return p
}

// isMember says whether a field is one of a header's.
func (p place) isMember(f *families.Field) bool {
	for _, s := range p.structs {
		if s.Member(f.Name) == f {
			return true
		}
	}
	return false
}

// inside is the place that a value of a type is.
func inside(t *families.Type) place {
	var p place
	switch t.Kind {
	case families.KindSub:
		for _, x := range t.Sub.Formats() {
			in := inside(x)
			p.sets = append(p.sets, in.sets...)
			p.structs = append(p.structs, in.structs...)
			p.ordered = p.ordered || in.ordered
		}
		return p
	case families.KindIndexed, families.KindArray:
		if t.Elem != nil {
			return inside(t.Elem)
		}
	case families.KindTLV:
		return place{sets: []*families.AttrSet{t.TLV.Set}, ordered: t.Ordered}
	}
	if t.Set != nil {
		p.sets = append(p.sets, t.Set)
	}
	if t.Struct != nil {
		p.structs = append(p.structs, t.Struct)
	}
	p.ordered = t.Ordered && t.Kind == families.KindNest
	return p
}

// listed says whether a value is a list of what is inside it.
func listed(t *families.Type) bool {
	switch t.Kind {
	case families.KindIndexed, families.KindArray, families.KindRecords:
		return !t.Ordered
	}
	return false
}

func (p place) find(name string) *families.Field {
	for _, s := range p.structs {
		if f := s.Member(name); f != nil {
			return f
		}
	}
	for _, s := range p.sets {
		if f := s.ByName(name); f != nil {
			return f
		}
	}
	return nil
}

// fields are all members and attributes, each name once.
func (p place) fields() []*families.Field {
	var out []*families.Field
	seen := map[string]bool{}
	add := func(f *families.Field) {
		if f.Type.Kind != families.KindPad && !seen[f.Name] {
			seen[f.Name] = true
			out = append(out, f)
		}
	}
	for _, s := range p.structs {
		for _, f := range s.Members {
			add(f)
		}
	}
	for _, s := range p.sets {
		for _, f := range s.Fields {
			add(f)
		}
	}
	return out
}

// hint names what there is that looks like name.
func (p place) hint(name string) string {
	want := strings.ToLower(strings.ReplaceAll(name, "-", "_"))
	var like, all []string
	for _, f := range p.fields() {
		have := strings.ToLower(f.Name)
		if strings.Contains(have, want) || strings.Contains(want, strings.ToLower(f.Short)) && f.Short != "" {
			like = append(like, f.Name)
		}
		all = append(all, f.Name)
	}
	if len(like) == 0 {
		like = all
	}
	if len(like) == 0 {
		return ""
	}
	return " (hint: " + some(like) + ")"
}
