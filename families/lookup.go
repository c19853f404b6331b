package families

import "slices"

// denseLimit bounds a table that is indexed by id or value: so many entries may
// take so much room. What lies beyond is found through a map or a scan.
func denseLimit(entries int) int { return min(16*entries+64, 1<<12) }

// Field finds an attribute by its type number (without the NLA_F bits).
func (s *AttrSet) Field(id uint16) *Field {
	if int(id) < len(s.dense) {
		return s.dense[id]
	}
	if s.sparse {
		for _, f := range s.Fields {
			if f.ID == id {
				return f
			}
		}
	}
	return nil
}

// ByName finds an attribute by its uapi or YNL name.
func (s *AttrSet) ByName(name string) *Field { return s.byName[name] }

// index builds what the lookups need. The first field with an id wins.
func (s *AttrSet) index() {
	s.sparse, s.byName = false, make(map[string]*Field, len(s.Fields)*2)
	limit, top := denseLimit(len(s.Fields)), -1
	for _, f := range s.Fields {
		if int(f.ID) >= limit {
			s.sparse = true
			continue
		}
		top = max(top, int(f.ID))
	}
	s.dense = make([]*Field, top+1)
	for _, f := range s.Fields {
		if int(f.ID) <= top && s.dense[f.ID] == nil {
			s.dense[f.ID] = f
		}
		for _, n := range []string{f.Short, f.Name} {
			if _, ok := s.byName[n]; !ok && n != "" {
				s.byName[n] = f
			}
		}
	}
}

// ValueName returns the name of v, or "".
func (e *Enum) ValueName(v uint64) string {
	if v < uint64(len(e.dense)) {
		return e.dense[v]
	}
	return e.byVal[v]
}

// Value finds a value by its uapi or short name.
func (e *Enum) Value(name string) (uint64, bool) {
	v, ok := e.byName[name]
	return v, ok
}

// Known returns the bits that have a name in an EnumFlags.
func (e *Enum) Known() uint64 { return e.known }

// index builds what the lookups need. The first name of a value wins.
func (e *Enum) index() {
	small, top := uint64(min(denseLimit(len(e.Entries)), 512)), -1
	for _, x := range e.Entries {
		if x.Value < small {
			top = max(top, int(x.Value))
		}
	}
	e.dense = make([]string, top+1)
	e.byVal, e.byName, e.known = nil, make(map[string]uint64, 2*len(e.Entries)), 0
	for _, x := range e.Entries {
		e.known |= x.Value
		switch {
		case x.Value < small:
			if e.dense[x.Value] == "" {
				e.dense[x.Value] = x.Name
			}
		default:
			if e.byVal == nil {
				e.byVal = map[uint64]string{}
			}
			if _, ok := e.byVal[x.Value]; !ok {
				e.byVal[x.Value] = x.Name
			}
		}
		for _, n := range []string{x.Short, x.Name} {
			if _, ok := e.byName[n]; !ok && n != "" {
				e.byName[n] = x.Value
			}
		}
	}
}

// Lookup finds a message by its id. reply says which id space is meant where
// the two differ; an id that only the other one has is found as well.
func (t *Table) Lookup(id uint16, reply bool) *Message {
	a, b := t.req, t.rep
	if reply {
		a, b = b, a
	}
	if int(id) < len(a) && a[id] != nil {
		return a[id]
	}
	if int(id) < len(b) {
		return b[id]
	}
	return nil
}

// Event finds a message that the kernel multicasts and that has an event's
// number, else nil.
func (t *Table) Event(id uint16) *Message {
	if int(id) < len(t.events) {
		return t.events[id]
	}
	return nil
}

// Datagram is what the protocol's frames are where they have no nlmsghdr, else
// nil.
func (t *Table) Datagram() *Message { return t.datagram }

// Messages returns the messages of both directions, by number; one that goes
// both ways stands there once.
func (t *Table) Messages() []*Message {
	var out []*Message
	for i := range max(len(t.req), len(t.rep)) {
		var req *Message
		if i < len(t.req) {
			req = t.req[i]
		}
		if req != nil {
			out = append(out, req)
		}
		if i < len(t.rep) && t.rep[i] != nil && t.rep[i] != req {
			out = append(out, t.rep[i])
		}
	}
	return out
}

func (t *Table) clone() *Table {
	c := *t
	c.req, c.rep, c.events = slices.Clone(t.req), slices.Clone(t.rep), slices.Clone(t.events)
	return &c
}

// Add enters m; an id that is taken is kept unless replace is set.
func (t *Table) Add(m *Message, replace bool) {
	if m.Req {
		t.req = enter(t.req, m, replace)
	}
	if m.Rep {
		t.rep = enter(t.rep, m, replace)
	}
	if m.Event {
		t.events = enter(t.events, m, replace)
	}
}

func enter(dst []*Message, m *Message, replace bool) []*Message {
	for len(dst) <= int(m.ID) {
		dst = append(dst, nil)
	}
	if dst[m.ID] == nil || replace {
		dst[m.ID] = m
	}
	return dst
}

// Format returns the type that a selector's value chooses. isName says whether
// the selector is a string.
func (s *SubMessage) Format(name string, value uint64, isName bool) *Type {
	var t *Type
	if isName {
		t = s.ByName[name]
	} else {
		t = s.ByValue[value]
	}
	if t == nil {
		t = s.Default
	}
	return t
}
