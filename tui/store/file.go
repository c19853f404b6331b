package store

import (
	"errors"
	"io"
	"os"
	"sort"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/capture/pcapng"
	"github.com/nlsniff/nlsniff/dissect"
)

// file reads frames where an index says they are.
type file struct {
	s        *Store
	in       io.ReaderAt
	index    *pcapng.Index
	requests []answer // guarded by s.mu
}

// answer says which earlier frame holds the request that a frame's
// ACK, DONE or capped error answers, in the order of their frames.
type answer struct{ frame, request int32 }

// errNoFollow is what one gets who wants to follow what has an end.
var errNoFollow = errors.New("a compressed file has an end and cannot be followed")

// Open starts reading a file and returns at once. The errors are those of
// pcapng.NewReader.
func Open(path string, o Options) (*Store, error) {
	in, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	st, err := in.Stat()
	if err != nil {
		in.Close()
		return nil, err
	}
	return Read(in, st.Size(), o)
}

// Input is what a store reads a file from.
type Input interface {
	io.ReadSeeker
	io.ReaderAt
}

// Read is Open for what is open already. If in is an io.Closer, the store
// closes it.
func Read(in Input, size int64, o Options) (*Store, error) {
	s := newStore(o)
	if c, ok := in.(io.Closer); ok {
		s.closers = append(s.closers, func() { c.Close() })
	}
	f, r, err := s.openFile(in, in, size)
	if err != nil {
		s.Close()
		return nil, err
	}
	if !r.Direct() {
		if o.Follow != nil {
			r.Close()
			s.Close()
			return nil, errNoFollow
		}
		if f, r, err = s.unpack(r, in); err != nil {
			s.Close()
			return nil, err
		}
	}
	s.backing = f
	if s.progress == nil {
		s.progress = r.Offset
	}
	s.start(func() {
		defer r.Close()
		s.readAll(r)
	})
	return s, nil
}

// openFile makes a reader that fills an index of the same file.
func (s *Store) openFile(in io.Reader, at io.ReaderAt, size int64) (*file, *pcapng.Reader, error) {
	f := &file{s: s, in: at, index: pcapng.NewIndex(at)}
	r, err := pcapng.NewReader(in, pcapng.Options{Index: f.index, Events: true, Follow: s.opt.Follow != nil, Convert: s.opt.Convert})
	if err != nil {
		return nil, nil, err
	}
	s.state.Size = size
	return f, r, nil
}

// add notes what decoding a frame again will need.
func (f *file) add(i int, l *loaded, _ int) int {
	if l.input.Request != nil {
		f.requests = append(f.requests, answer{int32(i), int32(l.input.RequestFrame)})
	}
	return 0
}

// load reads frame i, and before it the frame with the request that it
// answers.
func (f *file) load(i int, s *dissect.Session, run *pcapng.Cursor, out *loaded) error {
	read := f.index.Frame
	if run != nil {
		read = run.Frame
	}
	if err := read(i, &out.frame); err != nil {
		return err
	}
	s.Forget()
	if number, ok := f.request(i); ok {
		var asked capture.Frame
		if at, found := f.index.Find(number); found && f.index.Frame(at, &asked) == nil {
			in := input(&asked)
			s.Prepare(&in, asked.Stream())
		}
	}
	out.input = input(&out.frame)
	if out.frame.Event == nil {
		s.Prepare(&out.input, out.frame.Stream())
	}
	return nil
}

func (f *file) cursor() *pcapng.Cursor { return f.index.Cursor() }

// request is the number of the frame with the request that frame i answers.
func (f *file) request(i int) (int, bool) {
	f.s.mu.Lock()
	defer f.s.mu.Unlock()
	k := sort.Search(len(f.requests), func(k int) bool { return f.requests[k].frame >= int32(i) })
	if k == len(f.requests) || f.requests[k].frame != int32(i) {
		return 0, false
	}
	return int(f.requests[k].request), true
}

func input(f *capture.Frame) dissect.Input {
	return dissect.Input{Number: f.Number, Data: f.Data, OrigLen: f.OrigLen, Dir: dissect.Dir(f.Dir)}
}

// maxDamage is how many damaged parts are kept.
const maxDamage = 100

// trouble takes in what a source has instead of a frame. It reports whether
// to go on, and if not, what ended reading; nil is the end.
func (s *Store) trouble(err error) (goOn bool, _ error) {
	var bad *capture.CorruptError
	var link *pcapng.LinkTypeError
	switch {
	case errors.As(err, &bad):
		s.mu.Lock()
		s.state.Damaged++
		if len(s.state.Damage) < maxDamage {
			s.state.Damage = append(s.state.Damage, bad)
		}
		s.mu.Unlock()
		return true, nil
	case errors.Is(err, io.EOF):
		return false, nil
	case errors.As(err, &link):
		return false, link
	}
	return false, err
}
