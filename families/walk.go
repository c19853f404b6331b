package families

import (
	"cmp"
	"maps"
	"slices"
)

// Described is one attribute or member with the place where it is described.
type Described struct {
	Family string
	Set    string // of the attribute space or struct
	Member bool
	Field  *Field
}

// Fields lists every attribute and struct member of a description, in the
// order of its attribute spaces and structs by name.
func (f *Family) Fields() []Described {
	var out []Described
	for _, name := range sortedKeys(f.Sets) {
		for _, x := range f.Sets[name].Fields {
			out = append(out, Described{f.Name, name, false, x})
		}
	}
	for _, name := range sortedKeys(f.Structs) {
		for _, x := range f.Structs[name].Members {
			out = append(out, Described{f.Name, name, true, x})
		}
	}
	return out
}

// LoadAll reads every description. What completion, listings and checks need
// it for can afford the time.
func (db *DB) LoadAll() ([]*Family, error) {
	var out []*Family
	for _, in := range db.List() {
		f, err := db.Load(in.Name)
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, nil
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
