package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/nlsniff/nlsniff/capture/ebpf/why"
	"github.com/nlsniff/nlsniff/capture/pcapng"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/caps"
	"github.com/nlsniff/nlsniff/internal/phrase"
	"github.com/nlsniff/nlsniff/render"
	"github.com/nlsniff/nlsniff/replay"
)

// replayFlags are the flags of replay.
type replayFlags struct {
	file      string
	exchanges []uint
	filter    string
	netns     string
	here      bool
	yes       bool
	kernels   []string
	modules   []string
	prepare   bool
	dry       bool
	speed     float64
	repeat    int
	until     string
	why       bool
	minimise  bool
	write     string
	verbose   bool
	format    string
	order     string
	specs     []string
	secrets   bool
}

func newReplay() *cobra.Command {
	var f replayFlags
	c := &cobra.Command{
		Use:   "replay FILE",
		Short: "Send a capture's requests again and compare the answers",
		Long: `Send the requests of a capture to the kernel again, in order, and print what it
answers differently from what it answered then: outcome, errno, the kernel's
words and the attribute that they are about, and the replies.

It happens in a fresh user and network namespace, so it takes no privileges and
changes nothing outside; with --kernel, in virtual machines of installed kernels.
What must change is put in anew: portids, generic family ids, interface indexes
by name, handles, and ids that replies gave. Values that differ from run to run
(counters, times, ids) are not compared.

Exit codes: 0 all the same, 3 a difference, 1 trouble, 2 a mistake in the command
line.`,
		Example: `  nlsniff replay failing.pcapng
  nlsniff replay --exchange 12 --prepare failing.pcapng
  nlsniff replay -Y 'error == EINVAL' --dry-run failing.pcapng
  nlsniff replay --kernel 6.1,6.12 failing.pcapng
  nlsniff replay --kernel 6.12 --why -Y error failing.pcapng
  nlsniff replay --exchange 12 --minimise -w small.pcapng failing.pcapng`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("nlsniff replay FILE", "replay takes one capture")
			}
			f.file = args[0]
			return nil
		},
		RunE: func(c *cobra.Command, _ []string) error { return replayCode(runReplay(c, &f)) },
	}
	fl := c.Flags()
	fl.SortFlags = false
	fl.UintSliceVar(&f.exchanges, "exchange", nil, "only these exchanges, by the `numbers` that read --exchanges shows")
	fl.StringVarP(&f.filter, "filter", "Y", "", "only requests that match this `filter`")
	fl.BoolVar(&f.prepare, "prepare", false, "first the earlier requests that made what the chosen ones name; missing interfaces become dummies")
	fl.BoolVar(&f.dry, "dry-run", false, "show what would be sent, and what is put in anew")
	fl.StringVar(&f.netns, "netns", "", "in the network namespace of this `name` or path")
	fl.BoolVar(&f.here, "here", false, "in the present network namespace; shows the plan and asks first")
	fl.BoolVar(&f.yes, "yes", false, "do not ask")
	fl.StringSliceVar(&f.kernels, "kernel", nil, "in virtual machines of these installed kernels: `versions` or image files")
	fl.StringSliceVar(&f.modules, "modules", nil, "load these `modules` first in the virtual machines")
	fl.IntVar(&f.repeat, "repeat", 1, "replay this many `times`, each from the start")
	fl.StringVar(&f.until, "until", "", "different: repeat until something differs, --repeat times at most")
	fl.Float64Var(&f.speed, "speed", 0, "wait between requests as in the capture, divided by this `factor`; 0: do not wait")
	fl.BoolVar(&f.why, "why", false, "say where in the kernel each refused request was refused (docs/why.md); takes root, or --kernel")
	fl.BoolVar(&f.minimise, "minimise", false, "drop requests, attributes and bytes while the outcome of the last chosen request stays; -w takes what is left")
	fl.StringVarP(&f.write, "write", "w", "", "write what was said to this pcapng `file`")
	fl.BoolVarP(&f.verbose, "verbose", "V", false, "list what is the same as well")
	fl.StringVarP(&f.format, "format", "T", "text", "output `format`: text or json")
	fl.StringVar(&f.order, "byte-order", "auto", "byte `order` of the capturing host: auto, little or big")
	fl.StringArrayVar(&f.specs, "spec", nil, "read descriptions (YNL .yaml, or .spec) from this `file` or folder")
	fl.BoolVar(&f.secrets, "show-secrets", false, "show key material")
	_ = c.RegisterFlagCompletionFunc("filter", completeFilter)
	return c
}

// replaying is one run of replay.
type replaying struct {
	flags  *replayFlags
	db     *families.DB
	opt    render.Options
	c      *replay.Capture
	plan   *replay.Plan
	why    *why.Prober // nil unless it is asked, of the kernel here
	out    *bufio.Writer
	stderr io.Writer
}

