package families

// IsSecret says whether a field is key material, or a struct with some in it.
func IsSecret(f *Field) bool {
	t := &f.Type
	switch t.Kind {
	case KindNest, KindIndexed, KindTypeValue, KindRecords, KindTLV, KindSub:
		return f.Secret || t.Secret
	}
	return HoldsSecret(f)
}

// HoldsSecret says whether a field is key material, or can have some in it.
func HoldsSecret(f *Field) bool {
	return f.Secret || holdsSecret(&f.Type, map[any]bool{})
}

func holdsSecret(t *Type, seen map[any]bool) bool {
	if t == nil {
		return false
	}
	if t.Secret {
		return true
	}
	fields := func(key any, list []*Field) bool {
		if seen[key] {
			return false
		}
		seen[key] = true
		for _, f := range list {
			if f.Secret || holdsSecret(&f.Type, seen) {
				return true
			}
		}
		return false
	}
	switch {
	case t.Set != nil && (t.Set.Keyed || fields(t.Set, t.Set.Fields)),
		t.Struct != nil && fields(t.Struct, t.Struct.Members),
		t.TLV != nil && t.TLV.Set != nil && fields(t.TLV.Set, t.TLV.Set.Fields),
		holdsSecret(t.Elem, seen):
		return true
	}
	if t.Sub == nil || seen[t.Sub] {
		return false
	}
	seen[t.Sub] = true
	for _, f := range t.Sub.Formats() {
		if holdsSecret(f, seen) {
			return true
		}
	}
	return false
}
