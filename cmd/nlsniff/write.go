package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/capture/pcapng"
	"github.com/nlsniff/nlsniff/flow"
	"github.com/nlsniff/nlsniff/internal/outfile"
	"github.com/nlsniff/nlsniff/internal/pipeline"
	"github.com/nlsniff/nlsniff/internal/rotate"
	"github.com/nlsniff/nlsniff/internal/slice"
	"github.com/nlsniff/nlsniff/render"
)

// writeFlags are those of read -w.
type writeFlags struct {
	file, format string
	whole, print bool
}

// writing adds the flags that make read write a file.
func (f *readFlags) writing(c *cobra.Command) {
	fl := c.Flags()
	fl.StringVarP(&f.write.file, "write", "w", "", "write the frames to this `file` instead of printing them; - is standard output")
	fl.StringVarP(&f.write.format, "file-format", "F", "", "`format` of that file: pcapng or pcap; none: what its name ends with")
	fl.BoolVarP(&f.write.print, "print", "P", false, "with -w, print what matches as well")
	fl.BoolVar(&f.write.whole, "whole-exchanges", false, "with -w, all frames of the exchanges of which one matches")
}

// checkWrite says which other flags make no sense with -w.
func (f *readFlags) checkWrite(c *cobra.Command) error {
	w := &f.write
	if w.file == "" {
		if w.whole || w.print || w.format != "" {
			return usagef("add -w FILE", "--whole-exchanges, -F and -P are for what is written")
		}
		return nil
	}
	if w.format = cmp.Or(w.format, slice.FormatOf(w.file)); !slices.Contains(slice.Formats, w.format) {
		return usagef(strings.Join(slice.Formats, " or "), "-F %s", w.format)
	}
	for _, name := range []string{"verbose", "exchanges", "hex", "only", "format", "field", "statistics", "full", "tail"} {
		if c.Flags().Changed(name) && (name == "tail" || !w.print) {
			return usagef("-P prints as well", "-w writes frames and prints none: it takes no %s", dashed(c.Flags().Lookup(name)))
		}
	}
	if w.file == "-" && w.print {
		return usagef("-w FILE, or leave out -P", "standard output is the capture's")
	}
	if w.file == "-" && isTerminal(c.OutOrStdout()) {
		return usagef("-w FILE, or pipe it into a program", "a capture is not for the terminal")
	}
	return nil
}

// justWritten are the flags without those that print.
func (f *readFlags) justWritten() *readFlags {
	w := *f
	w.verbose, w.exchanges, w.hex, w.full = false, false, false, false
	w.only, w.format, w.fields, w.fieldOption, w.stats, w.colorRules = nil, "text", nil, nil, "", ""
	return &w
}

// writeSlice writes what matches, and what that needs to be read as here.
func (r *reader) writeSlice(c *cobra.Command) error {
	needs, err := r.needs()
	if err != nil {
		return r.flags.failed(err)
	}
	var blocks slice.Blocks
	o := blocks.Options()
	o.Convert = r.flags.foreign(r.flags.file).Convert
	src, err := open(r.flags.file, nil, o)
	if err != nil {
		return r.flags.failed(err)
	}
	defer src.Close()
	var done slice.Written
	put := func(w io.Writer) error {
		out := slice.NewWriter(w, r.flags.write.format, needs)
		err := out.Copy(src, &blocks)
		if e := out.Close(); err == nil {
			err = e
		}
		done = out.Written
		return err
	}
	if name := r.flags.write.file; name == "-" {
		if err = put(c.OutOrStdout()); isBrokenPipe(err) {
			return nil
		}
	} else {
		err = writeFile(name, put)
	}
	if err != nil {
		return captureFileError(err)
	}
	if warning := done.Lost.Warning(); warning != "" {
		warner(c)(warning)
	}
	if !r.flags.quiet {
		say(c.ErrOrStderr(), done.String())
	}
	if len(done.Damage) > 0 {
		return corruptError(r.flags.called(), done.Damage)
	}
	return nil
}

// writeFile writes a file that has its name only when it is whole.
func writeFile(name string, put func(io.Writer) error) error {
	out, err := outfile.Create(name, true)
	if err != nil {
		return err
	}
	if err = put(out); err == nil {
		err = out.Publish()
	}
	return errors.Join(err, out.Close())
}

// captureFileError adds what to do about a file that cannot be written.
func captureFileError(err error) error {
	if hint := rotate.Hint(err); hint != "" {
		return &hintError{err: err, hint: hint}
	}
	return err
}

// needs finds the frames that match, and those that they need.
func (r *reader) needs() (*slice.Needs, error) {
	f, s := r.flags, r.sel
	total := slice.New(r.db)
	s.count = false // -q is about what is said, here
	if f.filter == "" && f.follow == 0 && f.count == 0 {
		total.All()
		return total, nil
	}
	who, err := r.learnAll() // a frame may need what comes later
	if err != nil {
		return nil, err
	}
	if f.twoPass {
		s.senders = who
	}
	if err := r.join(); err != nil {
		return nil, err
	}
	switch {
	case f.follow != 0:
		s.ids = map[uint64]bool{f.follow: true}
	case f.filter != "" && f.write.whole:
		if err := r.matching(); err != nil {
			return nil, err
		}
	}
	if s.ids != nil && r.tracker == nil {
		r.tracker = flow.NewTracker(r.db, flow.Options{})
	}
	var mu sync.Mutex
	var list []*keepWorker
	r.worker = func() pipeline.Worker {
		w := &keepWorker{needs: slice.New(r.db)}
		w.printWorker = r.sel.worker(r.db, &w.mark)
		mu.Lock()
		defer mu.Unlock()
		list = append(list, w)
		return w
	}
	src, err := open(f.file, nil, pcapng.Options{Events: true, Convert: f.foreign(f.file).Convert})
	if err != nil {
		return nil, err
	}
	defer src.Close()
	seen := slice.New(r.db)
	err = pipeline.Run(pipeline.Config{
		Source: src, Session: r.session, Tracker: r.tracker, Worker: r.worker, Out: io.Discard, Limit: f.count,
		Prepared: func(j *pipeline.Job) { r.prepared(j); seen.See(&j.Frame, &j.Input) },
		Corrupt:  func(*capture.CorruptError) {}, // copying reports it
	})
	if err != nil {
		return nil, err
	}
	total.Merge(seen)
	for _, w := range list {
		total.Merge(w.needs)
	}
	if f.follow != 0 && total.Kept() == 0 {
		return nil, &hintError{err: fmt.Errorf("there is no exchange %d", f.follow), hint: "nlsniff read --exchanges numbers them"}
	}
	total.Policies(r.session.ToldPolicies)
	total.Settle()
	return total, nil
}

// keepWorker notes the frames that match.
type keepWorker struct {
	*printWorker
	mark  mark
	needs *slice.Needs
}

func (w *keepWorker) Append(dst []byte, j *pipeline.Job) []byte {
	if j.End {
		return dst
	}
	if s := w.sel; s.ids != nil {
		w.mark = mark(slices.ContainsFunc(j.Refs, func(r flow.Ref) bool { return s.ids[r.Exchange] }))
	} else {
		w.mark = false
		w.printWorker.Append(dst, j)
	}
	if w.mark {
		w.needs.Keep(&j.Frame, &j.Input)
	}
	return dst
}

// mark is a printer that notes that something was to be printed.
type mark bool

func (m *mark) Frame(dst []byte, _ *render.Event) []byte    { *m = true; return dst }
func (m *mark) Happened(dst []byte, _ *render.Event) []byte { *m = true; return dst }
