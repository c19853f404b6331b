package headercheck

import (
	"slices"
	"strings"

	"github.com/nlsniff/nlsniff/families"
)

// Missing is an attribute, or a message, that no description has: of a uapi
// header or, if its header is not for users, of the source whose policy names it.
type Missing struct{ Header, Name string }

// Undescribed finds the attribute types among the constants of the headers and
// lists those that nobody describes. An enum is one of attribute types if one
// of its names is in a policy or in a description's attribute space. What only
// a policy names is an attribute type as well.
func (f *Facts) Undescribed(fams []*families.Family) (total int, out []Missing) {
	attrs, described := map[string]bool{}, map[string]bool{}
	for _, p := range f.policies {
		attrs[p.Attr] = true
	}
	for _, fam := range fams {
		for _, d := range fam.Fields() {
			if !d.Member {
				attrs[d.Field.Name], described[d.Field.Name] = true, true
			}
		}
		for _, e := range fam.Enums {
			for _, x := range e.Entries {
				described[x.Name] = true // values that stand among the attributes
			}
		}
	}
	total, out = f.missing(attrs, described)
	for _, p := range f.policies {
		if len(f.consts[p.Attr]) > 0 || bound(p.Attr) || !attrs[p.Attr] {
			continue
		}
		delete(attrs, p.Attr) // several policies may name it
		total++
		if !described[p.Attr] {
			out = append(out, Missing{p.Source, p.Attr})
		}
	}
	return total, out
}

// UndescribedMessages does the same for message types and generic commands.
func (f *Facts) UndescribedMessages(fams []*families.Family) (total int, out []Missing) {
	described := map[string]bool{}
	for _, fam := range fams {
		for _, m := range fam.Messages {
			described[m.Name] = true
		}
	}
	return f.missing(described, described)
}

// missing looks at the enums that have one of the names in kind. It counts
// their names, and lists those of values for which there is none in described.
func (f *Facts) missing(kind, described map[string]bool) (total int, out []Missing) {
	for _, e := range f.enums {
		if !slices.ContainsFunc(e.names, func(c named) bool { return kind[c.name] }) {
			continue
		}
		values := map[int64]bool{} // that a name is there for
		for _, c := range e.names {
			if described[c.name] {
				values[c.value] = true
			}
		}
		for _, c := range e.names {
			if bound(c.name) || c.value == 0 && nothing(c.name) {
				continue
			}
			total++
			if !values[c.value] {
				out = append(out, Missing{e.header, c.name})
			}
		}
	}
	return total, out
}

// nothing says whether the name of the value 0 only says that there is none.
func nothing(name string) bool {
	for _, s := range []string{"_NONE", "_UNUSED", "_UNDEFINED", "_INVALID"} {
		if strings.HasSuffix(name, s) {
			return true
		}
	}
	return false
}

// bound says whether a constant only marks where an enum begins or ends.
func bound(name string) bool {
	return strings.HasPrefix(name, "_") || strings.HasSuffix(name, "_MAX") || strings.HasSuffix(name, "_MAX_ATTR") ||
		strings.HasSuffix(name, "_UNSPEC") || strings.HasSuffix(name, "_LAST") || strings.HasSuffix(name, "_NUM_OPS") || strings.HasPrefix(name, "NUM_") || strings.HasSuffix(name, "_PAD")
}
