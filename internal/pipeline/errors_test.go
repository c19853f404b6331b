package pipeline

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nlsniff/nlsniff/capture"
)

var errSource, errSink = errors.New("the source failed"), errors.New("the sink failed")

// TestErrors: what the source says instead of a frame.
func TestErrors(t *testing.T) {
	bad := func(at int64) step { return step{err: &capture.CorruptError{Offset: at, Skipped: 4, Reason: "bad"}} }
	join := slices.Concat[[]step]
	for _, c := range []struct {
		name    string
		steps   []step
		retry   int // how often it waits, -1: it cannot
		err     error
		corrupt []int64
		waited  int
	}{
		{"an error at once", []step{{err: errSource}}, -1, errSource, nil, 0},
		{"an error behind frames", join(frames(700, 8), []step{{err: errSource}}), -1, errSource, nil, 0},
		{"a wrapped end", join(frames(3, 8), []step{{err: fmt.Errorf("pipe: %w", io.EOF)}}), -1, nil, nil, 0},
		{"an end too early", join(frames(3, 8), []step{{err: io.ErrUnexpectedEOF}}), -1, io.ErrUnexpectedEOF, nil, 0},
		{"damage", join([]step{bad(1)}, frames(300, 8), []step{bad(2), bad(3)}), -1, nil, []int64{1, 2, 3}, 0},
		{"nothing yet, and nobody waits", join(frames(3, 8), []step{{err: capture.ErrTryAgain}}), -1, capture.ErrTryAgain, nil, 0},
		{"nothing yet, then more", join(frames(3, 8), []step{{err: capture.ErrTryAgain}, {err: capture.ErrTryAgain}}, frames(2, 16)), 5, nil, nil, 2},
		{"nothing yet, and no more patience", join(frames(3, 8), []step{{err: capture.ErrTryAgain}, {err: capture.ErrTryAgain}, {err: errSource}}), 1, nil, nil, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out bytes.Buffer
			var corrupt []int64
			waited := 0
			cfg := config(&steps{list: c.steps}, &out)
			cfg.Corrupt = func(e *capture.CorruptError) { corrupt = append(corrupt, e.Offset) }
			if c.retry >= 0 {
				cfg.Retry = func() bool { waited++; return waited <= c.retry }
			}
			if err := Run(cfg); !errors.Is(err, c.err) {
				t.Errorf("error %v, want %v", err, c.err)
			}
			if got, want := out.String(), want(c.steps); got != want {
				t.Errorf("wrote\n%s\nwant\n%s", got, want)
			}
			if !slices.Equal(corrupt, c.corrupt) {
				t.Errorf("damage at %d, want %d", corrupt, c.corrupt)
			}
			if waited != c.waited {
				t.Errorf("waited %d times, want %d", waited, c.waited)
			}
		})
	}
}

// TestCorruptIgnored: nobody has to ask for damage.
func TestCorruptIgnored(t *testing.T) {
	list := slices.Concat([]step{{err: &capture.CorruptError{}}}, frames(2, 8))
	var out bytes.Buffer
	if err := Run(config(&steps{list: list}, &out)); err != nil || out.String() != want(list) {
		t.Errorf("%v, %q", err, out.String())
	}
}

// endless is a source that only a failing writer ends.
type endless struct {
	steps
	given atomic.Int64
}

func (s *endless) Next(f *capture.Frame) error {
	s.given.Add(1)
	*f = capture.Frame{Number: int(s.given.Load()), Data: []byte("endless")}
	return nil
}

// failing takes some writes, then no more.
type failing struct {
	bytes.Buffer
	left, asked int
}

func (w *failing) Write(p []byte) (int, error) {
	w.asked++
	if w.left == 0 {
		return 0, errSink
	}
	w.left--
	return w.Buffer.Write(p)
}

func TestWriteError(t *testing.T) {
	for _, left := range []int{0, 1, 5} {
		src, out := &endless{}, &failing{left: left}
		finished(t, func() {
			if err := Run(config(src, out)); !errors.Is(err, errSink) {
				t.Errorf("error %v, want %v", err, errSink)
			}
		})
		if out.asked != left+1 {
			t.Errorf("%d writes, want %d: none behind the one that failed", out.asked, left+1)
		}
		for i, l := range strings.Split(strings.TrimSpace(out.String()), "\n") {
			if left > 0 && !strings.HasPrefix(l, fmt.Sprintf("%d ", i+1)) {
				t.Fatalf("line %d is %s", i+1, l)
			}
		}
	}
	// Of two errors the output's is the one that ended it.
	c := config(&steps{list: slices.Concat(frames(1, 8), []step{{err: errSource}})}, &failing{})
	if err := Run(c); !errors.Is(err, errSink) {
		t.Errorf("error %v, want %v", err, errSink)
	}
}

// finished fails the test if fn hangs.
func finished(t *testing.T, fn func()) {
	t.Helper()
	done := make(chan struct{})
	go func() { defer close(done); fn() }()
	select {
	case <-done:
	case <-time.After(tooLong):
		t.Fatal("does not end")
	}
}
