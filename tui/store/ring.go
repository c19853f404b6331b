package store

import (
	"errors"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/capture/pcapng"
	"github.com/nlsniff/nlsniff/dissect"
)

// errGone is returned for a frame that had to make room for newer ones.
var errGone = errors.New("the frame is no longer kept")

// keptBytes is how many bytes of frames are kept unless Options say otherwise.
const keptBytes = 64 << 20

// ring keeps the latest frames of a live source, up to a budget of bytes.
type ring struct {
	s *Store
	// What is below is guarded by s.mu; what a frame points to never changes. The
	// frames stand in chunks, so that what is full is not copied to a larger
	// place again and again: that would take as much memory once more.
	chunks []*chunk
	n      int // frames that are there
	gone   int // frames that were dropped
	bytes  int
	budget int
	block  []byte // where the next frames' bytes go
}

// chunk holds frames that come and go together.
type chunk [chunkFrames]loaded

// What a frame costs beside its bytes, and what a message of it, for which a row and
// mostly an exchange are kept.
const (
	frameCost   = 400
	messageCost = 40
)

// Live starts to read a source and returns at once. The store closes it. A
// source with a method Stop is stopped by it, and its Stats are asked for at any
// time; of any other it is waited for.
func Live(src capture.Source, o Options) *Store {
	s := newStore(o)
	s.state.Live = true
	s.backing = &ring{s: s, budget: s.opt.Budget}
	if x, ok := src.(interface{ Stop() }); ok {
		s.interrupt = x.Stop
		s.lost = func() uint64 { return src.Stats().Dropped }
	}
	s.closers = append(s.closers, func() { src.Close() })
	s.start(func() {
		s.introduce()
		s.readAll(src)
	})
	return s
}

// add copies a frame, and drops the oldest if it goes over the budget.
func (r *ring) add(_ int, l *loaded, messages int) (gone int) {
	l.cost = l.frame.Size() + len(l.input.Request) + frameCost + messages*messageCost
	c := *l
	c.frame.Data = r.keep(l.frame.Data)
	c.input.Data = c.frame.Data
	c.frame.Own()
	if c.input.Request != nil {
		c.input.Request = r.keep(c.input.Request)
	}
	if r.n%chunkFrames == 0 {
		r.chunks = append(r.chunks, new(chunk))
	}
	*r.at(r.n) = c
	r.n++
	r.bytes += c.cost
	for r.bytes > r.budget && r.n > chunkFrames {
		gone += r.drop()
	}
	return gone
}

// at is frame i of those that are there.
func (r *ring) at(i int) *loaded { return &r.chunks[i/chunkFrames][i%chunkFrames] }

// keep copies bytes into a block that many frames share.
func (r *ring) keep(data []byte) []byte {
	const size = 256 << 10
	if len(data) > cap(r.block)-len(r.block) {
		r.block = make([]byte, 0, max(size, len(data)))
	}
	at := len(r.block)
	r.block = append(r.block, data...)
	return r.block[at:len(r.block):len(r.block)]
}

// drop lets go of the oldest chunk.
func (r *ring) drop() int {
	for i := range r.chunks[0] {
		f := &r.chunks[0][i]
		if f.frame.Event != nil {
			r.s.state.Events--
		}
		r.bytes -= f.cost
	}
	r.chunks[0] = nil // or the list would hold it until it is made anew
	r.chunks = r.chunks[1:]
	r.n -= chunkFrames
	r.gone += chunkFrames
	return chunkFrames
}

func (r *ring) cursor() *pcapng.Cursor { return nil }

func (r *ring) load(i int, _ *dissect.Session, _ *pcapng.Cursor, out *loaded) error {
	r.s.mu.Lock()
	defer r.s.mu.Unlock()
	i -= r.gone
	if i < 0 || i >= r.n {
		return errGone
	}
	*out = *r.at(i)
	return nil
}
