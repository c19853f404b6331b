package pipeline

import (
	"bytes"
	"fmt"
	"io"
	"sync"
	"testing"
	"time"

	"github.com/nlsniff/nlsniff/capture"
)

// live is a source whose frames come when the test says so.
type live struct {
	steps
	ch chan []byte
}

func (s *live) Next(f *capture.Frame) error {
	b, ok := <-s.ch
	if !ok {
		return io.EOF
	}
	s.n++
	*f = capture.Frame{Number: s.n, Data: b}
	return nil
}

// lines passes on what is written.
type lines struct {
	mu  sync.Mutex
	buf bytes.Buffer
	ch  chan struct{}
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.buf.Write(p)
	select {
	case l.ch <- struct{}{}:
	default:
	}
	return len(p), nil
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// TestLive: each frame is written although no other follows, however many a
// batch could hold by then.
func TestLive(t *testing.T) {
	src, out := &live{ch: make(chan []byte)}, &lines{ch: make(chan struct{}, 1)}
	result := make(chan error, 1)
	go func() { result <- Run(config(src, out)) }()
	var want []byte
	deadline := time.After(tooLong)
	for i := range 20 {
		data := fmt.Appendf(nil, "frame %d", i)
		want = appendFrame(want, i+1, data)
		src.ch <- data
		for out.String() != string(want) {
			select {
			case <-out.ch:
			case <-deadline:
				t.Fatalf("wrote\n%s\nwant\n%s", out.String(), want)
			}
		}
	}
	close(src.ch)
	select {
	case err := <-result:
		if err != nil {
			t.Error(err)
		}
	case <-deadline:
		t.Fatal("does not end")
	}
}
