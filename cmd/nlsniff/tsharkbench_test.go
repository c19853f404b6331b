//go:build linux

package main

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/nlsniff/nlsniff/internal/need"
)

// cost is what a whole process took at the least in several runs: other work on
// the machine adds to it and never takes away.
type cost struct {
	wall, cpu time.Duration
	rss       int64 // bytes
}

func costOf(b *testing.B, runs int, env []string, name string, args ...string) (least cost) {
	for i := range runs {
		cmd := exec.Command(name, args...)
		cmd.Env, cmd.Stdout = append(os.Environ(), env...), io.Discard
		begin := time.Now()
		if err := cmd.Run(); err != nil {
			b.Fatalf("%s %q: %v", name, args, err)
		}
		c := cost{time.Since(begin), cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss << 10}
		if i == 0 {
			least = c
		}
		least = cost{min(least.wall, c.wall), min(least.cpu, c.cpu), max(least.rss, c.rss)}
	}
	return least
}

// BenchmarkTshark compares the command with tshark, each as a whole process, on a
// file of NLSNIFF_BENCH_MB megabytes (32): how many times faster it is, by the clock and by
// processor time, and its most memory. The kernel counts that from what this
// program has when it starts the other, some 40 MiB.
//
//	go test ./cmd/nlsniff -run '^$' -bench Tshark -benchtime 1x
func BenchmarkTshark(b *testing.B) {
	tshark := need.Tool(b, "tshark")
	nlsniff := filepath.Join(b.TempDir(), "nlsniff")
	if out, err := exec.Command("go", "build", "-o", nlsniff, ".").CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	size := 32
	if s := os.Getenv("NLSNIFF_BENCH_MB"); s != "" {
		var err error
		if size, err = strconv.Atoi(s); err != nil {
			b.Fatal(err)
		}
	}
	path, _ := benchFile(b, size<<20)
	const runs = 3
	for _, c := range []struct {
		name         string
		ours, theirs []string
	}{
		{"lines", []string{"read", path}, []string{"-r", path}},
		{"tree", []string{"read", "-V", path}, []string{"-r", path, "-V"}},
		{"json", []string{"read", "-T", "json", path}, []string{"-r", path, "-T", "json"}},
		{"header", []string{"read", "-q", "-Y", "netlink.hdr_type == 16", path}, []string{"-r", path, "-Y", "netlink.hdr_type == 16"}},
		{"attribute", []string{"read", "-q", "-Y", `netlink-route.ifla_ifname == "lo"`, path}, []string{"-r", path, "-Y", `netlink-route.ifla_ifname == "lo"`}},
		{"generic", []string{"read", "-q", "-Y", "nl80211.cmd == 34", path}, []string{"-r", path, "-Y", "nl80211.cmd == 34"}},
		{"start", []string{"read", pcap("wireguard.pcap")}, []string{"-r", pcap("wireguard.pcap")}},
	} {
		theirs := costOf(b, runs, nil, tshark, c.theirs...)
		for _, procs := range []string{"1", "2", "8"} {
			b.Run(c.name+"/procs="+procs, func(b *testing.B) {
				var ours cost
				for b.Loop() {
					ours = costOf(b, runs, []string{"GOMAXPROCS=" + procs}, nlsniff, c.ours...)
				}
				b.ReportMetric(0, "ns/op")
				b.ReportMetric(float64(ours.wall.Microseconds())/1e3, "ms")
				b.ReportMetric(float64(theirs.wall)/float64(ours.wall), "x-clock")
				b.ReportMetric(float64(theirs.cpu)/float64(ours.cpu), "x-cpu")
				b.ReportMetric(float64(ours.rss>>20), "MiB")
			})
		}
	}
}
