//go:build linux

package main

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"time"
)

// steady captures the same load in three ways, side by side, and shows their
// memory as time goes: the most that each had since the line before, and how many
// messages a second came in that time.
func (r *runner) steady(d time.Duration, load func(stop <-chan struct{}, sent *atomic.Int64)) {
	ways := []struct {
		name string
		cmd  *exec.Cmd
	}{
		{"-w", start(filepath.Join(r.dir, "w.log"), r.nlsniff, "capture", "-i", "nlmon0", "-w", "/dev/null")},
		{"-T jsonl", start(filepath.Join(r.dir, "jsonl.log"), r.nlsniff, "capture", "-i", "nlmon0", "-T", "jsonl")},
		{"interface", start(filepath.Join(r.dir, "tui.log"), "script", "-qc", "stty rows 40 cols 120; exec "+r.nlsniff, "/dev/null")},
	}
	defer func() {
		for _, w := range ways {
			_ = w.cmd.Process.Kill()
		}
	}()
	time.Sleep(3 * time.Second)
	stop := make(chan struct{})
	var sent atomic.Int64
	go load(stop, &sent)
	defer close(stop)
	fmt.Printf("%-8s", "after")
	for _, w := range ways {
		fmt.Printf(" %16s", w.name+" kB")
	}
	fmt.Printf(" %10s\n", "messages/s")
	begun := time.Now()
	most := make([]int, len(ways))
	for at, last := d/10, begun; at <= d; at += d / 10 {
		for end := begun.Add(at); time.Now().Before(end); time.Sleep(min(time.Second, time.Until(end))) {
			for i, w := range ways {
				rss, _ := memory(w.cmd.Process.Pid)
				most[i] = max(most[i], rss)
			}
		}
		fmt.Printf("%-8s", at.Round(time.Second))
		for i := range ways {
			fmt.Printf(" %16d", most[i])
		}
		clear(most)
		fmt.Printf(" %10.0f\n", float64(sent.Swap(0))/time.Since(last).Seconds())
		last = time.Now()
	}
}
