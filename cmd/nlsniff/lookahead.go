package main

import (
	"fmt"

	"github.com/nlsniff/nlsniff/capture/pcapng"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/flow"
	"github.com/nlsniff/nlsniff/internal/ahead"
	"github.com/nlsniff/nlsniff/internal/pipeline"
)

// learnAll reads the whole file once for the names that it teaches: of
// families and interfaces, and of those who sent the requests that the capture
// names in the answers only.
func (r *reader) learnAll() (*ahead.Senders, error) {
	if r.flags.file == "-" {
		return nil, &hintError{fmt.Errorf("standard input cannot be read twice"), "save it to a file, or leave out -2"}
	}
	who := ahead.NewSenders()
	tracker := flow.NewTracker(r.db, flow.Options{NoOrphans: true, Closed: who.Add})
	if err := r.learnNames(tracker); err != nil {
		return nil, err
	}
	tracker.Close()
	who.Sort()
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
	if err := ahead.Names(src, scan, tracker); err != nil {
		return err
	}
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
