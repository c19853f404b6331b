package families

import (
	"slices"
	"sort"
	"sync"
)

// Trust says how well it is known that the kernel itself gave a name.
type Trust uint8

// The kinds of evidence, the weaker first. Any process can send the bytes of
// the first three to the kernel, which ignores them, but nlmon shows them.
const (
	// Alleged is an answer to a request that the capture does not have.
	Alleged Trust = iota
	// Heard is what looks like a notification of the kernel's.
	Heard
	// Answered is an answer to a request that the capture has.
	Answered
	// Vouched is what the capture's source knows to be from the kernel.
	Vouched
)

// maxClaims bounds the names that are kept for a number beside those that are
// believed.
const maxClaims = 8

// Timeline knows what number was called what at which frame. Numbers are
// given out at run time: a generic family's id, or an interface's index, can
// mean one thing now and another later. Methods may be called from several
// goroutines; what Name answers for a frame does not depend on what was
// learned from later frames, unless Complete was called.
type Timeline[K comparable] struct {
	mu       sync.RWMutex
	tracks   map[K]*track
	size     int // what leases and claims weigh
	complete bool

	of   *Timeline[K] // that this is a view of, see Watch
	used func(Source)
}

// Source is where a name comes from: the frame that gave it and, if it is an
// answer, the frame with the request; 0 for none.
type Source struct {
	Name          string
	Frame, Answer int
}

// Registry is the table of generic family ids of one capture section.
type Registry = Timeline[uint16]

// track is what is known of one number.
type track struct {
	leases []lease
	claims []lease // names that are not believed
	cut    bool    // older leases were forgotten
}

// lease is a name from one frame on; "" means that its bearer went away.
type lease struct {
	from  int
	name  string
	trust Trust
	asked int // the frame whose request was answered so, 0 for none
}

func (l *lease) source() Source { return Source{l.name, l.from, l.asked} }

// Watch returns a view of t that calls used with the source of every name that
// is looked up in it. It is for looking up only.
func (t *Timeline[K]) Watch(used func(Source)) *Timeline[K] {
	if t == nil {
		return nil
	}
	return &Timeline[K]{of: t, used: used}
}

// Asked notes which frame has the request that the last name of k answers.
func (t *Timeline[K]) Asked(k K, frame int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if x := t.tracks[k]; x != nil && len(x.leases) > 0 {
		x.leases[len(x.leases)-1].asked = frame
	}
}

// Learn notes that from frame on k is called name, "" if it is gone. Frames
// come in order. It reports whether that was news.
func (t *Timeline[K]) Learn(frame int, k K, name string) bool {
	return t.LearnAs(frame, k, name, Answered)
}

// LearnAs is Learn for a name that is known that well. The same name with
// better evidence is news too.
func (t *Timeline[K]) LearnAs(frame int, k K, name string, trust Trust) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	x := t.tracks[k]
	if x == nil {
		if name == "" {
			return false
		}
		if t.tracks == nil {
			t.tracks = map[K]*track{}
		}
		x = &track{}
		t.tracks[k] = x
		t.size += keyWeight(k)
	}
	if n := len(x.leases); n > 0 {
		last := &x.leases[n-1]
		switch {
		case last.from > frame, last.name == name && last.trust >= trust:
			return false // a second pass over the same frames, or known
		case last.from == frame: // nobody can ask for the one before
			t.size += Weight(name) - Weight(last.name)
			*last = lease{from: frame, name: name, trust: trust}
			return true
		}
	} else if name == "" {
		return false
	}
	x.leases = append(x.leases, lease{from: frame, name: name, trust: trust})
	t.size += Weight(name)
	return true
}

// Claim notes a name that is not believed.
func (t *Timeline[K]) Claim(frame int, k K, name string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	x := t.tracks[k]
	if x == nil || len(x.claims) >= maxClaims || slices.ContainsFunc(x.claims, func(l lease) bool { return l.name == name }) {
		return
	}
	x.claims = append(x.claims, lease{from: frame, name: name})
	t.size += Weight(name)
}

