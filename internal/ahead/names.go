// Package ahead keeps what the later part of a capture tells of the earlier: names
// of families and interfaces, who sent requests, what came of them.
package ahead

import (
	"errors"
	"io"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/flow"
)

// Names has a session learn what names there are in a source, which it reads to the
// end. A tracker, if there is one, sees each frame too.
func Names(src capture.Source, s *dissect.Session, tracker *flow.Tracker) error {
	var f capture.Frame
	var in dissect.Input
	for {
		f = capture.Frame{}
		err := src.Next(&f)
		if errors.As(err, new(*capture.CorruptError)) {
			continue // who reads it to show it reports that
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		in = dissect.Input{Number: f.Number, Data: f.Data, OrigLen: f.OrigLen, Dir: dissect.Dir(f.Dir)}
		s.Prepare(&in, f.Stream())
		if tracker != nil {
			tracker.Observe(&flow.Frame{Input: &in, Time: f.Time, Section: f.Stream(), Process: flow.Process(f.Process), Asked: f.Flags&capture.FlagAsked != 0})
		}
	}
	s.Complete()
	return nil
}
