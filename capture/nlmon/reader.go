//go:build linux

package nlmon

import (
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/nlsniff/nlsniff/capture"
)

// reader takes frames out of rings, where they stand: nothing is copied, and the
// kernel has a block back when the reader comes for the frame behind it. One
// goroutine does it all, so that a frame wakes nobody but who wants it.
//
// The frames of several rings, and of a ring and its socket for large ones, are
// put in the order of their times. For that a frame waits while a block that
// the kernel still fills may hold an earlier one.
type reader struct {
	feeds  []*feed
	wake   int // eventfd: somebody wants the reader to look at the feeds
	waiter *waiter
	idle   func() // called before it waits; may be nil
	// closed says that nothing more is wanted, not even what is there.
	closed *atomic.Bool
	// slack is how much later than its time a block may come: the kernel's
	// tick and ours.
	slack time.Duration
}

// feed is what comes from one interface.
type feed struct {
	*ring
	head    *block // what is read; nil if the kernel has given up no block
	current block
	ended   func(error) // called once, at the end
	over    bool

	// Draining: nothing more comes, and what is there is taken until it was
	// found empty twice or late is past.
	draining bool
	late     time.Time
	quiet    int
	err      error // what ended it
}

const (
	// drainTick is how often the open block is looked at when nothing more
	// can come into it.
	drainTick = 2 * time.Millisecond
	// settle is how much longer than its time the last block may take. It is
	// a bound for a kernel that does not keep its promise.
	settle = 500 * time.Millisecond
)

func newReader(wake int, idle func(), closed *atomic.Bool) (*reader, error) {
	w, err := newWaiter()
	if err != nil {
		return nil, err
	}
	r := &reader{wake: wake, waiter: w, idle: idle, closed: closed, slack: 20 * time.Millisecond}
	return r, w.add(wake, -1)
}

// What changes is told apart by numbers: two for each feed, and -1 for wake.
func (r *reader) add(k *ring, ended func(error)) error {
	n := len(r.feeds)
	r.feeds = append(r.feeds, &feed{ring: k, ended: ended})
	if err := r.waiter.add(k.fd, 2*n); err != nil {
		return err
	}
	return r.waiter.add(k.large.fd, 2*n+1)
}

// next fills f with the next frame and returns its feed. It waits for one; -1 is
// the end.
func (r *reader) next(f *capture.Frame) int {
	for !r.closed.Load() {
		if len(r.feeds) == 1 && r.feeds[0].more() && r.feeds[0].head.frame(f) {
			return 0
		}
		best, fromLarge, wait := r.look()
		switch {
		case best >= 0 && wait <= 0:
			k := r.feeds[best]
			if fromLarge {
				k.large.frame(f)
				return best
			}
			if k.head.frame(f) {
				return best
			}
			continue // a block that is not what the kernel writes
		case best < 0 && r.over():
			return -1
		}
		r.wait(best, wait)
	}
	return -1
}

// more reports whether the next frame of a feed is in its block, and nothing else
// has to be looked at: so it is of all frames of a block but the first.
func (k *feed) more() bool {
	return k.head != nil && k.head.left > 0 && !k.large.ready && !k.large.have && !k.stopped.Load()
}

// look finds the feed that has the earliest frame, and how long that has to wait
// for others: -1 is as long as it takes.
func (r *reader) look() (best int, fromLarge bool, wait time.Duration) {
	best = -1
	var earliest int64
	var taken time.Time
	for i, k := range r.feeds {
		if k.stopped.Load() && !k.draining {
			k.reject()
			k.drain(nil)
		}
		k.fill()
		if k.head != nil {
			if t := k.head.time(); best < 0 || t < earliest {
				best, fromLarge, earliest, taken = i, false, t, k.head.arrived
			}
		}
		if k.large.have && (best < 0 || k.large.time < earliest) {
			best, fromLarge, earliest, taken = i, true, k.large.time, k.large.taken
		}
	}
	if best < 0 {
		return -1, false, -1
	}
	for i, k := range r.feeds {
		if k.over || k.head != nil || i == best && !fromLarge || !k.filling() {
			continue
		}
		// Its open block may hold an earlier frame.
		wait = max(wait, k.retire+r.slack-time.Since(taken))
	}
	return best, fromLarge, wait
}

// fill takes the next block, and the next large frame, if there is one.
func (k *feed) fill() {
	if k.over {
		return
	}
	for k.head == nil || k.head.left <= 0 {
		if k.head != nil {
			k.head = nil
			k.release()
		}
		mem := k.take()
		if mem == nil {
			break
		}
		k.current = block{data: mem, arrived: time.Now()}
		k.current.begin()
		k.head = &k.current
		// What is larger, and came before these, is there too.
		k.large.ready = true
	}
	k.large.read()
}

// over reports whether all feeds are, and ends those that have nothing left.
func (r *reader) over() bool {
	all := true
	for _, k := range r.feeds {
		if k.draining && !k.over {
			if k.filling() {
				k.quiet = 0
			} else {
				k.quiet++ // once more: a frame may have been on its way
				k.large.ready = true
			}
			if k.quiet >= 2 && k.head == nil && !k.large.have || time.Now().After(k.late) {
				k.over = true
				k.ended(k.err)
			}
		}
		all = all && k.over
	}
	return all
}

// drain takes what is left of a feed and then ends it.
func (k *feed) drain(err error) {
	k.draining, k.err = true, err
	k.late = time.Now().Add(k.retire + settle)
}

// wait waits until something comes or limit is over, unless it is negative.
func (r *reader) wait(best int, limit time.Duration) {
	if best < 0 && r.idle != nil {
		r.idle()
	}
	for _, k := range r.feeds {
		if k.draining && !k.over && (limit < 0 || limit > drainTick) {
			limit = drainTick
		}
	}
	err := r.waiter.wait(limit, func(who int, trouble bool) {
		switch {
		case who < 0:
			var b [8]byte
			_, _ = unix.Read(r.wake, b[:])
		case who%2 == 1:
			r.feeds[who/2].large.ready = true
		case trouble && !r.feeds[who/2].draining:
			k := r.feeds[who/2]
			k.drain(k.trouble())
		}
	})
	if err != nil {
		for _, k := range r.feeds {
			k.drain(err)
		}
	}
}
