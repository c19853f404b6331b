//go:build linux && (amd64 || arm64)

package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/capture/ebpf/why"
	"github.com/nlsniff/nlsniff/capture/nlmon"
	"github.com/nlsniff/nlsniff/capture/pcapng"
	"github.com/nlsniff/nlsniff/capture/trace"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/internal/interrupt"
	"github.com/nlsniff/nlsniff/internal/outfile"
	"github.com/nlsniff/nlsniff/internal/phrase"
	"github.com/nlsniff/nlsniff/internal/pipeline"
	"github.com/nlsniff/nlsniff/internal/rotate"
)

// traceFlags are the flags of trace.
type traceFlags struct {
	readFlags
	pids    []int
	write   string
	output  string
	print   bool
	quiet   bool
	tui     bool
	noBPF   bool
	why     bool
	comment comment
	command []string
}

func newTrace() *cobra.Command {
	var f traceFlags
	c := &cobra.Command{
		Use:   "trace [flags] -- COMMAND [ARGUMENT…]",
		Short: "Run a command and show its netlink",
		Long: `Run a command and show what it and its children say to the kernel over netlink,
and what they really get to read. No privileges are needed.

The command keeps its input, output, terminal, signals and exit code. The lines
go to standard error, or to a file with -o. With -w everything goes into a file
that nlsniff and Wireshark read.

With -p, processes that run already are traced until Ctrl-C; that takes root.
They are stopped at every system call, which slows them down a lot: processes
that a command starts are stopped only for netlink.`,
		Example: `  nlsniff trace -- ip link show
  nlsniff trace -V -- ip link add br0 type nosuch
  nlsniff trace --exchanges -o netlink.txt -- ss -tan
  nlsniff trace -w nft.pcapng -- nft -f rules.nft
  nlsniff trace --tui -- iw dev
  sudo nlsniff trace -p 1234`,
		Args: func(c *cobra.Command, args []string) error {
			f.command = args
			switch {
			case len(args) == 0 && len(f.pids) == 0:
				return usagef(c.CommandPath()+" -- ip link show, or -p PID", "%s needs a command", c.Name())
			case len(args) > 0 && len(f.pids) > 0:
				return usagef("one of them", "trace takes a command or -p PID")
			}
			return f.comment.check(f.write != "")
		},
		RunE: func(c *cobra.Command, _ []string) error { return runTrace(c, &f) },
	}
	fl := c.Flags()
	fl.SortFlags = false
	fl.SetInterspersed(false) // what follows the command's name is its own
	fl.IntSliceVarP(&f.pids, "pid", "p", nil, "trace this `process`, which runs already, and its children; may be repeated")
	fl.StringVarP(&f.output, "output", "o", "", "print to this `file` instead of standard error")
	fl.StringVarP(&f.write, "write", "w", "", "write to this `file`; - is standard output, and the command's goes to standard error")
	fl.BoolVarP(&f.print, "print", "P", false, "print messages while writing them to a file")
	fl.BoolVarP(&f.quiet, "quiet", "q", false, "no line at the end unless something was lost or not seen")
	fl.BoolVar(&f.tui, "tui", false, "when the command has ended, open what was captured in the terminal interface")
	fl.BoolVar(&f.noBPF, "no-seccomp", false, "stop the command at every system call instead of giving it filters")
	fl.BoolVar(&f.why, "why", false, "find the kernel function that refused each request (root, Linux 6.10)")
	f.comment.add(fl)
	f.common(c)
	f.shown(c)
	f.asTshark(c)
	c.ValidArgsFunction = func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return nil, cobra.ShellCompDirectiveDefault
	}
	return c
}

// tracing is one run of trace.
type tracing struct {
	flags  *traceFlags
	stderr io.Writer
	reader *reader // nil if nothing is printed
	src    *trace.Source
	why    *why.Prober  // nil if nobody asks why
	file   *rotate.File // nil if nothing is written
	start  time.Time
	signal *traceSignals
	kept   *os.File // what --tui shows without -w
}

