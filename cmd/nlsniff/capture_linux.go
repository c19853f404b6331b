package main

import (
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/capture/nlmon"
	"github.com/nlsniff/nlsniff/capture/pcapng"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/internal/pipeline"
)

// captureFlags are the flags of capture.
type captureFlags struct {
	readFlags
	iface      string
	namespaces []string
	ring       string
	snapLen    int
	write      string
	fileFormat string
	stop, turn []string
	print      bool
	quiet      bool
	filter     string
	explain    bool
	anyLink    bool
}

// flushInterval is how long a captured frame stays out of its file at most.
const flushInterval = 100 * time.Millisecond

func newCapture() *cobra.Command {
	var f captureFlags
	c := &cobra.Command{
		Use:   "capture",
		Short: "Capture netlink as it happens",
		Long: `Capture what programs and the kernel say to each other, as it happens, until
Ctrl-C.

Each message is a line, or what -V, -x and -T make of it. With -w everything
goes into a file, which starts with the names of families and interfaces, so
that it can be read anywhere.

An nlmon interface is created for the time of the capture, unless one is up or
is named. Only its network namespace is seen, and of the protocols ROUTE,
USERSOCK, SOCK_DIAG, NFLOG, XFRM, FIB_LOOKUP, NETFILTER and GENERIC.

Root is needed to begin, and given up at once. Instead of sudo:
setcap cap_net_raw,cap_net_admin+ep on the nlsniff binary.`,
		Example: `  sudo nlsniff capture
  sudo nlsniff capture -V -O rt-link,nlctrl
  sudo nlsniff capture -f 'family nl80211 or error'
  sudo nlsniff capture -w capture.pcapng -a duration:60
  sudo nlsniff capture -w ring.pcapng -b filesize:10M -b files:5
  sudo nlsniff capture --netns blue --netns pid:1234
  sudo nlsniff capture -w - | wireshark -k -i -`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usagef("-w FILE writes one; nlsniff read FILE reads one", "capture takes no file name (%s)", args[0])
			}
			return nil
		},
		RunE: func(c *cobra.Command, _ []string) error { return runCapture(c, &f) },
	}
	fl := c.Flags()
	fl.SortFlags = false
	fl.StringVarP(&f.iface, "interface", "i", "", "the nlmon `interface`; none: one that is up, or a new one")
	fl.StringArrayVar(&f.namespaces, "netns", nil, "capture in this network `namespace`: a name, a path or pid:N; may be repeated")
	fl.StringVarP(&f.filter, "filter", "f", "", "capture only what this capture `filter` passes (docs/capture-filter.md)")
	fl.StringVarP(&f.write, "write", "w", "", "write to this `file`; - is standard output")
	fl.StringVarP(&f.fileFormat, "file-format", "F", "pcapng", "`format` of the file: pcapng or pcap")
	fl.StringArrayVarP(&f.stop, "autostop", "a", nil, "stop at duration:SECONDS, filesize:KB, packets:N or files:N")
	fl.StringArrayVarP(&f.turn, "ring-buffer", "b", nil, "begin a new file at duration:, filesize: or packets:, keep files:N")
	fl.BoolVarP(&f.print, "print", "P", false, "print messages while writing them to a file")
	fl.BoolVarP(&f.explain, "explain", "v", false, "say on stderr which part of the filter runs where")
	fl.BoolVarP(&f.quiet, "quiet", "q", false, "say nothing on stderr unless something is lost")
	fl.IntVarP(&f.snapLen, "snapshot-length", "s", 0, "keep this many `bytes` of each frame; 0: all")
	fl.StringVarP(&f.ring, "buffer-size", "B", "32", "`size` of the kernel's ring in MiB, or with a unit")
	fl.BoolVar(&f.anyLink, "any-link", false, "take an interface of any kind for an nlmon interface")
	_ = fl.MarkHidden("any-link") // to test without a kernel that has nlmon
	f.common(c)
	f.shown(c)
	completeRead(c)
	return c
}

// capturing is one run of capture.
type capturing struct {
	flags  *captureFlags
	stderr io.Writer
	reader *reader // nil if nothing is printed
	src    *nlmon.Source
	names  *captureNames
	start  time.Time
	file   *captureFile // nil if nothing is written
	stop   limits
	count  int
}

func runCapture(c *cobra.Command, f *captureFlags) error {
	r := &capturing{flags: f, stderr: c.ErrOrStderr(), start: time.Now()}
	opt, err := r.options(c)
	if err != nil {
		return err
	}
	if err := r.prepare(&opt); err != nil {
		return err
	}
	defer r.names.close()
	if r.src, err = nlmon.Open(opt); err != nil {
		return captureError(err)
	}
	defer r.src.Close()
	if err := dropPrivileges(); err != nil {
		r.warn(err)
	}
	if err := r.begin(); err != nil {
		return err
	}
	err = r.run(c)
	if e := r.src.Close(); err == nil && e != nil {
		err = e
	}
	return captureError(err)
}

