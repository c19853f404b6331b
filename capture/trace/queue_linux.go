//go:build linux && (amd64 || arm64)

package trace

import (
	"io"
	"sync"
	"time"

	"github.com/nlsniff/nlsniff/capture"
)

// record is a frame or event on its way from the tracer to who reads the
// source. Its memory is its own.
type record struct {
	frame    capture.Frame
	delivery capture.Delivery
	event    capture.Event
	// open is set while the call that sent the datagram has not returned. The
	// record keeps its place, in front of the answers, but waits.
	open  bool
	since time.Time // when it was queued
	taken bool
	drop  bool // it did not happen after all
}

const (
	// maxQueued is how many bytes may wait for the reader before the tracer,
	// and with it the traced, waits too.
	maxQueued = 32 << 20
	// recordSize is what a record counts for beside its data.
	recordSize = 512
	// patience is how long a call may take before its datagram is shown
	// without what it returned.
	patience = 200 * time.Millisecond
	// rest is how long a reader that has taken all there was leaves the queue
	// alone. Waking it for each record would cost more than the record.
	rest = 5 * time.Millisecond
)

// queue holds records in their order.
type queue struct {
	mu    sync.Mutex
	more  *sync.Cond
	room  *sync.Cond
	list  []*record
	head  int
	bytes int
	err   error // io.EOF at the end
	ended bool
	quit  bool // nobody reads any more
	idle  bool // the reader waits to be woken
	took  bool // it has had something since it last rested
	timer *time.Timer
}

func newQueue() *queue {
	q := &queue{}
	q.more = sync.NewCond(&q.mu)
	q.room = sync.NewCond(&q.mu)
	return q
}

// put appends a record, and waits while there are too many.
func (q *queue) put(r *record) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for q.bytes > maxQueued && !q.quit {
		q.room.Wait()
	}
	if q.quit {
		return
	}
	if r.open {
		r.since = time.Now()
	}
	q.list = append(q.list, r)
	q.bytes += recordSize + len(r.frame.Data)
	q.rouse()
}

// rouse wakes the reader if it waits for that. q.mu is held.
func (q *queue) rouse() {
	if q.idle {
		q.idle = false
		q.more.Signal()
	}
}

// done says that the call of an open record has returned. It returns false if
// the record was shown already.
func (q *queue) done(r *record, finish func()) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	r.open = false
	if r.taken {
		return false
	}
	finish()
	q.rouse()
	return true
}

// end says that no more records come.
func (q *queue) end(err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.ended, q.err = true, err
	if err == nil {
		q.err = io.EOF
	}
	q.more.Broadcast()
}

// leave says that nobody reads any more.
func (q *queue) leave() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.quit = true
	q.list, q.head = nil, 0
	q.room.Broadcast()
	q.more.Broadcast()
}

// next returns the oldest record, waiting for one.
func (q *queue) next() (*record, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for {
		if q.quit {
			return nil, io.EOF
		}
		if q.head < len(q.list) {
			r := q.list[q.head]
			wait := time.Duration(0)
			if r.open && !q.ended {
				wait = patience - time.Since(r.since)
			}
			if wait <= 0 {
				q.list[q.head] = nil
				q.head++
				if q.head > 1024 && q.head*2 > len(q.list) {
					n := copy(q.list, q.list[q.head:])
					clear(q.list[n:])
					q.list, q.head = q.list[:n], 0
				}
				r.taken, q.took = true, true
				q.bytes -= recordSize + len(r.frame.Data)
				q.room.Signal()
				if r.drop {
					continue
				}
				return r, nil
			}
			if !q.took {
				q.wake(wait)
			}
		} else if q.ended {
			return nil, q.err
		}
		if q.took {
			q.took = false
			q.mu.Unlock()
			time.Sleep(rest)
			q.mu.Lock()
			continue
		}
		q.idle = true
		q.more.Wait()
	}
}

// wake has next look again after a time. q.mu is held.
func (q *queue) wake(after time.Duration) {
	if q.timer == nil {
		q.timer = time.AfterFunc(after, func() {
			q.mu.Lock()
			q.more.Broadcast()
			q.mu.Unlock()
		})
		return
	}
	q.timer.Reset(after)
}
