//go:build linux && (amd64 || arm64)

package trace

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func init() {
	programs["forks"] = func() error { // on several threads, until it is killed
		for i := range 4 {
			flags := uintptr(unix.SIGCHLD)
			if i%2 == 1 {
				flags |= unix.CLONE_VFORK
			}
			go func() {
				for {
					if pid, _, _ := unix.RawSyscall6(unix.SYS_CLONE, flags, 0, 0, 0, 0, 0); pid == 0 {
						for {
							_, _, _ = unix.RawSyscall(unix.SYS_EXIT_GROUP, 0, 0, 0)
						}
					}
				}
			}()
		}
		select {}
	}
	programs["kills"] = func() error { // those that fork, at any moment
		self, _ := os.Executable()
		for i := range 30 {
			c := exec.Command(self)
			c.Env = append(os.Environ(), programEnv+"=forks")
			if err := c.Start(); err != nil {
				return err
			}
			time.Sleep(5*time.Millisecond + time.Duration(i)*137*time.Microsecond)
			_ = c.Process.Kill()
			var exit *exec.ExitError
			if err := c.Wait(); !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != unix.SIGKILL {
				return errors.New("it was not killed")
			}
		}
		return nil
	}
}

// TestKilledWhileForking: whoever is killed in the middle of fork leaves a child
// that nobody announces. All of them end, and so does the trace.
func TestKilledWhileForking(t *testing.T) {
	for _, o := range []Options{{}, {NoFilter: true}} {
		if s := traced(t, "kills", o); s.code != 0 || s.counts.Processes < 31 {
			t.Errorf("exit code %d, %+v", s.code, s.counts)
		}
	}
}

// TestBirthOrder: who has ended before the event of its parent comes is not
// taken in any more, and whoever gets its number then is.
func TestBirthOrder(t *testing.T) {
	tr := &tracer{out: newQueue(), threads: map[int]*thread{}, procs: map[int]*process{}, early: newBirths(), left: map[int]bool{}}
	p := newProcess(1)
	tr.procs[1] = p
	parent := tr.addThread(p, 1)
	const gone = 1 << 22 // more than there can be
	tr.early.ended(gone)
	tr.born(parent, gone, unix.PTRACE_EVENT_FORK)
	if tr.threads[gone] != nil || len(tr.early.known) != 0 {
		t.Error("it was taken in when it was gone")
	}
	self := os.Getpid()
	tr.early.ended(self) // whoever had our number
	tr.born(parent, self, unix.PTRACE_EVENT_VFORK)
	if tr.threads[self] == nil || tr.procs[self] == nil {
		t.Error("the next one with its number was not taken in")
	}
	// One that waits for a process that ends is its child.
	tr.early.waiting[gone] = 1
	tr.orphans(p)
	if o := tr.threads[gone]; o == nil || len(tr.early.waiting) != 0 || o.p == p {
		t.Error("an orphan waits for ever")
	}
	n := len(tr.procs)
	delete(tr.threads, gone) // it has ended, and its parent's event was under way
	tr.born(parent, gone, unix.PTRACE_EVENT_FORK)
	if tr.threads[gone] != nil || len(tr.procs) != n {
		t.Error("an orphan that was taken in was born once more")
	}
}
