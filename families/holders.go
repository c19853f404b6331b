package families

import "math"

// Holders knows which messages can have one of some attributes or members, from
// the text of the descriptions: reading those of all protocols takes tens of
// milliseconds, looking for a word in them less than one.
type Holders struct {
	all    bool // descriptions from elsewhere have no text to look at
	protos [256]bool
	genl   map[string]bool // by registered name: of the families in the DB
}

// Holders looks for fields by their uapi names.
func (db *DB) Holders(names []string) *Holders {
	db.mu.Lock()
	defer db.mu.Unlock()
	h := &Holders{genl: make(map[string]bool, len(db.genl)), all: len(db.added) > 0}
	if h.all {
		return h
	}
	has := make(map[string]bool, len(db.units)) // a unit's own text
	var text []byte
	for name, u := range db.units {
		var err error
		if text, err = readSome(db.fsys, u.path, text, math.MaxInt); err != nil {
			return &Holders{all: true} // who reads it will say so
		}
		for _, n := range names {
			if has[name] = hasWord(text, n); has[name] {
				break
			}
		}
	}
	for _, u := range db.units {
		if u.library {
			continue
		}
		holds := db.reaches(u, has, map[*unit]bool{})
		if u.genl != "" {
			h.genl[u.genl] = holds
		} else if holds {
			h.protos[u.protocol] = true
		}
	}
	return h
}

// reaches says whether a unit, or one whose names it uses, is among some.
func (db *DB) reaches(u *unit, some map[string]bool, seen map[*unit]bool) bool {
	if u == nil || seen[u] {
		return false
	}
	seen[u] = true
	if some[u.name] {
		return true
	}
	for _, name := range u.use {
		if db.reaches(db.units[name], some, seen) {
			return true
		}
	}
	return false
}

// Protocol says whether a classic protocol's messages can have one.
func (h *Holders) Protocol(p uint8) bool { return h.all || h.protos[p] }

// Genl says whether the messages of a generic family can have one.
func (h *Holders) Genl(name string) bool {
	holds, known := h.genl[name]
	return h.all || holds || !known
}
