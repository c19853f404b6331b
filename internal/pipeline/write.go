package pipeline

import (
	"sync"
)

// print has a worker print the frames of a batch.
func (r *runner) print(w Worker, b *batch, spill func([]byte) []byte) {
	b.out = b.out[:0]
	for i := range b.jobs {
		j := &b.jobs[i]
		b.said = len(b.out)
		n := j.Frame.Size()
		much := perByte*n + perClosed*len(j.Closed)
		r.pending.reserve(much, b.no)
		if much > perByte*smallFrame {
			j.Spill = spill
		}
		if n > smallFrame {
			r.decoding.enter(n)
			b.out = w.Append(b.out, j)
			if s, ok := w.(Shrinker); ok && n > largeFrame {
				s.Shrink()
			}
			r.decoding.leave(r.decoding.share(n))
		} else {
			b.out = w.Append(b.out, j)
		}
		if r.pending.add(len(b.out)-b.said-much, b.no) && len(b.out) > maxOutput {
			r.put(b, 4*maxOutput)
		}
	}
}

// spill writes what a batch has printed, if that is much and its turn has come.
func (r *runner) spill(b *batch, dst []byte) []byte {
	if len(dst) <= maxOutput {
		return dst
	}
	turn := r.pending.add(len(dst)-b.said, b.no)
	b.said = len(dst)
	if !turn {
		return dst
	}
	b.out = dst
	r.put(b, 4*maxOutput) // of the one whose turn it is, more will come
	b.said = 0
	return b.out
}

// put writes what there is of the batch whose turn it is, and lets go of a
// buffer that is larger than keep.
func (r *runner) put(b *batch, keep int) {
	if r.err == nil && len(b.out) > 0 {
		if _, r.err = r.Out.Write(b.out); r.err != nil {
			close(r.failed)
		}
	}
	r.fit(len(b.out))
	r.pending.written(len(b.out))
	if cap(b.out) > keep {
		b.out = nil
	}
	b.out = b.out[:0]
}

// write puts out finished batches in order.
func (r *runner) write() error {
	for b := range r.order {
		<-b.done
		r.put(b, r.keep)
		r.pending.next()
		r.input.leave(b.held)
		b.held = 0
		b.shrink()
		r.free <- b
	}
	return r.err
}

// pending counts what is printed and not written.
type pending struct {
	mu    sync.Mutex
	cond  sync.Cond
	bytes int
	head  uint64 // the batch whose turn it is
}

// reserve waits until there is room for n bytes of output, or it is the batch's
// turn, and counts them.
func (p *pending) reserve(n int, no uint64) {
	p.mu.Lock()
	for p.bytes+n > maxPending && no != p.head {
		p.cond.Wait()
	}
	p.bytes += n
	p.mu.Unlock()
}

// add counts n bytes of a batch, and says whether it is its turn.
func (p *pending) add(n int, no uint64) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.bytes += n
	if n < 0 {
		p.cond.Broadcast()
	}
	return no == p.head
}

func (p *pending) written(n int) {
	p.mu.Lock()
	p.bytes -= n
	p.mu.Unlock()
	p.cond.Broadcast()
}

// next says that the next batch's turn has come.
func (p *pending) next() {
	p.mu.Lock()
	p.head++
	p.mu.Unlock()
	p.cond.Broadcast()
}

// fit makes batches smaller if their output is too large.
func (r *runner) fit(output int) {
	if output <= maxOutput {
		return
	}
	r.share.Store(min(2*r.share.Load(), 64))
}

// shrink lets go of buffers that a huge frame made.
func (b *batch) shrink() {
	const few = 1 << 10
	if cap(b.data) > maxBytes {
		b.data = nil
		clear(b.jobs)
	}
	if cap(b.kept) > maxBytes || cap(b.closed) > few {
		b.kept, b.closed = nil, nil
	}
	if cap(b.refs) > 16*few {
		b.refs = nil
	}
}
