package main

import (
	"io"
	"sync"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/capture/pcapng"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/filter"
	"github.com/nlsniff/nlsniff/flow"
	"github.com/nlsniff/nlsniff/internal/ahead"
	"github.com/nlsniff/nlsniff/internal/pipeline"
)

// nobody is a worker that prints nothing.
type nobody struct{}

func (nobody) Append(dst []byte, _ *pipeline.Job) []byte { return dst }

// matchWorker notes the exchanges of messages that match.
type matchWorker struct {
	printWorker
	mu  *sync.Mutex
	ids map[uint64]bool
}

func (w *matchWorker) Append(dst []byte, j *pipeline.Job) []byte {
	if j.End {
		return dst
	}
	w.sel.setEvent(&w.ev, j)
	w.ev.Tree = w.d.Frame(&j.Input)
	n, shown := w.m.Frame(&w.ev)
	if n == 0 {
		return dst
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	no := 0
	for i := range w.ev.Tree.Msgs {
		if w.ev.Tree.Msgs[i].EchoOf >= 0 {
			continue
		}
		if shown[i] && no < len(j.Refs) && j.Refs[no].Exchange != 0 {
			w.ids[j.Refs[no].Exchange] = true
		}
		no++
	}
	return dst
}

// join reads what filter, columns and colouring rules need to know of exchanges before the first
// message can be printed.
func (r *reader) join() error {
	s := r.sel
	if s.filter != nil && s.filter.Needs() == filter.NeedExchange || r.rules != nil && r.rules.Needs() == filter.NeedExchange ||
		r.columns != nil && r.columns.Needs() == filter.NeedExchange || r.tallies.needExchanges() {
		s.joined = ahead.NewOutcomes(!isRegular(r.flags.file) || r.flags.tail)
		if r.tracker == nil {
			r.tracker = flow.NewTracker(r.db, flow.Options{})
		}
		if !s.joined.Live() {
			if err := r.pass(s.joined.Add, func() pipeline.Worker { return nobody{} }); err != nil {
				return err
			}
		}
	}
	if s.filter == nil || r.tallies != nil || !r.flags.exchanges && (r.flags.stats == "" || r.flags.stats == "coverage") {
		return nil
	}
	if !isRegular(r.flags.file) || r.flags.tail {
		return usagef("save it to a file first", "--exchanges with -Y has to read the capture twice")
	}
	return r.matching()
}

// matching finds the exchanges of which a message matches.
func (r *reader) matching() error {
	s := r.sel
	s.ids = map[uint64]bool{}
	var mu sync.Mutex
	return r.pass(nil, func() pipeline.Worker {
		return &matchWorker{printWorker{sel: s, m: s.filter.Matcher(), d: dissect.New(r.db)}, &mu, s.ids}
	})
}

// pass reads the file once more, on the side.
func (r *reader) pass(end func(*flow.Exchange, int), worker func() pipeline.Worker) error {
	flags := *r.flags
	order, err := byteOrder(flags.order)
	if err != nil {
		return err
	}
	side := &reader{flags: &flags, db: r.db, session: dissect.NewSession(order)}
	side.session.DB = r.db
	if flags.twoPass {
		if err := side.learnNames(nil); err != nil {
			return err
		}
	}
	src, err := open(flags.file, nil, pcapng.Options{Convert: flags.foreign(flags.file).Convert})
	if err != nil {
		return err
	}
	defer src.Close()
	return pipeline.Run(pipeline.Config{
		Source: src, Session: side.session, Tracker: flow.NewTracker(r.db, flow.Options{}), Ended: end, Worker: worker,
		Out: io.Discard, Limit: flags.count, Prepared: side.prepared,
		Corrupt: func(*capture.CorruptError) {}, // the pass that prints reports it
	})
}
