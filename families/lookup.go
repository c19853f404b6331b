package families

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
