package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nlsniff/nlsniff/internal/need"
)

// talker is a Go program whose goroutines dump the links.
const talker = `package main

import (
	"sync"
	"syscall"
)

func main() {
	var wg sync.WaitGroup
	for range 8 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for range 200 {
				syscall.NetlinkRIB(syscall.RTM_GETLINK, 0)
			}
		}()
	}
	wg.Wait()
}
`

// BenchmarkTrace measures what tracing costs: the processor time of a command
// with its tracer, as a multiple of the command alone, the median of five runs
// that take turns. It prints a row of the table in docs/trace.md for each
// workload:
//
//	go test ./cmd/nlsniff -run '^$' -bench Trace -benchtime 1x
func BenchmarkTrace(b *testing.B) {
	for _, tool := range []string{"strace", "ip", "unshare", "python3", "dd"} {
		need.Tool(b, tool)
	}
	dir := b.TempDir()
	build := func(out, from string) {
		c := exec.Command("go", "build", "-o", out, from)
		c.Env = append(os.Environ(), "CGO_ENABLED=0")
		if text, err := c.CombinedOutput(); err != nil {
			b.Fatalf("%v: %s", err, text)
		}
	}
	nlsniff, program, batch := filepath.Join(dir, "nlsniff"), filepath.Join(dir, "talker"), filepath.Join(dir, "batch")
	if err := os.WriteFile(program+".go", []byte(talker), 0o644); err != nil {
		b.Fatal(err)
	}
	build(nlsniff, ".")
	build(program, program+".go")
	var routes strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&routes, "route add unreachable 10.%d.%d.0/24\n", i/250, i%250)
	}
	if err := os.WriteFile(batch, []byte(routes.String()), 0o644); err != nil {
		b.Fatal(err)
	}
	workloads := []struct {
		name string
		argv []string
	}{
		{"ip -batch, 5,000 routes", []string{"unshare", "-Urn", "ip", "-batch", batch}},
		{"ip -s link × 200", []string{"sh", "-c", "i=0; while [ $i -lt 200 ]; do ip -s link; i=$((i+1)); done"}},
		{"Go, 8 goroutines × 200", []string{program}},
		{"Python, 500 dumps", []string{"/usr/bin/python3", "-c", "import socket\nfor i in range(500):\n s=socket.socket(16,3,0);s.send(bytes([20,0,0,0,18,0,1,3]+[0]*12))\n while s.recv(65536)[4]!=3: pass\n s.close()"}},
		{"pipeline of ten", []string{"sh", "-c", "ip link | cat | cat | cat | cat | cat | cat | cat | cat | cat"}},
		{"dd bs=512 (no netlink)", []string{"dd", "if=/dev/zero", "of=/dev/null", "bs=512", "count=40000"}},
	}
	tracers := [][]string{
		nil,
		{nlsniff, "trace", "-q", "-w", filepath.Join(dir, "out.pcapng"), "--"},
		{"strace", "-f", "--seccomp-bpf", "-o", filepath.Join(dir, "out.txt"), "-e", "read=all", "-e", "write=all", "-e", "trace=network,read,write,readv,writev"},
		{"strace", "-f", "-o", filepath.Join(dir, "out.txt"), "-e", "read=all", "-e", "write=all", "-e", "trace=network,read,write,readv,writev"},
	}
	for range b.N {
		for _, w := range workloads {
			times := make([][]time.Duration, len(tracers))
			for range 5 {
				for i, t := range tracers {
					times[i] = append(times[i], cpuOf(b, append(slices.Clone(t), w.argv...)))
				}
			}
			row := "| " + w.name
			plain := median(times[0])
			for i := 1; i < len(tracers); i++ {
				row += fmt.Sprintf(" | %.2f", float64(median(times[i]))/float64(plain))
			}
			fmt.Printf("%s |  (plain: %v)\n", row, plain) // as it comes: all of it takes minutes
		}
	}
}

// cpuOf is the processor time of a command and all that it waited for.
func cpuOf(b *testing.B, argv []string) time.Duration {
	c := exec.Command(argv[0], argv[1:]...)
	if err := c.Run(); err != nil {
		b.Fatalf("%v: %v", argv, err)
	}
	u := c.ProcessState.SysUsage().(*syscall.Rusage)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func median(list []time.Duration) time.Duration {
	slices.Sort(list)
	return list[len(list)/2]
}