func runTrace(c *cobra.Command, f *traceFlags) (err error) {
	r := &tracing{flags: f, stderr: c.ErrOrStderr(), start: time.Now()}
	closeOutput, err := r.prepare(c)
	if err != nil {
		return err
	}
	defer func() {
		if e := closeOutput(); err == nil {
			err = e
		}
	}()
	if r.file != nil {
		r.file.Create = r.newWriter
		r.file.Begin = r.introduce
		r.file.Finish = func(w rotate.Writer) error {
			p := w.(*pcapng.Writer)
			return p.WriteStats(0, r.src.Stats(), r.start, time.Now())
		}
		if err := r.file.Open(); err != nil {
			return captureError(err)
		}
	}
	if r.file == nil {
		if err := r.introduce(nil); err != nil {
			return err
		}
	}
	if f.why {
		if r.why, err = why.Open(); err != nil {
			return whyError(err)
		}
		defer r.why.Close()
	}
	if err := r.open(); err != nil {
		return traceError(err)
	}
	defer r.src.Close()
	r.signal.follow(r.src)
	defer r.signal.stop()
	err = r.move()
	if r.file != nil {
		if e := r.file.Close(); err == nil {
			err = e
		}
	}
	if isBrokenPipe(err) {
		err = nil // the reader has seen enough
	}
	// Whatever became of the output, the command runs to its end.
	r.src.Wait()
	r.summary()
	if err != nil {
		return captureError(err)
	}
	if f.tui {
		f.readFlags.file = r.file.Path
		if err := interactive(c, &f.readFlags); err != nil {
			return err
		}
	}
	if code := r.src.ExitCode(); code != 0 {
		return exitCode(code)
	}
	return nil
}

// prepare checks the flags and opens what is printed to.
func (r *tracing) prepare(c *cobra.Command) (closeOutput func() error, err error) {
	f := r.flags
	closeOutput = func() error { return nil }
	prints := f.write == "" && !f.tui || f.print || f.output != ""
	switch {
	case f.tui && f.write == "-":
		return nil, usagef("the interface in a second terminal: nlsniff trace -w FIFO, and there nlsniff - <FIFO", "--tui and -w -")
	case f.tui && !onTerminal(c):
		return nil, usagef("-w FILE, then nlsniff FILE in a terminal", "--tui needs a terminal")
	case f.print && f.write == "":
		return nil, usagef("without -w everything is printed anyway", "-P needs -w")
	case f.write != "" && !prints && f.readFlags.filter != "":
		return nil, usagef("add -P to print them, or choose with nlsniff read -Y later", "-Y is for what is printed; -w writes everything")
	case f.write == "-" && isTerminal(c.OutOrStdout()):
		return nil, usagef("-w FILE, or pipe it into a program", "a capture is not for the terminal")
	}
	if f.write != "" {
		r.file = &rotate.File{Path: f.write, Stdout: c.OutOrStdout()}
	}
	if f.tui && f.write == "" {
		if r.kept, err = os.CreateTemp("", "nlsniff-*.pcapng"); err != nil {
			return nil, err
		}
		closeOutput = func() error { r.kept.Close(); return os.Remove(r.kept.Name()) }
		r.file = &rotate.File{Path: r.kept.Name()}
	}
	if !prints {
		return closeOutput, nil
	}
	c.SetOut(c.ErrOrStderr())
	if f.output != "" {
		out, err := outfile.Create(f.output, true)
		if err == nil {
			err = out.Publish()
		}
		if err != nil {
			return nil, &hintError{err: err, hint: "-o names a file to print to"}
		}
		c.SetOut(out)
		closeOthers := closeOutput
		closeOutput = func() error { return errors.Join(closeOthers(), out.Close()) }
	}
	r.reader, err = newReader(c, &f.readFlags)
	return closeOutput, err
}

// introduce has the kernel's names written to w, unless it is nil, and learnt. It
// is for processes that may have asked for them long ago: a command does so
// before our eyes.
func (r *tracing) introduce(w rotate.Writer) error {
	if len(r.flags.pids) == 0 {
		return nil
	}
	var failed error
	err := nlmon.Ask(func(f *capture.Frame) error {
		if w != nil {
			if failed = w.Write(f); failed != nil {
				return failed
			}
		}
		if r.reader != nil {
			in := dissect.Input{Number: f.Number, Data: f.Data, OrigLen: f.OrigLen, Dir: dissect.Dir(f.Dir)}
			r.reader.session.Prepare(&in, f.Stream())
		}
		return nil
	})
	if err != nil && failed == nil {
		say(r.stderr, "warning: some names may be missing:", err)
	}
	return failed
}

// open starts the command, or attaches.
func (r *tracing) open() (err error) {
	f := r.flags
	r.signal = newTraceSignals(r.stderr)
	if len(f.command) > 0 {
		interrupt.Leave()
	}
	o := trace.Options{Command: f.command, PIDs: f.pids, NoFilter: f.noBPF, Notify: r.signal.commandStopped}
	if f.write == "-" {
		o.Stdout = os.Stderr
	}
	if len(f.pids) > 0 && !f.quiet {
		fmt.Fprintln(r.stderr, "nlsniff: stopping at every system call, which can make a busy process many times slower; Ctrl-C lets go of it")
	}
	r.src, err = trace.Open(o)
	return err
}

