//go:build unix

package main

import (
	"io"
	"runtime/debug"
	"syscall"
	"testing"
	"time"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/capture/pcapng"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/flow"
	"github.com/nlsniff/nlsniff/internal/pipeline"
	"github.com/nlsniff/nlsniff/render"
)

// BenchmarkTracking says how much more reading a capture into lines takes, in
// per cent of CPU time, if the messages are joined into exchanges. The goal is
// 15. What the tracker takes is measured in a loop of its own: in the difference
// of two whole runs, which use all processors, it drowns in what disturbs them.
func BenchmarkTracking(b *testing.B) {
	path, _ := benchFile(b, 16<<20)
	db := families.Embedded()
	defer debug.SetGCPercent(debug.SetGCPercent(500)) // as main does
	read := func() time.Duration {
		src, err := pcapng.Open(path, pcapng.Options{})
		if err != nil {
			b.Fatal(err)
		}
		defer src.Close()
		before := cpuTime(b)
		err = pipeline.Run(pipeline.Config{Source: src, Session: dissect.NewSession(dissect.OrderAuto), Out: io.Discard,
			Worker: func() pipeline.Worker {
				return (&selection{}).worker(db, render.NewLine(render.Options{}))
			}})
		if err != nil {
			b.Fatal(err)
		}
		return cpuTime(b) - before
	}
	// The frames are read anew each time: all of them in memory would bring the
	// process near the limit that main sets, and its collector would never rest.
	prepare := func(track bool) time.Duration {
		src, err := pcapng.Open(path, pcapng.Options{})
		if err != nil {
			b.Fatal(err)
		}
		defer src.Close()
		session, tracker := dissect.NewSession(dissect.OrderAuto), flow.NewTracker(db, flow.Options{})
		var f capture.Frame
		var in dissect.Input
		before := cpuTime(b)
		for {
			if err := src.Next(&f); err == io.EOF {
				break
			} else if err != nil {
				b.Fatal(err)
			}
			in = dissect.Input{Number: f.Number, Data: f.Data, OrigLen: f.OrigLen}
			session.Prepare(&in, f.Stream())
			if track {
				tracker.Observe(&flow.Frame{Input: &in, Time: f.Time, Section: f.Stream()})
			}
		}
		tracker.Close()
		return cpuTime(b) - before
	}
	whole, plain, tracked := time.Hour, time.Hour, time.Hour // the fastest runs: others were disturbed
	for b.Loop() {
		whole, plain, tracked = min(whole, read()), min(plain, prepare(false)), min(tracked, prepare(true))
	}
	b.ReportMetric(100*float64(tracked-plain)/float64(whole), "%more")
}

// cpuTime is what this process has used of all CPUs in its own code.
func cpuTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano())
}