func (f *replayFlags) check() error {
	places := 0
	for _, b := range []bool{f.netns != "", f.here, len(f.kernels) > 0} {
		if b {
			places++
		}
	}
	switch {
	case places > 1:
		return usagef("one of them", "--netns, --here and --kernel are different places")
	case f.repeat < 1 || f.repeat > 1_000_000:
		return usagef("1 to 1000000", "--repeat %d", f.repeat)
	case f.until != "" && f.until != "different":
		return usagef("different", "--until %s", f.until)
	case f.speed < 0:
		return usagef("2 is twice as fast, 0 does not wait", "--speed %v", f.speed)
	case f.format != "text" && f.format != "json":
		return usagef("text or json", "-T %s", f.format)
	case f.minimise && (f.repeat > 1 || f.until != "" || f.speed > 0):
		return usagef("--minimise repeats what it tries by itself, without waiting", "--minimise with --repeat, --until or --speed")
	case f.minimise && (f.here || f.netns != ""):
		return usagef("without --here and --netns", "--minimise needs a fresh namespace for each step")
	case f.why && f.minimise:
		return usagef("minimise first, then replay what is left with --why", "--minimise with --why")
	case f.yes && !f.here:
		return usagef("--here is what asks", "--yes without --here")
	}
	if f.until != "" && f.repeat == 1 {
		f.repeat = 1000
	}
	return nil
}

func runReplay(c *cobra.Command, f *replayFlags) error {
	if err := f.check(); err != nil {
		return err
	}
	boundMemory()
	r := &replaying{flags: f, stderr: c.ErrOrStderr(), out: bufio.NewWriter(c.OutOrStdout())}
	r.opt.ShowSecrets = f.secrets
	var err error
	if r.db, err = loadFamilies(f.specs, func(s string) { fmt.Fprintln(r.stderr, "nlsniff: warning:", s) }); err != nil {
		return err
	}
	if err := r.load(c.InOrStdin()); err != nil {
		return err
	}
	if f.dry {
		replay.WritePlan(r.out, r.plan)
		return r.out.Flush()
	}
	if f.here && !f.yes {
		if err := r.ask(c); err != nil {
			return err
		}
	}
	ctx, stop := untilInterrupted()
	defer stop()
	err = r.run(ctx)
	if e := r.out.Flush(); err == nil && e != nil && !isBrokenPipe(e) {
		err = e
	}
	return err
}

// load reads the capture and makes the plan.
func (r *replaying) load(stdin io.Reader) error {
	f := r.flags
	order, err := byteOrder(f.order)
	if err != nil {
		return err
	}
	src, err := open(f.file, stdin, pcapng.Options{Events: true})
	if err != nil {
		return withHint(f.file, err)
	}
	defer src.Close()
	var specs []string // the process that runs the plan reads them too
	for _, s := range f.specs {
		if s, err = filepath.Abs(s); err != nil {
			return err
		}
		specs = append(specs, s)
	}
	// What a stranger's file says is read without any capability.
	if resume, err := caps.Pause(); err == nil {
		defer resume()
	}
	if r.c, err = replay.Load(src, r.db, order); err != nil {
		return loadError(f.file, err)
	}
	if list := src.Sections(); len(list) > 0 {
		r.c.Kernel = replay.Kernel{Release: strings.TrimPrefix(list[0].OS, "Linux "), Machine: list[0].Hardware}
	}
	if r.c.Corrupt > 0 {
		fmt.Fprintf(r.stderr, "nlsniff: warning: %s: left out: %s\n", f.file, phrase.Count(r.c.Corrupt, "damaged part"))
	}
	pick, err := pickRequests(r.c, r.db, f.exchanges, f.filter, f.secrets)
	if err != nil {
		return err
	}
	r.plan, err = r.c.Plan(pick)
	if err == nil && f.prepare {
		err = r.c.Prepare(r.plan)
	}
	if err != nil {
		hint := ""
		switch {
		case errors.Is(err, replay.ErrNoRequests) && pick != nil:
			hint = "nlsniff read --exchanges shows what there is to choose"
		case errors.Is(err, replay.ErrNoRequests):
			hint = "only what goes to the kernel can be replayed: nlsniff stats shows what the capture has"
		case errors.Is(err, replay.ErrTruncated):
			hint = "capture whole messages (no -s), or choose others with --exchange"
		}
		return &hintError{err: fmt.Errorf("%s: %w", f.file, err), hint: hint}
	}
	if !f.here && f.netns == "" {
		r.c.Before(r.plan)
	}
	r.plan.Speed, r.plan.Specs = f.speed, specs
	r.plan.Why = f.why && len(f.kernels) > 0 // the process in there asks; here this one does
	return nil
}

