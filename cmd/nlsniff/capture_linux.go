package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/capture/ebpf"
	"github.com/nlsniff/nlsniff/capture/ebpf/why"
	"github.com/nlsniff/nlsniff/capture/nlmon"
	"github.com/nlsniff/nlsniff/capture/pcapng"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/internal/otlp"
	"github.com/nlsniff/nlsniff/internal/phrase"
	"github.com/nlsniff/nlsniff/internal/pipeline"
	"github.com/nlsniff/nlsniff/internal/rotate"
)

// capturing is one run of capture.
type capturing struct {
	flags  *captureFlags
	stderr io.Writer
	reader *reader // nil if nothing is printed
	src    liveCapture
	end    *ending
	told   *progress
	names  *captureNames
	why    *why.Prober // nil if nobody asks why
	start  time.Time
	file   *rotate.File // nil if nothing is written
	stop   rotate.Limits
	count  int
	redact *redactor // nil where keys are written too
}

func runCapture(c *cobra.Command, f *captureFlags) error {
	r := &capturing{flags: f, stderr: c.ErrOrStderr(), start: time.Now(), end: catchSignals()}
	defer r.end.release()
	opt, err := r.options(c)
	if err != nil {
		return err
	}
	if err := r.prepare(&opt); err != nil {
		return err
	}
	defer r.names.close()
	if f.why {
		// Before the first frame, and while there are privileges.
		if r.why, err = why.Open(); err != nil {
			return whyError(err)
		}
		defer r.why.Close()
	}
	if r.reader == nil {
		slim()
	}
	if err = r.openSource(opt); err != nil {
		return captureError(err)
	}
	defer r.src.Close()
	if err := dropPrivileges(); err != nil {
		r.warn(err)
	}
	if err := r.begin(); err != nil {
		return err
	}
	if r.reader == nil {
		settle()
	}
	err = r.run(c)
	if e := r.src.Close(); err == nil && e != nil {
		err = e
	}
	return captureError(err)
}

// begin opens the file and learns the names.
func (r *capturing) begin() error {
	if r.file == nil {
		return r.introduce(nil)
	}
	r.file.Create, r.file.Begin, r.file.Finish = r.newWriter, r.introduce, r.writeStats
	return captureError(r.file.Open())
}

// introduce has the kernel's names written to w, unless it is nil, and learnt.
// A capture goes on without them, but not without its file.
func (r *capturing) introduce(w rotate.Writer) error {
	var failed error // to write
	err := r.src.Introduce(func(f *capture.Frame) error {
		if w != nil {
			if failed = w.Write(f); failed != nil {
				return failed
			}
		}
		r.names.learn(f)
		r.learn(f)
		return nil
	})
	if err != nil && failed == nil {
		r.warn(err)
	}
	return failed
}

// learn has the reader take the names of a frame that nobody is to see.
func (r *capturing) learn(f *capture.Frame) {
	if r.redact != nil {
		r.redact.frame(f)
	}
	if r.reader != nil {
		in := dissect.Input{Number: f.Number, Data: f.Data, OrigLen: f.OrigLen, Dir: dissect.Dir(f.Dir)}
		r.reader.session.Prepare(&in, f.Stream())
	}
}

// newWriter begins a file of the format that was asked for.
func (r *capturing) newWriter(w io.Writer) rotate.Writer {
	if r.flags.fileFormat == "pcap" {
		return pcapng.NewPcapWriter(w, pcapng.PcapOptions{})
	}
	s := pcapng.Section{UserAppl: "nlsniff", Comment: string(r.flags.comment)}
	var u unix.Utsname
	if unix.Uname(&u) == nil {
		s.OS = unix.ByteSliceToString(u.Sysname[:]) + " " + unix.ByteSliceToString(u.Release[:])
		s.Hardware = unix.ByteSliceToString(u.Machine[:])
	}
	for _, i := range r.src.Interfaces() {
		s.Interfaces = append(s.Interfaces, pcapng.Interface{
			LinkType: capture.LinkTypeNetlink, Name: i.Name, Description: pcapng.DescribeNamespace(i.Namespace, i.NetNS), SnapLen: uint32(r.flags.snapLen), OS: s.OS,
		})
	}
	p := pcapng.NewWriter(w, s)
	if r.flags.source == sourceEBPF {
		return &growingWriter{Writer: p, run: r, os: s.OS, known: len(s.Interfaces)}
	}
	return p
}

