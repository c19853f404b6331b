//go:build linux

package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/capture/pcapng"
)

type runner struct {
	nlsniff string
	dir     string
	idle    time.Duration
	tools   []*tool // that run
}

// result is what became of one capture.
type result struct {
	tool     string
	frames   int
	lost     string // as the tool says
	cpu      time.Duration
	rss, pss int // in kB, with child processes
	bytes    int64
}

// tool is a capture that runs.
type tool struct {
	name, path, log string
	cmd             *exec.Cmd
}

// lost is where a tool says what it lost.
var lost = map[string]*regexp.Regexp{
	"nlsniff": regexp.MustCompile(`(\d+) dropped by the kernel`),
	"tcpdump": regexp.MustCompile(`(\d+) packets? dropped by kernel`),
	"dumpcap": regexp.MustCompile(`Packets received/dropped on interface '.*': \d+/(\d+)`),
}

// listening is what it says when it has begun.
var listening = map[string]string{"nlsniff": "capturing on ", "tcpdump": "listening on ", "dumpcap": "File: "}

// install puts nlsniff into memory, and has each tool run once: what is measured
// is not how fast the machine gets the programs from its host.
func (r *runner) install(tools []string) {
	b, err := os.ReadFile(r.nlsniff)
	if err != nil {
		fail(err)
	}
	r.nlsniff = filepath.Join(r.dir, "nlsniff")
	if err := os.WriteFile(r.nlsniff, b, 0o755); err != nil {
		fail(err)
	}
	for _, t := range tools {
		r.end(r.begin(t, 1))
	}
}

func (r *runner) begin(name string, ring int) *tool {
	t := &tool{name: name, path: filepath.Join(r.dir, name+".cap"), log: filepath.Join(r.dir, name+".log")}
	os.Remove(t.path)
	if ring == 0 {
		ring = 32
	}
	var args []string
	switch mib := strconv.Itoa(ring); name {
	case "nlsniff":
		args = []string{r.nlsniff, "capture", "-i", "nlmon0", "-B", mib, "-w", t.path}
	case "tcpdump":
		args = []string{"tcpdump", "-i", "nlmon0", "-s", "0", "-Z", "root", "-B", strconv.Itoa(ring << 10), "-w", t.path}
	case "dumpcap":
		args = []string{"dumpcap", "-i", "nlmon0", "-B", mib, "-w", t.path}
	default:
		fail(fmt.Errorf("no tool %s", name))
	}
	t.cmd = start(t.log, args...)
	for range 600 {
		if b, _ := os.ReadFile(t.log); bytes.Contains(b, []byte(listening[name])) {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	time.Sleep(500 * time.Millisecond)
	r.tools = append(r.tools, t)
	return t
}

func (r *runner) signal(s syscall.Signal) {
	for _, t := range r.tools {
		_ = t.cmd.Process.Signal(s)
	}
}

// end ends a capture and looks at what it left.
func (r *runner) end(t *tool) result {
	x := result{tool: t.name, lost: "?"}
	x.rss, x.pss = memory(t.cmd.Process.Pid)
	_ = t.cmd.Process.Signal(os.Interrupt)
	_ = t.cmd.Wait()
	x.cpu = t.cmd.ProcessState.UserTime() + t.cmd.ProcessState.SystemTime()
	log, _ := os.ReadFile(t.log)
	if m := lost[t.name].FindSubmatch(log); m != nil {
		x.lost = string(m[1])
	}
	if st, err := os.Stat(t.path); err == nil {
		x.bytes = st.Size()
	}
	x.frames = frames(t.path)
	r.tools = nil
	os.Remove(t.path)
	return x
}

func (r *runner) alone(l load, name string) result {
	r.noRoutes()
	if l.before != nil {
		l.before(r)
	}
	t := r.begin(name, l.ring)
	l.run(r)
	time.Sleep(1500 * time.Millisecond) // tcpdump gets what it has after a second
	return r.end(t)
}

func (r *runner) together(l load, names []string) []result {
	var out []result
	var list []*tool
	for _, n := range names {
		list = append(list, r.begin(n, l.ring))
	}
	l.run(r)
	for _, t := range list {
		out = append(out, r.end(t))
	}
	return out
}

// frames counts those of a capture, but for what nlsniff writes of its own
// before it begins.
func frames(path string) (n int) {
	f, err := os.Open(path)
	if err != nil {
		return 0
	}
	defer f.Close()
	r, err := pcapng.NewReader(f, pcapng.Options{})
	if err != nil {
		return 0
	}
	var fr capture.Frame
	for r.Next(&fr) == nil {
		if !strings.HasPrefix(fr.Comment, "nlsniff asked") {
			n++
		}
	}
	return n
}

// memory adds up what a process and its children have.
func memory(pid int) (rss, pss int) {
	number := func(text []byte, name string) int {
		m := regexp.MustCompile(`(?m)^` + name + `:\s+(\d+) kB`).FindSubmatch(text)
		if m == nil {
			return 0
		}
		n, _ := strconv.Atoi(string(m[1]))
		return n
	}
	dir := "/proc/" + strconv.Itoa(pid)
	status, _ := os.ReadFile(dir + "/status")
	rollup, _ := os.ReadFile(dir + "/smaps_rollup")
	rss, pss = number(status, "VmRSS"), number(rollup, "Pss")
	children, _ := os.ReadFile(dir + "/task/" + strconv.Itoa(pid) + "/children")
	for _, c := range strings.Fields(string(children)) {
		if n, err := strconv.Atoi(c); err == nil {
			a, b := memory(n)
			rss, pss = rss+a, pss+b
		}
	}
	return rss, pss
}
