package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/capture/ebpf"
	"github.com/nlsniff/nlsniff/capture/nlmon"
	"github.com/nlsniff/nlsniff/capture/pcapng"
)

// What a capture can be made with.
const (
	sourceNlmon = "nlmon"
	sourceEBPF  = "ebpf"
	sourceAuto  = "auto"
)

// liveCapture is a source that captures until it is stopped.
type liveCapture interface {
	capture.Source
	Stop()
	Introduce(each func(*capture.Frame) error) error
	Interfaces() []nlmon.Interface
	InterfaceStats(i int) capture.Stats
	Counters() nlmon.Counters
	RingSize() int
}

// checkSource looks for flags that the source does not have.
func (f *captureFlags) checkSource() error {
	switch f.source {
	case sourceNlmon, sourceEBPF:
	case sourceAuto:
		switch {
		case f.iface != "":
			f.source = sourceNlmon // it asks for it
		case f.chooses():
			f.source = sourceEBPF // nothing else can
		}
	default:
		return usagef("auto, nlmon or ebpf", "--source %s", f.source)
	}
	switch {
	case f.source == sourceEBPF && f.iface != "":
		return usagef("leave one of them out", "-i is for --source nlmon; ebpf needs no interface")
	case f.source != sourceEBPF && f.chooses():
		return usagef("add --source ebpf", "nlmon does not know which process speaks: --pid, --comm, --uid and --cgroup are for eBPF")
	case max(len(f.pids), len(f.comms), len(f.uids), len(f.namespaces)) > ebpf.MaxWanted && f.source == sourceEBPF:
		return usagef("capture all of them, and choose later", "more than %d of --pid, --comm, --uid or --netns", ebpf.MaxWanted)
	}
	return nil
}

// chooses says whether processes are chosen.
func (f *captureFlags) chooses() bool {
	return len(f.pids)+len(f.comms)+len(f.uids)+len(f.cgroups) > 0
}

// wanted is what the kernel's side is to leave in.
func (f *captureFlags) wanted() (w ebpf.Wanted, err error) {
	for _, spec := range f.namespaces {
		ns, err := nlmon.NetNS(spec)
		if err != nil {
			return w, err
		}
		w.NetNS = append(w.NetNS, ns)
	}
	for _, n := range f.pids {
		w.PIDs = append(w.PIDs, uint32(n))
	}
	for _, n := range f.uids {
		w.UIDs = append(w.UIDs, uint32(n))
	}
	w.Comms, w.Cgroups = f.comms, f.cgroups
	return w, nil
}

// openSource opens what --source says. From auto it settles on the one that works.
func (r *capturing) openSource(o nlmon.Options) error {
	if r.flags.source == sourceNlmon {
		src, err := nlmon.Open(o)
		if err == nil {
			r.src = src
		}
		return err
	}
	want, err := r.flags.wanted()
	if err != nil {
		return err
	}
	traced := ebpf.Options{RingSize: o.RingSize, Idle: o.Idle, SnapLen: o.SnapLen, Keep: o.Keep, Wanted: want}
	if r.flags.source == sourceEBPF {
		src, err := ebpf.Open(traced)
		if err == nil {
			r.src = src
		}
		return err
	}
	warn := func(err error) {
		if !r.flags.quiet {
			say(r.stderr, err)
		}
	}
	if r.src, err = bestSource(o, traced, warn); err != nil {
		return err
	}
	r.flags.source = sourceNlmon
	if _, ok := r.src.(*ebpf.Source); ok {
		r.flags.source = sourceEBPF
	}
	return nil
}

// bestSource opens the source that knows most of those that work, and says why it is
// not a better one.
func bestSource(o nlmon.Options, traced ebpf.Options, warn func(error)) (liveCapture, error) {
	src, err := ebpf.Open(traced)
	if err == nil {
		return src, nil
	}
	tap, tapErr := nlmon.Open(o)
	if tapErr != nil {
		return nil, tapErr
	}
	warn(fmt.Errorf("not with eBPF: %w", err))
	return tap, nil
}

// announceEBPF says what is seen, and what is not.
func (r *capturing) announceEBPF(src *ebpf.Source) {
	where := "in all network namespaces"
	if n := len(r.flags.namespaces); n > 0 {
		where = "in network namespace " + strings.Join(r.flags.namespaces, ", ")
	}
	say(r.stderr, "capturing with eBPF, "+where+"; Ctrl-C ends it")
	if facts := src.Unknown(); len(facts) > 0 {
		say(r.stderr, "this kernel does not tell "+strings.Join(facts, ", nor "))
	}
}

// ebpfHint is what to do about an error of the eBPF source.
func ebpfHint(err error) (string, bool) {
	var e *ebpf.Error
	if !errors.As(err, &e) {
		return "", false
	}
	return e.Hint, true
}

// growingWriter adds the network namespaces that turn up to the file.
type growingWriter struct {
	*pcapng.Writer
	run   *capturing
	os    string
	known int
}

// WriteStats leaves out a namespace that no frame of this file is from.
func (w *growingWriter) WriteStats(id int, s capture.Stats, start, end time.Time) error {
	if id >= w.known {
		return nil
	}
	return w.Writer.WriteStats(id, s, start, end)
}

func (w *growingWriter) Write(f *capture.Frame) error {
	for f.Interface >= w.known {
		all := w.run.src.Interfaces()
		if w.known >= len(all) {
			return fmt.Errorf("frame %d is of network namespace %d of %d", f.Number, f.Interface, len(all))
		}
		i := all[w.known]
		if _, err := w.AddInterface(pcapng.Interface{
			LinkType: capture.LinkTypeNetlink, Name: i.Name, Description: pcapng.DescribeNamespace(i.Namespace, i.NetNS),
			SnapLen: uint32(w.run.flags.snapLen), OS: w.os,
		}); err != nil {
			return err
		}
		w.known++
	}
	return w.Writer.Write(f)
}
