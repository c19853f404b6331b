package pcapng

import (
	"math"
	"math/bits"
)

const nanosPerSecond = 1_000_000_000

// resolution turns the 64-bit timestamps of an interface into nanoseconds
// since the Unix epoch. Every if_tsresol is accepted, however absurd: times
// out of the range of an int64 are set to its nearest end.
type resolution struct {
	mul, div uint64 // decimal: nanoseconds = ticks × mul ÷ div
	shift    uint8  // binary: seconds = ticks ÷ 2^shift
	binary   bool
	offset   int64 // seconds to add
}

// defaultResolution is that of an interface without if_tsresol: microseconds
// (pcapng draft section 4.2).
const defaultResolution = 6

// newResolution reads an if_tsresol, whose high bit chooses between negative
// powers of 2 and of 10, and an if_tsoffset in seconds.
func newResolution(tsresol uint8, offset int64) resolution {
	n := tsresol & 0x7f
	if tsresol&0x80 != 0 {
		return resolution{binary: true, shift: n, offset: offset}
	}
	r := resolution{mul: 1, div: 1, offset: offset}
	for ; n < 9; n++ {
		r.mul *= 10
	}
	for ; n > 9; n-- {
		hi, lo := bits.Mul64(r.div, 10)
		if hi != 0 {
			r.mul, r.div = 0, 1 // a tick is too short for any time to reach 1 ns
			break
		}
		r.div = lo
	}
	return r
}

// nanos converts ticks.
func (r *resolution) nanos(ticks uint64) int64 {
	if r.mul == 1 && r.div == 1 && r.offset == 0 && ticks <= math.MaxInt64 {
		return int64(ticks)
	}
	hi, lo := r.wide(ticks)
	ns := int64(math.MaxInt64)
	if hi == 0 && lo <= math.MaxInt64 {
		ns = int64(lo)
	}
	if r.offset == 0 {
		return ns
	}
	const most = math.MaxInt64 / nanosPerSecond
	return addSaturated(ns, max(-most, min(r.offset, most))*nanosPerSecond)
}

// wide converts ticks to nanoseconds of 128 bits.
func (r *resolution) wide(ticks uint64) (hi, lo uint64) {
	if !r.binary {
		hi, lo = bits.Mul64(ticks, r.mul)
		if r.div == 1 {
			return hi, lo
		}
		return 0, lo / r.div // mul is 1 here, so hi is 0
	}
	hi, lo = bits.Mul64(ticks, nanosPerSecond)
	switch n := uint(r.shift); {
	case n >= 64:
		return 0, hi >> (n - 64)
	case n > 0:
		return hi >> n, lo>>n | hi<<(64-n)
	}
	return hi, lo
}

// ticks is the inverse of nanos. It reports false if the interface cannot
// express ns exactly.
func (r *resolution) ticks(ns int64) (uint64, bool) {
	if r.binary || r.mul == 0 || r.div != 1 || r.offset != 0 || ns < 0 {
		return 0, false
	}
	if r.mul == 1 {
		return uint64(ns), true
	}
	return uint64(ns) / r.mul, uint64(ns)%r.mul == 0
}

func addSaturated(a, b int64) int64 {
	sum := a + b
	switch {
	case a > 0 && b > 0 && sum < 0:
		return math.MaxInt64
	case a < 0 && b < 0 && sum >= 0:
		return math.MinInt64
	}
	return sum
}
