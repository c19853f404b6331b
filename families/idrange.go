package families

import "strings"

// idRange is a range of message numbers.
type idRange struct{ first, last uint16 }

func inRanges(ranges []idRange, id uint16) bool {
	for _, r := range ranges {
		if id >= r.first && id <= r.last {
			return true
		}
	}
	return false
}

// readRanges reads "N" and "N-N".
func readRanges(words []string) (out []idRange, ok bool) {
	for _, w := range words {
		first, last, two := strings.Cut(w, "-")
		if !two {
			last = first
		}
		a, ok := literal(first)
		b, ok2 := literal(last)
		if !ok || !ok2 || b > 0xffff || a > b {
			return nil, false
		}
		out = append(out, idRange{uint16(a), uint16(b)})
	}
	return out, true
}
