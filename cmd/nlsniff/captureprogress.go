package main

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nlsniff/nlsniff/internal/phrase"
	"github.com/nlsniff/nlsniff/internal/rotate"
)

// tally is where a capture stands.
type tally struct {
	captured, dropped, filtered uint64
	outside                     uint64 // of those dropped, large ones beside the ring
	ringFull                    uint64 // times
	ring                        int    // bytes
	printing                    bool
	rotate.Counts               // File is "" if nothing is written
}

// progress tells on stderr how a capture goes. It does so while there is
// something to tell: a capture of nothing costs nothing.
type progress struct {
	w     io.Writer
	live  bool // a line that is written over again and again
	now   func() tally
	armed atomic.Bool // it is about to tell

	mu    sync.Mutex // guards what follows
	ended bool
	shown int // width of that line
	last  tally
	lost  uint64    // that was told
	at    time.Time // when
}

const (
	// progressInterval is how often the line changes.
	progressInterval = 500 * time.Millisecond
	// lossInterval is how often loss is told at most.
	lossInterval = 3 * time.Second
)

func newProgress(w io.Writer, live bool, now func() tally) *progress {
	return &progress{w: w, live: live, now: now}
}

// active is called for each frame.
func (p *progress) active() {
	if !p.armed.Load() && p.armed.CompareAndSwap(false, true) {
		interval := lossInterval
		if p.live {
			interval = progressInterval
		}
		time.AfterFunc(interval, p.tick)
	}
}

func (p *progress) tick() {
	p.armed.Store(false)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended {
		return
	}
	t := p.now()
	if t.captured != p.last.captured || t.dropped != p.lost {
		p.active() // once more, to tell that it has become quiet
	}
	p.tell(t)
}

// tell shows one state: the loss when there is more of it, and the line. p.mu is
// held.
func (p *progress) tell(t tally) {
	if t.dropped > p.lost && time.Since(p.at) >= lossInterval {
		p.clear()
		fmt.Fprintf(p.w, "nlsniff: the kernel dropped %s, %d in all; hint: %s\n", phrase.Count(t.dropped-p.lost, "frame"), t.dropped, t.remedy())
		p.lost, p.at = t.dropped, time.Now()
	}
	if p.live {
		line := p.line(t)
		fmt.Fprintf(p.w, "\r%s%s", line, strings.Repeat(" ", max(p.shown-len(line), 0)))
		p.shown = len(line)
	}
	p.last = t
}

// remedy is what would have helped against the loss.
func (t tally) remedy() string {
	var list []string
	if t.printing {
		list = append(list, "-w FILE without -P, to be read later")
	}
	if mib := t.ring >> 20; t.ring < maxRing {
		list = append(list, fmt.Sprintf("a larger ring (-B %d)", max(2*mib, 1)))
	}
	return strings.Join(append(list, "or less to capture (-f)"), ", ")
}

// maxRing is the largest ring in bytes that -B takes.
const maxRing = 1 << 30

func (p *progress) line(t tally) string {
	rate := float64(t.captured-min(t.captured, p.last.captured)) / progressInterval.Seconds()
	return fmt.Sprintf("%s  %.0f/s  %s  %d dropped", phrase.Count(t.captured, "frame"), rate, byteSize(t.Bytes), t.dropped)
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
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ended = true
	p.clear()
}

// summary is what a capture says at its end.
func (t tally) summary() string {
	s := phrase.Count(t.captured, "frame") + " captured, " + fmt.Sprint(t.dropped) + " dropped by the kernel"
	switch {
	case t.dropped == 0:
	case t.outside == t.dropped:
		s += fmt.Sprintf(", all of them large and with no room beside the ring; hint: %s", t.remedy())
	default:
		s += " as the ring was full (" + phrase.Count(t.ringFull, "time") + "); hint: " + t.remedy()
	}
	if t.filtered > 0 {
		s += fmt.Sprintf(", %d filtered out", t.filtered)
	}
	switch {
	case t.File == "-":
		s += fmt.Sprintf(", %d written (%s)", t.Written, byteSize(t.Bytes))
	case t.Files > 1:
		s += fmt.Sprintf(", %d written to %s up to %s (%s)", t.Written, phrase.Count(t.Files, "file"), t.File, byteSize(t.Bytes))
	case t.File != "":
		s += fmt.Sprintf(", %d written to %s (%s)", t.Written, t.File, byteSize(t.Bytes))
	}
	return s
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
