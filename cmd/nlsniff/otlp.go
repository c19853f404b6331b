package main

import (
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"

	"github.com/spf13/cobra"

	"github.com/nlsniff/nlsniff/flow"
	"github.com/nlsniff/nlsniff/internal/otlp"
	"github.com/nlsniff/nlsniff/internal/phrase"
	"github.com/nlsniff/nlsniff/internal/pipeline"
	"github.com/nlsniff/nlsniff/render"
)

// otlpFlags say where exchanges are sent to.
type otlpFlags struct {
	target string
	sample float64
}

func (f *otlpFlags) add(c *cobra.Command) {
	c.Flags().StringVar(&f.target, "otlp", "", "send exchanges to the OpenTelemetry collector at this `URL`; env: where OTEL_ variables say; -: as lines of JSON (docs/otlp.md)")
	c.Flags().Float64Var(&f.sample, "otlp-sample", 1, "with --otlp, send this `part` of the exchanges, from 0 to 1; all are counted")
}

// otlpExport is what sends exchanges, from the time on when frames come.
type otlpExport struct {
	options otlp.Options
	x       *otlp.Exporter
	frames  atomic.Uint64
}

func (o *otlpExport) start() { o.x = otlp.Start(o.options) }

// export sets up the sending of exchanges.
func (r *reader) export(c *cobra.Command, opt render.Options) error {
	f := r.flags
	for flag, set := range map[string]bool{
		"-V": f.verbose, "-x": f.hex, "-O": len(f.only) > 0, "-e": len(f.fields) > 0, "-z": f.stats != "", "--follow": f.follow != 0,
		"--full": f.full, "-q": f.quiet, "-T": f.format != "text", "--show-secrets": f.secrets, "-w": f.write.file != "",
	} {
		if set {
			return usagef("leave one of them out", "--otlp sends exchanges, without keys; it cannot do %s", flag)
		}
	}
	if !(f.otlp.sample >= 0 && f.otlp.sample <= 1) {
		return usagef("0.1 sends every tenth", "--otlp-sample %v", f.otlp.sample)
	}
	o := &otlpExport{}
	target := f.otlp.target
	if target == "-" {
		o.options.Lines, target = c.OutOrStdout(), "env"
	}
	config, err := otlp.NewConfig(target, os.Getenv)
	if err != nil {
		return usagef("such as --otlp http://localhost:4318, or env (docs/otlp.md)", "--otlp: %w", err)
	}
	if c.Flags().Changed("otlp-sample") {
		config.Ratio = f.otlp.sample
	}
	v, _, _ := strings.Cut(version(), "\n")
	o.options.Config, o.options.Version = config, strings.TrimPrefix(v, "nlsniff ")
	o.options.Warn = func(err error) { say(c.ErrOrStderr(), "warning:", err) }
	o.options.Counts = func() otlp.Counts { return otlp.Counts{Captured: o.frames.Load()} }
	if f.file != "" {
		// Who sends a file again sends the same ids.
		o.options.Seed = []byte(filepath.Base(f.file))
		o.options.Resource = map[string]string{"log.file.name": filepath.Base(f.file)}
	} else {
		o.options.Live = true
		o.options.Seed = make([]byte, 16)
		rand.Read(o.options.Seed)
		o.options.Resource = hostAttributes()
	}
	r.otlp = o
	r.closed = true
	r.tracker = flow.NewTracker(r.db, flow.Options{Keep: keepBytes})
	// A filter is asked when an exchange has ended.
	fl := r.sel.filter
	r.sel.filter = nil
	r.worker = func() pipeline.Worker {
		w := &otlpWorker{o: o, p: render.NewExchanges(opt, r.db)}
		if fl != nil {
			m := fl.Matcher()
			w.match = func(ev *render.Event) bool { n, _ := m.Frame(ev); return n > 0 }
		}
		return w
	}
	r.finish = func() error {
		told, err := o.x.Close()
		if o.options.Live || told.Dropped > 0 {
			say(c.ErrOrStderr(), fmt.Sprintf("%s sent, %d dropped, %d lost", phrase.Count(told.Sent, "span"), told.Dropped, told.Lost+told.Rejected))
		}
		if err != nil {
			err = &hintError{err, "is there one at that address? docs/otlp.md has a configuration"}
		}
		return err
	}
	return nil
}

// hostAttributes says which machine live telemetry is from.
func hostAttributes() map[string]string {
	m := map[string]string{"os.type": "linux"}
	if name, err := os.Hostname(); err == nil {
		m["host.name"] = name
	}
	if b, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		m["os.version"] = strings.TrimSpace(string(b))
	}
	return m
}

// otlpWorker hands exchanges that have ended to the exporter.
type otlpWorker struct {
	o     *otlpExport
	p     *render.Exchanges
	match func(*render.Event) bool
}

func (w *otlpWorker) Append(dst []byte, j *pipeline.Job) []byte {
	if !j.End && j.Frame.Event == nil {
		w.o.frames.Add(1)
	}
	for i := range j.Closed {
		if f, ok := w.p.Facts(&j.Closed[i], w.match); ok {
			w.o.x.Exchange(&j.Closed[i], &f, j.Start)
		}
	}
	return dst
}

// Shrink lets go of what a large frame took.
func (w *otlpWorker) Shrink() { w.p.Shrink() }
