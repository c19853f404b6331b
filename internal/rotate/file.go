// Package rotate writes captures to files: one, or a ring of them, each whole
// whatever ends it.
package rotate

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
	"github.com/nlsniff/nlsniff/internal/outfile"
	"github.com/nlsniff/nlsniff/internal/phrase"
)

// Writer is a writer of either format.
type Writer interface {
	capture.Sink
	Flush() error
	Buffered() int
}

// File is the file, or the ring of files, that a capture goes to.
// Whatever ends it, each file is whole blocks.
type File struct {
	Path   string // "-" is Stdout
	Stdout io.Writer
	Create func(io.Writer) Writer
	// Begin writes what every file starts with; Finish what it ends with.
	Begin, Finish func(Writer) error
	Rotate        Limits // when the next file begins; Files is how many stay
	Stop          Limits
	Ring          bool

	mu       sync.Mutex
	w        Writer
	out      *wholeWriter
	opened   time.Time
	inFile   int      // frames of the capture in this file
	number   int      // of the last frame, over all files
	large    uint64   // frames longer than WiresharkMax
	files    int      // begun
	names    []string // of the files that are there
	total    uint64   // frames in files for certain
	pending  uint64   // handed to w since
	bytes    int64    // in files that are closed
	broken   error    // sticky
	stopping bool
}

// Open begins the first file.
func (c *File) Open() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.next()
}

// next begins a file. c.mu is held.
func (c *File) next() error {
	c.files++
	c.opened = time.Now()
	c.inFile = 0
	c.out = &wholeWriter{w: c.Stdout}
	publish := func() error { return nil }
	if c.Path != "-" {
		name := c.Path
		if c.Ring {
			name = ringName(c.Path, c.files, c.opened)
		}
		f, err := outfile.Create(name, true)
		if err != nil {
			return c.fail(err)
		}
		c.out, publish = &wholeWriter{w: f, f: f}, f.Publish
		c.names = append(c.names, name)
	}
	c.w = c.Create(c.out)
	if err := c.Begin(&numberingWriter{c.w, c}); err != nil {
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
func (c *File) Write(f *capture.Frame) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.broken != nil {
		return c.broken
	}
	if c.Ring && c.reached(c.Rotate) {
		if err := c.turn(); err != nil {
			return err
		}
	}
	c.inFile++
	return c.put(f)
}

// put hands a frame to the writer. c.mu is held.
func (c *File) put(f *capture.Frame) error {
	c.number++
	f.Number = c.number
	if len(f.Data) > WiresharkMax {
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
func (c *File) turn() error {
	if c.Stop.Files > 0 && c.files >= c.Stop.Files {
		c.stopping = true
		return nil
	}
	if err := c.closeFile(); err != nil {
		return err
	}
	for c.Rotate.Files > 0 && len(c.names) >= c.Rotate.Files {
		if err := os.Remove(c.names[0]); err != nil && !errors.Is(err, os.ErrNotExist) {
			return c.fail(err)
		}
		c.names = c.names[1:]
	}
	return c.next()
}

// reached reports whether this file meets a condition. One frame at least is
// in each file. c.mu is held.
func (c *File) reached(l Limits) bool {
	if c.inFile == 0 {
		return false
	}
	return l.Bytes > 0 && c.out.n+int64(c.w.Buffered()) >= l.Bytes ||
		l.Packets > 0 && c.inFile >= l.Packets ||
		l.Duration > 0 && time.Since(c.opened) >= l.Duration ||
		l.turned(c.opened, time.Now())
}

// Full reports whether a condition of -a that is about files is met.
func (c *File) Full() bool {
	if !c.Ring && c.Stop.Bytes == 0 {
		return false // asked for each frame
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.Ring {
		return c.stopping || c.Stop.Files > 0 && c.files >= c.Stop.Files && c.reached(c.Rotate)
	}
	return c.reached(Limits{Bytes: c.Stop.Bytes})
}

// Flush puts what was collected into the file.
func (c *File) Flush() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.broken != nil {
		return c.broken
	}
	return c.flush()
}

// flush is Flush. c.mu is held.
func (c *File) flush() error {
	if err := c.w.Flush(); err != nil {
		return c.fail(err)
	}
	c.total += c.pending
	c.pending = 0
	return nil
}

// Close ends the last file.
func (c *File) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.broken != nil || c.w == nil {
		return c.broken
	}
	return c.closeFile()
}

func (c *File) closeFile() error {
	err := c.Finish(c.w)
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
func (c *File) fail(err error) error {
	if c.broken == nil {
		c.broken = &WriteError{err: err, frames: c.total, path: c.Path, ring: c.Ring}
		if c.out != nil {
			c.bytes += c.out.n
			if c.out.f != nil {
				c.out.f.Close()
			}
		}
	}
	return c.broken
}

// Counts is what is in the files.
type Counts struct {
	Written uint64 // frames
	Bytes   int64
	File    string // the latest
	Files   int    // that were begun
	Large   uint64 // frames that Wireshark does not read
}

// Count says what is in the files.
func (c *File) Count() Counts {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := Counts{c.total, c.bytes, c.Path, c.files, c.large}
	if len(c.names) > 0 {
		n.File = c.names[len(c.names)-1]
	}
	if c.w != nil && c.broken == nil {
		n.Bytes += c.out.n
	}
	return n
}

// WiresharkMax is the longest frame that Wireshark reads
// (WTAP_MAX_PACKET_SIZE_STANDARD in wiretap/wtap.h). A longer one is the end
// of the file to it.
const WiresharkMax = 262144

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
	Writer
	file *File
}

func (w *numberingWriter) Write(f *capture.Frame) error { return w.file.put(f) }

// WriteError is an error of the file that a capture goes to.
type WriteError struct {
	err    error
	path   string
	frames uint64 // that are in the file
	ring   bool   // of files
}

func (e *WriteError) Error() string {
	var p *os.PathError
	if errors.As(e.err, &p) {
		return fmt.Sprintf("%s: %v", p.Path, p.Err)
	}
	return fmt.Sprintf("%s: %v", e.path, e.err)
}

func (e *WriteError) Unwrap() error { return e.err }

// Hint says what to do about it.
func (e *WriteError) Hint() string {
	if errors.Is(e.err, syscall.ENOSPC) || errors.Is(e.err, syscall.EDQUOT) {
		if e.ring {
			return fmt.Sprintf("the files are whole, with %s; smaller files (-b filesize:) or fewer (-b files:) leave room", phrase.Count(e.frames, "frame"))
		}
		return fmt.Sprintf("the file is whole, with %s; -b filesize:10M -b files:5 keeps a capture within bounds", phrase.Count(e.frames, "frame"))
	}
	return Hint(e.err)
}

// Hint says what to do about a file that cannot be made or written, "" if that is
// plain.
func Hint(err error) string {
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return "make room, or name a file elsewhere"
	case errors.Is(err, outfile.ErrLink):
		return "name the file that it leads to, or another folder"
	case errors.Is(err, os.ErrExist):
		return "somebody else made it just now; name another file"
	case errors.Is(err, os.ErrPermission):
		return "files are written as the user who called, not as root: name a folder where you may write"
	}
	return ""
}
