package families

import (
	"bytes"
	"math"
	"slices"
)

// Mentioning returns the descriptions whose text has a name as a whole word,
// read. It finds the few files that describe an attribute without reading the
// others, which would take tens of milliseconds. Descriptions that came from
// elsewhere are always among them.
func (db *DB) Mentioning(word string) ([]*Family, error) {
	db.mu.Lock()
	defer db.mu.Unlock()
	var out []*Family
	var text []byte
	for _, name := range sortedKeys(db.units) {
		u := db.units[name]
		if u.fam == nil || u.fam.Origin == u.path && !slices.Contains(db.added, u.fam) {
			var err error
			if text, err = readSome(db.fsys, u.path, text, math.MaxInt); err != nil {
				return nil, err
			}
			if !hasWord(text, word) {
				continue
			}
		}
		f, err := db.load(name)
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, nil
}

// hasWord says whether a name stands in text with nothing before or behind it
// that could belong to a name.
func hasWord(text []byte, word string) bool {
	for at := 0; ; {
		i := bytes.Index(text[at:], []byte(word))
		if i < 0 || word == "" {
			return false
		}
		from, to := at+i, at+i+len(word)
		if (from == 0 || !validName("_"+string(text[from-1:from]))) && (to == len(text) || !validName("_"+string(text[to:to+1]))) {
			return true
		}
		at = from + 1
	}
}
