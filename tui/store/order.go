package store

import (
	"cmp"
	"slices"
)

// Order is what exchanges can be sorted by.
type Order uint8

// The orders.
const (
	ByNumber  Order = iota // as they began
	ByTaken                // time to the last answer
	ByLatency              // time to the first
	BySize                 // of the answers
	ByState                // how they ended, those that failed first
	NumOrders
)

// Ordered returns the numbers of all exchanges, or of those that a filter lets
// through, in an order: the largest first, and those that began first where that
// is the same. Backwards, the smallest are first.
func (s *Store) Ordered(m *Matches, by Order, backwards bool) []int {
	var ids []int
	if m != nil {
		m.mu.Lock()
		ids = slices.Clone(m.ids)
		m.mu.Unlock()
	}
	s.mu.Lock()
	if m == nil {
		ids = make([]int, 0, s.exchanges.count-s.exchanges.dropped)
		for id := s.exchanges.dropped + 1; id <= s.exchanges.count; id++ {
			ids = append(ids, id)
		}
	}
	type keyed struct {
		key float64
		id  int
	}
	list := make([]keyed, 0, len(ids))
	for _, id := range ids {
		if r, _ := s.exchanges.at(id); r != nil {
			list = append(list, keyed{r.key(by), id})
		}
	}
	s.mu.Unlock()
	slices.SortFunc(list, func(a, b keyed) int {
		d := cmp.Compare(b.key, a.key)
		if d == 0 {
			d = cmp.Compare(a.id, b.id)
		}
		if backwards {
			return -d
		}
		return d
	})
	ids = ids[:0]
	for _, k := range list {
		ids = append(ids, k.id)
	}
	return ids
}

// key is what an exchange is sorted by.
func (r *record) key(by Order) float64 {
	switch by {
	case ByTaken:
		return float64(r.took)
	case ByLatency:
		return float64(r.latency)
	case BySize:
		return float64(r.bytes)
	case ByState:
		k := float64(r.state&recordState) / 100 // each kind together
		switch {
		case r.errno < 0:
			return 2 - float64(r.errno)/1000
		case !r.ok():
			return 1 + k
		}
		return k
	}
	return 0
}
