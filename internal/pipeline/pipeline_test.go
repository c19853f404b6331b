package pipeline

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/dissect"
)

// tooLong is far more than anything here takes.
const tooLong = 30 * time.Second

// step is what a source answers: a frame, or an error.
type step struct {
	data []byte
	err  error
}

// steps is a source that overwrites what it handed out before, as it may.
type steps struct {
	list []step
	buf  []byte
	n    int // frames
	next int
}

func (s *steps) Next(f *capture.Frame) error {
	for i := range s.buf {
		s.buf[i] = 0xee
	}
	if s.next == len(s.list) {
		return io.EOF
	}
	x := s.list[s.next]
	s.next++
	if x.err != nil {
		return x.err
	}
	s.n++
	s.buf = append(s.buf[:0], x.data...)
	*f = capture.Frame{Number: s.n, Time: int64(1000 + s.n*s.n), Data: s.buf, OrigLen: len(s.buf), Dir: capture.DirFromKernel, Section: 1}
	return nil
}

func (s *steps) Stats() capture.Stats { return capture.Stats{} }
func (s *steps) Close() error         { return nil }

// worker prints a frame's number, what it starts with and how long it is.
type worker struct{ slow bool }

func (w *worker) Append(dst []byte, j *Job) []byte {
	if w.slow && j.Frame.Number%7 == 0 {
		time.Sleep(time.Millisecond) // later frames are done before
	}
	return appendFrame(dst, j.Frame.Number, j.Frame.Data)
}

// appendFrame prints a frame; every byte has a say.
func appendFrame(dst []byte, number int, data []byte) []byte {
	sum := 0
	for _, c := range data {
		sum += int(c)
	}
	return fmt.Appendf(dst, "%d %.4q %d %d\n", number, data, len(data), sum)
}

// frames returns so many frames of some size, each with its number in it.
func frames(n, size int) []step {
	var out []step
	for i := range n {
		out = append(out, step{data: bytes.Repeat(fmt.Appendf(nil, "%07d ", i+1), size/8+1)})
	}
	return out
}

// want is what the frames among some steps print.
func want(list []step) string {
	var out []byte
	n := 0
	for _, s := range list {
		if s.err == nil {
			n++
			out = appendFrame(out, n, s.data)
		}
	}
	return string(out)
}

func config(src capture.Source, out io.Writer) Config {
	return Config{Source: src, Session: dissect.NewSession(dissect.OrderAuto), Worker: func() Worker { return &worker{slow: true} }, Out: out}
}

// TestRun: what is written is what the frames print, in their order, whatever
// their sizes.
func TestRun(t *testing.T) {
	mixed := frames(300, 8)
	for i := range mixed {
		if i%50 == 49 {
			mixed[i].data = bytes.Repeat(mixed[i].data, maxBytes/8) // larger than a batch
		}
	}
	for _, c := range []struct {
		name  string
		steps []step
		limit int
		want  int // frames
	}{
		{"nothing", nil, 0, 0},
		{"one", frames(1, 8), 0, 1},
		{"fewer than a batch", frames(100, 8), 0, 100},
		{"many batches", frames(20*maxFrames+3, 64), 0, 20*maxFrames + 3},
		{"batches full of bytes", frames(100, maxBytes/5), 0, 100},
		{"frames larger than a batch", frames(20, 2*maxBytes), 0, 20},
		{"frames of a batch's size", frames(20, maxBytes-8), 0, 20},
		{"frames of many sizes", mixed, 0, 300},
		{"empty frames", make([]step, 50), 0, 50},
		{"a limit", frames(1000, 8), 333, 333},
		{"a limit of one", frames(1000, 8), 1, 1},
		{"a limit beyond the end", frames(10, 8), 11, 10},
	} {
		t.Run(c.name, func(t *testing.T) {
			src := &steps{list: c.steps}
			var out bytes.Buffer
			cfg := config(src, &out)
			cfg.Limit = c.limit
			if err := Run(cfg); err != nil {
				t.Fatal(err)
			}
			if got, want := out.String(), want(c.steps[:c.want]); got != want {
				t.Errorf("%d lines, want %d", strings.Count(got, "\n"), strings.Count(want, "\n"))
			}
			if src.n != c.want {
				t.Errorf("%d frames were read, want %d", src.n, c.want)
			}
		})
	}
}

// TestPrepared: inputs are made in order, from the copy of a frame that its
// worker gets too.
func TestPrepared(t *testing.T) {
	var seen []Job
	var out bytes.Buffer
	c := config(&steps{list: frames(600, 64)}, &out)
	c.Prepared = func(j *Job) { seen = append(seen, *j) }
	if err := Run(c); err != nil {
		t.Fatal(err)
	}
	if len(seen) != 600 {
		t.Fatalf("%d calls, want 600", len(seen))
	}
	for i, j := range seen {
		n := int64(i + 1)
		delta := n*n - (n-1)*(n-1)
		if i == 0 {
			delta = 0
		}
		switch {
		case j.Frame.Number != int(n) || j.Input.Number != int(n):
			t.Fatalf("call %d: frame %d, input %d", n, j.Frame.Number, j.Input.Number)
		case j.Delta != delta || j.Since != n*n-1:
			t.Fatalf("frame %d: %d behind the one before, %d behind the first, want %d and %d", n, j.Delta, j.Since, delta, n*n-1)
		case &j.Input.Data[0] != &j.Frame.Data[0] || j.Input.OrigLen != j.Frame.OrigLen:
			t.Fatalf("frame %d: the input is of other bytes", n)
		case j.Input.Dir != dissect.DirFromKernel || j.Input.IDs == nil:
			t.Fatalf("frame %d: direction %d, names %v", n, j.Input.Dir, j.Input.IDs)
		case cap(j.Frame.Data) != len(j.Frame.Data):
			t.Fatalf("frame %d: appending to it would overwrite the next one", n)
		}
	}
}

// TestKeep: who is asked sees every frame in order, and workers get those that
// are kept.
func TestKeep(t *testing.T) {
	list := frames(600, 64)
	var out bytes.Buffer
	c := config(&steps{list: list}, &out)
	asked := 0
	c.Keep = func(j *Job) bool {
		if asked++; j.Frame.Number != asked {
			t.Errorf("asked of frame %d, not %d", j.Frame.Number, asked)
		}
		return asked%3 == 0
	}
	if err := Run(c); err != nil {
		t.Fatal(err)
	}
	var wanted []byte
	for i := range list {
		if n := i + 1; n%3 == 0 {
			wanted = appendFrame(wanted, n, list[i].data)
		}
	}
	if asked != 600 || !bytes.Equal(out.Bytes(), wanted) {
		t.Errorf("asked %d times, %d bytes written, want %d", asked, out.Len(), len(wanted))
	}
}
