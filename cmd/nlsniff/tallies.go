package main

import (
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/nlsniff/nlsniff/filter"
	"github.com/nlsniff/nlsniff/flow"
	"github.com/nlsniff/nlsniff/internal/census"
	"github.com/nlsniff/nlsniff/internal/pipeline"
	"github.com/nlsniff/nlsniff/render"
)

// tallies are -z io,phs and -z io,stat with filters: what messages are counted by
// is found in their trees, not in exchanges.
type tallies struct {
	names   []string // the filters as they were written
	filters []*filter.Filter
	step    time.Duration

	mu    sync.Mutex
	parts []*tallyWorker
}

// tallyWorker is a printer that counts what it gets.
type tallyWorker struct {
	matchers []*filter.Matcher
	columns  *census.Columns // nil for the hierarchy
	levels   census.Level
	sum      *flow.Stats
}

// newTallies reads -z, if it names one of these tables.
func newTallies(arg string, step time.Duration, env *filter.Env) (*tallies, error) {
	if arg == "io,phs" {
		return &tallies{}, nil
	}
	parts := strings.SplitN(arg, ",", 4)
	if len(parts) < 4 || parts[0] != "io" || parts[1] != "stat" {
		return nil, nil
	}
	t := &tallies{names: census.SplitFilters(parts[3]), step: step}
	for _, text := range t.names {
		f, err := compileFilter("-z", text, env)
		if err != nil {
			return nil, err
		}
		t.filters = append(t.filters, f)
	}
	return t, nil
}

// needExchanges says whether one of the filters asks for what came of requests.
func (t *tallies) needExchanges() bool {
	return t != nil && slices.ContainsFunc(t.filters, func(f *filter.Filter) bool { return f.Needs() == filter.NeedExchange })
}

// tally sets up these tables.
func (r *reader) tally(t *tallies) {
	r.tallies = t
	r.worker = func() pipeline.Worker {
		w := &tallyWorker{sum: flow.NewStats(r.db, int64(t.step))}
		if len(t.filters) > 0 {
			w.columns = census.NewColumns(len(t.filters), int64(t.step))
		}
		for _, f := range t.filters {
			w.matchers = append(w.matchers, f.Matcher())
		}
		t.mu.Lock()
		defer t.mu.Unlock()
		t.parts = append(t.parts, w)
		return r.sel.worker(r.db, w)
	}
	r.finish = func() error { return r.writeTallies(t) }
}

// Frame counts the messages of a frame that -Y lets pass.
func (w *tallyWorker) Frame(dst []byte, ev *render.Event) []byte {
	count := 0
	for i := range ev.Tree.Msgs {
		m := &ev.Tree.Msgs[i]
		if m.EchoOf >= 0 || ev.Shown != nil && !ev.Shown[i] {
			continue
		}
		count++
		if w.columns == nil {
			w.levels.Add(ev.Number, int(ev.Tree.Nodes[m.Node].Len), protocol(m.Proto), coverageKey(ev.Tree, m), string(render.AppendOp(nil, m)))
		}
	}
	w.sum.Frame(ev.Time, ev.Since, count, len(ev.Tree.Data))
	for i, m := range w.matchers {
		// Of what -Y chose.
		_, shown := m.Frame(ev)
		n := 0
		for k := range ev.Tree.Msgs {
			if ev.Tree.Msgs[k].EchoOf < 0 && shown != nil && shown[k] && (ev.Shown == nil || ev.Shown[k]) {
				n++
			}
		}
		w.columns.Add(ev.Since, i, n, len(ev.Tree.Data))
	}
	return dst
}

// Happened counts nothing: it is no message.
func (w *tallyWorker) Happened(dst []byte, _ *render.Event) []byte { return dst }

// writeTallies writes the table, as text or as JSON.
func (r *reader) writeTallies(t *tallies) error {
	total := flow.NewStats(r.db, int64(t.step))
	var levels census.Level
	columns := census.NewColumns(len(t.filters), int64(t.step))
	for _, w := range t.parts {
		total.Merge(w.sum)
		levels.Merge(&w.levels)
		if w.columns != nil {
			columns.Merge(w.columns)
		}
	}
	levels.Sort()
	switch {
	case r.flags.format != "json" && len(t.filters) == 0:
		return levels.Write(r.out.w)
	case r.flags.format != "json":
		return columns.Write(r.out.w, t.names)
	}
	out := struct {
		Frames    int             `json:"frames"`
		Messages  int             `json:"messages"`
		Bytes     int64           `json:"bytes"`
		Duration  int64           `json:"duration_ns"`
		Hierarchy []*census.Level `json:"hierarchy,omitempty"`
		Step      int64           `json:"interval_ns,omitempty"`
		Filters   []string        `json:"filters,omitempty"`
		Rows      []census.Row    `json:"matches,omitempty"`
	}{Frames: total.Frames, Messages: total.Messages, Bytes: total.Bytes, Duration: total.Last - total.First, Hierarchy: levels.Below}
	if len(t.filters) > 0 {
		out.Step, out.Filters, out.Rows = int64(t.step), t.names, columns.Rows()
	}
	b, err := json.Marshal(out)
	if err != nil {
		return err
	}
	_, err = r.out.w.Write(append(b, '\n'))
	return err
}
