package dissect

import (
	"bytes"

	"github.com/nlsniff/nlsniff/families"
)

// spots remembers where the numbers of a struct are that stand behind members
// of no fixed size.
type spots struct {
	field [4]*families.Field
	at    [4]int
	n     int
}

func (s *spots) add(f *families.Field, at int) {
	if s.n < len(s.field) && (f.Type.Kind == families.KindUint || f.Type.Kind == families.KindSint) {
		s.field[s.n], s.at[s.n] = f, at
		s.n++
		return
	}
	if s.n == len(s.field) { // the numbers stand near to what they count
		copy(s.field[:], s.field[1:])
		copy(s.at[:], s.at[1:])
		s.n--
		s.add(f, at)
	}
}

// find returns where a member is; base is where its struct starts.
func (s *spots) find(f *families.Field, base int) int {
	for i := range s.n {
		if s.field[i] == f {
			return s.at[i]
		}
	}
	return base + f.Off
}

// varying returns how many bytes a member without a fixed size has, if it is
// there as a whole. base is where its struct starts.
func (d *Dissector) varying(m *families.Field, spots *spots, base, at, end int) (int, bool) {
	t := &m.Type
	switch {
	case t.CountMember != nil:
		c := t.CountMember
		p := spots.find(c, base)
		if p+c.Type.Size > end {
			return 0, false
		}
		n := int64(Uint(d.data[p:p+c.Type.Size], d.order(&c.Type)))
		if n < 0 || n > int64(end-at) {
			return 0, false // even bytes would be too many
		}
		if t.CountMul > 0 {
			n *= int64(t.CountMul)
		}
		if t.CountDiv > 0 {
			n /= int64(t.CountDiv)
		}
		if n += int64(t.CountAdd); n < 0 {
			n = 0
		}
		if t.Elem != nil {
			if t.Elem.Kind == families.KindStruct && t.Elem.Struct.Flex {
				return d.elements(t.Elem.Struct, n, at, end)
			}
			n *= int64(t.Elem.FixedSize())
		}
		return int(n), n <= int64(end-at)
	case t.ToNUL:
		i := bytes.IndexByte(d.data[at:end], 0)
		return i + 1, i >= 0
	case t.Kind == families.KindStruct:
		return d.extent(t.Struct, at, end)
	}
	return end - at, true
}

// elements is the size in bytes of so many structs, each of which tells its
// own.
func (d *Dissector) elements(s *families.Struct, count int64, at, end int) (int, bool) {
	pos := at
	for ; count > 0; count-- {
		n, ok := d.extent(s, pos, end)
		if !ok || n == 0 {
			return 0, false
		}
		pos += n
	}
	return pos - at, true
}

// extent is the size in bytes of the struct at off with its members of no
// fixed size, if it is there as a whole.
func (d *Dissector) extent(s *families.Struct, off, end int) (int, bool) {
	if !s.Flex {
		return s.Size, s.Size <= end-off
	}
	shift, stop := 0, off
	var numbers spots
	for _, m := range s.Members {
		at := off + m.Off + shift
		n := m.Type.FixedSize()
		if at > end {
			return 0, false
		}
		if shift > 0 {
			numbers.add(m, at)
		}
		if m.Type.Varies() {
			fixed := n
			var ok bool
			if n, ok = d.varying(m, &numbers, off, at, end); !ok {
				return 0, false
			}
			shift += n - fixed
		}
		stop = at + n
	}
	return stop - off, stop <= end
}