// writeStats ends a file with what the kernel counted.
func (r *capturing) writeStats(w rotate.Writer) error {
	p, ok := w.(interface {
		WriteStats(int, capture.Stats, time.Time, time.Time) error
	})
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
	if r.stop.Duration > 0 {
		t := time.AfterFunc(r.stop.Duration-min(r.stop.Duration, time.Since(r.start)), r.src.Stop)
		defer t.Stop()
	}
	r.announce()
	r.end.stops(r.src.Stop)
	if pipe, ok := c.OutOrStdout().(*os.File); ok && r.flags.write == "-" {
		done := make(chan struct{})
		defer close(done)
		whenReaderGone(pipe, r.src.Stop, done)
	}
	if src, ok := r.src.(*nlmon.Source); ok {
		go r.names.follow(src, r.warn)
	}
	live := !r.flags.quiet && r.reader == nil && isTerminal(r.stderr)
	r.told = newProgress(r.stderr, live, r.tally)
	err := r.move(c)
	if r.file != nil {
		if e := r.file.Close(); err == nil {
			err = e
		}
	}
	r.told.end()
	if t := r.tally(); !r.flags.quiet || t.dropped > 0 {
		say(r.stderr, t.summary())
		if t.Large > 0 {
			r.warn(fmt.Errorf("%s of more than %d bytes: Wireshark and tshark stop reading there; -s %d cuts them", phrase.Count(t.Large, "frame"), rotate.WiresharkMax, rotate.WiresharkMax))
		}
	}
	if isBrokenPipe(err) {
		return nil // the reader has seen enough
	}
	return err
}

// idle is called when there is nothing more to read just now: the file is then
// readable up to here. A full disk ends the capture even if no more frames come.
func (r *capturing) idle() {
	if r.file != nil && r.file.Flush() != nil {
		r.src.Stop()
	}
}

// move passes frames on until there are no more.
func (r *capturing) move(c *cobra.Command) error {
	live := &liveSource{liveCapture: r.src, run: r, file: r.file, limit: r.count}
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
	if o := r.reader.otlp; o != nil {
		o.options.Counts = func() otlp.Counts {
			c := r.src.Counters()
			return otlp.Counts{Captured: c.Captured, Dropped: c.Dropped}
		}
	}
	return r.reader.print(pipeline.Config{Source: live, Live: true})
}

func (r *capturing) warn(err error) { say(r.stderr, "warning:", err) }

// announce says where it listens.
func (r *capturing) announce() {
	if r.flags.quiet {
		return
	}
	if src, ok := r.src.(*ebpf.Source); ok {
		r.announceEBPF(src)
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
		say(r.stderr, "capturing on "+s+"; Ctrl-C ends it")
	}
}

func (r *capturing) tally() tally {
	c := r.src.Counters()
	t := tally{
		captured: c.Captured, dropped: c.Dropped, outside: c.Large, filtered: c.Filtered, ringFull: c.Full,
		ring: r.src.RingSize(), printing: r.reader != nil,
	}
	if r.file != nil {
		t.Counts = r.file.Count()
	}
	return t
}

// liveSource numbers frames as they stand in the file, writes them there, and
// ends where -c and -a say.
type liveSource struct {
	liveCapture
	run   *capturing
	file  *rotate.File
	limit int
	n     int
	asked int // frames that the source asked for itself
}

// next is the next frame that is somebody else's. What the source asked itself is
// learnt from, and written for who reads the file, but not shown.
func (s *liveSource) next(f *capture.Frame) error {
	for {
		if err := s.liveCapture.Next(f); err != nil {
			return err
		}
		f.Number -= s.asked
		if f.Flags&capture.FlagAsked == 0 {
			return nil
		}
		s.run.learn(f)
		if s.file != nil {
			if err := s.file.Write(f); err != nil {
				return err
			}
		}
		s.asked++
	}
}

func (s *liveSource) Next(f *capture.Frame) error {
	if s.limit > 0 && s.n >= s.limit || s.file != nil && s.file.Full() {
		return io.EOF
	}
	if err := s.next(f); err != nil {
		return err
	}
	if f.Event == nil {
		s.n++
		if s.run.why != nil {
			s.run.why.Comment(f)
		}
	}
	s.run.told.active()
	for _, told := range s.run.names.told() {
		// It stands before the frame that needs it.
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
	if s.run.redact != nil {
		s.run.redact.frame(f)
	}
	return s.file.Write(f)
}
