package render

import (
	"strconv"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
)

// manyParts is how many parts of a word are shown whatever they are. Of more, as
// in a list of capabilities, those that are zero say nothing.
const manyParts = 4

// enum appends v by its names. ok is false if it has none.
func (b *base) enum(dst []byte, e *families.Enum, v uint64, n *dissect.Node) (_ []byte, ok bool) {
	switch e.Kind {
	case families.EnumFlags:
		return appendFlags(dst, e, v), true
	case families.EnumBits:
		mark := len(dst)
		for i := range e.Entries {
			x := &e.Entries[i]
			if len(e.Entries) > manyParts && bits(x, v) == 0 {
				continue
			}
			if len(dst) > mark {
				dst = append(dst, ' ')
			}
			dst = append(dst, x.Name...)
			dst = append(dst, '=')
			dst = b.part(dst, x, v, n)
		}
		if len(dst) == mark {
			dst = append(dst, '0')
		}
		return dst, true
	}
	if name := e.ValueName(v); name != "" {
		return append(dst, name...), true
	}
	return nftConcat(dst, e, v)
}

// part appends one bit-field of v.
func (b *base) part(dst []byte, x *families.Entry, v uint64, n *dissect.Node) []byte {
	v = bits(x, v)
	if x.Type == nil {
		return strconv.AppendUint(dst, v, 10)
	}
	var p [8]byte
	for i := range p {
		p[i] = byte(v >> (8 * i))
	}
	part := *n
	part.Big = false
	return b.number(dst, x.Type, p[:], &part)
}

// bits returns one bit-field of v.
func bits(x *families.Entry, v uint64) uint64 {
	v >>= x.Value
	if x.Width < 64 {
		v &= 1<<x.Width - 1
	}
	return v
}

// appendFlags appends or-ed names without their prefix. No bit is lost: what
// has no name stands at the end in hex.
func appendFlags(dst []byte, e *families.Enum, v uint64) []byte {
	if v == 0 {
		return append(dst, '0')
	}
	first := true
	if e != nil {
		v = eachFlag(e, v, func(name string) {
			if !first {
				dst = append(dst, '|')
			}
			dst, first = append(dst, name...), false
		})
	}
	if v != 0 {
		if !first {
			dst = append(dst, '|')
		}
		dst = appendHexNumber(dst, v)
	}
	return dst
}

// eachFlag calls fn for the names of v's bits and returns those without one.
func eachFlag(e *families.Enum, v uint64, fn func(string)) uint64 {
	for i := range e.Entries {
		x := &e.Entries[i]
		if x.Value != 0 && v&x.Value == x.Value {
			fn(flagName(e, x))
			v &^= x.Value
		}
	}
	return v
}

func flagName(e *families.Enum, x *families.Entry) string {
	if len(x.Name) > len(e.Prefix) && x.Name[:len(e.Prefix)] == e.Prefix {
		return x.Name[len(e.Prefix):]
	}
	return x.Name
}
