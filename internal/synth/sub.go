package synth

import (
	"bytes"
	"maps"
	"slices"

	"github.com/nlsniff/nlsniff/families"
)

// sub makes requests with each format that a value may have, and with what
// chooses it.
func (g *generator) sub(t *families.Type, in []level, up put) {
	s := t.Sub
	switch {
	case t.Choose == families.ByName && t.Present:
		return // a format follows from what is beside it, not from a value
	case t.Choose == families.ByName:
		for _, name := range slices.Sorted(maps.Keys(s.ByName)) {
			if with := choose(t, in, name, 0); with != nil {
				g.value(s.ByName[name], with, up)
			}
		}
		for _, v := range slices.Sorted(maps.Keys(s.ByValue)) {
			if with := choose(t, in, "", v); with != nil {
				g.value(s.ByValue[v], with, up)
			}
		}
		if s.Default != nil {
			g.value(s.Default, in, up)
		}
	case t.Choose == families.ByRequest:
		g.format(s, 1, in, up)
	case t.Choose == families.ByNested:
		g.format(s, 0, in, func(p []byte, _ bool) []byte { return up(p, false) })
		g.format(s, 1, in, func(p []byte, _ bool) []byte { return up(p, true) })
	case t.Choose == families.ByType:
		g.format(s, uint64(g.message.ID), in, up)
	case t.Choose == families.ByLen:
		for _, v := range slices.Sorted(maps.Keys(s.ByValue)) {
			f := s.ByValue[v]
			if single(f) && (f.FixedSize() == int(v) || f.FixedSize() == 0) {
				g.value(f, in, up)
			}
		}
	default: // what the address family, or a set of nf_tables, says
		if s.Default != nil && single(s.Default) {
			g.value(s.Default, in, up)
		}
	}
}

func (g *generator) format(s *families.SubMessage, v uint64, in []level, up put) {
	if t := s.Format("", v, false); t != nil {
		g.value(t, in, up)
	}
}

// choose puts what chooses a format into the innermost level that knows it: a
// name, or a number. It returns nil if there is none, or if it cannot hold that.
func choose(t *families.Type, in []level, name string, v uint64) []level {
	in = slices.Clone(in)
	for i := len(in) - 1; i >= 0; i-- {
		l := &in[i]
		if l.set != nil {
			if f := l.set.ByName(t.Selector); f != nil {
				b := way(f, t.Inside, name, v)
				if b == nil {
					return nil
				}
				switch {
				case l.before == nil:
					l.before = b
				case !bytes.Equal(l.before, b): // something else chose already
					return nil
				}
				return in
			}
		}
		if l.header == nil {
			continue
		}
		m := l.header.Member(t.Selector)
		if m == nil {
			continue
		}
		if len(t.Inside) > 0 {
			return nil
		}
		if m.Type.Kind == families.KindString {
			if len(name) >= m.Type.Size {
				return nil
			}
			l.head = slices.Clone(l.head)
			copy(l.head[m.Off:], name)
			return in
		}
		if name != "" {
			n, ok := numberOf(&m.Type, name)
			if !ok {
				return nil
			}
			v = n
		}
		l.head = slices.Clone(l.head)
		store(l.head, m, v)
		return in
	}
	return nil
}

func numberOf(t *families.Type, name string) (uint64, bool) {
	if t.Enum == nil {
		return 0, false
	}
	return t.Enum.Value(name)
}

// way is the attribute that holds what chooses, or that leads there.
func way(f *families.Field, inside []string, name string, v uint64) []byte {
	t := &f.Type
	switch {
	case len(inside) > 0:
		if t.Kind != families.KindNest || t.Struct != nil {
			return nil
		}
		next := t.Set.ByName(inside[0])
		if next == nil {
			return nil
		}
		b := way(next, inside[1:], name, v)
		if b == nil {
			return nil
		}
		return attr(f.ID, b, true)
	case t.Kind == families.KindString:
		if name == "" {
			return nil
		}
		return attr(f.ID, append([]byte(name), 0), false)
	case t.Kind == families.KindUint || t.Kind == families.KindSint:
		if name != "" {
			n, ok := numberOf(t, name)
			if !ok {
				return nil
			}
			v = n
		}
		return attr(f.ID, integer(v, max(t.Size, 4*b2i(t.Size == 0)), t.Order), false)
	}
	return nil
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}
