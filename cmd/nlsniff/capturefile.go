package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/capture/pcapng"
	"github.com/nlsniff/nlsniff/internal/outfile"
	"github.com/nlsniff/nlsniff/internal/phrase"
)

// frameWriter is a writer of either format.
type frameWriter interface {
	capture.Sink
	Flush() error
	Buffered() int
}

// captureFile is the file, or the ring of files, that a capture goes to.
// Whatever ends it, each file is whole blocks.
type captureFile struct {
	path   string // "-" is stdout
	stdout io.Writer
	create func(io.Writer) frameWriter
	// begin writes what every file starts with; finish what it ends with.
	begin, finish func(frameWriter) error
	rotate        limits // when the next file begins; files is how many stay
	stop          limits
	ring          bool

	mu       sync.Mutex
	w        frameWriter
	out      *wholeWriter
	opened   time.Time
	inFile   int      // frames of the capture in this file
	number   int      // of the last frame, over all files
	large    uint64   // frames longer than wiresharkMax
	files    int      // begun
	names    []string // of the files that are there
	total    uint64   // frames in files for certain
	pending  uint64   // handed to w since
	bytes    int64    // in files that are closed
	broken   error    // sticky
	stopping bool
}

// open begins the first file.
func (c *captureFile) open() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.next()
}

// next begins a file. c.mu is held.
func (c *captureFile) next() error {
	c.files++
	c.opened = time.Now()
	c.inFile = 0
	c.out = &wholeWriter{w: c.stdout}
	publish := func() error { return nil }
	if c.path != "-" {
		name := c.path
		if c.ring {
			name = ringName(c.path, c.files, c.opened)
		}
		f, err := outfile.Create(name, true)
		if err != nil {
			return c.fail(err)
		}
		c.out, publish = &wholeWriter{w: f, f: f}, f.Publish
		c.names = append(c.names, name)
	}
	c.w = c.create(c.out)
	if err := c.begin(&numberingWriter{c.w, c}); err != nil {
		return c.fail(err)
	}
	if err := c.flush(); err != nil {
		return err
	}
	// It can be read from now on, while it grows.
	if err := publish(); err != nil {
		return c.fail(err)
	}
	return nil
}

// ringName names a file of a ring, as tshark does.
func ringName(path string, n int, t time.Time) string {
	ext := filepath.Ext(path)
	return fmt.Sprintf("%s_%05d_%s%s", strings.TrimSuffix(path, ext), n, t.Format("20060102150405"), ext)
}

// Write writes a frame, into a new file if it is time for one, and gives it
// its number.
func (c *captureFile) Write(f *capture.Frame) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.broken != nil {
		return c.broken
	}
	if c.ring && c.reached(c.rotate) {
		if err := c.turn(); err != nil {
			return err
		}
	}
	c.inFile++
	return c.put(f)
}

// put hands a frame to the writer. c.mu is held.
func (c *captureFile) put(f *capture.Frame) error {
	c.number++
	f.Number = c.number
	if len(f.Data) > wiresharkMax {
		c.large++
	}
	c.out.wrote = false
	if err := c.w.Write(f); err != nil {
		return c.fail(err)
	}
	c.pending++
	if c.out.wrote {
		c.total += c.pending
		c.pending = 0
	}
	return nil
}

// turn closes the file and begins the next one. c.mu is held.
func (c *captureFile) turn() error {
	if c.stop.files > 0 && c.files >= c.stop.files {
		c.stopping = true
		return nil
	}
	if err := c.closeFile(); err != nil {
		return err
	}
	for c.rotate.files > 0 && len(c.names) >= c.rotate.files {
		if err := os.Remove(c.names[0]); err != nil && !errors.Is(err, os.ErrNotExist) {
			return c.fail(err)
		}
		c.names = c.names[1:]
	}
	return c.next()
}

// reached reports whether this file meets a condition. One frame at least is
// in each file. c.mu is held.
func (c *captureFile) reached(l limits) bool {
	if c.inFile == 0 {
		return false
	}
	return l.bytes > 0 && c.out.n+int64(c.w.Buffered()) >= l.bytes ||
		l.packets > 0 && c.inFile >= l.packets ||
		l.duration > 0 && time.Since(c.opened) >= l.duration ||
		l.turned(c.opened, time.Now())
}

