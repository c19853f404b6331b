package store

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// findRows is how many rows a goroutine looks at in one go.
const findRows = 256

// Finder looks for a row, with all processors. It knows what the store knew when
// it was made, and is for one goroutine.
type Finder struct {
	s       *Store
	workers []*Decoder
}

// NewFinder returns a Finder for what the store has now.
func (s *Store) NewFinder() *Finder {
	f := &Finder{s: s, workers: make([]*Decoder, runtime.GOMAXPROCS(0))}
	for i := range f.workers {
		f.workers[i] = s.NewDecoder()
	}
	return f
}

// First returns the place in numbers of the first row that fits, -1 if none does.
// fits is called from several goroutines.
func (f *Finder) First(numbers []int, fits func(*Row) bool) int {
	var next, best atomic.Int64
	best.Store(int64(len(numbers)))
	var wg sync.WaitGroup
	for _, d := range f.workers[:min(len(f.workers), (len(numbers)+findRows-1)/findRows)] {
		wg.Add(1)
		f.s.spawn(func() {
			defer wg.Done()
			for {
				from := int(next.Add(findRows)) - findRows
				if int64(from) >= best.Load() { // what is before it is somebody's work already
					return
				}
				for i, r := range d.Rows(numbers[from:min(from+findRows, len(numbers))]) {
					if r.Err == nil && fits(&r) {
						lower(&best, int64(from+i))
						break
					}
				}
			}
		})
	}
	wg.Wait()
	if at := int(best.Load()); at < len(numbers) {
		return at
	}
	return -1
}

// lower makes a number smaller, if it is not yet.
func lower(n *atomic.Int64, to int64) {
	for {
		old := n.Load()
		if old <= to || n.CompareAndSwap(old, to) {
			return
		}
	}
}
