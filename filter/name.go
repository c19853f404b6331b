package filter

import (
	"github.com/nlsniff/nlsniff/families"
)

// nameOf returns the name of a number that contains and matches look at: of an
// enum's value, of a message, of an interface. It is nil if there is none.
func (m *Matcher) nameOf(v *value) []byte {
	mark := len(m.arena)
	switch classOf(v.t) {
	case classMsg:
		m.arena = append(m.arena, m.typeName(v)...)
	case classCmd:
		if f := m.genlFamily(v.genl); f != nil {
			if x := f.Table().Lookup(uint16(v.num), false); x != nil {
				m.arena = append(m.arena, x.Name...)
			}
		}
	default:
		m.numberName(v)
	}
	if len(m.arena) == mark {
		return nil
	}
	return m.arena[mark:]
}

func (m *Matcher) typeName(v *value) string {
	for name, id := range controls {
		if uint64(id) == v.num && v.proto != families.ProtoConnector {
			return name
		}
	}
	switch {
	case v.genl != "":
		return v.genl
	case v.proto == families.ProtoGeneric:
	default:
		if x := m.f.env.db.Protocol(v.proto).Lookup(uint16(v.num), false); x != nil {
			return x.Name
		}
	}
	return ""
}

func (m *Matcher) genlFamily(name string) *families.Family {
	if name == "" {
		return nil
	}
	return m.f.env.db.Genl(name)
}

// numberName appends the name of an enum's value, those of flags, or that of
// an interface.
func (m *Matcher) numberName(v *value) {
	t := elementOf(v.t)
	if t.Hint == families.HintIfIndex {
		if !v.neg {
			m.arena = append(m.arena, m.links.Name(uint32(v.num), m.number)...)
		}
		return
	}
	switch {
	case t.Enum == nil || t.Enum.Kind == families.EnumBits:
	case t.Enum.Kind == families.EnumFlags:
		rest, first := v.num, true
		for i := range t.Enum.Entries {
			x := &t.Enum.Entries[i]
			if x.Value != 0 && rest&x.Value == x.Value {
				if !first {
					m.arena = append(m.arena, '|')
				}
				m.arena, first = append(m.arena, x.Name...), false
				rest &^= x.Value
			}
		}
	default:
		u := v.num
		if t.Hint == families.HintErrno && v.neg {
			u = -u
		}
		m.arena = append(m.arena, t.Enum.ValueName(u)...)
	}
}
