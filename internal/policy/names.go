package policy

import (
	"fmt"
	"slices"
)

// Space is an attribute space, or the commands of a family, that needs names.
type Space struct {
	Family   string
	Commands bool
	IDs      []uint16 // those that are known to exist, ascending
	Max      uint32   // the highest that the kernel knows, 0: not told
	// Parent is the name of the attribute that the space is in, "" for the
	// one of the messages themselves.
	Parent string
	// Users are the names of the commands whose messages the space is for.
	Users []string
}

// Namer guesses the names of a space, "" where it cannot. It may know more
// numbers than are asked for.
type Namer interface {
	Names(s Space) map[uint16]string
}

// noNames is a Namer that knows nothing.
type noNames struct{}

func (noNames) Names(Space) map[uint16]string { return nil }

// spaceNames are the names of one space. Those that cannot be guessed say
// their number.
func spaceNames(n Namer, s Space) map[uint16]string {
	word := "attr"
	if s.Commands {
		word = safe(s.Family) + "-cmd"
	}
	names := map[uint16]string{}
	used := map[string]bool{}
	guessed := n.Names(s)
	ids := slices.Clone(s.IDs)
	for id := range guessed {
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	for _, id := range ids {
		name := guessed[id]
		if name == "" || used[name] || !plain(name) {
			name = fmt.Sprintf("%s-%d", word, id)
		}
		names[id], used[name] = name, true
	}
	return names
}

// plain says whether a name is a C identifier.
func plain(s string) bool {
	for i := range len(s) {
		c := s[i]
		if !(c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9') {
			return false
		}
	}
	return s != ""
}
