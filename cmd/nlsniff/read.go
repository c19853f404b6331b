package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/capture/pcapng"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/filter"
	"github.com/nlsniff/nlsniff/flow"
	"github.com/nlsniff/nlsniff/internal/pipeline"
	"github.com/nlsniff/nlsniff/internal/policy"
	"github.com/nlsniff/nlsniff/render"
)

func newRead() *cobra.Command {
	var f readFlags
	c := &cobra.Command{
		Use:   "read [FILE]",
		Short: "Decode a capture file",
		Long: `Decode every message of a pcap or pcapng file, plain or compressed with gzip,
zstd or lz4. FILE may be - for standard input, and need not be given if that is a
file or a pipe.

Without options each message is one line. -V shows every attribute, -T json
and -T jsonl are for programs, -T fields -e NAME prints columns.

With -w the frames that match go into a file instead, with the frames that name
the families and interfaces that they speak of, and the requests that they
answer, so that it reads as the whole did.`,
		Example: `  nlsniff read capture.pcapng
  nlsniff read -V -O rt-link capture.pcapng
  nlsniff read -T jsonl capture.pcapng | jq 'select(.error.errno < 0)'
  nlsniff read -T fields -e time -e op -e IFLA_IFNAME capture.pcapng
  nlsniff read -z coverage capture.pcapng
  nlsniff read -Y error --whole-exchanges -w failed.pcapng capture.pcapng
  sudo nlsniff capture -w - | nlsniff read -V -`,
		Args: func(c *cobra.Command, args []string) error { return f.oneFile(c, args) },
		RunE: func(c *cobra.Command, _ []string) error { return read(c, &f) },
	}
	f.plain(c)
	f.shown(c)
	fl := c.Flags()
	fl.BoolVarP(&f.twoPass, "two-pass", "2", false, "read the whole file first: names of families and interfaces, senders of requests")
	fl.BoolVar(&f.tail, "tail", false, "at the end of the file, wait for more")
	fl.StringVar(&f.order, "byte-order", "auto", "byte `order` of the capturing host: auto, little or big")
	f.writing(c)
	f.otlp.add(c)
	f.asTshark(c)
	return c
}

// reader is one run of read.
type reader struct {
	flags   *readFlags
	db      *families.DB
	session *dissect.Session
	tracker *flow.Tracker // nil where nothing needs exchanges
	closed  bool          // the worker wants those that have ended
	out     *output
	sel     *selection
	rules   *filter.Rules   // that colour lines, nil for none
	columns *filter.Columns // of -T fields, nil for none
	tallies *tallies        // of -z, nil for none
	worker  func() pipeline.Worker
	finish  func() error // writes what comes at the end
	corrupt []*capture.CorruptError
	again   again
	otlp    *otlpExport // of --otlp, nil for none
}

// newReader prepares to print what the flags ask for.
func newReader(c *cobra.Command, f *readFlags) (*reader, error) {
	if err := f.checkCount(); err != nil {
		return nil, err
	}
	order, err := byteOrder(f.order)
	if err != nil {
		return nil, err
	}
	r := &reader{flags: f, session: dissect.NewSession(order), finish: func() error { return nil }}
	r.out = &output{w: bufio.NewWriterSize(textOutput(c.OutOrStdout(), f), 1<<16), dest: c.OutOrStdout()}
	if r.db, err = loadFamilies(f.specs, warner(c)); err != nil {
		return nil, err
	}
	r.session.DB = r.db
	if r.sel, err = newSelection(f, r.db); err != nil {
		return nil, err
	}
	return r, r.choose(c)
}

// learnPolicies has families that nobody described read by the policies that
// the capture itself holds.
func learnPolicies(db *families.DB, s *dissect.Session) {
	book := &policy.Book{}
	s.Policies = book
	db.OnMissing(book.Describe)
}

