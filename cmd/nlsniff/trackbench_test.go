package main

import (
	"io"
	"runtime/debug"
	"syscall"
	"testing"
	"time"

	"github.com/nlsniff/nlsniff/capture/pcapng"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/flow"
	"github.com/nlsniff/nlsniff/internal/pipeline"
	"github.com/nlsniff/nlsniff/render"
)

// BenchmarkTracking says how much reading a capture into lines takes more, in
// per cent of CPU time, if the messages are joined into exchanges. The goal is
// 15.
func BenchmarkTracking(b *testing.B) {
	path, _ := benchFile(b, 16<<20)
	db := families.Embedded()
	read := func(track bool) time.Duration {
		src, err := pcapng.Open(path, pcapng.Options{})
		if err != nil {
			b.Fatal(err)
		}
		defer src.Close()
		c := pipeline.Config{Source: src, Session: dissect.NewSession(dissect.OrderAuto), Out: io.Discard,
			Worker: func() pipeline.Worker {
				return (&selection{}).worker(db, render.NewLine(render.Options{}))
			}}
		if track {
			c.Tracker = flow.NewTracker(db, flow.Options{})
		}
		before := cpuTime(b)
		if err := pipeline.Run(c); err != nil {
			b.Fatal(err)
		}
		return cpuTime(b) - before
	}
	defer debug.SetGCPercent(debug.SetGCPercent(500)) // as main does
	plain, tracked := time.Hour, time.Hour            // the fastest runs: others were disturbed
	read(true)
	for b.Loop() {
		plain, tracked = min(plain, read(false)), min(tracked, read(true))
	}
	b.ReportMetric(100*float64(tracked-plain)/float64(plain), "%more")
}

// cpuTime is what this process has used of all CPUs in its own code.
func cpuTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano())
}
