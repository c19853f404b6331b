package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/capture/pcapng"
	"github.com/nlsniff/nlsniff/internal/need"
)

// background is nlsniff as a shell without job control has it there: with SIGINT
// and SIGQUIT ignored.
type background struct {
	t     *testing.T
	shell *exec.Cmd
	pid   int
	said  bytes.Buffer
}

// inBackground has a shell start nlsniff, in a network namespace of its own if one
// is needed. The shell ends with its exit code.
func inBackground(t *testing.T, shell string, namespace bool, before string, args ...string) *background {
	t.Helper()
	bin, err := exec.LookPath("nlsniff")
	if err != nil {
		t.Fatal(err)
	}
	b := &background{t: t}
	b.shell = exec.Command(shell, append([]string{"-c", before + `"$@" 3>&- & echo $! >&3; exec 3>&-; wait $!`, shell, bin}, args...)...)
	b.shell.Stderr = &b.said
	if namespace {
		b.shell.SysProcAttr = &syscall.SysProcAttr{
			Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNET,
			UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}},
			GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}},
		}
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	b.shell.ExtraFiles = []*os.File{w}
	if err := b.shell.Start(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	line, err := bufio.NewReader(r).ReadString('\n')
	r.Close()
	if b.pid, _ = strconv.Atoi(strings.TrimSpace(line)); b.pid == 0 {
		t.Fatalf("%q, %v: %s", line, err, b.said.String())
	}
	b.until("it is nlsniff", func() bool { // and not still the shell, which may catch signals
		want, err := os.Stat(bin)
		got, e := os.Stat(fmt.Sprintf("/proc/%d/exe", b.pid))
		return err == nil && e == nil && os.SameFile(got, want)
	})
	return b
}

// mask is one of the process's sets of signals, as the kernel tells it.
func (b *background) mask(name string) uint64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", b.pid))
	if err != nil {
		b.t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(status), "\n"+name+":\t")
	word, _, _ := strings.Cut(rest, "\n")
	set, err := strconv.ParseUint(word, 16, 64)
	if err != nil {
		b.t.Fatalf("%s of %s: %v", name, status, err)
	}
	return set
}

// until waits for something to be so.
func (b *background) until(what string, so func() bool) {
	b.t.Helper()
	for begin := time.Now(); !so(); runtime.Gosched() {
		if time.Since(begin) > time.Minute {
			b.t.Fatalf("not within a minute: %s", what)
		}
	}
}

func has(set uint64, sig syscall.Signal) bool { return set&(1<<(sig-1)) != 0 }

// ends sends a signal and returns the exit code.
func (b *background) ends(sig syscall.Signal) int {
	b.t.Helper()
	if err := syscall.Kill(b.pid, sig); err != nil {
		b.t.Fatal(err)
	}
	stuck := time.AfterFunc(time.Minute, func() { _ = syscall.Kill(b.pid, syscall.SIGKILL) })
	defer stuck.Stop()
	_ = b.shell.Wait()
	return b.shell.ProcessState.ExitCode()
}

// isWhole fails unless a file is a capture up to its last byte.
func isWhole(t *testing.T, path string) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := pcapng.NewReader(f, pcapng.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for {
		var frame capture.Frame
		if err := r.Next(&frame); err == io.EOF {
			return
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

// TestInterruptInBackground: from the moment on that SIGINT is caught, which is
// before nlsniff begins, it ends a capture as it does later.
func TestInterruptInBackground(t *testing.T) {
	heedSignals()
	if !userNamespaces() {
		t.Skip("no user namespaces")
	}
	sleep := exec.Command("sleep", "600")
	if err := sleep.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { sleep.Process.Kill(); sleep.Wait() }()
	live := []string{"capture", "--any-link", "-i", "lo"}
	path := filepath.Join(t.TempDir(), "x.pcapng")
	tests := []struct {
		name string
		args []string
	}{
		{"capture to a file", append(live, "-w", path)},
		{"capture", live},
		{"capture for a collector", append(live, "--otlp", "-")},
		{"trace of a process", []string{"trace", "-p", strconv.Itoa(sleep.Process.Pid), "-w", path}},
		{"growing file", []string{"read", "--tail", "../../testdata/pcaps/wifi.pcap"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for moment := range 6 {
				os.Remove(path)
				shell := []string{"sh", need.Tool(t, "bash")}[moment%2]
				b := inBackground(t, shell, tt.args[0] == "capture", "", tt.args...)
				b.until("SIGINT is caught", func() bool { return has(b.mask("SigCgt"), syscall.SIGINT) })
				time.Sleep(time.Duration(moment) * 2 * time.Millisecond) // whatever it does then
				if code := b.ends(syscall.SIGINT); code != exitOK {
					t.Fatalf("exit code %d: %s", code, b.said.String())
				}
				if tt.args[len(tt.args)-1] == path {
					isWhole(t, path)
				}
			}
		})
	}
}

// heedSignals has children find no signal ignored, whatever nohup or a shell's
// background did to this process.
func heedSignals() {
	for _, sig := range []os.Signal{syscall.SIGHUP, syscall.SIGINT, syscall.SIGQUIT} {
		if signal.Ignored(sig) {
			signal.Notify(make(chan os.Signal, 1), sig)
		}
	}
}

// TestSignalsOfCapture: what ends a capture and leaves a whole file, and that nohup
// keeps it from ending with its terminal.
func TestSignalsOfCapture(t *testing.T) {
	heedSignals()
	if !userNamespaces() {
		t.Skip("no user namespaces")
	}
	path := filepath.Join(t.TempDir(), "x.pcapng")
	tests := []struct {
		before string
		sigs   []syscall.Signal
	}{
		{"", []syscall.Signal{syscall.SIGINT}},
		{"", []syscall.Signal{syscall.SIGTERM}},
		{"", []syscall.Signal{syscall.SIGHUP}},
		{"", []syscall.Signal{syscall.SIGQUIT}},
		{`trap "" HUP; `, []syscall.Signal{syscall.SIGHUP, syscall.SIGTERM}},
	}
	for _, tt := range tests {
		os.Remove(path)
		b := inBackground(t, "sh", true, tt.before, "capture", "--any-link", "-i", "lo", "-w", path)
		b.until("there is a file", func() bool { _, err := os.Stat(path); return err == nil })
		last := len(tt.sigs) - 1
		for _, sig := range tt.sigs[:last] {
			if !has(b.mask("SigIgn"), sig) {
				t.Errorf("%v would end it", sig)
			}
		}
		if code := b.ends(tt.sigs[last]); code != exitOK || strings.Contains(b.said.String(), "goroutine") {
			t.Errorf("%q, %v: exit code %d: %s", tt.before, tt.sigs, code, b.said.String())
		}
		isWhole(t, path)
	}
}

// TestTracedInBackground: a command finds as ignored what it would without nlsniff.
func TestTracedInBackground(t *testing.T) {
	heedSignals()
	if runtime.GOARCH != "amd64" && runtime.GOARCH != "arm64" {
		t.Skip("trace is for amd64 and arm64")
	}
	for _, before := range []string{"", `trap "" INT HUP; `} {
		got, err := exec.Command("sh", "-c", before+"nlsniff trace -q -- grep SigIgn /proc/self/status").CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, got)
		}
		want, err := exec.Command("sh", "-c", before+"grep SigIgn /proc/self/status").CombinedOutput()
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%q: traced %s, not traced %s, %v", before, got, want, err)
		}
	}
}