// options checks the flags.
func (r *capturing) options(c *cobra.Command) (o nlmon.Options, err error) {
	f := r.flags
	o = nlmon.Options{Interface: f.iface, Namespaces: f.namespaces, SnapLen: f.snapLen, AnyLink: f.anyLink, Warn: r.warn}
	size, ok := parseSize(f.ring, 1<<20, 1<<10)
	if !ok || size < nlmon.MinRing || size > 1<<30 {
		return o, usagef("MiB from 0.25 to 1024, such as -B 64", "-B %s", f.ring)
	}
	o.RingSize = int(size)
	if f.snapLen < 0 || f.snapLen > 0 && f.snapLen < nlmon.MinSnapLen {
		return o, usagef(fmt.Sprintf("0 for all, or at least %d, the headers", nlmon.MinSnapLen), "-s %d", f.snapLen)
	}
	if f.fileFormat != "pcapng" && f.fileFormat != "pcap" {
		return o, usagef("pcapng or pcap", "-F %s", f.fileFormat)
	}
	if r.stop, err = parseLimits("-a", f.stop); err != nil {
		return o, err
	}
	turn, err := parseLimits("-b", f.turn)
	if err != nil {
		return o, err
	}
	switch {
	case f.write == "" && (len(f.turn) > 0 || r.stop.bytes > 0 || r.stop.files > 0):
		return o, usagef("add -w FILE", "-b, -a filesize: and -a files: need a file")
	case f.write == "" && f.print:
		return o, usagef("without -w everything is printed anyway", "-P needs -w")
	case f.write == "-" && f.print:
		return o, usagef("write to a file with -w FILE", "standard output cannot take the capture and what -P prints")
	case f.write == "-" && len(f.turn) > 0:
		return o, usagef("write to files with -w FILE", "standard output cannot be a ring of files")
	case len(f.turn) > 0 && turn.bytes == 0 && turn.duration == 0 && turn.packets == 0:
		return o, usagef("add -b filesize:10M or -b duration:3600", "-b files: does not say when a file is full")
	case r.stop.files > 0 && len(f.turn) == 0:
		return o, usagef("add -b filesize:10M or -b duration:3600", "-a files: needs a ring of files")
	}
	if f.write == "-" && isTerminal(c.OutOrStdout()) {
		return o, usagef("-w FILE, or pipe it into a program", "a capture is not for the terminal")
	}
	r.count = f.count
	if n := r.stop.packets; n > 0 && (r.count == 0 || n < r.count) {
		r.count = n
	}
	if f.write != "" {
		r.file = &captureFile{path: f.write, stdout: c.OutOrStdout(), rotate: turn, stop: r.stop, ring: len(f.turn) > 0}
	}
	if f.write == "" || f.print {
		r.reader, err = newReader(c, &f.readFlags)
	}
	return o, err
}

// begin opens the file and learns the names.
func (r *capturing) begin() error {
	if r.file == nil {
		if err := r.introduce(nil); err != nil {
			r.warn(err)
		}
		return nil
	}
	r.file.create, r.file.begin, r.file.finish = r.newWriter, r.introduce, r.writeStats
	return captureError(r.file.open())
}

// introduce has the kernel's names written to w, unless it is nil, and learnt.
func (r *capturing) introduce(w frameWriter) error {
	return r.src.Introduce(func(f *capture.Frame) error {
		if w != nil {
			if err := w.Write(f); err != nil {
				return err
			}
		}
		r.learn(f)
		return nil
	})
}

// learn takes the names of a frame that nobody is to see.
func (r *capturing) learn(f *capture.Frame) {
	r.names.learn(f)
	if r.reader != nil {
		in := dissect.Input{Number: f.Number, Data: f.Data, OrigLen: f.OrigLen, Dir: dissect.Dir(f.Dir)}
		r.reader.session.Prepare(&in, f.Stream())
	}
}

// newWriter begins a file of the format that was asked for.
func (r *capturing) newWriter(w io.Writer) frameWriter {
	if r.flags.fileFormat == "pcap" {
		return pcapng.NewPcapWriter(w, pcapng.PcapOptions{})
	}
	s := pcapng.Section{UserAppl: "nlsniff"}
	var u unix.Utsname
	if unix.Uname(&u) == nil {
		s.OS = unix.ByteSliceToString(u.Sysname[:]) + " " + unix.ByteSliceToString(u.Release[:])
		s.Hardware = unix.ByteSliceToString(u.Machine[:])
	}
	for _, i := range r.src.Interfaces() {
		d := fmt.Sprintf("network namespace %d", i.NetNS)
		if i.Namespace != "" {
			d = fmt.Sprintf("network namespace %s (%d)", i.Namespace, i.NetNS)
		}
		s.Interfaces = append(s.Interfaces, pcapng.Interface{
			LinkType: capture.LinkTypeNetlink, Name: i.Name, Description: d, SnapLen: uint32(r.flags.snapLen), OS: s.OS,
		})
	}
	return pcapng.NewWriter(w, s)
}