// Append learns what o knows, whose frames come behind those of t: frame 1 of o
// is frame after+1 of t.
func (t *Timeline[K]) Append(o *Timeline[K], after int) {
	o.mu.RLock()
	defer o.mu.RUnlock()
	for k, x := range o.tracks {
		for _, l := range x.leases {
			t.LearnAs(after+l.from, k, l.name, l.trust)
		}
		for _, l := range x.claims {
			t.Claim(after+l.from, k, l.name)
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
	name, _ := t.Named(k, frame)
	return name
}

// Named is Name with how well that is known.
func (t *Timeline[K]) Named(k K, frame int) (string, Trust) {
	l := t.lease(k, frame)
	return l.name, l.trust
}

// lease returns what is known of k at frame.
func (t *Timeline[K]) lease(k K, frame int) lease {
	switch {
	case t == nil:
		return lease{}
	case t.of != nil:
		l := t.of.lease(k, frame)
		if l.name != "" {
			t.used(l.source())
		}
		return l
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	x := t.tracks[k]
	if x == nil {
		return lease{}
	}
	return x.named(frame, t.complete)
}

func (x *track) named(frame int, complete bool) lease {
	l := x.leases
	i := sort.Search(len(l), func(i int) bool { return l[i].from > frame })
	switch {
	case i == 0 && complete && len(l) > 0 && !x.cut:
		i = 1
	case i == 0:
		return lease{}
	}
	if l[i-1].name == "" && i > 1 {
		i--
	}
	return l[i-1]
}

// State returns the name that k was given last, how well that is known, and
// whether its bearer went away since.
func (t *Timeline[K]) State(k K) (name string, trust Trust, gone bool) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	x := t.tracks[k]
	if x == nil || len(x.leases) == 0 {
		return "", Alleged, false
	}
	last := x.leases[len(x.leases)-1]
	if last.name == "" && len(x.leases) > 1 {
		return x.leases[len(x.leases)-2].name, x.leases[len(x.leases)-2].trust, true
	}
	return last.name, last.trust, last.name == ""
}

// Disputed calls each with every other name that k was given up to frame, or
// at any time if the whole capture was learned from: names of earlier bearers,
// and those that were not believed. It reports whether there may have been
// more.
func (t *Timeline[K]) Disputed(k K, frame int, each func(name string)) (more bool) {
	return t.disputed(k, frame, func(l *lease) { each(l.name) })
}

func (t *Timeline[K]) disputed(k K, frame int, each func(*lease)) (more bool) {
	switch {
	case t == nil:
		return false
	case t.of != nil:
		return t.of.disputed(k, frame, func(l *lease) { t.used(l.source()); each(l) })
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	x := t.tracks[k]
	if x == nil || len(x.leases) < 2 && len(x.claims) == 0 && !x.cut {
		return false
	}
	for _, list := range [2][]lease{x.leases, x.claims} {
		for i := range list {
			if list[i].name != "" && (list[i].from <= frame || t.complete) {
				each(&list[i])
			}
		}
	}
	return x.cut || len(x.claims) >= maxClaims
}

// Weight is what a name counts for in Size: one, and one for every 32 bytes.
func Weight(name string) int { return 1 + len(name)/32 }

// keyWeight is what a number counts for beside its names: nothing, unless it is
// a long text itself.
func keyWeight[K comparable](k K) int {
	s, _ := any(k).(string)
	return len(s) / 32
}

// Size returns how many names are remembered; long ones count for several.
func (t *Timeline[K]) Size() int {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.size
}

// Starts appends the frames at which names were learned.
func (t *Timeline[K]) Starts(dst []int) []int {
	t.mu.RLock()
	defer t.mu.RUnlock()
	for _, x := range t.tracks {
		for _, l := range x.leases {
			dst = append(dst, l.from)
		}
	}
	return dst
}

// Forget drops the names that were learned before a frame and are not in force
// there; with all set, those in force too. Who asks for an earlier frame then
// gets no name instead of a wrong one.
func (t *Timeline[K]) Forget(before int, all bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for k, x := range t.tracks {
		i := sort.Search(len(x.leases), func(i int) bool { return x.leases[i].from >= before })
		if i > 0 && !all {
			i-- // in force
			if x.leases[i].name == "" && i > 0 {
				i-- // what it is called until somebody else gets the number
			}
		}
		if i == 0 {
			continue
		}
		for _, l := range x.leases[:i] {
			t.size -= Weight(l.name)
		}
		if i == len(x.leases) {
			for _, l := range x.claims {
				t.size -= Weight(l.name)
			}
			delete(t.tracks, k)
			t.size -= keyWeight(k)
			continue
		}
		x.leases = append([]lease(nil), x.leases[i:]...)
		x.cut = true
	}
}
