package main

import (
	"errors"
	"fmt"
	"io"
	"sync/atomic"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/filter"
	"github.com/nlsniff/nlsniff/internal/ahead"
	"github.com/nlsniff/nlsniff/internal/phrase"
	"github.com/nlsniff/nlsniff/internal/pipeline"
	"github.com/nlsniff/nlsniff/render"
)

// selection is what -Y lets pass, and how much that is.
type selection struct {
	filter *filter.Filter // nil: everything
	count  bool           // -q: nothing but the numbers is wanted
	quick  *filter.Matcher
	ev     render.Event // of the frame that quick is asked of

	joined *ahead.Outcomes // what came of exchanges, nil if nobody asks
	ids    map[uint64]bool // with --exchanges, those to print; nil: all

	shownBefore bool // the time since the frame shown before is wanted

	read, frames, messages atomic.Int64

	// senders are those of requests, as the whole capture told; nil if it was
	// not read ahead.
	senders *ahead.Senders
}

// filterEnv is what filters look names up in.
func filterEnv(db *families.DB, secrets bool) *filter.Env {
	e := filter.NewEnv(db, location())
	e.ShowSecrets = secrets
	return e
}

func newSelection(f *readFlags, db *families.DB) (*selection, error) {
	s := &selection{count: f.quiet && f.stats == ""}
	if f.filter == "" && !s.count {
		return s, nil
	}
	fl, err := compileFilter("-Y", f.filter, filterEnv(db, f.secrets))
	if err != nil {
		return nil, err
	}
	s.filter, s.quick = fl, fl.Matcher()
	return s, nil
}

// compileFilter reads a filter; an empty one matches everything.
func compileFilter(where, expr string, env *filter.Env) (*filter.Filter, error) {
	if expr == "" {
		expr = "frame.number"
	}
	f, err := filter.Compile(expr, env)
	var mistake *filter.Error
	if errors.As(err, &mistake) {
		return nil, &hintError{fmt.Errorf("%s: %w", where, err), mistake.Hint}
	}
	return f, err
}

// keep is asked of each frame before it goes to a worker: what headers decide
// is decided here, where it costs no copy. It is nil if it has nothing to say.
func (r *reader) keep() func(*pipeline.Job) bool {
	s := r.sel
	if s.filter == nil || s.filter.Needs() == filter.NeedExchange {
		return nil
	}
	return func(j *pipeline.Job) bool {
		s.setEvent(&s.ev, j)
		if !s.quick.Rejects(&j.Input, &s.ev) {
			return true
		}
		s.read.Add(1)
		return false
	}
}

func (s *selection) add(messages int) {
	if messages > 0 {
		s.frames.Add(1)
		s.messages.Add(int64(messages))
	}
}

// report writes what -q is for.
func (s *selection) report(w io.Writer) {
	if s.filter.String() == "frame.number" {
		fmt.Fprintf(w, "%s in %s\n", phrase.Count(s.messages.Load(), "message"), phrase.Count(s.frames.Load(), "frame"))
		return
	}
	fmt.Fprintf(w, "%s in %s match, of %s\n", phrase.Count(s.messages.Load(), "message"), phrase.Count(s.frames.Load(), "frame"), phrase.Count(s.read.Load(), "frame"))
}

// setEvent takes over what is known of a frame. The tree comes later.
func (s *selection) setEvent(ev *render.Event, j *pipeline.Job) {
	*ev = render.Event{
		Number: j.Frame.Number, Time: j.Frame.Time, Delta: j.Delta, Since: j.Since, OrigLen: j.Frame.OrigLen,
		Process: j.Frame.Process, Namespace: j.Frame.Namespace, Comment: j.Frame.Comment,
		Links: j.Input.Links, Refs: j.Refs, Delivery: j.Frame.Delivery, Happened: j.Frame.Event, Spill: j.Spill,
	}
	if s.senders != nil {
		if p, ok := s.senders.Process(ev.Number); ok && ev.PID == 0 && ev.Comm == "" {
			ev.Process = capture.Process(p)
		}
		ev.Socket = s.senders.PortID(ev.Number)
	}
	if s.joined != nil {
		ev.Exchange = s.joined.At(ev.Number)
	}
}

// worker decodes what passes and hands it to a printer.
func (s *selection) worker(db *families.DB, p render.Printer) *printWorker {
	w := &printWorker{sel: s, d: dissect.New(db), p: p}
	if s.filter != nil {
		w.m = s.filter.Matcher()
	}
	return w
}

// printWorker decodes frames and prints them.
type printWorker struct {
	sel *selection
	m   *filter.Matcher // nil: everything passes
	d   *dissect.Dissector
	p   render.Printer
	ev  render.Event

	shown  int64                 // when the frame before that was shown was captured
	again  func() render.Printer // makes another p, if set
	follow uint64                // the only exchange to show, 0 for all
}

func (w *printWorker) Append(dst []byte, j *pipeline.Job) []byte {
	if j.End {
		return dst
	}
	w.sel.setEvent(&w.ev, j)
	w.ev.Follow = w.follow
	if j.Frame.Event != nil {
		if w.m != nil || w.follow != 0 {
			return dst // filters ask of messages
		}
		w.sinceShown()
		return w.p.Happened(dst, &w.ev)
	}
	if w.m == nil {
		w.ev.Tree = w.d.Frame(&j.Input)
		w.sinceShown()
		return w.p.Frame(dst, &w.ev)
	}
	w.sel.read.Add(1)
	n, known := w.m.Quick(&j.Input, &w.ev)
	if known && (n == 0 || w.sel.count) {
		w.sel.add(n)
		return dst
	}
	w.ev.Tree = w.d.Frame(&j.Input)
	n, w.ev.Shown = w.m.Frame(&w.ev)
	w.sel.add(n)
	if n == 0 || w.sel.count {
		return dst
	}
	w.sinceShown()
	return w.p.Frame(dst, &w.ev)
}

// sinceShown finds out how long after the frame that was shown before this one is.
func (w *printWorker) sinceShown() {
	if w.sel.shownBefore {
		if w.shown != 0 {
			w.ev.DeltaShown = w.ev.Time - w.shown
		}
		w.shown = w.ev.Time
	}
}

// Shrink lets go of what a large frame took.
func (w *printWorker) Shrink() {
	w.d.Shrink()
	w.ev = render.Event{}
	if w.again != nil {
		w.p = w.again()
	}
	if w.m != nil {
		w.m.Shrink()
	}
}

// nothing is the printer of -q.
type nothing struct{}

func (nothing) Frame(dst []byte, _ *render.Event) []byte    { return dst }
func (nothing) Happened(dst []byte, _ *render.Event) []byte { return dst }
