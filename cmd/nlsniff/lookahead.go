package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/capture/pcapng"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/flow"
	"github.com/nlsniff/nlsniff/internal/pipeline"
)

// maxSenders and maxSockets bound how many requests get the name and the portid
// of their sender from what came of them.
const (
	maxSenders = 1 << 17
	maxSockets = 1 << 20
)

// senders is what the whole capture tells of those who sent requests, by frame.
type senders struct {
	processes map[int]flow.Process
	sockets   []sentFrom // in the order of frames
}

// sentFrom is the portid of the socket that sent a frame.
type sentFrom struct {
	frame  int
	portid uint32
}

// add takes what is known of an exchange in the end.
func (s *senders) add(e *flow.Exchange) {
	if e.Learned && len(s.processes) < maxSenders {
		s.processes[e.Request.Frame] = e.Process
	}
	if e.PortID != 0 && e.Request.Frame != 0 && len(s.sockets) < maxSockets {
		s.sockets = append(s.sockets, sentFrom{e.Request.Frame, e.PortID})
	}
}

// sort makes portid find what was added.
func (s *senders) sort() {
	slices.SortStableFunc(s.sockets, func(a, b sentFrom) int { return cmp.Compare(a.frame, b.frame) })
}

// portid returns that of the socket that sent a frame, 0 if it is not known.
func (s *senders) portid(frame int) uint32 {
	i, ok := slices.BinarySearchFunc(s.sockets, frame, func(x sentFrom, frame int) int { return cmp.Compare(x.frame, frame) })
	if !ok {
		return 0
	}
	return s.sockets[i].portid
}

// learnAll reads the whole file once for the names that it teaches: of
// families and interfaces, and of those who sent the requests that the capture
// names in the answers only.
func (r *reader) learnAll() (senders, error) {
	if r.flags.file == "-" {
		return senders{}, &hintError{fmt.Errorf("standard input cannot be read twice"), "save it to a file, or leave out -2"}
	}
	who := senders{processes: map[int]flow.Process{}}
	tracker := flow.NewTracker(r.db, flow.Options{NoOrphans: true, Closed: who.add})
	if err := r.learnNames(tracker); err != nil {
		return senders{}, err
	}
	tracker.Close()
	who.sort()
	return who, nil
}

// learnNames reads the whole file once for the names of families and interfaces.
// A tracker, if there is one, sees each frame too.
func (r *reader) learnNames(tracker *flow.Tracker) error {
	src, err := open(r.flags.file, nil, pcapng.Options{Convert: r.flags.foreign(r.flags.file).Convert})
	if err != nil {
		return err
	}
	defer src.Close()
	order, _ := byteOrder(r.flags.order)
	scan := dissect.NewSession(order)
	scan.Policies, scan.DB, scan.NamesOnly = r.session.Policies, r.db, tracker == nil
	var f capture.Frame
	var in dissect.Input
	for {
		f = capture.Frame{}
		err := src.Next(&f)
		if _, ok := err.(*capture.CorruptError); ok {
			continue // the second pass reports it
		}
		if err != nil {
			if err == io.EOF {
				break
			}
			return err
		}
		in = dissect.Input{Number: f.Number, Data: f.Data, OrigLen: f.OrigLen, Dir: dissect.Dir(f.Dir)}
		scan.Prepare(&in, f.Stream())
		if tracker != nil {
			tracker.Observe(&flow.Frame{Input: &in, Time: f.Time, Section: f.Stream(), Process: flow.Process(f.Process)})
		}
	}
	scan.Complete()
	r.session.Adopt(scan)
	return nil
}

// prepared looks ahead in the file, once, when a family id turns up that
// nothing so far has named: the controller may say it later. Who sent requests
// is not taken over, for the lines before are printed or being printed.
func (r *reader) prepared(j *pipeline.Job) {
	if !r.session.Unnamed() || r.flags.twoPass || !isRegular(r.flags.file) {
		return
	}
	r.flags.twoPass = true
	if err := r.learnNames(nil); err != nil {
		return // the first pass goes on and reports it
	}
	r.session.Prepare(&j.Input, j.Frame.Stream())
}
