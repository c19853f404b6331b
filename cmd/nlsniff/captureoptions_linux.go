package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/nlsniff/nlsniff/capture/nlmon"
	"github.com/nlsniff/nlsniff/internal/rotate"
)

// captureFlags are the flags of capture.
type captureFlags struct {
	readFlags
	source     string
	pids       []uint
	uids       []uint
	comms      []string
	cgroups    []string
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
	why        bool
	comment    comment
	list       bool
	redact     bool
}

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

With --source ebpf, programs in the kernel show all protocols and all network
namespaces, which process sent each message, and which ones received it.

Root is needed to begin, and given up at once. Instead of sudo:
setcap cap_net_raw,cap_net_admin+ep on the nlsniff binary.`,
		Example: `  sudo nlsniff capture
  sudo nlsniff capture --source ebpf
  sudo nlsniff capture -V -O rt-link,nlctrl
  sudo nlsniff capture -f 'family nl80211 or error'
  sudo nlsniff capture -w capture.pcapng -a duration:60
  sudo nlsniff capture -w ring.pcapng -b filesize:10M -b files:5
  sudo nlsniff capture --netns blue --netns pid:1234
  sudo nlsniff capture -w - | wireshark -k -i -`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usagef("-w FILE writes one; nlsniff read FILE reads one; -f takes a filter", "capture takes no file name (%s)", args[0])
			}
			return nil
		},
		RunE: func(c *cobra.Command, _ []string) error {
			if f.list {
				return listTaps(c.OutOrStdout())
			}
			return runCapture(c, &f)
		},
	}
	fl := c.Flags()
	fl.SortFlags = false
	fl.StringVar(&f.source, "source", sourceNlmon, "`how` to capture: nlmon, ebpf or auto; that is the best of them that works")
	fl.StringVarP(&f.iface, "interface", "i", "", "the nlmon `interface`; none: one that is up, or a new one")
	fl.BoolVarP(&f.list, "list-interfaces", "D", false, "list what can be captured on, and nothing else")
	fl.StringArrayVar(&f.namespaces, "netns", nil, "capture in this network `namespace`: a name, a path or pid:N; may be repeated")
	fl.UintSliceVar(&f.pids, "pid", nil, "with eBPF, only what this `process` sends and receives; may be repeated")
	fl.StringArrayVar(&f.comms, "comm", nil, "the same for processes of this `name`")
	fl.UintSliceVar(&f.uids, "uid", nil, "the same for processes of this `user`")
	fl.StringArrayVar(&f.cgroups, "cgroup", nil, "the same for processes in this control `group` and those below it")
	fl.StringVarP(&f.filter, "filter", "f", "", "capture only what this capture `filter` passes (docs/capture-filter.md)")
	fl.StringVarP(&f.write, "write", "w", "", "write to this `file`; - is standard output")
	fl.StringVarP(&f.fileFormat, "file-format", "F", "pcapng", "`format` of the file: pcapng or pcap")
	fl.StringArrayVarP(&f.stop, "autostop", "a", nil, "stop at `condition` duration:SECONDS, filesize:KB, packets:N or files:N")
	fl.StringArrayVarP(&f.turn, "ring-buffer", "b", nil, "begin a new file at `condition` duration:, interval: (of the clock), filesize: or packets:, keep files:N")
	f.comment.add(fl)
	fl.BoolVarP(&f.print, "print", "P", false, "print messages while writing them to a file")
	fl.BoolVarP(&f.explain, "explain", "v", false, "say on stderr which part of the filter runs where")
	fl.BoolVarP(&f.quiet, "quiet", "q", false, "say nothing on stderr unless something is lost")
	fl.IntVarP(&f.snapLen, "snapshot-length", "s", 0, "keep this many `bytes` of each frame; 0: all")
	fl.StringVarP(&f.ring, "buffer-size", "B", "32", "`size` of the kernel's ring in MiB, or with a unit")
	fl.BoolVar(&f.why, "why", false, "find the kernel function that refused each request (root, Linux 6.10; docs/why.md)")
	fl.BoolVar(&f.redact, "redact", false, "write zeros in place of key material, which is then nowhere")
	fl.BoolVar(&f.anyLink, "any-link", false, "take an interface of any kind for an nlmon interface")
	_ = fl.MarkHidden("any-link") // to test without a kernel that has nlmon
	f.common(c)
	f.shown(c)
	f.otlp.add(c)
	f.asTshark(c)
	return c
}

// options checks the flags.
func (r *capturing) options(c *cobra.Command) (o nlmon.Options, err error) {
	f := r.flags
	o = nlmon.Options{Interface: f.iface, Namespaces: f.namespaces, SnapLen: f.snapLen, AnyLink: f.anyLink, Warn: r.warn}
	size, ok := rotate.ParseSize(f.ring, 1<<20, 1<<10)
	if !ok || size < nlmon.MinRing || size > maxRing {
		return o, usagef("MiB from 0.25 to 1024, such as -B 64", "-B %s", f.ring)
	}
	o.RingSize = int(size)
	if err := f.checkSource(); err != nil {
		return o, err
	}
	if f.snapLen < 0 || f.snapLen > 0 && f.snapLen < nlmon.MinSnapLen {
		return o, usagef(fmt.Sprintf("0 for all, or at least %d, the headers", nlmon.MinSnapLen), "-s %d", f.snapLen)
	}
	if f.fileFormat != "pcapng" && f.fileFormat != "pcap" {
		return o, usagef("pcapng or pcap", "-F %s", f.fileFormat)
	}
	if r.stop, err = limits("-a", f.stop); err != nil {
		return o, err
	}
	turn, err := limits("-b", f.turn)
	if err != nil {
		return o, err
	}
	if err := f.comment.check(f.write != "" && f.fileFormat != "pcap"); err != nil {
		return o, err
	}
	switch {
	case f.write == "" && (len(f.turn) > 0 || r.stop.Bytes > 0 || r.stop.Files > 0):
		return o, usagef("add -w FILE", "-b, -a filesize: and -a files: need a file")
	case f.write == "" && f.print:
		return o, usagef("without -w everything is printed anyway", "-P needs -w")
	case f.write == "-" && f.otlp.target == "-":
		return o, usagef("write to a file with -w FILE", "standard output cannot take the capture and the lines of --otlp")
	case f.write != "" && f.print && f.otlp.target != "":
		return o, usagef("leave -P out", "--otlp sends what -P would print")
	case f.write != "" && !f.print && f.otlp.target == "" && f.readFlags.filter != "":
		return o, usagef("add -P to print them, or choose with nlsniff read -Y later", "-Y is for what is printed; -w writes everything")
	case f.redact && f.write == "":
		return o, usagef("without -w it is hidden anyway", "--redact is for what -w writes")
	case f.write == "-" && f.print:
		return o, usagef("write to a file with -w FILE", "standard output cannot take the capture and what -P prints")
	case f.write == "-" && len(f.turn) > 0:
		return o, usagef("write to files with -w FILE", "standard output cannot be a ring of files")
	case len(f.turn) > 0 && turn.Bytes == 0 && turn.Duration == 0 && turn.Packets == 0 && turn.Interval == 0:
		return o, usagef("add -b filesize:10M or -b duration:3600", "-b files: does not say when a file is full")
	case r.stop.Files > 0 && len(f.turn) == 0:
		return o, usagef("add -b filesize:10M or -b duration:3600", "-a files: needs a ring of files")
	}
	if f.write == "-" && isTerminal(c.OutOrStdout()) {
		return o, usagef("-w FILE, or pipe it into a program", "a capture is not for the terminal")
	}
	r.count = f.count
	if n := r.stop.Packets; n > 0 && (r.count == 0 || n < r.count) {
		r.count = n
	}
	if f.write != "" {
		r.file = &rotate.File{Path: f.write, Stdout: c.OutOrStdout(), Rotate: turn, Stop: r.stop, Ring: len(f.turn) > 0}
	}
	o.Idle = r.idle
	o.Watched = f.write == "" || f.print || f.otlp.target != ""
	if o.Watched {
		r.reader, err = newReader(c, &f.readFlags)
	}
	return o, err
}

// limits reads the values of -a or -b.
func limits(flag string, list []string) (rotate.Limits, error) {
	l, err := rotate.ParseLimits(list, flag == "-b")
	var wrong *rotate.Mistake
	if errors.As(err, &wrong) {
		return l, usagef(wrong.Hint, "%s %s", flag, wrong.Condition)
	}
	return l, err
}