// full reports whether a condition of -a that is about files is met.
func (c *captureFile) full() bool {
	if !c.ring && c.stop.bytes == 0 {
		return false // asked for each frame
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ring {
		return c.stopping || c.stop.files > 0 && c.files >= c.stop.files && c.reached(c.rotate)
	}
	return c.reached(limits{bytes: c.stop.bytes})
}

// Flush puts what was collected into the file.
func (c *captureFile) Flush() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.broken != nil {
		return c.broken
	}
	return c.flush()
}

// flush is Flush. c.mu is held.
func (c *captureFile) flush() error {
	if err := c.w.Flush(); err != nil {
		return c.fail(err)
	}
	c.total += c.pending
	c.pending = 0
	return nil
}

// Close ends the last file.
func (c *captureFile) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.broken != nil || c.w == nil {
		return c.broken
	}
	return c.closeFile()
}

func (c *captureFile) closeFile() error {
	err := c.finish(c.w)
	if err == nil {
		err = c.flush()
	}
	if err != nil {
		return c.fail(err)
	}
	c.bytes += c.out.n
	c.w = nil
	if c.out.f == nil {
		return nil
	}
	if err := c.out.f.Close(); err != nil {
		return c.fail(err)
	}
	return nil
}

// fail makes an error final. What stands in the file remains readable.
func (c *captureFile) fail(err error) error {
	if c.broken == nil {
		c.broken = &writeError{err: err, frames: c.total, path: c.path, ring: c.ring}
		if c.out != nil {
			c.bytes += c.out.n
			if c.out.f != nil {
				c.out.f.Close()
			}
		}
	}
	return c.broken
}

// count adds what is in the files to a tally.
func (c *captureFile) count(t *tally) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t.written, t.bytes, t.file, t.files, t.large = c.total, c.bytes, c.path, c.files, c.large
	if len(c.names) > 0 {
		t.file = c.names[len(c.names)-1]
	}
	if c.w != nil && c.broken == nil {
		t.bytes += c.out.n
	}
}

// wiresharkMax is the longest frame that Wireshark reads
// (WTAP_MAX_PACKET_SIZE_STANDARD in wiretap/wtap.h). A longer one is the end
// of the file to it.
const wiresharkMax = 262144

// cutter is a file that can be cut.
type cutter interface {
	Truncate(size int64) error
	Close() error
}

// wholeWriter takes back what it could write only a part of, so that a file
// on a full disk ends with a whole block.
type wholeWriter struct {
	w     io.Writer
	f     cutter // nil if there is no file
	n     int64
	wrote bool
}

func (w *wholeWriter) Write(p []byte) (int, error) {
	n, err := w.w.Write(p)
	if err != nil {
		if w.f != nil {
			_ = w.f.Truncate(w.n) // not for pipes and devices
		}
		return n, err
	}
	w.n += int64(n)
	w.wrote = true
	return n, nil
}

// numberingWriter writes the frames that a file begins with.
type numberingWriter struct {
	frameWriter
	file *captureFile
}

func (w *numberingWriter) Write(f *capture.Frame) error { return w.file.put(f) }

// writeError is an error of the file that a capture goes to.
type writeError struct {
	err    error
	path   string
	frames uint64 // that are in the file
	ring   bool   // of files
}

func (e *writeError) Error() string {
	var p *os.PathError
	if errors.As(e.err, &p) {
		return fmt.Sprintf("%s: %v", p.Path, p.Err)
	}
	return fmt.Sprintf("%s: %v", e.path, e.err)
}

func (e *writeError) Unwrap() error { return e.err }

// hint says what to do about it.
func (e *writeError) hint() string {
	switch {
	case errors.Is(e.err, syscall.ENOSPC), errors.Is(e.err, syscall.EDQUOT):
		if e.ring {
			return fmt.Sprintf("the files are whole, with %s; smaller files (-b filesize:) or fewer (-b files:) leave room", phrase.Count(e.frames, "frame"))
		}
		return fmt.Sprintf("the file is whole, with %s; -b filesize:10M -b files:5 keeps a capture within bounds", phrase.Count(e.frames, "frame"))
	case errors.Is(e.err, outfile.ErrLink):
		return "name the file that it leads to, or another folder"
	case errors.Is(e.err, os.ErrExist):
		return "somebody else made it just now; name another file"
	case errors.Is(e.err, os.ErrPermission):
		return "files are written as the user who called, not as root: name a folder where you may write"
	}
	return ""
}

var _ frameWriter = (*pcapng.Writer)(nil)
