package render

import (
	"strconv"
	"strings"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
)

// isBitmap says whether an array's words are a bitmap: bits counted from the
// lowest of the first word, and an enum that names their numbers.
func isBitmap(t *families.Type) bool {
	return t.Kind == families.KindArray && (t.Elem.Hint == families.HintBitmap || t.Elem.Hint == families.HintGroups) &&
		t.Elem.FixedSize() > 0
}

// eachBit calls fn for every bit that is set. name is empty where the bit has
// none.
func eachBit(t *families.Type, p []byte, big bool, fn func(bit uint64, name string)) {
	size, from := t.Elem.FixedSize(), uint64(0)
	if t.Elem.Hint == families.HintGroups {
		from = 1
		if len(p)%8 == 0 {
			size = 8 // the kernel's unsigned long
		}
	}
	for i := 0; i+size <= len(p); i += size {
		for v, bit := dissect.Uint(p[i:i+size], big), from+uint64(i*8); v != 0; v, bit = v>>1, bit+1 {
			if v&1 == 0 {
				continue
			}
			name := ""
			if e := t.Elem.Enum; e != nil {
				name = e.ValueName(bit)
			}
			fn(bit, name)
		}
	}
}

// appendBitmap appends the names of the bits that are set without their
// prefix, and the numbers of those without a name: 0-3|7.
func appendBitmap(dst []byte, t *families.Type, p []byte, big bool) []byte {
	mark, first, last := len(dst), uint64(0), uint64(0)
	run, ranged := false, uint64(0)
	end := func() {
		if run && last > first {
			dst = append(dst, '-')
			dst = strconv.AppendUint(dst, last, 10)
		}
		run = false
	}
	eachBit(t, p, big, func(bit uint64, name string) {
		if name != "" && bit >= ranged {
			if to := runEnd(t, p, big, bit); to-bit >= manyBits {
				ranged = to
			}
		}
		if bit < ranged {
			name = ""
		}
		if name == "" && run && bit == last+1 {
			last = bit
			return
		}
		end()
		if len(dst) > mark {
			dst = append(dst, '|')
		}
		if name != "" {
			dst = append(dst, strings.TrimPrefix(name, t.Elem.Enum.Prefix)...)
			return
		}
		dst = strconv.AppendUint(dst, bit, 10)
		first, last, run = bit, bit, true
	})
	end()
	if len(dst) == mark {
		return append(dst, "none"...)
	}
	return dst
}

// manyBits is how many bits one behind the other are a range rather than a list
// of names.
const manyBits = 64

// runEnd returns the bit behind the run of bits that starts at bit.
func runEnd(t *families.Type, p []byte, big bool, from uint64) uint64 {
	end := from
	eachBit(t, p, big, func(bit uint64, _ string) {
		if bit == end {
			end++
		}
	})
	return end
}

// appendBitmapJSON appends the bits as an array of strings: their names, and the
// numbers of those without one.
func appendBitmapJSON(dst []byte, t *families.Type, p []byte, big bool) []byte {
	dst = append(dst, '[')
	open := len(dst)
	eachBit(t, p, big, func(bit uint64, name string) {
		dst = comma(dst, open)
		dst = append(dst, '"')
		if name == "" {
			dst = strconv.AppendUint(dst, bit, 10)
		}
		dst = append(append(dst, name...), '"')
	})
	return append(dst, ']')
}
