package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/capture/pcapng"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/pipeline"
	"github.com/nlsniff/nlsniff/render"
)

// readFlags are the flags of read.
type readFlags struct {
	verbose, hex, full  bool
	only                []string
	format              string
	time                string
	count               int
	color               string
	order               string
	secrets, twoPass    bool
	stats               []string
	fields, fieldOption []string
	specs               []string
}

func newRead() *cobra.Command {
	var f readFlags
	c := &cobra.Command{
		Use:   "read FILE",
		Short: "Decode a capture file",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return read(c, &f, args[0])
		},
	}
	fl := c.Flags()
	fl.BoolVarP(&f.verbose, "verbose", "V", false, "show every attribute of each message")
	fl.BoolVarP(&f.hex, "hex", "x", false, "show the bytes too")
	fl.StringSliceVarP(&f.only, "only", "O", nil, "with -V, details only of these `families`")
	fl.StringVarP(&f.format, "format", "T", "text", "`format` of the output: text, json, jsonl or fields")
	fl.BoolVar(&f.full, "full", false, "with JSON, add every node with its bytes")
	fl.StringVarP(&f.time, "time", "t", "a", "time as `a`bsolute, r(elative), d(elta) or e(poch)")
	fl.IntVarP(&f.count, "count", "c", 0, "stop after so many frames")
	fl.StringVar(&f.color, "color", "auto", "colour the output: auto, always or never")
	fl.StringVar(&f.order, "byte-order", "auto", "of the netlink headers: auto, little or big")
	fl.BoolVar(&f.secrets, "show-secrets", false, "show key material")
	fl.BoolVarP(&f.twoPass, "two-pass", "2", false, "learn family and interface names from the whole file first")
	fl.StringArrayVarP(&f.stats, "statistics", "z", nil, "print statistics instead: coverage")
	return c
}

func read(c *cobra.Command, f *readFlags, file string) error {
	src, err := pcapng.Open(file, pcapng.Options{})
	if err != nil {
		return withHint(file, err)
	}
	defer src.Close()
	db := families.Embedded()
	out := bufio.NewWriterSize(c.OutOrStdout(), 1<<16)
	opt := render.Options{Time: render.TimeMode(f.time[0]), Location: time.Local, Hex: f.hex, Full: f.full}
	var corrupt error
	cov := newCoverage()
	err = pipeline.Run(pipeline.Config{
		Source: src, Session: dissect.NewSession(dissect.OrderAuto), Out: flusher{out}, Limit: f.count,
		Worker: func() pipeline.Worker {
			w := &printWorker{d: dissect.New(db)}
			switch {
			case len(f.stats) > 0:
				return &coverageWorker{d: dissect.New(db), sum: cov}
			case f.format == "jsonl":
				w.p = render.NewJSON(opt, false)
			case f.verbose:
				w.p = render.NewTree(opt)
			default:
				w.p = render.NewLine(opt)
			}
			return w
		},
		Corrupt: func(e *capture.CorruptError) {
			if corrupt == nil {
				corrupt = e
			}
		},
	})
	if len(f.stats) > 0 {
		cov.print(out)
	}
	if e := out.Flush(); err == nil {
		err = e
	}
	if err != nil {
		return withHint(file, err)
	}
	if corrupt != nil {
		return withHint(file, corrupt)
	}
	return nil
}

type flusher struct{ w *bufio.Writer }

func (f flusher) Write(p []byte) (int, error) {
	n, err := f.w.Write(p)
	if err == nil {
		err = f.w.Flush()
	}
	return n, err
}

// printWorker decodes frames and prints them.
type printWorker struct {
	d *dissect.Dissector
	p render.Printer
}

func (w *printWorker) Append(dst []byte, j *pipeline.Job) []byte {
	t := w.d.Frame(&j.Input)
	return w.p.Frame(dst, event(j, t))
}

func event(j *pipeline.Job, t *dissect.Tree) *render.Event {
	return &render.Event{
		Number: j.Frame.Number, Time: j.Frame.Time, Delta: j.Delta, Since: j.Since, OrigLen: j.Frame.OrigLen,
		PID: j.Frame.Process.PID, Comm: j.Frame.Process.Comm, Comment: j.Frame.Comment,
		Links: j.Input.Links, Tree: t,
	}
}

var _ io.Writer = flusher{}
var _ = fmt.Sprint
var _ = os.Stdout
