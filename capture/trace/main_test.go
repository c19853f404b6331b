//go:build linux && (amd64 || arm64)

package trace

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/nlsniff/nlsniff/capture"
)

// The programs that tests trace are this test again, told by its environment
// what to do.
const programEnv = "NLSNIFF_TRACE_PROGRAM"

var programs = map[string]func() error{}

func TestMain(m *testing.M) {
	if name := os.Getenv(programEnv); name != "" {
		os.Unsetenv(programEnv)
		run := programs[name]
		if run == nil {
			os.Exit(99)
		}
		if err := run(); err != nil {
			os.Stderr.WriteString(name + ": " + err.Error() + "\n")
			os.Exit(98)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// seen is what a source delivered.
type seen struct {
	frames []capture.Frame // with the datagrams
	events []capture.Frame
	all    []capture.Frame // both, in order
	counts Counts
	code   int
}

// traced runs a program of this test under trace.
func traced(t *testing.T, program string, o Options) *seen {
	t.Helper()
	t.Setenv(programEnv, program)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	o.Command = []string{self}
	s := collect(t, o)
	os.Unsetenv(programEnv)
	if s.code == 98 || s.code == 99 {
		t.Fatalf("the program failed with %d", s.code)
	}
	return s
}

// collect reads a source to its end.
func collect(t *testing.T, o Options) *seen {
	t.Helper()
	src, err := Open(o)
	var failed *TraceError
	if errors.As(err, &failed) {
		t.Skip("this machine does not let processes be traced: ", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	watchdog := time.AfterFunc(2*time.Minute, func() {
		_ = unix.Kill(src.PID(), unix.SIGKILL)
	})
	defer watchdog.Stop()
	s := &seen{}
	for {
		var f capture.Frame
		if err := src.Next(&f); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		f.Data = slices.Clone(f.Data)
		s.all = append(s.all, f)
		if f.Event != nil {
			s.events = append(s.events, f)
		} else {
			s.frames = append(s.frames, f)
		}
	}
	src.Wait()
	s.counts, s.code = src.Counts(), src.ExitCode()
	return s
}

// kinds lists the events of a process by name, without the exec.
func (s *seen) kinds() string {
	var list []string
	for _, f := range s.events {
		list = append(list, f.Event.Kind.String())
	}
	return strings.Join(list, " ")
}

func (s *seen) event(k capture.EventKind) *capture.Event {
	for _, f := range s.events {
		if f.Event.Kind == k {
			return f.Event
		}
	}
	return nil
}

func lookPath(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skip(err)
	}
	return path
}
