//go:build linux && (amd64 || arm64)

package trace

import (
	"io"
	"testing"
)

// TestQueue: everything comes out in order, whether the reader waits, rests or
// lags behind, and whatever becomes of the sends in it.
func TestQueue(t *testing.T) {
	const total = 20_000
	q := newQueue()
	go func() {
		var open *record
		for i := range total {
			r := &record{}
			r.event.Value = int64(i)
			r.open = i%100 == 0
			q.put(r)
			if r.open {
				open = r
			} else if open != nil && i%100 == 50 {
				q.done(open, func() { open.drop = i%200 == 50 })
				open = nil
			}
		}
		q.end(nil)
	}()
	last, n := int64(-1), 0
	for {
		r, err := q.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if r.event.Value <= last || r.drop {
			t.Fatalf("%d came behind %d, dropped: %v", r.event.Value, last, r.drop)
		}
		last = r.event.Value
		n++
	}
	if want := total - total/200; n != want || last != total-1 {
		t.Errorf("%d came, want %d; the last is %d", n, want, last)
	}
}

// TestQueueLeft: a reader that leaves keeps nobody waiting.
func TestQueueLeft(t *testing.T) {
	q := newQueue()
	done := make(chan bool)
	go func() {
		for range 10 {
			r := &record{}
			r.frame.Data = make([]byte, maxQueued/4)
			q.put(r)
		}
		close(done)
	}()
	if _, err := q.next(); err != nil {
		t.Fatal(err)
	}
	q.leave()
	<-done
	if _, err := q.next(); err != io.EOF {
		t.Errorf("it goes on with %v", err)
	}
}
