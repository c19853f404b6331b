package flow

import (
	"cmp"
	"math/bits"
	"slices"
)

// Histogram counts durations. Its classes are never wider than 1/32 of their
// value, so percentiles are that exact unless it is rough, and it takes a fixed amount
// of memory, most of which only where there are many different durations.
type Histogram struct {
	few    []bin    // the classes that have any, in order, until there are too many
	counts []uint32 // then all
	// rough says that there shall be no more than a few: what comes later is counted
	// where it is nearest, and percentiles may be anything between two of these.
	rough bool

	N        int
	Min, Max int64 // in nanoseconds
	Sum      int64
}

// bin is one class of a histogram.
type bin struct {
	class uint16
	n     uint32
}

const (
	maxFew = 64 // classes, before there is room for all

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
	if h.N == 0 || ns < h.Min {
		h.Min = ns
	}
	h.Max = max(h.Max, ns)
	h.N++
	h.Sum += ns
	h.count(class(ns), 1)
}

func (h *Histogram) count(c int, n uint32) {
	if h.counts != nil {
		h.counts[c] += n
		return
	}
	i, found := slices.BinarySearchFunc(h.few, c, func(b bin, c int) int { return cmp.Compare(int(b.class), c) })
	switch {
	case found:
	case len(h.few) < maxFew:
		h.few = slices.Insert(h.few, i, bin{class: uint16(c)})
	case h.rough:
		if i == len(h.few) || i > 0 && c-int(h.few[i-1].class) <= int(h.few[i].class)-c {
			i--
		}
	default:
		h.counts = make([]uint32, classes)
		for _, b := range h.few {
			h.counts[b.class] = b.n
		}
		h.few = nil
		h.counts[c] += n
		return
	}
	h.few[i].n += n
}

// Merge adds another histogram.
func (h *Histogram) Merge(o *Histogram) {
	if o.N == 0 {
		return
	}
	if h.N == 0 || o.Min < h.Min {
		h.Min = o.Min
	}
	h.Max = max(h.Max, o.Max)
	h.N += o.N
	h.Sum += o.Sum
	for _, b := range o.few {
		h.count(int(b.class), b.n)
	}
	for c, n := range o.counts {
		if n > 0 {
			h.count(c, n)
		}
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
	for _, b := range h.few {
		if rank -= int(b.n); rank <= 0 {
			return h.within(int(b.class))
		}
	}
	for c, n := range h.counts {
		if rank -= int(n); rank <= 0 {
			return h.within(c)
		}
	}
	return h.Max
}

// within is the lower end of a class, as far as there was such a duration.
func (h *Histogram) within(c int) int64 { return min(max(lowest(c), h.Min), h.Max) }
