package families

import "math"

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
func (s *AttrSet) ByName(name string) *Field {
	byName := s.byName.Load()
	if byName == nil { // few sets are ever asked
		m := make(map[string]*Field, 2*len(s.Fields))
		for _, f := range s.Fields {
			for _, n := range [...]string{f.Short, f.Name} {
				if _, ok := m[n]; !ok && n != "" {
					m[n] = f
				}
			}
		}
		byName = &m
		s.byName.Store(byName)
	}
	return (*byName)[name]
}

// index builds what the lookups need. The first field with an id wins.
func (s *AttrSet) index() {
	s.sparse = false
	s.byName.Store(nil)
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
	}
}

// ValueName returns the name of v, or "".
func (e *Enum) ValueName(v uint64) string {
	if v < uint64(len(e.dense)) {
		return e.dense[v]
	}
	return e.byVal[v]
}

// Value finds a value by its uapi or short name: the first that has it.
func (e *Enum) Value(name string) (uint64, bool) {
	for i := range e.Entries {
		if x := &e.Entries[i]; name != "" && (x.Short == name || x.Name == name) {
			return x.Value, true
		}
	}
	return 0, false
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
	e.byVal, e.known = nil, 0
	for _, x := range e.Entries {
		if x.Value != math.MaxUint32 && x.Value != math.MaxUint64 { // a name for all bits is none of each
			e.known |= x.Value
		}
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
	}
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
