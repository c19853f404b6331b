package render

// grouper finds keys that repeat within one object, so that they become an
// array where the first of them stands. Its memory is reused; nested objects
// use it one inside the other.
type grouper struct {
	// slots hold, for each key id, the last entry with it, valid where gen
	// is that of the object at hand.
	slots []slot
	gen   uint32
	// entries of all objects that are open, the innermost last.
	entries []entry
}

type slot struct {
	gen  uint32
	last int32
}

type entry struct {
	row  int32
	next int32 // the next entry with the same key, -1
	head bool  // the first with its key
}

// begin starts an object and returns where its entries start.
func (g *grouper) begin() int {
	if g.slots == nil {
		g.slots = make([]slot, 1<<16)
	}
	g.gen++
	if g.gen == 0 {
		clear(g.slots)
		g.gen = 1
	}
	return len(g.entries)
}

// add enters a row under a key. Keys are attribute types: all of an object's
// rows must be entered before a nested object begins.
func (g *grouper) add(id uint16, row int32) {
	s := &g.slots[id]
	e := entry{row: row, next: -1, head: s.gen != g.gen}
	at := int32(len(g.entries))
	if !e.head {
		g.entries[s.last].next = at
	}
	*s = slot{g.gen, at}
	g.entries = append(g.entries, e)
}

// end drops the entries of the innermost object.
func (g *grouper) end(mark int) { g.entries = g.entries[:mark] }
