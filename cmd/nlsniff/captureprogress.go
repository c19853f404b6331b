package main

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// tally is where a capture stands.
type tally struct {
	captured, dropped, filtered, cut uint64
	ringFull                         uint64 // times
	written                          uint64
	bytes                            int64
	file                             string // the last one; "" if nothing is written
	files                            int
	large                            uint64 // frames that Wireshark refuses
}

// progress tells on stderr how a capture goes.
type progress struct {
	w     io.Writer
	live  bool // a line that is written over again and again
	now   func() tally
	shown int // width of that line
	last  tally
	lost  uint64 // that was told
	stop  chan struct{}
	ended chan struct{}
}

// progressInterval is how often it tells.
const progressInterval = 500 * time.Millisecond

func startProgress(w io.Writer, live bool, now func() tally) *progress {
	p := &progress{w: w, live: live, now: now, stop: make(chan struct{}), ended: make(chan struct{})}
	go p.run()
	return p
}

func (p *progress) run() {
	defer close(p.ended)
	tick := time.NewTicker(progressInterval)
	defer tick.Stop()
	for {
		select {
		case <-p.stop:
			return
		case <-tick.C:
			p.tell(p.now())
		}
	}
}

// tell shows one state: the loss when there is more of it, and the line.
func (p *progress) tell(t tally) {
	if t.dropped > p.lost {
		p.clear()
		fmt.Fprintf(p.w, "nlsniff: the kernel dropped %s, %d in all; hint: a larger ring (-B), or less work: -w FILE without -P\n",
			count(t.dropped-p.lost, "frame"), t.dropped)
		p.lost = t.dropped
	}
	if p.live {
		line := p.line(t)
		fmt.Fprintf(p.w, "\r%s%s", line, strings.Repeat(" ", max(p.shown-len(line), 0)))
		p.shown = len(line)
	}
	p.last = t
}

func (p *progress) line(t tally) string {
	rate := float64(t.captured-min(t.captured, p.last.captured)) / progressInterval.Seconds()
	return fmt.Sprintf("%s  %.0f/s  %s  %d dropped", count(t.captured, "frame"), rate, byteSize(t.bytes), t.dropped)
}

// clear makes room for another line.
func (p *progress) clear() {
	if p.shown > 0 {
		fmt.Fprintf(p.w, "\r%s\r", strings.Repeat(" ", p.shown))
		p.shown = 0
	}
}

// end stops telling.
func (p *progress) end() {
	close(p.stop)
	<-p.ended
	p.clear()
}

// summary is what a capture says at its end.
func (t tally) summary() string {
	s := count(t.captured, "frame") + " captured, " + fmt.Sprint(t.dropped) + " dropped by the kernel"
	if t.ringFull > 0 {
		s += " as the ring was full (" + count(t.ringFull, "time") + ")"
	}
	if t.filtered > 0 {
		s += fmt.Sprintf(", %d filtered out", t.filtered)
	}
	if t.cut > 0 {
		s += fmt.Sprintf(", %d cut as larger than a block of the ring (-B)", t.cut)
	}
	switch {
	case t.file == "-":
		s += fmt.Sprintf(", %d written (%s)", t.written, byteSize(t.bytes))
	case t.files > 1:
		s += fmt.Sprintf(", %d written to %d files up to %s (%s)", t.written, t.files, t.file, byteSize(t.bytes))
	case t.file != "":
		s += fmt.Sprintf(", %d written to %s (%s)", t.written, t.file, byteSize(t.bytes))
	}
	return s
}

func count(n uint64, what string) string {
	if n == 1 {
		return "1 " + what
	}
	if strings.HasSuffix(what, "s") {
		what += "e"
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func byteSize(n int64) string {
	switch {
	case n < 10_000:
		return fmt.Sprintf("%d B", n)
	case n < 10_000_000:
		return fmt.Sprintf("%d kB", n/1000)
	}
	return fmt.Sprintf("%d MB", n/1_000_000)
}
