package store_test

import (
	"testing"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/internal/frametext"
	"github.com/nlsniff/nlsniff/tui/store"
)

// TestAskedIsNoExchange: what nlsniff asked for itself, to know names, is a row of its
// own, and the list of exchanges begins with the first that a program had.
func TestAskedIsNoExchange(t *testing.T) {
	frames, err := frametext.Parse(`
frame 0ms route asked
  RTM_GETLINK REQUEST|DUMP seq 1 portid 5 zero:16
frame 1ms route asked
  RTM_NEWLINK MULTI seq 1 portid 5 zero:16
frame 2ms route
  RTM_GETRULE REQUEST seq 1 portid 6 zero:12
frame 3ms route asked
  RTM_NEWLINK - seq 1 portid 6 zero:16 [IFLA_IFNAME "d0"]
frame 4ms route
  RTM_NEWRULE - seq 1 portid 6 zero:12
`)
	if err != nil {
		t.Fatal(err)
	}
	src := &handed{ch: make(chan capture.Frame, len(frames))}
	for _, f := range frames {
		src.ch <- f
	}
	close(src.ch)
	s := store.Live(src, options())
	defer s.Close()
	wait(t, s)
	if end := s.State().End; end != len(frames) {
		t.Errorf("%d rows, want %d", end, len(frames))
	}
	for row, want := range []int{0, 0, 1, 0, 1} {
		if id, _ := s.Ref(row); id != want {
			t.Errorf("row %d is of exchange %d, want %d", row, id, want)
		}
	}
	if _, ok := s.Exchange(2); ok {
		t.Error("there is a second exchange")
	}
}