func read(c *cobra.Command, f *readFlags) error {
	boundMemory()
	if err := f.checkWrite(c); err != nil {
		return err
	}
	r, err := newReader(c, f)
	if err != nil {
		return err
	}
	askForInput(c, f.file)
	done, err := f.spool(c.InOrStdin())
	defer done()
	if err != nil {
		return f.failed(err)
	}
	if f.write.file == "" {
		return r.show(c)
	}
	if f.write.print {
		if err := r.show(c); err != nil && !errors.As(err, new(*capture.CorruptError)) {
			return err // of damage, writing tells
		}
		if r, err = newReader(c, f.justWritten()); err != nil {
			return err
		}
	}
	learnPolicies(r.db, r.session)
	return r.writeSlice(c)
}

// show prints what the flags ask for.
func (r *reader) show(c *cobra.Command) error {
	f := r.flags
	learnPolicies(r.db, r.session)
	if f.tail {
		return r.follow(c)
	}
	src, err := r.open(f.file, c.InOrStdin(), pcapng.Options{Events: !r.justCounts()})
	if err != nil {
		return f.failed(err)
	}
	defer src.Close()
	if f.twoPass {
		who, err := r.learnAll()
		if err != nil {
			return f.failed(err)
		}
		r.sel.senders = who
	}
	if r.justCounts() {
		err = r.countMessages(src)
	} else {
		err = r.print(pipeline.Config{
			Source: src, Limit: f.count, Prepared: r.prepared,
			Corrupt: func(e *capture.CorruptError) { r.corrupt = append(r.corrupt, e) },
		})
	}
	return r.ended(c, err)
}

// ended says what came of reading a file.
func (r *reader) ended(c *cobra.Command, err error) error {
	if before, refused := r.session.Forgotten(); before > 0 || refused > 0 {
		fmt.Fprintf(c.ErrOrStderr(), "nlsniff: warning: more names than are remembered (docs/limits.md): those of frames before %d may be missing, %d later ones were not learned\n", before, refused)
	}
	switch {
	case isBrokenPipe(err):
		return nil // the reader has seen enough, as with | head
	case err != nil:
		return r.flags.failed(err)
	case len(r.corrupt) > 0:
		return corruptError(r.flags.called(), r.corrupt)
	}
	return nil
}

// print shows what a source yields, to its end.
func (r *reader) print(c pipeline.Config) error {
	if err := r.join(); err != nil {
		return err
	}
	if r.sel.joined != nil && r.sel.joined.Live() {
		c.Ended = r.sel.joined.Add
	}
	if r.otlp != nil {
		r.otlp.start()
	}
	c.InOrder = r.sel.shownBefore // each needs the one before
	c.Session, c.Tracker, c.Closed, c.Keep, c.Worker, c.Out = r.session, r.tracker, r.closed, r.keep(), r.worker, r.out
	err := pipeline.Run(c)
	if e := r.finish(); err == nil {
		err = e
	}
	if e := r.out.Flush(); err == nil {
		err = e
	}
	return err
}

// open opens the capture. Where exchanges are shown it can be read again.
func (r *reader) open(file string, stdin io.Reader, o pcapng.Options) (*pcapng.Reader, error) {
	o.Convert = r.flags.foreign(file).Convert
	if r.tracker == nil || !r.closed {
		return open(file, stdin, o)
	}
	src, err := r.again.open(file, stdin, o)
	if err == nil && r.again.index != nil {
		r.tracker.ReadAgain()
	}
	return src, err
}

func open(file string, stdin io.Reader, o pcapng.Options) (*pcapng.Reader, error) {
	o = readAny(file, o)
	if file == "-" {
		return pcapng.NewReader(stdin, o)
	}
	return pcapng.Open(file, o)
}

