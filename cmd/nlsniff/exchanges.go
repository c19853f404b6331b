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
	sel   *selection
	p     exchangePrinter
	start int64 // of the capture
}

func (w *exchangeWorker) Append(dst []byte, j *pipeline.Job) []byte {
	if !j.End {
		w.start = j.Frame.Time - j.Since
	}
	for i := range j.Closed {
		if w.sel.ids != nil && !w.sel.ids[j.Closed[i].ID] {
			continue
		}
		dst = w.p.Exchange(dst, &j.Closed[i], w.start)
	}
	return dst
}

// exchanges sets up the printing of exchanges.
func (r *reader) exchanges(opt render.Options) error {
	f := r.flags
	var printer func(db *families.DB) exchangePrinter
	switch f.format {
	case "text":
		printer = func(db *families.DB) exchangePrinter { return render.NewExchanges(opt, db) }
	default:
		return usagef("text, json or jsonl", "--exchanges with -T %s", f.format)
	}
	r.tracker = flow.NewTracker(r.db, flow.Options{Keep: keepBytes})
	r.worker = func() pipeline.Worker { return &exchangeWorker{sel: r.sel, p: printer(r.db)} }
	return nil
}
