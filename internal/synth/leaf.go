package synth

import (
	"bytes"
	"encoding/binary"
	"math"

	"github.com/nlsniff/nlsniff/families"
)

// single says that a type's values have no parts that are described elsewhere.
func single(t *families.Type) bool {
	switch t.Kind {
	case families.KindNest, families.KindIndexed, families.KindTypeValue, families.KindSub, families.KindTLV:
		return false
	case families.KindArray:
		return single(t.Elem)
	}
	return true
}

// texts are strings at the edges of what JSON, a shell, and ASCII can say.
var texts = []string{"", "a", "x y", `it's a "q" \ $HOME`, "ü€", "12", "-1", "0x", "-", "a\nb\tc", "*/ // \"\"\" ??/\\"}

// leaf lists values of a type without parts.
func leaf(t *families.Type) [][]byte {
	switch t.Kind {
	case families.KindUint, families.KindSint:
		sizes := []int{t.Size}
		if t.Size == 0 {
			sizes = []int{4, 8}
		}
		var out [][]byte
		for _, size := range sizes {
			for _, v := range numbers(t, size) {
				out = append(out, integer(v, size, t.Order))
			}
		}
		return out
	case families.KindFlag, families.KindPad:
		return [][]byte{make([]byte, t.Size)}
	case families.KindString:
		var out [][]byte
		for _, s := range texts {
			switch {
			case t.Size > 0 && len(s) < t.Size:
				out = append(out, append([]byte(s), make([]byte, t.Size-len(s))...))
			case t.Size == 0 && (t.MaxLen == 0 || len(s) < t.MaxLen):
				out = append(out, append([]byte(s), 0))
			}
		}
		return out
	case families.KindStrings:
		return [][]byte{nil, []byte("a\x00"), []byte("a\x00b c\x00")}
	case families.KindBitfield32:
		return [][]byte{make([]byte, 8), run(8), bytes.Repeat([]byte{0xff}, 8)}
	case families.KindStruct:
		if t.Struct.Flex {
			return [][]byte{make([]byte, t.Struct.Size)}
		}
		return filled(t.Struct.Size)
	case families.KindBinary:
		return binaries(t)
	}
	return [][]byte{nil} // records, messages and packets have shapes of their own
}

func binaries(t *families.Type) [][]byte {
	switch t.Hint {
	case families.HintIP:
		if t.Size > 0 {
			return filled(t.Size)
		}
		return append(filled(4), filled(16)...)
	case families.HintLLAddr:
		return append(filled(6), filled(4)...)
	case families.HintSockaddr:
		in, in6 := append([]byte{0, 0}, run(14)...), append([]byte{0, 0}, run(26)...)
		binary.NativeEndian.PutUint16(in, 2) // AF_INET
		copy(in[8:], make([]byte, 8))        // sin_zero
		binary.NativeEndian.PutUint16(in6, 10)
		return [][]byte{in, in6}
	case families.HintMPLS:
		return [][]byte{{0, 1, 0x11, 64}, {0, 1, 0, 64, 0, 2, 1, 64}}
	}
	if t.Size > 0 {
		return filled(t.Size)
	}
	n := max(t.MinLen, 1)
	out := [][]byte{run(n), run(max(n, 8))}
	if t.MinLen == 0 {
		out = append(out, nil)
	}
	return out
}

// filled are the bytes 0, the bytes 1, 2, 3…, and the bytes 255.
func filled(n int) [][]byte {
	return [][]byte{make([]byte, n), run(n), bytes.Repeat([]byte{0xff}, n)}
}

func run(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i%127 + 1)
	}
	return b
}

// numbers are the edges of an integer, the smallest and largest that has a name,
// and the bounds.
func numbers(t *families.Type, size int) []uint64 {
	top := uint64(math.MaxUint64) >> (64 - 8*size)
	list := []uint64{0, 1, top >> 1, top>>1 + 1, top}
	if t.Enum != nil && t.Enum.Kind != families.EnumBits && len(t.Enum.Entries) > 0 {
		list = append(list, t.Enum.Entries[0].Value&top, t.Enum.Entries[len(t.Enum.Entries)-1].Value&top)
	}
	if t.HasMin {
		list = append(list, uint64(t.Min)&top)
	}
	if t.HasMax {
		list = append(list, uint64(t.Max)&top)
	}
	var out []uint64
	seen := map[uint64]bool{}
	for _, v := range list {
		if !seen[v] {
			seen[v] = true
			out = append(out, v)
		}
	}
	return out
}

func integer(v uint64, size int, order families.Order) []byte {
	b := make([]byte, size)
	for i := range b {
		at := i
		if order == families.OrderBig || order == families.OrderHost && bigHost {
			at = size - 1 - i
		}
		b[at] = byte(v >> (8 * i))
	}
	return b
}

// store puts a number into a member of a struct.
func store(b []byte, m *families.Field, v uint64) {
	copy(b[m.Off:], integer(v, m.Type.FixedSize(), m.Type.Order))
}