// choose sets up what is printed.
func (r *reader) choose(c *cobra.Command) error {
	f := r.flags
	opt, err := r.renderOptions(c)
	if err != nil {
		return err
	}
	if f.otlp.target != "" {
		return r.export(c, opt)
	}
	if f.stats != "" && f.stats != "coverage" {
		return r.summarize(opt)
	}
	if f.stats != "" {
		cov := &coverage{}
		r.worker = func() pipeline.Worker { return r.sel.worker(r.db, cov.worker()) }
		r.finish = func() error { cov.print(r.out.w); return nil }
		return nil
	}
	if f.exchanges {
		return r.exchanges(opt)
	}
	if err := r.paint(opt); err != nil {
		return err
	}
	var printer func() render.Printer
	switch f.format {
	case "text":
		printer = func() render.Printer { return render.NewLine(r.painted(opt)) }
		if f.verbose || len(f.only) > 0 {
			printer = func() render.Printer { return render.NewTree(r.painted(opt)) }
		}
	case "json":
		r.tracker = flow.NewTracker(r.db, flow.Options{})
		printer = func() render.Printer { return render.NewJSON(opt, true) }
		r.out.array = true
		r.finish = r.out.closeArray
	case "jsonl":
		r.tracker = flow.NewTracker(r.db, flow.Options{})
		printer = func() render.Printer { return render.NewJSON(opt, false) }
	case "ek":
		r.tracker = flow.NewTracker(r.db, flow.Options{})
		printer = func() render.Printer { return render.NewEK(opt) }
	case "fields":
		if printer, err = r.fieldPrinter(opt); err != nil {
			return err
		}
	default:
		return usagef("text, json, jsonl, fields or ek (Elasticsearch)", "-T %s", f.format)
	}
	if f.format != "fields" && len(f.fields) > 0 {
		return usagef("add -T fields", "-e needs -T fields")
	}
	if f.quiet {
		printer = func() render.Printer { return nothing{} }
		r.out.array = false
		r.finish = func() error { r.sel.report(r.out.w); return nil }
	}
	r.worker = func() pipeline.Worker {
		w := r.sel.worker(r.db, printer())
		w.again = printer
		switch {
		case r.showsValues() && r.showsLines():
			w.d.Brief()
		case r.showsValues():
			w.d.Lean()
		}
		return w
	}
	if f.follow != 0 {
		r.followOne(opt, printer)
	}
	return nil
}

func (r *reader) renderOptions(c *cobra.Command) (render.Options, error) {
	f := r.flags
	mode, err := timeMode(f.time)
	if err != nil {
		return render.Options{}, err
	}
	color, err := useColor(f.color, c.OutOrStdout())
	if err != nil {
		return render.Options{}, err
	}
	if r.sel != nil {
		r.sel.shownBefore = mode == render.TimeShown
	}
	opt := render.Options{Again: r.again.frame, Time: mode, Location: location(), Color: color, ShowSecrets: f.secrets, Hex: f.hex, Full: f.full}
	if len(f.only) > 0 {
		opt.Detail = map[string]bool{}
		for _, n := range f.only {
			if !knownFamily(r.db, n) {
				return opt, usagef("nlsniff families lists them", "no family called %s", n)
			}
			opt.Detail[n] = true
		}
	}
	return opt, nil
}

// showsValues says whether nobody looks at the rows that a lean tree lacks.
func (r *reader) showsValues() bool {
	f := r.flags
	return f.format != "fields" && !f.hex && !f.full && r.sel.filter == nil && r.rules == nil
}

// showsLines says whether there is a line a message, and no more.
func (r *reader) showsLines() bool {
	f := r.flags
	return f.format == "text" && !f.verbose && len(f.only) == 0
}

func (r *reader) fieldPrinter(opt render.Options) (func() render.Printer, error) {
	fo, header, err := fieldOptions(r.flags.fieldOption)
	if err != nil {
		return nil, err
	}
	if len(r.flags.fields) == 0 {
		return nil, usagef("nlsniff fields lists them", "-T fields needs a field (-e)")
	}
	if r.columns, err = filter.NewColumns(r.flags.fields, filter.NewEnv(r.db, location())); err != nil {
		hint := "nlsniff fields lists them"
		var mistake *filter.Error
		if errors.As(err, &mistake) && mistake.Hint != "" {
			hint = mistake.Hint
		}
		return nil, &hintError{fmt.Errorf("-e: %w", err), hint}
	}
	if header {
		r.out.w.Write(render.FieldHeader(nil, fo, r.flags.fields))
	}
	return func() render.Printer { return render.NewFields(opt, fo, r.columns.Reader()) }, nil
}

func isRegular(file string) bool {
	st, err := os.Stat(file)
	return err == nil && st.Mode().IsRegular()
}
