package store

import (
	"errors"
	"slices"

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
	s      *Store
	frames []loaded // guarded by s.mu; what a frame points to never changes
	gone   int      // frames that were dropped
	bytes  int
	budget int
	block  []byte // where the next frames' bytes go
}

// frameCost is what a frame costs beside its bytes.
const frameCost = 400

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
func (r *ring) add(_ int, l *loaded) (gone int) {
	c := *l
	c.frame.Data = r.keep(l.frame.Data)
	c.input.Data = c.frame.Data
	if d := c.frame.Delivery; d != nil {
		copied := *d
		copied.Receivers = slices.Clone(d.Receivers)
		c.frame.Delivery = &copied
	}
	if e := c.frame.Event; e != nil {
		copied := *e
		c.frame.Event = &copied
	}
	if c.input.Request != nil {
		c.input.Request = r.keep(c.input.Request)
	}
	r.frames = append(r.frames, c)
	r.bytes += len(c.frame.Data) + len(c.input.Request) + frameCost
	for r.bytes > r.budget && len(r.frames) > 2*chunkFrames {
		gone += r.drop()
	}
	return gone
}

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
	for i := range chunkFrames {
		f := &r.frames[i]
		if f.frame.Event != nil {
			r.s.state.Events--
		}
		r.bytes -= len(f.frame.Data) + len(f.input.Request) + frameCost
		*f = loaded{}
	}
	r.frames = r.frames[chunkFrames:]
	r.gone += chunkFrames
	return chunkFrames
}

func (r *ring) cursor() *pcapng.Cursor { return nil }

func (r *ring) load(i int, _ *dissect.Session, _ *pcapng.Cursor, out *loaded) error {
	r.s.mu.Lock()
	defer r.s.mu.Unlock()
	i -= r.gone
	if i < 0 || i >= len(r.frames) {
		return errGone
	}
	*out = r.frames[i]
	return nil
}
