// Package pipeline moves frames from a source through decoding and printing on
// all cores, and writes what they print in the order of the frames.
package pipeline

import (
	"errors"
	"io"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/flow"
)

const (
	maxFrames = 256     // a batch is full at so many frames
	maxBytes  = 1 << 18 // or at so many bytes
	// maxWait is how long a frame may wait for its batch to fill, so that
	// what comes through a pipe slowly is shown at once.
	maxWait = 20 * time.Millisecond
	// maxOutput is how many bytes a batch should print at most: the tree of a
	// frame can be a hundred times its size. The batch that is next to be
	// written is written in pieces of that size.
	maxOutput = 1 << 20
	// maxInput bounds the bytes of frames that are on their way, whatever the
	// number of processors.
	maxInput = 8 << 20
	// maxDecoded bounds the bytes of frames that are decoded at one time: a
	// tree can take fifty times as much, and what is printed of it more. Frames
	// of smallFrame bytes or less are not counted.
	maxDecoded = 1 << 18
	smallFrame = 1 << 12
	largeFrame = 1 << 16 // behind one with more bytes, a Shrinker lets go of its memory
	// maxPending bounds the bytes that are printed and wait for those before
	// them to be written.
	maxPending = 4 << 20
	// perByte is how many bytes of output a byte of a frame is taken to make,
	// until it is known.
	perByte = 32
	// perClosed is the same for an exchange that ended.
	perClosed = 1 << 10
	// keptOutput is how many bytes the buffers for output may have together to
	// be used again.
	keptOutput = 16 << 20
)

// Shrinker is a Worker that can let go of what large frames took.
type Shrinker interface {
	Worker
	Shrink()
}

// Job is one frame as a Worker gets it. Of one with an Event, Input is empty.
type Job struct {
	Frame capture.Frame
	Input dissect.Input
	Delta int64 // nanoseconds since the frame before
	Since int64 // nanoseconds since the first frame
	Start int64 // the time of the first frame, also where there is no frame
	// With a Tracker: the exchanges of the frame's messages, and those that
	// ended with this frame.
	Refs   []flow.Ref
	Closed []flow.Exchange
	// Spill, if set, takes what is printed so far of a large frame, if there is
	// much of it and its turn has come, and returns what to append to.
	Spill func(dst []byte) []byte
	// End is set for jobs that have no frame but bring exchanges: those that were
	// open at the end, of which there is at least one with a Tracker, and those
	// that end while no frame comes (Config.Live).
	End bool
}

// Worker appends what is to be written for a frame. Each goroutine has its
// own.
type Worker interface {
	Append(dst []byte, j *Job) []byte
}

// Config says what to run.
type Config struct {
	Source  capture.Source
	Session *dissect.Session
	// Worker makes one for each goroutine.
	Worker func() Worker
	Out    io.Writer
	// Tracker, if set, joins the messages into exchanges.
	Tracker *flow.Tracker
	// Ended, if set, is called in frame order when the Tracker is done with
	// an exchange, with the number of the frame that showed it.
	Ended func(e *flow.Exchange, frame int)
	// Closed says that the workers want to have Job.Closed.
	Closed bool
	// InOrder has one worker get all frames in order.
	InOrder bool
	// Limit ends after so many frames, 0: at the source's end.
	Limit int
	// Prepared, if set, is called in frame order when a frame's input is
	// ready.
	Prepared func(j *Job)
	// Keep, if set, is asked in frame order, after Prepared, whether a worker
	// shall get the frame. The frame's bytes are the source's own. With a
	// Tracker every frame goes to a worker.
	Keep func(j *Job) bool
	// Corrupt is called for each part of the source that cannot be read.
	Corrupt func(*capture.CorruptError)
	// Live says that the source yields what happens now: exchanges whose end is
	// known are then reported though no frame follows.
	Live bool
	// Retry says how to wait when the source has no frame yet; false ends.
	Retry func() bool
}

// batch is a run of frames; bytes and output are reused.
type batch struct {
	jobs []Job
	data []byte
	out  []byte
	done chan struct{}
	no   uint64 // in order
	held int    // bytes taken from the gate for input
	said int    // bytes of out that pending knows

	refs   []flow.Ref
	closed []flow.Exchange
	kept   []byte // what closed points to

	deliveries []capture.Delivery // of the jobs' frames
	events     []capture.Event
}

type runner struct {
	Config
	free  chan *batch
	work  chan *batch
	order chan *batch

	mu    sync.Mutex // guards cur, which a timer may flush
	cur   *batch
	limit int // frames in cur at which it is full; grows, so that the first line comes at once
	// share says how many times smaller batches are because their output is
	// large. The writer sets it; it must not wait for mu, whose holder may
	// be waiting for it to free a batch.
	share atomic.Int32

	input, decoding *gate
	pending         pending
	room            int // bytes that a batch has for frames
	keep            int // bytes that a buffer for output may have to be used again

	failed  chan struct{} // closed when writing failed
	err     error         // why; of who writes
	flushed uint64        // batches that were handed on
	probe   Job           // the frame that is being prepared
	start   int64         // the time of the first frame
	ending  bool          // there was the last frame
}

