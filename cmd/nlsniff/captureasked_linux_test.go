package main

import (
	"io"
	"slices"
	"testing"

	"github.com/nlsniff/nlsniff/capture"
)

// askedAmong is a capture of these frames; what begins with a question mark was asked for.
type askedAmong struct {
	liveCapture
	names []string
	n     int
}

func (a *askedAmong) Next(f *capture.Frame) error {
	if a.n == len(a.names) {
		return io.EOF
	}
	*f = capture.Frame{Number: a.n + 1, Comment: a.names[a.n], Data: make([]byte, 32), OrigLen: 32}
	if f.Comment[0] == '?' {
		f.Flags = capture.FlagAsked
	}
	a.n++
	return nil
}

// TestAskedIsNotShown: what nlsniff asked itself takes no number, and does not count
// for -c.
func TestAskedIsNotShown(t *testing.T) {
	src := &askedAmong{names: []string{"a", "?", "?", "b", "c", "?", "?", "d"}}
	run := &capturing{names: &captureNames{}, told: newProgress(io.Discard, false, func() tally { return tally{} })}
	live := &liveSource{liveCapture: src, run: run, limit: 3}
	var f capture.Frame
	var got []string
	for i := 1; live.Next(&f) == nil; i++ {
		if f.Number != i {
			t.Errorf("frame %q has the number %d, want %d", f.Comment, f.Number, i)
		}
		got = append(got, f.Comment)
	}
	if !slices.Equal(got, []string{"a", "b", "c"}) {
		t.Errorf("shown: %q", got)
	}
}
