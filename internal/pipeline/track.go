package pipeline

import (
	"time"
	"unsafe"

	"github.com/nlsniff/nlsniff/flow"
)

// track joins the messages of a frame with those before it. What it finds is
// kept with the batch. r.mu is held.
func (r *runner) track(b *batch, j *Job) {
	f := flow.Frame{Input: &j.Input}
	at, ended := len(b.refs), len(b.closed)
	if j.Frame.Event != nil {
		Happened(&j.Frame, r.Tracker)
	} else {
		Tracked(&j.Frame, &f)
		b.refs = append(b.refs, r.Tracker.Observe(&f)...)
	}
	j.Refs, j.Closed = b.refs[at:len(b.refs):len(b.refs)], b.closed[ended:len(b.closed):len(b.closed)]
}

// closed keeps an exchange that has ended. The tracker calls it while r.mu is
// held.
func (r *runner) closed(e *flow.Exchange) {
	b := r.cur
	if r.ending && len(b.closed) >= maxClosed {
		r.hand(b)
		r.flush()
		b = r.current()
	}
	n, kept := len(b.closed), len(b.kept)
	if n < cap(b.closed) {
		b.closed = b.closed[:n+1] // with the memory of the one that was there
	} else {
		b.closed = append(b.closed, flow.Exchange{})
	}
	b.kept = e.CopyTo(&b.closed[n], b.kept)
	size := int(unsafe.Sizeof(flow.Exchange{})) + len(b.kept) - kept
	b.held += size
	r.input.force(size)
	if r.Ended != nil {
		r.Ended(&b.closed[n], r.probe.Frame.Number)
	}
}

// tick tells the tracker what time it is, and adds a job with the exchanges
// that ended for that reason. r.mu is held.
func (r *runner) tick(now time.Time) {
	if !r.Live || r.Tracker == nil || r.ending {
		return
	}
	at := 0
	if r.cur != nil {
		at = len(r.cur.closed)
	}
	r.Tracker.Tick(now.UnixNano())
	if b := r.cur; b != nil && len(b.closed) > at {
		b.jobs = append(b.jobs, Job{End: true, Start: r.start, Closed: b.closed[at:len(b.closed):len(b.closed)]})
	}
}

// maxClosed is how many exchanges a job behind the last frame has at the most.
const maxClosed = 1 << 10

// end adds the jobs that stand behind the last frame. r.mu is held.
func (r *runner) end() {
	if r.Tracker == nil {
		return
	}
	r.flush()
	r.current()
	r.ending = true
	r.Tracker.Close()
	r.hand(r.cur)
}

// hand adds a job with the exchanges that were open at the end.
func (r *runner) hand(b *batch) {
	b.jobs = append(b.jobs, Job{End: true, Start: r.start, Closed: b.closed})
}

// current returns the batch that is being filled. r.mu is held.
func (r *runner) current() *batch {
	if r.cur == nil {
		b := <-r.free
		b.jobs, b.data = b.jobs[:0], b.data[:0]
		b.refs, b.closed, b.kept = b.refs[:0], b.closed[:0], b.kept[:0]
		b.deliveries, b.events = b.deliveries[:0], b.events[:0]
		r.cur = b
	}
	return r.cur
}
