package craft

import (
	"sort"
	"strings"

	"github.com/nlsniff/nlsniff/families"
)

// Complete returns what can stand in the place of word behind a request's name,
// each with a word about it behind a tab.
func Complete(m *families.Message, word string) []string {
	var out []string
	name, val, hasVal := strings.Cut(word, "=")
	parts := strings.Split(name, "/")
	p, prefix := topOf(m), ""
	for _, w := range parts[:len(parts)-1] {
		base, _, _ := strings.Cut(w, "[")
		f := p.find(base)
		if f == nil {
			return nil
		}
		p, prefix = inside(&f.Type), prefix+w+"/"
	}
	last := parts[len(parts)-1]
	if hasVal {
		base, _, _ := strings.Cut(last, "[")
		f := p.find(base)
		if f == nil {
			return nil
		}
		return append(values(prefix+last+"=", &f.Type, val), kinds(p, f, prefix+last+"=", val)...)
	}
	for _, f := range p.fields() {
		if !strings.HasPrefix(f.Name, last) && !strings.HasPrefix(f.Short, last) {
			continue
		}
		end := "="
		in := inside(&f.Type)
		switch {
		case len(in.sets)+len(in.structs) > 0:
			end = "/"
		case f.Type.Kind == families.KindFlag:
			end = ""
		}
		info := f.Doc
		if info == "" {
			info = f.Type.String()
		}
		out = append(out, prefix+f.Name+end+"\t"+info)
	}
	return out
}

// values completes the value of a type: names of enums and flags, kinds.
func values(before string, t *families.Type, val string) []string {
	var names []string
	e := t.Enum
	if t.Elem != nil && e == nil {
		e = t.Elem.Enum
	}
	if i := strings.LastIndexAny(val, "|,"); i >= 0 {
		before, val = before+val[:i+1], val[i+1:]
	}
	if e != nil {
		for i := range e.Entries {
			names = append(names, e.Entries[i].Name)
			if e.Kind == families.EnumBits {
				names = names[:len(names)-1]
			}
		}
	}
	if t.Hint == families.HintBool {
		names = append(names, "0", "1")
	}
	var out []string
	for _, n := range names {
		if strings.HasPrefix(n, val) || e != nil && strings.HasPrefix(strings.TrimPrefix(n, e.Prefix), strings.ToUpper(val)) {
			out = append(out, before+n)
		}
	}
	return out
}

// kinds completes a text by which the format of something beside it is chosen.
func kinds(p place, f *families.Field, before, val string) []string {
	if f.Type.Kind != families.KindString {
		return nil
	}
	seen := map[string]bool{}
	for _, s := range p.sets {
		for _, x := range s.Fields {
			if x.Type.Kind != families.KindSub || x.Type.Selector != f.Name && x.Type.Selector != f.Short || len(x.Type.Inside) > 0 {
				continue
			}
			for name := range x.Type.Sub.ByName {
				seen[name] = seen[name] || strings.HasPrefix(name, val)
			}
		}
	}
	var out []string
	for name, fits := range seen {
		if fits {
			out = append(out, before+name)
		}
	}
	sort.Strings(out)
	return out
}

// Names completes the first words: families, and requests by their uapi names.
func Names(db *families.DB, word string) []string {
	var out []string
	for _, in := range db.List() {
		if !in.Library && strings.HasPrefix(in.Name, word) {
			out = append(out, in.Name)
		}
	}
	if word != "" && word == strings.ToUpper(word) {
		all, err := db.LoadAll()
		if err == nil {
			for _, f := range all {
				for _, m := range f.Messages {
					if m.Req && strings.HasPrefix(m.Name, word) {
						out = append(out, m.Name+"\t"+f.Name)
					}
				}
			}
		}
	}
	sort.Strings(out)
	return out
}
