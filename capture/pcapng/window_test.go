package pcapng

import (
	"bytes"
	"io"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/nlsniff/nlsniff/capture"
)

// TestWindow slides over a stream in steps with every mix of look-ahead.
func TestWindow(t *testing.T) {
	in := make([]byte, 5000)
	for i := range in {
		in[i] = byte(i * 7 >> 3)
	}
	for name, src := range map[string]func() io.Reader{
		"at once":  func() io.Reader { return bytes.NewReader(in) },
		"slow":     func() io.Reader { return iotest.OneByteReader(bytes.NewReader(in)) },
		"with EOF": func() io.Reader { return iotest.DataErrReader(bytes.NewReader(in)) },
	} {
		w := newWindow(src(), 16, false)
		at := 0
		for step := 1; at < len(in); step = step*5%97 + 1 {
			ahead := step * 3
			b, err := w.peek(ahead)
			if want := in[at:min(at+ahead, len(in))]; !bytes.Equal(b, want) || (err == io.EOF) != (len(want) < ahead) {
				t.Fatalf("%s: %d bytes at %d: got %d, %v", name, ahead, at, len(b), err)
			}
			step = min(step, len(b))
			w.advance(step)
			if at += step; w.off != int64(at) {
				t.Fatalf("%s: offset %d, want %d", name, w.off, at)
			}
		}
		if len(w.buf) > 4*97*3 {
			t.Errorf("%s: the buffer grew to %d bytes", name, len(w.buf))
		}
	}
}

// stuck is a reader that breaks the contract of io.Reader.
type stuck struct{}

func (stuck) Read([]byte) (int, error) { return 0, nil }

func TestWindowGivesUp(t *testing.T) {
	if _, err := newWindow(stuck{}, 16, false).peek(1); err != io.ErrNoProgress {
		t.Errorf("error %v", err)
	}
}

// TestWindowMovesLittle counts the bytes moved while a long look-ahead slides
// forward byte by byte.
func TestWindowMovesLittle(t *testing.T) {
	src := &counting{in: bytes.NewReader(make([]byte, 1<<20))}
	w := newWindow(src, 16, false)
	for {
		if _, err := w.peek(50_000); err != nil {
			break
		}
		w.advance(1)
	}
	// Each read follows a move of at most what was read since the last.
	if src.reads > 200 {
		t.Errorf("%d reads for 1 MiB", src.reads)
	}
}

type counting struct {
	in    io.Reader
	reads int
}

func (c *counting) Read(p []byte) (int, error) {
	c.reads++
	return c.in.Read(p)
}

// TestLargeBlocks: of blocks that take much memory, those who look at frames side by
// side read one at a time, and keep the frame alone.
func TestLargeBlocks(t *testing.T) {
	w := &builder{e: little}
	w.section().iface(uint32(capture.LinkTypeNetlink), 0)
	var options []Option
	for range 180 {
		options = append(options, Option{OptComment, bytes.Repeat([]byte("c"), 60_000)})
	}
	for i := range 3 {
		w.packet(0, 1, netlink('a', 5+i)).packet(0, 2, netlink('b', 9), options...)
	}
	x, damage, err := BuildIndex(bytes.NewReader(w.b), int64(len(w.b)))
	if err != nil || len(damage) > 0 || x.Len() != 6 {
		t.Fatalf("%d frames, %v %v", x.Len(), damage, err)
	}
	want := mustRead(t, w.b)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			c := x.Cursor()
			for i := range x.Len() {
				for _, read := range []func(int, *capture.Frame) error{c.Frame, x.Frame} {
					var f capture.Frame
					if err := read(i, &f); err != nil {
						t.Error(err)
						return
					}
					if !bytes.Equal(f.Data, want[i].Data) || f.Comment != want[i].Comment || i%2 == 1 && cap(f.Data) > 1<<10 {
						t.Errorf("frame %d: %x, %d bytes of comments; it takes %d bytes", i, f.Data, len(f.Comment), cap(f.Data))
					}
				}
			}
		})
	}
	all.Wait()
}
