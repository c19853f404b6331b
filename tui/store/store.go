// Package store holds the messages that the terminal interface shows: those of
// a file, of which it keeps where they stand and reads them again when someone
// looks, or those of a live source, of which it keeps the latest in memory.
// One goroutine fills a store; all methods may be called from any other.
//
// Stability: v0, a part of nlsniff's own; it may change in any version.
package store

import (
	"io"
	"sync"
	"time"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/capture/pcapng"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/filter"
	"github.com/nlsniff/nlsniff/flow"
	"github.com/nlsniff/nlsniff/internal/slice"
	"github.com/nlsniff/nlsniff/render"
)

// Options say how a store decodes.
type Options struct {
	DB     *families.DB
	Order  dissect.OrderOption
	Render render.Options // Time and Location; ShowSecrets
	// Limit ends after so many frames, 0: at the source's end.
	Limit int
	// Budget is how many bytes of frames a live store keeps, 0: keptBytes.
	Budget int
	// Rules, if not nil, colour rows.
	Rules *filter.Rules
	// Introduce, if not nil, calls its argument with frames that only teach
	// names; they get no rows. It runs before the first frame is read.
	Introduce func(func(*capture.Frame) error) error
	// Follow, if not nil, has a file's end waited at for more. It is asked then
	// whether the file is still the one that is read, whose size is at least that,
	// and returns what became of it.
	Follow func(size int64) error
	// Convert, if not nil, is asked of a file that is no capture
	// (pcapng.Options.Convert).
	Convert func(io.Reader) (io.Reader, error)
	// Go, if not nil, starts goroutines.
	Go func(func())
}

// State is what can be said of a store at a moment.
type State struct {
	// The rows that can be loaded are those from First up to, but not
	// including, End. A row is a message, or a frame that holds none. Rows
	// keep their numbers; First grows as a live store drops the oldest.
	First, End int
	// Exchanges likewise; they count from 1.
	FirstExchange, EndExchange int
	Frames                     int   // read so far
	Events                     int   // of the rows, those that are no messages but what a tracer saw
	Read, Size                 int64 // bytes of the file that were read, and that it has
	Done                       bool  // nothing more will come
	Live                       bool
	Following                  bool // a file is at its end, which is waited at
	// Err is what ended reading before the end.
	Err     error
	Damage  []*capture.CorruptError // the first parts that could not be read
	Damaged int                     // how many there are
	Lost    uint64                  // frames that the capture lost
	// Start and Last are the times of the first and the last frame, in
	// nanoseconds since the epoch.
	Start, Last int64
	// Gen changes when rows that were loaded before would look different.
	Gen int
}

// Store holds messages.
type Store struct {
	opt     Options
	backing backing
	stop    chan struct{}
	stopped sync.WaitGroup
	closers []func()
	// progress, if not nil, is how many bytes of the file were read. Only the
	// goroutine that reads calls it.
	progress func() int64

	// interrupt, if not nil, ends a source that waits; lost is how many frames
	// it has lost, asked from any goroutine.
	interrupt func()
	lost      func() uint64

	mu         sync.Mutex
	introduced []capture.Frame // that named things before the first frame
	state      State
	rows       rowIndex
	session    *dissect.Session
	tracker    *flow.Tracker
	exchanges  exchanges
	atOnce     []flow.Exchange // of the frame that is being read: those that it begins and ends
	stats      stats
	samples    samples
}

// backing is where the frames are.
type backing interface {
	// add takes in frame i, counted from 0, which has so many messages, and returns
	// how many of the oldest frames it let go. The store's mutex is held.
	add(i int, l *loaded, messages int) (gone int)
	// load fetches frame i, ready to be decoded. The session is a fork of the
	// store's own. With a cursor, the bytes are valid until the next call.
	load(i int, s *dissect.Session, run *pcapng.Cursor, out *loaded) error
	// cursor returns one for reading many frames in a row, nil if that makes
	// no difference.
	cursor() *pcapng.Cursor
	// pass calls each with all frames in order, prepared with the names that
	// are known now; copyTo writes them all.
	pass(each func(*capture.Frame, *dissect.Input)) error
	copyTo(w *slice.Writer) error
}

// loaded is a frame that can be decoded.
type loaded struct {
	frame capture.Frame
	input dissect.Input
	cost  int // what keeping it takes, in bytes, where that is bounded
}

func newStore(o Options) *Store {
	if o.Budget == 0 {
		o.Budget = keptBytes
	}
	s := &Store{opt: o, stop: make(chan struct{}), session: dissect.NewSession(o.Order), stats: newStats()}
	s.session.DB = o.DB
	s.tracker = flow.NewTracker(o.DB, flow.Options{Closed: s.closed})
	return s
}

// start runs a function beside; Close waits for its end.
func (s *Store) start(fn func()) {
	s.stopped.Add(1)
	s.spawn(func() {
		defer s.stopped.Done()
		fn()
	})
}

func (s *Store) spawn(fn func()) {
	if s.opt.Go == nil {
		go fn()
		return
	}
	s.opt.Go(fn)
}

// State returns the state as it is now.
func (s *Store) State() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state.Live && !s.state.Done {
		// Whoever looks sees what ended while no frame came.
		s.tracker.Tick(time.Now().UnixNano())
	}
	st := s.state
	if s.lost != nil {
		st.Lost = max(st.Lost, s.lost())
	}
	st.First, st.End = s.rows.first(), s.rows.end()
	st.FirstExchange, st.EndExchange = s.exchanges.dropped+1, s.exchanges.count+1
	return st
}

// closeWait is how long Close waits for a source to end.
const closeWait = 500 * time.Millisecond

// Close ends reading and lets go of what the store holds.
func (s *Store) Close() {
	close(s.stop)
	if s.interrupt != nil {
		s.interrupt()
	}
	done := make(chan struct{})
	go func() { s.stopped.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(closeWait):
		return // a read of a pipe that nobody writes to cannot be ended
	}
	for _, f := range s.closers {
		f()
	}
}

// stopping says whether Close was called.
func (s *Store) stopping() bool {
	select {
	case <-s.stop:
		return true
	default:
		return false
	}
}

// SetTime changes how rows show their time.
func (s *Store) SetTime(mode render.TimeMode, reference int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.opt.Render.Time = mode
	s.state.Gen++
	if reference != 0 {
		s.state.Start = reference
	}
}

// FilterEnv returns what a filter's names are looked up in.
func (s *Store) FilterEnv() *filter.Env {
	e := filter.NewEnv(s.opt.DB, s.opt.Render.Location)
	e.ShowSecrets = s.opt.Render.ShowSecrets
	return e
}

// Options returns how the store decodes now.
func (s *Store) Options() Options {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.opt
}
