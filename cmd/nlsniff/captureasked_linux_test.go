package main

import (
	"io"
	"slices"
	"testing"

	"github.com/nlsniff/nlsniff/capture"
)

// commented is a capture whose frames have these comments.
type commented struct {
	liveCapture
	comments []string
	n        int
}

func (a *commented) Next(f *capture.Frame) error {
	if a.n == len(a.comments) {
		return io.EOF
	}
	*f = capture.Frame{Number: a.n + 1, Comment: a.comments[a.n], Data: make([]byte, 32), OrigLen: 32}
	a.n++
	return nil
}

// TestAskedIsNotShown: what nlsniff asked itself takes no number, and does not count
// for -c.
func TestAskedIsNotShown(t *testing.T) {
	const asked = "nlsniff asked for this name (SIOCGIFNAME) and made a message of the answer"
	src := &commented{comments: []string{"a", asked, asked, "b", "c", asked, asked, "d"}}
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
