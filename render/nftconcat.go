package render

import "github.com/nlsniff/nlsniff/families"

// nftConcat appends the names of the datatypes of a concatenation: six bits for
// each part, the first one highest. It reports false if it is none.
func nftConcat(dst []byte, e *families.Enum, v uint64) ([]byte, bool) {
	const part, most = 6, 24
	if e.Name != "nft-datatype" || v < 1<<part || v >= 1<<(part+most) {
		return dst, false
	}
	mark := len(dst)
	for shift := most; shift >= 0; shift -= part {
		if v>>shift == 0 {
			continue
		}
		name := e.ValueName(v >> shift & (1<<part - 1))
		if name == "" {
			return dst[:mark], false
		}
		if len(dst) > mark {
			dst = append(dst, " . "...)
		}
		dst = append(dst, name...)
	}
	return dst, true
}
