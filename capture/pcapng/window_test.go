package pcapng

import (
	"bytes"
	"io"
	"testing"
	"testing/iotest"
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
