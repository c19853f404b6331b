package main

import (
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/flow"
	"github.com/nlsniff/nlsniff/internal/pipeline"
	"github.com/nlsniff/nlsniff/render"
)

// keepBytes is how much of each request and answer is kept to show it.
const keepBytes = 1 << 15

// exchangePrinter appends what it shows of an exchange.
type exchangePrinter interface {
	Exchange(dst []byte, e *flow.Exchange, first int64) []byte
}

// exchangeWorker prints exchanges when they have ended.
type exchangeWorker struct {
	p     exchangePrinter
	start int64 // of the capture
}

func (w *exchangeWorker) Append(dst []byte, j *pipeline.Job) []byte {
	if !j.End {
		w.start = j.Frame.Time - j.Since
	}
	for i := range j.Closed {
		dst = w.p.Exchange(dst, &j.Closed[i], w.start)
	}
	return dst
}

// exchanges sets up the printing of exchanges.
func (r *reader) exchanges(opt render.Options) error {
	f := r.flags
	if f.filter != "" {
		return usagef("leave out one of them", "--exchanges takes no filter (-Y) yet")
	}
	var printer func(db *families.DB) exchangePrinter
	switch f.format {
	case "text":
		printer = func(db *families.DB) exchangePrinter { return render.NewExchanges(opt, db) }
	default:
		return usagef("text, json or jsonl", "--exchanges with -T %s", f.format)
	}
	r.tracker = flow.NewTracker(r.db, flow.Options{Keep: keepBytes})
	r.worker = func() pipeline.Worker { return &exchangeWorker{p: printer(r.db)} }
	return nil
}