func (r *tracing) newWriter(w io.Writer) rotate.Writer {
	s := pcapng.Section{UserAppl: "nlsniff", Comment: string(r.flags.comment)}
	var u unix.Utsname
	if unix.Uname(&u) == nil {
		s.OS = unix.ByteSliceToString(u.Sysname[:]) + " " + unix.ByteSliceToString(u.Release[:])
		s.Hardware = unix.ByteSliceToString(u.Machine[:])
	}
	s.Interfaces = []pcapng.Interface{{LinkType: capture.LinkTypeNetlink, Name: "trace", OS: s.OS}}
	return pcapng.NewWriter(w, s)
}

// move passes on what comes until the last process has ended.
func (r *tracing) move() error {
	stopFlush := r.file.FlushOften(func() { r.src.Close() })
	defer stopFlush()
	src := &tracedSource{Source: r.src, file: r.file}
	if r.why != nil {
		src.Source = &why.Source{Source: r.src, Prober: r.why}
	}
	if r.reader != nil {
		return r.reader.print(pipeline.Config{Source: src, Limit: r.flags.count, Live: true})
	}
	var f capture.Frame
	for n := 0; r.flags.count == 0 || n < r.flags.count; {
		if err := src.Next(&f); err != nil {
			if err == io.EOF {
				return nil
			}
			return err
		}
		if f.Event == nil {
			n++
		}
	}
	return nil
}

// tracedSource writes what passes to the file, and numbers it as it stands
// there.
type tracedSource struct {
	capture.Source
	file *rotate.File
}

func (s *tracedSource) Next(f *capture.Frame) error {
	if err := s.Source.Next(f); err != nil {
		return err
	}
	if s.file == nil {
		return nil
	}
	return s.file.Write(f)
}

// summary says at the end what was seen and, above all, what was not.
func (r *tracing) summary() {
	n := r.src.Counts()
	if r.why != nil && !r.flags.quiet {
		say(r.stderr, fmt.Sprintf("probes on %s, attached in %.1f s", phrase.Count(r.why.Functions, "kernel function"), r.why.Took.Seconds()))
	}
	if r.flags.quiet && n.Unseen == 0 && n.Overruns == 0 {
		return
	}
	s := fmt.Sprintf("%s, %s: %d sent, %d received", phrase.Count(n.Processes, "process"), phrase.Count(n.Sockets, "netlink socket"), n.Sent, n.Received)
	if n.Failed > 0 {
		s += fmt.Sprintf(", %d not taken by the kernel", n.Failed)
	}
	if n.Cut > 0 {
		s += fmt.Sprintf(", %d cut by too small buffers", n.Cut)
	}
	if n.Overruns > 0 {
		s += fmt.Sprintf(", %s", phrase.Count(n.Overruns, "overrun"))
	}
	if n.Slow > 0 && len(r.flags.pids) == 0 && !r.flags.noBPF {
		s += fmt.Sprintf(", %s stopped at every call", phrase.Count(n.Slow, "process"))
	}
	if n.Unseen > 0 {
		s += fmt.Sprintf(", %d seen but not followed", n.Unseen)
	}
	if r.file != nil && r.kept == nil {
		written := r.file.Count()
		s += fmt.Sprintf("; %s (%s)", written.File, byteSize(written.Bytes))
	}
	say(r.stderr, s)
}

// traceError gives the errors of a trace their hints.
func traceError(err error) error {
	var launch *trace.LaunchError
	var failed *trace.TraceError
	switch {
	case errors.As(err, &launch):
		return &commandError{err, launch.ExitCode()}
	case errors.As(err, &failed):
		return &hintError{err: err, hint: traceHint(failed)}
	}
	return err
}

// traceHint says what to do where something cannot be traced.
func traceHint(e *trace.TraceError) string {
	const other = "nlsniff capture needs no tracing"
	switch {
	case errors.Is(e, unix.ESRCH):
		return "there is no such process"
	case e.Why.Kind == trace.ObstacleTraced:
		return "a process has one tracer: end the other; " + other
	case e.Why.Kind == trace.ObstacleYama && e.Why.Scope >= 3:
		return "nothing is traced until this machine starts again without it; " + other
	case e.Why.Kind == trace.ObstacleYama && e.PID != 0 && e.Why.Scope == 1:
		return "run it with sudo, or have nlsniff start the program: nlsniff trace -- COMMAND"
	case e.Why.Kind == trace.ObstacleYama, e.Why.Kind == trace.ObstacleUser:
		return "run it with sudo"
	case e.Why.Kind == trace.ObstacleNamespace:
		return "run it with sudo outside of the container or user namespace"
	case e.Why.Kind == trace.ObstacleFilter:
		return "start the container with a profile that allows ptrace (--cap-add SYS_PTRACE, or --security-opt seccomp=unconfined); " + other
	case e.PID != 0:
		return "run it with sudo; " + other
	}
	return "a security module may forbid it; " + other
}
