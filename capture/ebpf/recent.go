package ebpf

// maxKnown is how many are remembered at most. Half of it is more than the kernel's
// side remembers, which tells what it forgot again.
const maxKnown = 1 << 14

// recent remembers what was told or asked for last: half of maxKnown at least.
type recent[K comparable, V any] struct {
	young, old map[K]V
}

func (r *recent[K, V]) get(k K) (V, bool) {
	v, ok := r.young[k]
	if !ok {
		if v, ok = r.old[k]; ok {
			r.put(k, v)
		}
	}
	return v, ok
}

func (r *recent[K, V]) put(k K, v V) {
	if _, known := r.young[k]; !known && len(r.young) >= maxKnown/2 {
		r.old, r.young = r.young, nil
	}
	if r.young == nil {
		r.young = map[K]V{}
	}
	r.young[k] = v
}