// writeStats ends a file with what the kernel counted.
func (r *capturing) writeStats(w frameWriter) error {
	p, ok := w.(*pcapng.Writer)
	if !ok {
		return nil
	}
	for i := range r.src.Interfaces() {
		if err := p.WriteStats(i, r.src.InterfaceStats(i), r.start, time.Now()); err != nil {
			return err
		}
	}
	return nil
}

// run captures until the end.
func (r *capturing) run(c *cobra.Command) error {
	stopSignals := r.onSignal()
	defer stopSignals()
	if r.stop.duration > 0 {
		t := time.AfterFunc(r.stop.duration-min(r.stop.duration, time.Since(r.start)), r.src.Stop)
		defer t.Stop()
	}
	r.announce()
	go r.names.follow(r.src, r.warn)
	live := !r.flags.quiet && r.reader == nil && isTerminal(r.stderr)
	p := startProgress(r.stderr, live, r.tally)
	stopFlush := r.flushOften()
	err := r.move(c)
	stopFlush()
	if r.file != nil {
		if e := r.file.Close(); err == nil {
			err = e
		}
	}
	p.end()
	if t := r.tally(); !r.flags.quiet || t.dropped > 0 || t.cut > 0 {
		fmt.Fprintln(r.stderr, "nlsniff:", t.summary())
		if t.large > 0 {
			r.warn(fmt.Errorf("%s of more than %d bytes: Wireshark and tshark stop reading there; -s %d cuts them", count(t.large, "frame"), wiresharkMax, wiresharkMax))
		}
	}
	if isBrokenPipe(err) {
		return nil // the reader has seen enough
	}
	return err
}

// move passes frames on until there are no more.
func (r *capturing) move(c *cobra.Command) error {
	live := &liveSource{Source: r.src, run: r, file: r.file, limit: r.count}
	if r.reader == nil {
		var f capture.Frame
		for {
			if err := live.Next(&f); err != nil {
				if err == io.EOF {
					return nil
				}
				return err
			}
		}
	}
	return r.reader.print(pipeline.Config{Source: live})
}

// flushOften keeps the file readable up to now. A full disk ends the capture
// even if no more frames come.
func (r *capturing) flushOften() (stop func()) {
	if r.file == nil {
		return func() {}
	}
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(flushInterval)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				if r.file.Flush() != nil {
					r.src.Stop()
					return
				}
			}
		}
	}()
	return func() { close(done); <-ended }
}

// onSignal ends the capture at the first signal; at the second, the process.
func (r *capturing) onSignal() (stop func()) {
	signal.Ignore(syscall.SIGPIPE) // writing says so too, and ends the capture properly
	ch := make(chan os.Signal, 1)
	signal.Notify(ch, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	done := make(chan struct{})
	go func() {
		select {
		case <-ch:
			signal.Stop(ch)
			r.src.Stop()
		case <-done:
		}
	}()
	return func() { signal.Stop(ch); close(done) }
}

func (r *capturing) warn(err error) { fmt.Fprintln(r.stderr, "nlsniff: warning:", err) }

// announce says where it listens.
func (r *capturing) announce() {
	if r.flags.quiet {
		return
	}
	for _, i := range r.src.Interfaces() {
		s := i.Name
		if i.Namespace != "" {
			s += " in network namespace " + i.Namespace
		}
		if i.Created {
			s += ", which is removed at the end"
		}
		fmt.Fprintf(r.stderr, "nlsniff: capturing on %s; Ctrl-C ends it\n", s)
	}
}

func (r *capturing) tally() tally {
	c := r.src.Counters()
	t := tally{captured: c.Captured, dropped: c.Dropped, filtered: c.Filtered, cut: c.Cut}
	if r.file != nil {
		r.file.count(&t)
	}
	return t
}

// liveSource numbers frames as they stand in the file, writes them there, and
// ends where -c and -a say.
type liveSource struct {
	*nlmon.Source
	run   *capturing
	file  *captureFile
	limit int
	n     int
}

func (s *liveSource) Next(f *capture.Frame) error {
	if s.limit > 0 && s.n >= s.limit || s.file != nil && s.file.full() {
		return io.EOF
	}
	if err := s.Source.Next(f); err != nil {
		return err
	}
	s.n++
	for _, told := range s.run.names.told() {
		// It stands before the frame that made us ask.
		told.Number = f.Number
		s.run.learn(&told)
		if s.file != nil {
			if err := s.file.Write(&told); err != nil {
				return err
			}
		}
	}
	if s.file == nil {
		return nil
	}
	return s.file.Write(f)
}
