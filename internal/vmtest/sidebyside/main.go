//go:build linux

// The program sidebyside captures the same load with nlsniff, tcpdump and
// dumpcap, and prints a table of what each did and what it cost. It is for a
// virtual machine, where it is root and alone:
//
//	go build -o /tmp/side ./internal/vmtest/sidebyside
//	go run ./internal/vmtest/vm -kernel 6.12 -modules nlmon,dummy -memory 2048 -- /tmp/side -nlsniff /tmp/nlsniff
//
// docs/live.md has what it printed.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// loads are what happens while a tool captures, by name.
var loads = []load{
	{name: "routes20k", what: "ip -batch of 20,000 routes", run: func(r *runner) { r.routes(20_000) }},
	{name: "routes100k", what: "ip -batch of 100,000 routes", run: func(r *runner) { r.routes(100_000) }},
	{name: "dumps", what: "five dumps of 20,000 routes", before: func(r *runner) { r.routes(20_000) }, run: func(r *runner) { r.dumps(5) }},
	{name: "flood32", what: "two processes ask 30,000 times each, -B 32", ring: 32, run: func(r *runner) { r.flood(30_000) }},
	{name: "flood1", what: "two processes ask 30,000 times each, -B 1", ring: 1, run: func(r *runner) { r.flood(30_000) }},
	{name: "stop0.5", what: "SIGSTOP for 0.5 s, 50 messages/s", run: func(r *runner) { r.stopped(500*time.Millisecond, r.slowly) }},
	{name: "stop4", what: "SIGSTOP for 4 s, 50 messages/s", run: func(r *runner) { r.stopped(4*time.Second, r.slowly) }},
	{name: "stop10", what: "SIGSTOP for 10 s, 50 messages/s", run: func(r *runner) { r.stopped(10*time.Second, r.slowly) }},
	{name: "stopflood32", what: "SIGSTOP while two processes ask 30,000 times each, -B 32", ring: 32, run: func(r *runner) { r.stopped(0, func(time.Duration) { r.flood(30_000) }) }},
	{name: "stopflood1", what: "SIGSTOP while two processes ask 3,000 times each, -B 1", ring: 1, run: func(r *runner) { r.stopped(0, func(time.Duration) { r.flood(3_000) }) }},
	{name: "stoproutes1", what: "SIGSTOP while ip adds 5,000 routes, -B 1", ring: 1, run: func(r *runner) { r.stopped(0, func(time.Duration) { r.routes(5_000) }) }},
	{name: "idle", what: "nothing happens", run: func(r *runner) { time.Sleep(r.idle) }},
}

// load is one row's.
type load struct {
	name, what  string
	ring        int // MiB; 0: 32
	before, run func(*runner)
}

func main() {
	if len(os.Args) == 3 {
		switch os.Args[1] {
		case "ask":
			ask(os.Args[2])
			return
		case "junk":
			sendJunk(os.Args[2])
			return
		}
	}
	nlsniff := flag.String("nlsniff", "nlsniff", "the program")
	only := flag.String("loads", "", "names of loads, with commas between them; none: all")
	tools := flag.String("tools", "nlsniff,tcpdump,dumpcap", "what captures")
	idle := flag.Duration("idle", 10*time.Minute, "how long nothing happens")
	steady := flag.Duration("steady", 0, "instead: memory of capture -w, -T jsonl and the interface at a steady rate, for this long")
	rate := flag.Int("rate", 5000, "messages a second for -steady")
	overload := flag.Bool("junk", false, "with -steady, junk of an unprivileged user, as much as it can send")
	flag.Parse()
	r := &runner{nlsniff: *nlsniff, dir: "/run/tmp", idle: *idle}
	must("ip", "link", "add", "nlmon0", "type", "nlmon")
	must("ip", "link", "set", "nlmon0", "up")
	must("ip", "link", "add", "many", "type", "dummy")
	must("ip", "link", "set", "many", "up")
	release, _ := os.ReadFile("/proc/sys/kernel/osrelease")
	fmt.Printf("kernel %s\n", strings.TrimSpace(string(release)))
	if *steady > 0 {
		run := func(stop <-chan struct{}, sent *atomic.Int64) { steadily(*rate, stop, sent) }
		if *overload {
			run = junk
		} else {
			r.routes(dumpedRoutes)
		}
		r.steady(*steady, run)
		return
	}
	r.install(strings.Split(*tools, ","))
	fmt.Printf("%-12s %-8s %8s %7s %8s %9s %9s %10s\n", "load", "tool", "frames", "lost", "cpu ms", "RSS kB", "PSS kB", "bytes")
	for _, l := range loads {
		if *only != "" && !slices.Contains(strings.Split(*only, ","), l.name) {
			continue
		}
		fmt.Println("#", l.what)
		list := strings.Split(*tools, ",")
		if l.name == "idle" {
			r.report(l, r.together(l, list)...)
			continue
		}
		for _, tool := range list {
			r.report(l, r.alone(l, tool))
		}
	}
}

func (r *runner) report(l load, list ...result) {
	for _, x := range list {
		fmt.Printf("%-12s %-8s %8d %7s %8d %9d %9d %10d\n", l.name, x.tool, x.frames, x.lost, x.cpu.Milliseconds(), x.rss, x.pss, x.bytes)
	}
}

// must runs a command that has to succeed.
func must(args ...string) {
	if out, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
		fail(fmt.Errorf("%s: %v: %s", strings.Join(args, " "), err, out))
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "sidebyside:", err)
	os.Exit(1)
}
