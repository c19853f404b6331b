package main

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/flow"
	"github.com/nlsniff/nlsniff/internal/phrase"
	"github.com/nlsniff/nlsniff/internal/pipeline"
	"github.com/nlsniff/nlsniff/render"
)

// keepBytes is how much of requests and answers is kept to show them: of all
// exchanges together that have not ended.
const keepBytes = 16 << 20

// exchangePrinter appends what it shows of an exchange.
type exchangePrinter interface {
	Shrink()
	Exchange(dst []byte, e *flow.Exchange, first int64) []byte
}

// exchangeWorker prints exchanges when they have ended.
type exchangeWorker struct {
	sel *selection
	p   exchangePrinter
}

func (w *exchangeWorker) Append(dst []byte, j *pipeline.Job) []byte {
	for i := range j.Closed {
		if w.sel.ids != nil && !w.sel.ids[j.Closed[i].ID] {
			continue
		}
		dst = w.p.Exchange(dst, &j.Closed[i], j.Start)
		if j.Spill != nil {
			dst = j.Spill(dst)
		}
	}
	return dst
}

// Shrink lets go of what a large frame took.
func (w *exchangeWorker) Shrink() { w.p.Shrink() }

// exchanges sets up the printing of exchanges.
func (r *reader) exchanges(opt render.Options) error {
	f := r.flags
	var printer func(db *families.DB) exchangePrinter
	switch f.format {
	case "text":
		printer = func(db *families.DB) exchangePrinter { return render.NewExchanges(opt, db) }
		if f.verbose {
			width := columns(r.out.dest)
			printer = func(db *families.DB) exchangePrinter { return render.NewExchangeView(opt, db, width) }
		}
	case "json":
		printer = func(db *families.DB) exchangePrinter { return render.NewExchangeJSON(opt, db, true) }
		r.out.array = true
		r.finish = r.out.closeArray
	case "jsonl":
		printer = func(db *families.DB) exchangePrinter { return render.NewExchangeJSON(opt, db, false) }
	default:
		return usagef("text, json or jsonl", "--exchanges with -T %s", f.format)
	}
	r.closed = true
	if f.quiet {
		r.tracker = flow.NewTracker(r.db, flow.Options{})
		r.out.array = false
		counts := make([]atomic.Int64, len(flow.States()))
		r.worker = func() pipeline.Worker { return &exchangeCounter{sel: r.sel, counts: counts} }
		r.finish = func() error { reportStates(r.out.w, counts); return nil }
		return nil
	}
	r.tracker = flow.NewTracker(r.db, flow.Options{Keep: keepBytes})
	r.worker = func() pipeline.Worker { return &exchangeWorker{sel: r.sel, p: printer(r.db)} }
	return nil
}

// exchangeCounter counts exchanges by their states.
type exchangeCounter struct {
	sel    *selection
	counts []atomic.Int64
}

func (w *exchangeCounter) Append(dst []byte, j *pipeline.Job) []byte {
	for i := range j.Closed {
		if e := &j.Closed[i]; w.sel.ids == nil || w.sel.ids[e.ID] {
			w.counts[e.State].Add(1)
		}
	}
	return dst
}

// reportStates writes what -q is for.
func reportStates(w io.Writer, counts []atomic.Int64) {
	var all int64
	var list []string
	for i, name := range flow.States() {
		if n := counts[i].Load(); n > 0 {
			all += n
			list = append(list, fmt.Sprint(n, " ", name))
		}
	}
	if len(list) > 0 {
		list[0] = ": " + list[0]
	}
	fmt.Fprintf(w, "%s%s\n", phrase.Count(all, "exchange"), strings.Join(list, ", "))
}

// columns is the width of the terminal that output goes to: what COLUMNS says,
// what the terminal says, or 80.
func columns(out io.Writer) int {
	if n, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && n > 0 {
		return n
	}
	if f, ok := out.(*os.File); ok {
		if n := terminalColumns(f); n > 0 {
			return n
		}
	}
	return 80
}

// followWorker prints the messages of one exchange, and its line when it has
// ended.
type followWorker struct {
	print *printWorker
	line  *render.Exchanges // nil where only messages are printed
	found *atomic.Bool
}

func (w *followWorker) Append(dst []byte, j *pipeline.Job) []byte {
	for _, r := range j.Refs {
		if r.Exchange == w.print.follow {
			w.found.Store(true)
			dst = w.print.Append(dst, j)
			break
		}
	}
	for i := range j.Closed {
		if e := &j.Closed[i]; e.ID == w.print.follow && w.line != nil {
			dst = w.line.Exchange(dst, e, j.Start)
		}
	}
	return dst
}

// followOne sets up the printing of one exchange.
func (r *reader) followOne(opt render.Options, printer func() render.Printer) {
	n := r.flags.follow
	r.tracker = flow.NewTracker(r.db, flow.Options{Keep: keepBytes})
	r.closed = true
	var found atomic.Bool
	r.worker = func() pipeline.Worker {
		w := &followWorker{print: r.sel.worker(r.db, printer()), found: &found}
		w.print.follow = n
		if r.flags.format == "text" {
			w.line = render.NewExchanges(opt, r.db)
		}
		return w
	}
	finish := r.finish
	r.finish = func() error {
		if err := finish(); err != nil || found.Load() {
			return err
		}
		return &hintError{err: fmt.Errorf("there is no exchange %d", n), hint: "nlsniff read --exchanges numbers them"}
	}
}
