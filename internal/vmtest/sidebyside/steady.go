//go:build linux

package main

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"time"
)

// steady captures the same load in three ways, side by side, and shows their
// memory as time goes.
func (r *runner) steady(d time.Duration, load func(stop <-chan struct{})) {
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
	go load(stop)
	defer close(stop)
	fmt.Printf("%-8s", "after")
	for _, w := range ways {
		fmt.Printf(" %16s", w.name+" kB")
	}
	fmt.Println()
	begun := time.Now()
	for at := d / 10; at <= d; at += d / 10 {
		time.Sleep(time.Until(begun.Add(at)))
		fmt.Printf("%-8s", at.Round(time.Second))
		for _, w := range ways {
			rss, _ := memory(w.cmd.Process.Pid)
			fmt.Printf(" %16d", rss)
		}
		fmt.Println()
	}
}
