package flow_test

import (
	"testing"
	"time"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/flow"
	"github.com/nlsniff/nlsniff/internal/frametext"
	"github.com/nlsniff/nlsniff/internal/pipeline"
)

// TestTick: with no frame behind it, a dump that came out wrong is reported
// when a second has passed, and a request that nobody answered never.
func TestTick(t *testing.T) {
	frames := frametext.Load(t, "testdata/scenarios/interrupted.txt")[:3]
	var got []flow.State
	tr := flow.NewTracker(families.Embedded(), flow.Options{Closed: func(e *flow.Exchange) { got = append(got, e.State) }})
	s := dissect.NewSession(dissect.OrderAuto)
	for i := range frames[:2] {
		observe(tr, s, &frames[i])
	}
	last := frames[1].Time
	tr.Tick(last + int64(time.Second) - 1)
	if len(got) != 0 {
		t.Fatalf("%v after less than a second", got)
	}
	tr.Tick(last + int64(time.Second))
	if len(got) != 1 || got[0] != flow.Interrupted {
		t.Fatalf("%v after a second", got)
	}
	observe(tr, s, &frames[2])
	tr.Tick(last + int64(time.Hour))
	if len(got) != 1 || tr.Len() != 1 {
		t.Errorf("%v, %d open: time is no answer", got, tr.Len())
	}
}

// TestTickOfContest: a dump that has ended, but may be another's, goes on waiting.
func TestTickOfContest(t *testing.T) {
	frames := frametext.Load(t, "testdata/scenarios/portid_again.txt")
	frames = frames[len(frames)-7 : len(frames)-2]
	tr := flow.NewTracker(families.Embedded(), flow.Options{Closed: func(e *flow.Exchange) { t.Errorf("%s (%s)", e.State, e.Reason) }})
	s := dissect.NewSession(dissect.OrderAuto)
	for i := range frames {
		observe(tr, s, &frames[i])
	}
	for i := range 5 {
		tr.Tick(frames[4].Time + int64(i)*int64(time.Minute))
	}
	if tr.Len() != 2 {
		t.Errorf("%d exchanges are open, want 2", tr.Len())
	}
}

func observe(tr *flow.Tracker, s *dissect.Session, f *capture.Frame) {
	in := dissect.Input{Number: f.Number, Data: f.Data, OrigLen: f.OrigLen, Dir: dissect.Dir(f.Dir)}
	s.Prepare(&in, f.Section)
	ff := flow.Frame{Input: &in}
	pipeline.Tracked(f, &ff)
	tr.Observe(&ff)
}
