package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/flow"
	"github.com/nlsniff/nlsniff/internal/pipeline"
	"github.com/nlsniff/nlsniff/render"
)

func newStats() *cobra.Command {
	f := readFlags{stats: "all"}
	c := &cobra.Command{
		Use:   "stats [FILE]",
		Short: "Sum up a capture: families, operations, processes, errors, latency",
		Long: `Sum up what a capture holds: how many exchanges there are by family, operation,
process and error, how they ended, how long the kernel took, who talked to it
how much, and what is not as it should be. FILE may be - for standard input.

nlsniff read -z shows one of the tables.`,
		Example: `  nlsniff stats capture.pcapng
  nlsniff stats -T json capture.pcapng | jq .operations
  nlsniff stats -Y 'comm == "ip"' capture.pcapng
  nlsniff read -z io,stat,0.1 capture.pcapng`,
		Args: func(c *cobra.Command, args []string) error { return f.oneFile(c, args) },
		RunE: func(c *cobra.Command, _ []string) error { return read(c, &f) },
	}
	fl := c.Flags()
	fl.SortFlags = false
	fl.StringVarP(&f.file, "read-file", "r", "", "the capture `file`, as an option")
	f.common(c)
	fl.StringVarP(&f.format, "format", "T", "text", "output `format`: text or json")
	fl.StringVar(&f.order, "byte-order", "auto", "byte `order` of the capturing host: auto, little or big")
	fl.StringArrayVar(&f.specs, "spec", nil, "read descriptions (YNL .yaml, or .spec) from this `file` or folder")
	return c
}

// statisticNames are those that completion offers.
var statisticNames = []string{"coverage", "io,stat", "io,phs", "conv", "expert", "rtt", "all"}

// statistics are the names that -z takes.
const statistics = "coverage, io,stat[,SECONDS[,FILTER]...], io,phs, conv, expert, rtt or all"

// tables reads the argument of -z: the tables to show and the interval.
func tables(arg string) (list []string, step time.Duration, err error) {
	step = time.Second
	name, rest, _ := strings.Cut(arg, ",")
	switch {
	case arg == "all":
		return []string{"overview", "rtt", "conv", "expert"}, step, nil
	case name == "io":
		sub, interval, given := strings.Cut(rest, ",")
		if rest == "phs" {
			return []string{arg}, step, nil
		}
		if sub != "stat" {
			break
		}
		interval, _, _ = strings.Cut(interval, ",")
		if given && interval != "" {
			v, err := strconv.ParseFloat(interval, 64)
			if err != nil || v < 0 || v > 1e9 || v > 0 && v < 1e-9 {
				return nil, 0, usagef("seconds: io,stat,0.5", "-z %s", arg)
			}
			if v == 0 { // as tshark: one interval
				v = 1e9
			}
			step = time.Duration(v * 1e9)
		}
		return []string{"io,stat"}, step, nil
	case slices.Contains([]string{"conv", "expert", "rtt"}, name) && (rest == "" || rest == "netlink"):
		return []string{name}, step, nil
	}
	return nil, 0, usagef(statistics, "no statistics called %s", arg)
}

// sums are the statistics of a run: each worker has its own.
type sums struct {
	mu    sync.Mutex
	parts []*statsWorker
}

// statsWorker counts frames and the exchanges that have ended.
type statsWorker struct {
	sel *selection
	sum *flow.Stats
	d   *dissect.Dissector // nil if nobody asks for findings
	x   *flow.Explainer
}

func (w *statsWorker) Append(dst []byte, j *pipeline.Job) []byte {
	if !j.End {
		if w.sel.ids == nil || w.chosen(j) {
			w.frame(j)
		}
	}
	for i := range j.Closed {
		e := &j.Closed[i]
		if w.sel.ids != nil && !w.sel.ids[e.ID] {
			continue
		}
		if w.x != nil {
			w.x.Explain(e)
		}
		w.sum.Add(e, j.Start)
	}
	return dst
}

// Shrink lets go of what a large frame took.
func (w *statsWorker) Shrink() {
	if w.d != nil {
		w.d.Shrink()
	}
	if w.x != nil {
		w.x.Shrink()
	}
}

// chosen says whether a frame has a message of a chosen exchange.
func (w *statsWorker) chosen(j *pipeline.Job) bool {
	return slices.ContainsFunc(j.Refs, func(r flow.Ref) bool { return w.sel.ids[r.Exchange] })
}

func (w *statsWorker) frame(j *pipeline.Job) {
	render.AddTrouble(&w.sum.Troubles, &j.Frame)
	if j.Frame.Event != nil {
		return // it is no message
	}
	w.sum.Frame(j.Frame.Time, j.Since, max(len(j.Refs), 1), len(j.Frame.Data))
	for _, r := range j.Refs {
		if r.Copy > 0 {
			w.sum.Copies++
		}
	}
	if w.d == nil {
		return
	}
	t := w.d.Frame(&j.Input)
	for i := range t.Findings {
		w.sum.Found(&t.Findings[i], j.Frame.Number)
	}
}

// summarize sets up the statistics that -z names.
func (r *reader) summarize(opt render.Options) error {
	f := r.flags
	list, step, err := tables(f.stats)
	if err != nil {
		return err
	}
	if f.format != "text" && f.format != "json" {
		return usagef("text or json", "statistics with -T %s", f.format)
	}
	if t, err := newTallies(f.stats, step, filterEnv(r.db, opt.ShowSecrets)); t != nil || err != nil {
		if err == nil {
			r.tally(t)
		}
		return err
	}
	findings := slices.Contains(list, "expert")
	o := flow.Options{}
	if findings {
		o.Keep = keepBytes
	}
	r.tracker, r.closed = flow.NewTracker(r.db, o), true
	s := &sums{}
	r.worker = func() pipeline.Worker {
		w := &statsWorker{sel: r.sel, sum: flow.NewStats(r.db, int64(step))}
		if findings {
			w.d, w.x = dissect.New(r.db), flow.NewExplainer(r.db)
			w.x.Again = r.again.frame
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.parts = append(s.parts, w)
		return w
	}
	r.finish = func() error {
		total := flow.NewStats(r.db, int64(step))
		for _, w := range s.parts {
			total.Merge(w.sum)
		}
		var b []byte
		if f.format == "json" {
			b = render.AppendStatsJSON(nil, total, list...)
		} else {
			b = render.AppendStats(nil, total, list...)
		}
		_, err := r.out.w.Write(b)
		return err
	}
	return nil
}

// oneFile takes the capture file from a command line.
func (f *readFlags) oneFile(c *cobra.Command, args []string) error {
	command := c.Name()
	usage := fmt.Sprintf("nlsniff %s FILE", command)
	if len(args) == 1 && f.file != "" {
		args = []string{f.file, args[0]}
	}
	if len(args) > 1 {
		return secondWord(c, args)
	}
	if len(args) == 1 {
		f.file = args[0]
	}
	if f.file == "" && inputGiven(c) {
		f.file = "-"
	}
	if f.file == "" {
		return usagef(usage+"; - is standard input", "no capture file")
	}
	return nil
}
