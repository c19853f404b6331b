package flow

import "math/bits"

// Histogram counts durations. Its classes are never wider than 1/32 of their
// value, so percentiles are that exact, and it takes a fixed amount of memory.
type Histogram struct {
	counts   []uint32
	N        int
	Min, Max int64 // in nanoseconds
	Sum      int64
}

const (
	subBits  = 5
	subCount = 1 << subBits
	classes  = (64 - subBits) * subCount
)

// class returns the class of a duration.
func class(ns int64) int {
	v := uint64(max(ns, 0))
	if v < subCount {
		return int(v)
	}
	shift := bits.Len64(v) - subBits - 1
	return (shift+1)*subCount + int(v>>shift) - subCount
}

// lowest returns the smallest duration of a class.
func lowest(c int) int64 {
	if c < subCount {
		return int64(c)
	}
	shift := c/subCount - 1
	return int64(c%subCount+subCount) << shift
}

// Add counts a duration; those below 0 count as 0.
func (h *Histogram) Add(ns int64) {
	if h.counts == nil {
		h.counts = make([]uint32, classes)
	}
	if h.N == 0 || ns < h.Min {
		h.Min = ns
	}
	h.Max = max(h.Max, ns)
	h.N++
	h.Sum += ns
	h.counts[class(ns)]++
}

// Merge adds another histogram.
func (h *Histogram) Merge(o *Histogram) {
	if o.N == 0 {
		return
	}
	if h.N == 0 || o.Min < h.Min {
		h.Min = o.Min
	}
	if h.counts == nil {
		h.counts = make([]uint32, classes)
	}
	h.Max = max(h.Max, o.Max)
	h.N += o.N
	h.Sum += o.Sum
	for i, n := range o.counts {
		h.counts[i] += n
	}
}

// Quantile returns the duration that a share q of all do not exceed: 0.5 is
// the median. It is the lower end of its class.
func (h *Histogram) Quantile(q float64) int64 {
	if h.N == 0 {
		return 0
	}
	rank := int(q*float64(h.N) + 0.5)
	rank = min(max(rank, 1), h.N)
	for i, n := range h.counts {
		if rank -= int(n); rank <= 0 {
			return min(max(lowest(i), h.Min), h.Max)
		}
	}
	return h.Max
}