// ask shows what --here would do, and asks.
func (r *replaying) ask(c *cobra.Command) error {
	if !isTerminal(c.InOrStdin()) || !isTerminal(c.ErrOrStderr()) {
		return usagef("--yes goes on without asking; without --here nothing here changes", "--here sends %s to this machine's own kernel and there is no terminal to ask on", phrase.Count(len(r.plan.Requests), "request"))
	}
	w := bufio.NewWriter(c.ErrOrStderr())
	replay.WritePlan(w, r.plan)
	fmt.Fprintf(w, "Send %s in the present network namespace? [y/N] ", phrase.Count(len(r.plan.Requests), "request"))
	if err := w.Flush(); err != nil {
		return err
	}
	line, _ := bufio.NewReader(c.InOrStdin()).ReadString('\n')
	if s := strings.ToLower(strings.TrimSpace(line)); s != "y" && s != "yes" {
		return &hintError{err: errors.New("nothing was sent"), hint: "without --here it happens in a namespace of its own"}
	}
	return nil
}

// places are where the plan runs.
func (r *replaying) places() []replay.Place {
	f := r.flags
	switch {
	case f.netns != "":
		return []replay.Place{replay.Netns{Name: f.netns}}
	case f.here:
		return []replay.Place{replay.Here{}}
	case len(f.kernels) == 0:
		return []replay.Place{replay.Namespace{}}
	}
	var out []replay.Place
	for _, v := range f.kernels {
		out = append(out, replay.Machine{Kernel: v, Modules: f.modules, Timeout: 10*time.Minute + r.plan.Waits(),
			Say: func(s string) { fmt.Fprintln(r.stderr, "nlsniff:", s) }})
	}
	return out
}

// run runs the plan in every place, as often as is wanted, each time from the
// start.
func (r *replaying) run(ctx context.Context) (err error) {
	f := r.flags
	places := r.places()
	if f.minimise {
		return r.minimise(ctx, places...)
	}
	if f.why && len(f.kernels) == 0 {
		if r.why, err = why.Open(); err != nil {
			return whyError(err)
		}
		defer r.why.Close()
	}
	differ := false
	for n := range f.repeat {
		reports, results, err := r.once(ctx, places)
		if err != nil {
			return err
		}
		differs := slices.ContainsFunc(reports, func(rep *replay.Report) bool { return rep.Differ > 0 })
		differ = differ || differs
		last := n == f.repeat-1 || differs && f.until != ""
		if f.repeat > 1 && (differs || last) {
			fmt.Fprintf(r.stderr, "nlsniff: run %d of %d\n", n+1, f.repeat)
		}
		if differs || last {
			r.reports(reports)
		}
		if last {
			if err := r.save(results); err != nil {
				return err
			}
			break
		}
	}
	if differ {
		return exitCode(exitDiffers)
	}
	return nil
}

// once runs the plan once in every place.
func (r *replaying) once(ctx context.Context, places []replay.Place) (reports []*replay.Report, results []*replay.Result, err error) {
	for _, p := range places {
		res, err := p.Run(ctx, r.plan)
		if err != nil {
			return nil, nil, replayError(err)
		}
		switch {
		case r.why != nil:
			res.Explain(r.why.Take)
		case res.NoWhy != "":
			fmt.Fprintf(r.stderr, "nlsniff: %s does not say why: %s\n", res.Kernel.Release, res.NoWhy)
		}
		rep, err := replay.Compare(r.c, r.plan, res, r.opt)
		if err != nil {
			return nil, nil, err
		}
		reports, results = append(reports, rep), append(results, res)
	}
	return reports, results, nil
}

// writeTo is the file of -w for the n-th kernel, counted from 1.
func (f *replayFlags) writeTo(n int) string {
	if len(f.kernels) < 2 {
		return f.write
	}
	return strings.TrimSuffix(f.write, ".pcapng") + "-" + strconv.Itoa(n) + ".pcapng"
}

// minimise looks for the smallest requests that come to the same in all places.
func (r *replaying) minimise(ctx context.Context, places ...replay.Place) error {
	m, err := replay.Minimise(ctx, r.plan, r.db, places...)
	if err != nil {
		var unsteady *replay.ErrUnsteady
		if errors.As(err, &unsteady) {
			return &hintError{err: err, hint: "--repeat shows how often"}
		}
		return replayError(err)
	}
	fmt.Fprintf(r.out, "%d of %s, %d of %s are left (%s dropped, %s)\n",
		m.RequestsLeft, phrase.Count(m.Requests, "request"), m.BytesLeft, phrase.Count(m.Bytes, "byte"), phrase.Count(m.Attrs, "attribute"), phrase.Count(m.Runs, "run"))
	for i, a := range m.Answers {
		fmt.Fprintf(r.out, "%s: %s\n", m.Results[i].Kernel.Release, render.Escape(a.String()))
	}
	replay.WritePlan(r.out, m.Plan)
	for i, res := range m.Results {
		res.Without(m.Plan)
		if f := r.flags; f.write != "" {
			if err := writeFrames(f.writeTo(i+1), res); err != nil {
				return err
			}
		}
	}
	return nil
}
