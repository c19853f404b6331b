package pcapng

import (
	"bytes"
	"io"
	"sync"

	"github.com/nlsniff/nlsniff/capture"
)

const (
	// windowSize is the size of a reader's buffer in bytes: large enough that
	// system calls cost nothing beside decoding.
	windowSize = 512 << 10
	// windowSmall is the size for a single random access.
	windowSmall = 4 << 10
)

// window is a view on a stream that slides forward. It grows only when it is
// full, so its size follows the bytes that arrived and not the lengths that a
// header claims.
type window struct {
	src    io.Reader
	buf    []byte
	r, w   int   // the unread bytes are buf[r:w]
	off    int64 // offset of buf[r] from the start of src
	follow bool  // io.EOF from src is not the end
	err    error // sticky
	// spare, if not nil, is what the window is when it has to be large, and held says
	// that it is.
	spare *spare
	held  bool
}

// spare is a large buffer: those who look at frames side by side have one for all of
// them, and take turns.
type spare struct {
	sync.Mutex
	buf []byte
}

func newWindow(src io.Reader, size int, follow bool) *window {
	return &window{src: src, buf: make([]byte, size), follow: follow}
}

// peek returns the next n bytes, or fewer and the error that stopped it. They
// stay valid until the next call that reads.
func (w *window) peek(n int) ([]byte, error) {
	if w.w-w.r >= n {
		return w.buf[w.r : w.r+n : w.r+n], nil
	}
	return w.fill(n)
}

// advance passes over n bytes that peek has returned. They stay where they
// are until the next call that reads.
func (w *window) advance(n int) {
	w.r += n
	w.off += int64(n)
}

func (w *window) fill(n int) ([]byte, error) {
	idle := 0
	for w.w-w.r < n {
		if w.err != nil {
			return w.buf[w.r:w.w:w.w], w.err
		}
		w.makeRoom(n)
		m, err := w.src.Read(w.buf[w.w:])
		w.w += m
		if m > 0 {
			idle = 0
		} else if idle++; err == nil && idle > 100 {
			err = io.ErrNoProgress
		}
		if err == io.EOF && w.follow {
			if w.w-w.r >= n {
				break
			}
			return w.buf[w.r:w.w:w.w], io.EOF
		}
		if _, damage := err.(*capture.CorruptError); damage {
			return w.buf[w.r:w.w:w.w], err // Options.Convert goes on behind it
		}
		w.err = err
	}
	return w.buf[w.r : w.r+n : w.r+n], nil
}

// largeStep is how many bytes are so many that the window does not double.
const largeStep = 4 << 20

// makeRoom leaves at least one free byte behind the unread ones. It moves
// them down only if it gains as much as it moves, which keeps the cost of
// moving linear however small the steps of the caller are; else it doubles.
func (w *window) makeRoom(n int) {
	have := w.w - w.r
	switch {
	case have == 0:
		w.r, w.w = 0, 0
	case w.r+n <= len(w.buf):
	case w.r >= have:
		copy(w.buf, w.buf[w.r:w.w])
		w.r, w.w = 0, have
	}
	if w.w < len(w.buf) {
		return
	}
	size := 2 * len(w.buf)
	if n > largeStep && (have >= n/4 || w.spare != nil) {
		// A quarter of a huge block has come, or it is not read for the first time:
		// all of it will, and what lies behind it needs no room yet.
		size = max(n, len(w.buf)) + largeStep/64
	}
	grown := w.large(size)
	if grown == nil {
		grown = make([]byte, size)
	}
	copy(grown, w.buf[w.r:w.w])
	w.buf, w.r, w.w = grown, 0, have
}

// large returns the spare buffer for a window of that size, nil if it is not large.
func (w *window) large(size int) []byte {
	if size <= 2*largeStep || w.spare == nil {
		return nil
	}
	if !w.held {
		w.spare.Lock()
		w.held = true
	}
	if len(w.spare.buf) < size {
		w.spare.buf = make([]byte, size)
	}
	return w.spare.buf
}

// settle gives the spare buffer back, if the window has it, and leaves f its data:
// without all that stands around it. It says whether the window is gone.
func (w *window) settle(f *capture.Frame) bool {
	if !w.held {
		return false
	}
	f.Data = bytes.Clone(f.Data)
	w.giveBack()
	return true
}

// giveBack lets others have the spare buffer; what is in the window is gone then.
func (w *window) giveBack() {
	w.buf, w.r, w.w, w.held = nil, 0, 0, false
	w.spare.Unlock()
}

// Read makes the window a source for a decompressor.
func (w *window) Read(p []byte) (int, error) {
	b, err := w.peek(1)
	if len(b) == 0 {
		return 0, err
	}
	n := copy(p, w.buf[w.r:w.w])
	w.advance(n)
	return n, nil
}

// ReadByte keeps compress/flate from adding a buffer of its own.
func (w *window) ReadByte() (byte, error) {
	b, err := w.peek(1)
	if len(b) == 0 {
		return 0, err
	}
	w.advance(1)
	return b[0], nil
}