// Run reads until the source ends. It returns the first error of the source
// other than io.EOF, or that of the output.
func Run(c Config) error {
	workers := runtime.GOMAXPROCS(0)
	if c.InOrder {
		workers = 1
	}
	total := min(4*workers+2, workers+8)
	r := &runner{Config: c, limit: 1, free: make(chan *batch, total), work: make(chan *batch, total),
		order: make(chan *batch, total), failed: make(chan struct{}),
		input: newGate(maxInput), decoding: newGate(maxDecoded), keep: keptOutput / total}
	r.pending.cond.L = &r.pending.mu
	// Many workers have smaller batches, so that what is on its way does not grow
	// with the number of processors.
	r.share.Store(int32(max(1, workers/2)))
	r.room = maxBytes / max(1, workers/2)
	for range total {
		r.free <- &batch{done: make(chan struct{}, 1)}
	}
	var wg sync.WaitGroup
	for range workers {
		wg.Add(1)
		go func() {
			defer wg.Done()
			w := c.Worker()
			var cur *batch
			spill := func(dst []byte) []byte { return r.spill(cur, dst) }
			for b := range r.work {
				cur = b
				r.print(w, b, spill)
				b.done <- struct{}{}
			}
		}()
	}
	written := make(chan error, 1)
	go func() { written <- r.write() }()
	if c.Closed || c.Ended != nil {
		c.Tracker.OnClosed(r.closed)
	}
	readErr := r.read()
	r.mu.Lock()
	r.end()
	r.flush()
	r.mu.Unlock()
	close(r.work)
	close(r.order)
	wg.Wait()
	if err := <-written; err != nil {
		return err
	}
	return readErr
}

// read fills batches. Learning from frames must happen in their order, so it
// is done here.
func (r *runner) read() error {
	stop := make(chan struct{})
	defer close(stop)
	go r.flushLate(stop)
	var f capture.Frame
	var last int64
	for n := 0; r.Limit == 0 || n < r.Limit; {
		select {
		case <-r.failed:
			return nil
		default:
		}
		if err := r.Source.Next(&f); err != nil {
			again, err := r.cannot(err)
			if again {
				continue
			}
			return err
		}
		if r.start == 0 {
			r.start, last = f.Time, f.Time
		}
		r.add(&f, f.Time-last)
		last = f.Time
		if f.Event == nil {
			n++
		}
	}
	return nil
}

// cannot deals with what a source has instead of a frame. It says whether to
// ask again; if not, err is what ended reading, nil at the end.
func (r *runner) cannot(err error) (again bool, _ error) {
	var corrupt *capture.CorruptError
	switch {
	case errors.As(err, &corrupt):
		if r.Corrupt != nil {
			r.Corrupt(corrupt)
		}
		return true, nil
	case errors.Is(err, capture.ErrTryAgain) && r.Retry != nil:
		return r.Retry(), nil
	case errors.Is(err, io.EOF):
		return false, nil
	}
	return false, err
}

// add prepares a frame, copies it into the current batch, and passes the batch
// on when it is full.
func (r *runner) add(f *capture.Frame, delta int64) {
	j := &r.probe
	*j = Job{Frame: *f, Delta: delta, Since: f.Time - r.start, Start: r.start}
	j.Frame.Data = f.Data[:len(f.Data):len(f.Data)]
	j.Input = dissect.Input{Number: f.Number, Data: j.Frame.Data, OrigLen: f.OrigLen, Dir: dissect.Dir(f.Dir)}
	if f.Event == nil {
		r.Session.Prepare(&j.Input, f.Stream())
		j.Frame.Data, j.Frame.OrigLen = j.Input.Data, j.Input.OrigLen // without what is too much of it
	}
	if r.Prepared != nil && f.Event == nil {
		r.Prepared(j)
	}
	if f.Event == nil && r.Keep != nil && r.Tracker == nil && !r.Keep(j) {
		return
	}
	size := j.Frame.Size()
	if !r.input.try(size) {
		r.mu.Lock()
		r.flush() // what waits for more frames may be what is in the way
		r.mu.Unlock()
		r.input.enter(size)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	b := r.current()
	b.held += r.input.share(size)
	if len(b.data)+len(j.Frame.Data) > cap(b.data) {
		// Frames already in the batch keep the old array.
		b.data = make([]byte, 0, max(r.room, len(j.Frame.Data)))
	}
	at := len(b.data)
	b.data = append(b.data, j.Frame.Data...)
	j.Frame.Data = b.data[at:len(b.data):len(b.data)]
	j.Input.Data = j.Frame.Data
	b.keep(&j.Frame)
	if req := j.Input.Request; req != nil {
		if len(b.data)+len(req) > cap(b.data) {
			b.data = make([]byte, 0, max(r.room, len(req)))
		}
		at := len(b.data)
		b.data = append(b.data, req...)
		j.Input.Request = b.data[at:len(b.data):len(b.data)]
	}
	if r.Tracker != nil {
		r.track(b, j)
	}
	b.jobs = append(b.jobs, *j)
	share := int(r.share.Load())
	if len(b.jobs) >= r.limit || len(b.data) >= maxBytes*3/4/share {
		r.limit = min(2*r.limit, maxFrames/share)
		r.flush()
	}
}

// keep copies what a frame points to beside its data.
func (b *batch) keep(f *capture.Frame) {
	if f.Delivery != nil {
		b.deliveries = append(b.deliveries, *f.Delivery)
		f.Delivery = &b.deliveries[len(b.deliveries)-1]
		f.Delivery.Receivers = slices.Clone(f.Delivery.Receivers)
	}
	if f.Event != nil {
		b.events = append(b.events, *f.Event)
		f.Event = &b.events[len(b.events)-1]
	}
}

// flush hands the current batch to the workers. r.mu is held.
func (r *runner) flush() {
	if r.cur == nil {
		return
	}
	b := r.cur
	r.cur = nil
	b.no = r.flushed
	r.flushed++
	r.order <- b
	r.work <- b
}

// flushLate passes on what has waited too long for more.
func (r *runner) flushLate(stop chan struct{}) {
	tick := time.NewTicker(maxWait)
	defer tick.Stop()
	for {
		select {
		case <-stop:
			return
		case <-tick.C:
			r.mu.Lock()
			r.tick(time.Now())
			r.flush()
			r.mu.Unlock()
		}
	}
}
