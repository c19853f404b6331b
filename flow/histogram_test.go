package flow_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/nlsniff/nlsniff/flow"
)

// TestHistogram compares percentiles with those of the sorted list.
func TestHistogram(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{1, 2, 10, 1000, 20_000} {
		var a, b, all flow.Histogram
		var list []int64
		for i := range n {
			v := int64(rnd.ExpFloat64() * 1e6)
			list = append(list, v)
			if i%3 == 0 {
				a.Add(v)
			} else {
				b.Add(v)
			}
		}
		all.Merge(&a)
		all.Merge(&b)
		slices.Sort(list)
		if all.N != n || all.Min != list[0] || all.Max != list[n-1] {
			t.Errorf("%d values: N %d, from %d to %d, want %d to %d", n, all.N, all.Min, all.Max, list[0], list[n-1])
		}
		for _, q := range []float64{0, 0.5, 0.9, 0.99, 1} {
			want := list[min(max(int(q*float64(n)+0.5), 1), n)-1]
			if got := all.Quantile(q); got > want || got < want-want/31-1 {
				t.Errorf("%d values: the %v quantile is %d, want %d", n, q, got, want)
			}
		}
	}
	var h flow.Histogram
	for _, v := range []int64{-5, 0, 1, 1<<63 - 1} {
		h.Add(v)
	}
	if h.N != 4 || h.Quantile(0.25) != -5 && h.Quantile(0.25) != 0 {
		t.Errorf("%d values, the lowest %d", h.N, h.Quantile(0.25))
	}
	if (&flow.Histogram{}).Quantile(0.5) != 0 {
		t.Error("an empty histogram has a median")
	}
}

// TestRough: a rough histogram is exact for as many durations as it has classes; what
// comes later counts as its nearest, and is still counted, and the least and the most are
// exact.
func TestRough(t *testing.T) {
	h := flow.NewRough()
	for i := range flow.MaxFew {
		h.Add(int64(i) << 40)
	}
	const far = 1 << 50
	for range 1000 {
		h.Add(far)
	}
	if last := int64(flow.MaxFew-1) << 40; h.N != flow.MaxFew+1000 || h.Max != far || h.Min != 0 || h.Quantile(0.5) > last || h.Quantile(0.5) < last-last/31 {
		t.Errorf("%d values, from %d to %d, the median is %d", h.N, h.Min, h.Max, h.Quantile(0.5))
	}
	if got, want := h.Quantile(10.0/float64(h.N)), int64(9)<<40; got > want || got < want-want/31 {
		t.Errorf("the tenth is %d, want %d", got, want)
	}
}
