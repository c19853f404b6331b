//go:build linux

package nlmon

import (
	"sync"
	"time"
)

// queue carries blocks from the rings to the reader. It holds up to a number
// of bytes; beyond that, push waits, the rings fill, and the kernel counts
// what it drops.
type queue struct {
	mu     sync.Mutex
	change sync.Cond
	rings  []lane
	spare  []*block // to be used again
	bytes  int
	limit  int
	closed bool
}

// lane is what comes from one ring.
type lane struct {
	blocks []*block
	ended  bool
}

// spareBlocks is how many used blocks are kept.
const spareBlocks = 4

func newQueue(limit, rings int) *queue {
	q := &queue{limit: limit, rings: make([]lane, rings)}
	q.change.L = &q.mu
	return q
}

// push copies a block in.
func (q *queue) push(ring int, data []byte) {
	q.mu.Lock()
	for q.bytes > 0 && q.bytes+len(data) > q.limit && !q.closed {
		q.change.Wait()
	}
	if q.closed {
		q.mu.Unlock()
		return
	}
	b := q.take(len(data))
	q.bytes += len(data)
	q.mu.Unlock()
	b.from, b.arrived = ring, time.Now()
	b.data = append(b.data[:0], data...)
	b.begin()
	q.mu.Lock()
	q.rings[ring].blocks = append(q.rings[ring].blocks, b)
	q.mu.Unlock()
	q.change.Broadcast()
}

// take finds a spare block with room for n bytes, or makes one.
func (q *queue) take(n int) *block {
	for i, b := range q.spare {
		if cap(b.data) >= n {
			q.spare = append(q.spare[:i], q.spare[i+1:]...)
			return b
		}
	}
	return &block{data: make([]byte, 0, n)}
}

// pop returns a ring's next block; nil if there is none. ended says that there
// will not be one.
func (q *queue) pop(ring int) (b *block, ended bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	l := &q.rings[ring]
	if len(l.blocks) == 0 {
		return nil, l.ended || q.closed
	}
	b = l.blocks[0]
	l.blocks = append(l.blocks[:0], l.blocks[1:]...)
	return b, false
}

// wait waits until a ring that is wanted has a block or has ended, or until
// limit is over, if it is not 0.
func (q *queue) wait(wanted func(ring int) bool, limit time.Duration) {
	over := false
	if limit > 0 {
		t := time.AfterFunc(limit, func() {
			q.mu.Lock()
			over = true
			q.mu.Unlock()
			q.change.Broadcast()
		})
		defer t.Stop()
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	for !over && !q.closed {
		for i := range q.rings {
			if wanted(i) && (len(q.rings[i].blocks) > 0 || q.rings[i].ended) {
				return
			}
		}
		q.change.Wait()
	}
}

// free gives a block back when its frames are used up.
func (q *queue) free(b *block) {
	q.mu.Lock()
	q.bytes -= len(b.data)
	if len(q.spare) == spareBlocks {
		q.spare = append(q.spare[:0], q.spare[1:]...)
	}
	q.spare = append(q.spare, b)
	q.mu.Unlock()
	q.change.Broadcast()
}

// end says that no more comes from a ring.
func (q *queue) end(ring int) {
	q.mu.Lock()
	q.rings[ring].ended = true
	q.mu.Unlock()
	q.change.Broadcast()
}

// close lets go of whoever waits: nothing more is wanted.
func (q *queue) close() {
	q.mu.Lock()
	q.closed = true
	q.mu.Unlock()
	q.change.Broadcast()
}
