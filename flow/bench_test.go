package flow_test

import (
	"testing"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/flow"
	"github.com/nlsniff/nlsniff/internal/pcaptest"
)

// BenchmarkObserve joins all captures: the time for one message.
func BenchmarkObserve(b *testing.B) {
	s := dissect.NewSession(dissect.OrderAuto)
	var frames []flow.Frame
	var inputs []dissect.Input
	messages := 0
	for i, name := range pcaptest.Names {
		for _, f := range pcaptest.Frames(b, name) {
			in := dissect.Input{Number: f.Number, Data: f.Data, OrigLen: f.OrigLen}
			s.Prepare(&in, i)
			inputs = append(inputs, in)
			frames = append(frames, flow.Frame{Time: f.Time, Section: i})
		}
	}
	tr := flow.NewTracker(families.Embedded(), flow.Options{})
	for i := range frames {
		frames[i].Input = &inputs[i]
		messages += len(tr.Observe(&frames[i]))
	}
	b.ReportAllocs()
	for b.Loop() {
		for i := range frames {
			frames[i].Time += 3600e9 // another run, later
			tr.Observe(&frames[i])
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*messages), "ns/message")
}
