package main

import (
	"fmt"
	"io"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/capture/pcapng"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/flow"
	"github.com/nlsniff/nlsniff/internal/pipeline"
)

// maxSenders bounds how many requests get the name of their sender from what
// came of them.
const maxSenders = 1 << 17

// learnAll reads the whole file once for the names that it teaches: of
// families and interfaces, and of those who sent the requests that the capture
// names in the answers only.
func (r *reader) learnAll() error {
	if r.flags.file == "-" {
		return &hintError{fmt.Errorf("standard input cannot be read twice"), "save it to a file, or leave out -2", true}
	}
	src, err := open(r.flags.file, nil, pcapng.Options{})
	if err != nil {
		return err
	}
	defer src.Close()
	order, _ := byteOrder(r.flags.order)
	scan := dissect.NewSession(order)
	scan.Policies, scan.DB = r.session.Policies, r.db
	senders := map[int]flow.Process{}
	tracker := flow.NewTracker(r.db, flow.Options{NoOrphans: true, Closed: func(e *flow.Exchange) {
		if e.Learned && len(senders) < maxSenders {
			senders[e.Request.Frame] = e.Process
		}
	}})
	for {
		var f capture.Frame
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
		in := dissect.Input{Number: f.Number, Data: f.Data, OrigLen: f.OrigLen, Dir: dissect.Dir(f.Dir)}
		scan.Prepare(&in, f.Stream())
		tracker.Observe(&flow.Frame{Input: &in, Time: f.Time, Section: f.Stream(), Process: flow.Process(f.Process)})
	}
	tracker.Close()
	scan.Complete()
	r.session.Adopt(scan)
	if r.sel != nil {
		r.sel.senders.Store(&senders)
	}
	return nil
}

// prepared looks ahead in the file, once, when a family id turns up that
// nothing so far has named: the controller may say it later.
func (r *reader) prepared(j *pipeline.Job) {
	if !r.session.Unnamed() || r.flags.twoPass || !isRegular(r.flags.file) {
		return
	}
	r.flags.twoPass = true
	if err := r.learnAll(); err != nil {
		return // the first pass goes on and reports it
	}
	r.session.Prepare(&j.Input, j.Frame.Stream())
}
