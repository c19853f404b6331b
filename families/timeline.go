package families

import (
	"sort"
	"sync"
)

// maxChanges bounds how much a Timeline remembers, so that a hostile capture
// cannot fill the memory.
const maxChanges = 1 << 17

// Timeline knows what number was called what at which frame. Numbers are
// given out at run time: a generic family's id, or an interface's index, can
// mean one thing now and another later. Methods may be called from several
// goroutines; what Name answers for a frame does not depend on what was
// learned from later frames, unless Complete was called.
type Timeline[K comparable] struct {
	mu       sync.RWMutex
	leases   map[K][]lease
	changes  int
	complete bool
}

// Registry is the table of generic family ids of one capture section.
type Registry = Timeline[uint16]

// lease is a name from one frame on; "" means that its bearer went away.
type lease struct {
	from int
	name string
}

// Learn notes that from frame on k is called name, "" if it is gone. Frames
// come in order. It reports whether that was news.
func (t *Timeline[K]) Learn(frame int, k K, name string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	l := t.leases[k]
	if len(l) == 0 && name == "" || t.changes >= maxChanges {
		return false
	}
	if len(l) > 0 && (l[len(l)-1].name == name || l[len(l)-1].from > frame) {
		return false // known, or a second pass over the same frames
	}
	if t.leases == nil {
		t.leases = map[K][]lease{}
	}
	t.leases[k] = append(l, lease{frame, name})
	t.changes++
	return true
}

// Append learns what o knows, whose frames come behind those of t: frame 1 of o
// is frame after+1 of t.
func (t *Timeline[K]) Append(o *Timeline[K], after int) {
	o.mu.RLock()
	defer o.mu.RUnlock()
	for k, list := range o.leases {
		for _, l := range list {
			t.Learn(after+l.from, k, l.name)
		}
	}
}

// Complete says that the whole capture was learned from: from now on a frame
// before the first mention of k is given the name that k gets first.
func (t *Timeline[K]) Complete() {
	t.mu.Lock()
	t.complete = true
	t.mu.Unlock()
}

// Name returns what k was called at frame, or "". After the bearer went away
// the name stays until k is given out again, for the messages that speak of
// its end.
func (t *Timeline[K]) Name(k K, frame int) string {
	if t == nil {
		return ""
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	l := t.leases[k]
	i := sort.Search(len(l), func(i int) bool { return l[i].from > frame })
	switch {
	case i == 0 && t.complete && len(l) > 0:
		return l[0].name
	case i == 0:
		return ""
	case l[i-1].name == "" && i > 1:
		return l[i-2].name
	}
	return l[i-1].name
}
