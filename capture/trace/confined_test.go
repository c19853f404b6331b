//go:build linux && (amd64 || arm64)

package trace

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/nlsniff/nlsniff/capture"
)

// forbidden are system calls that seccomp profiles of containers take away.
var forbidden = map[string]uint32{
	"seccomp": unix.SYS_SECCOMP, "process_vm_readv": unix.SYS_PROCESS_VM_READV, "pidfd_getfd": unix.SYS_PIDFD_GETFD, "ptrace": unix.SYS_PTRACE,
}

func init() {
	// A tracer that may not do everything: what it may not, and which program
	// of this test it traces, are in its environment.
	programs["confined tracer"] = func() error {
		name, how, _ := strings.Cut(os.Getenv("NLSNIFF_TRACE_FORBIDDEN"), " ")
		confines := refuse
		if how == "kills" {
			confines = restrict
		}
		if err := confines(forbidden[name]); err != nil {
			return err
		}
		self, _ := os.Executable()
		os.Setenv(programEnv, os.Getenv("NLSNIFF_TRACE_TRACED"))
		src, err := Open(Options{Command: []string{self}})
		if err != nil {
			fmt.Println(err)
			return nil
		}
		var frames int
		for {
			var f capture.Frame
			err := src.Next(&f)
			if err == io.EOF {
				break
			} else if err != nil {
				return err
			}
			switch {
			case f.Event == nil:
				frames++
				if len(f.Data) < capture.CookedLen+16 {
					return errors.New("a datagram without its bytes")
				}
			case f.Event.Kind == capture.EventUnseen:
				fmt.Printf("%s; hint: %s\n", f.Event.Text, f.Event.Hint)
			}
		}
		src.Wait()
		n := src.Counts()
		fmt.Printf("%d datagrams, %d slow, %d unseen, code %d\n", frames, n.Slow, n.Unseen, src.ExitCode())
		return nil
	}
}

// TestConfined: in a container whose profile forbids what the tracer does, it
// finds another way or says what is not seen.
func TestConfined(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ forbidden, program, want string }{
		{"seccomp", "inherits-none", "stopped at every system call, which is slow: seccomp filters are refused here: operation not permitted; hint: a container's seccomp profile that allows seccomp(2) makes it faster\n2 datagrams, 1 slow, 0 unseen, code 0\n"},
		{"seccomp kills", "inherits-none", "stopped at every system call, which is slow: seccomp filters are refused here: killed by a seccomp filter; hint: a container's seccomp profile that allows seccomp(2) makes it faster\n2 datagrams, 1 slow, 0 unseen, code 0\n"},
		{"process_vm_readv", "inherits-none", "2 datagrams, 0 slow, 0 unseen, code 0\n"},
		{"pidfd_getfd", "inherits-none", "2 datagrams, 0 slow, 0 unseen, code 0\n"},
		{"pidfd_getfd", "deaf", "leaves a socket with messages that it did not read; what they are cannot be seen: operation not permitted; hint: a container's seccomp profile may forbid pidfd_getfd; nlsniff capture sees them\n2 datagrams, 0 slow, 2 unseen, code 0\n"},
		{"ptrace", "inherits-none", "tracing the command: operation not permitted: a seccomp filter around nlsniff, as of a container, may forbid ptrace\n"},
	} {
		t.Run(c.forbidden+" "+c.program, func(t *testing.T) {
			cmd := exec.Command(self)
			cmd.Env = append(os.Environ(), programEnv+"=confined tracer", "NLSNIFF_TRACE_FORBIDDEN="+c.forbidden, "NLSNIFF_TRACE_TRACED="+c.program)
			out, err := cmd.CombinedOutput()
			if err != nil || string(out) != c.want {
				t.Errorf("%v\n%swant\n%s", err, out, c.want)
			}
		})
	}
}
