package store_test

import (
	"io"
	"testing"
	"time"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/flow"
	"github.com/nlsniff/nlsniff/internal/frametext"
	"github.com/nlsniff/nlsniff/tui/store"
)

// handed is a live source that waits for each frame.
type handed struct {
	ch chan capture.Frame
	n  uint64
}

func (h *handed) Next(f *capture.Frame) error {
	next, ok := <-h.ch
	if !ok {
		return io.EOF
	}
	*f = next
	h.n++
	return nil
}
func (h *handed) Stats() capture.Stats { return capture.Stats{} }
func (h *handed) Close() error         { return nil }

// TestOpenWhileNothingComes: a live capture shows a change without an ACK as open
// until its socket gets another answer.
func TestOpenWhileNothingComes(t *testing.T) {
	frames, err := frametext.Parse(`
frame 0ms route
  RTM_GETRULE REQUEST seq 1 portid 5 zero:12
frame 1ms route
  RTM_NEWRULE - seq 1 portid 5 zero:12
frame 2ms route
  RTM_NEWRULE REQUEST|CREATE seq 2 portid 5 zero:12
frame 9s route
  RTM_GETRULE REQUEST seq 3 portid 5 zero:12
frame 10s route
  RTM_NEWRULE - seq 3 portid 5 zero:12
`)
	if err != nil {
		t.Fatal(err)
	}
	src := &handed{ch: make(chan capture.Frame)}
	s := store.Live(src, options())
	defer s.Close()
	state := func(rows int) flow.State {
		for range 1000 {
			if s.State().End == rows {
				e, ok := s.Exchange(2)
				if !ok {
					t.Fatal("there is no second exchange")
				}
				return e.State
			}
			time.Sleep(5 * time.Millisecond)
		}
		t.Fatalf("%d rows, want %d", s.State().End, rows)
		return 0
	}
	for i, f := range frames {
		src.ch <- f
		if i < 2 || i == len(frames)-1 { // behind that the end is known
			continue
		}
		if got := state(i + 1); got != flow.Open {
			t.Errorf("behind frame %d it is %v", i+1, got)
		}
	}
	close(src.ch)
	wait(t, s)
	if e, _ := s.Exchange(2); e.State != flow.Unanswered || e.Reason != flow.Applied {
		t.Errorf("at last it is %v (%v)", e.State, e.Reason)
	}
}
