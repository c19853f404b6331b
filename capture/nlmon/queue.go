//go:build linux

package nlmon

import "sync"

// queue carries blocks from the rings to the reader. It holds up to a number
// of bytes; beyond that, push waits, the rings fill, and the kernel counts
// what it drops. Between rings it keeps the order of arrival.
type queue struct {
	mu     sync.Mutex
	change sync.Cond
	blocks []*block
	spare  []*block // to be used again
	bytes  int
	limit  int
	ended  bool
}

// spareBlocks is how many used blocks are kept.
const spareBlocks = 4

func newQueue(limit int) *queue {
	q := &queue{limit: limit}
	q.change.L = &q.mu
	return q
}

// push copies a block in.
func (q *queue) push(from int, data []byte) {
	q.mu.Lock()
	for q.bytes > 0 && q.bytes+len(data) > q.limit && !q.ended {
		q.change.Wait()
	}
	if q.ended {
		q.mu.Unlock()
		return
	}
	b := q.take(len(data))
	q.bytes += len(data)
	q.mu.Unlock()
	b.from = from
	b.data = append(b.data[:0], data...)
	b.begin()
	q.mu.Lock()
	q.blocks = append(q.blocks, b)
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

// pop returns the next block. It waits for one; nil is the end.
func (q *queue) pop() *block {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.blocks) == 0 && !q.ended {
		q.change.Wait()
	}
	if len(q.blocks) == 0 {
		return nil
	}
	b := q.blocks[0]
	q.blocks = append(q.blocks[:0], q.blocks[1:]...)
	return b
}

// idle reports whether pop would wait.
func (q *queue) idle() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.blocks) == 0 && !q.ended
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

// end lets pop return nil once it has returned the blocks that are there, and
// push return without effect.
func (q *queue) end() {
	q.mu.Lock()
	q.ended = true
	q.mu.Unlock()
	q.change.Broadcast()
}
