//go:build linux

package livetest

import (
	"errors"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// process is a program that runs beside the test.
type process struct {
	t      *testing.T
	cmd    *exec.Cmd
	stdout text
	stderr text
	done   chan error
}

// text is an output that can be read while it is written.
type text struct {
	mu sync.Mutex
	b  []byte
}

func (o *text) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.b = append(o.b, p...)
	return len(p), nil
}

func (o *text) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return string(o.b)
}

// start starts a program. It is killed at the end of the test.
func start(t *testing.T, args ...string) *process {
	t.Helper()
	p := &process{t: t, cmd: exec.Command(args[0], args[1:]...), done: make(chan error, 1)}
	p.cmd.Stdout, p.cmd.Stderr = &p.stdout, &p.stderr
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		p.done <- p.cmd.Wait()
		close(ended)
	}()
	t.Cleanup(func() {
		p.cmd.Process.Kill()
		<-ended
		if t.Failed() {
			t.Logf("%s said:\n%s", strings.Join(args, " "), p.stderr.String())
		}
	})
	return p
}

// capture starts nlsniff capture and waits until it listens.
func capture(t *testing.T, args ...string) *process {
	t.Helper()
	p := start(t, append([]string{program, "capture"}, args...)...)
	p.says("nlsniff: capturing on ")
	return p
}

// says waits until the program says something on stderr.
func (p *process) says(what string) {
	p.t.Helper()
	until(p.t, p.cmd.Args[0]+" says "+what, func() bool {
		if strings.Contains(p.stderr.String(), what) {
			return true
		}
		select {
		case err := <-p.done:
			p.t.Fatalf("%s ended before it said %q: %v\n%s", strings.Join(p.cmd.Args, " "), what, err, p.stderr.String())
		default:
		}
		return false
	})
}

// signal sends a signal and waits for the end.
func (p *process) signal(s syscall.Signal) int {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
	return p.wait()
}

// wait waits for the end and returns the exit status, -1 for a signal's.
func (p *process) wait() int {
	p.t.Helper()
	select {
	case err := <-p.done:
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			p.t.Fatal(err)
		}
		return p.cmd.ProcessState.ExitCode()
	case <-time.After(patience):
		p.t.Fatalf("%s does not end", strings.Join(p.cmd.Args, " "))
		return 0
	}
}

// ends checks how a program ended, and that its last words hold each of these.
func (p *process) ends(got, status int, words ...string) {
	p.t.Helper()
	if got != status {
		p.t.Errorf("exit status %d, want %d", got, status)
	}
	for _, w := range words {
		if !strings.Contains(p.stderr.String(), w) {
			p.t.Errorf("it did not say %q but:\n%s", w, p.stderr.String())
		}
	}
}
