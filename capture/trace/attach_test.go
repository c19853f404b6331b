//go:build linux && (amd64 || arm64)

package trace

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/nlsniff/nlsniff/capture"
)

func init() {
	programs["busy"] = func() error { // talks until its input ends, and says how often
		fd, err := route()
		if err != nil {
			return err
		}
		done := make(chan bool)
		if os.Getenv("NLSNIFF_TRACE_FOREVER") == "" {
			go func() { _, _ = io.Copy(io.Discard, os.Stdin); close(done) }()
		}
		for seq := uint32(1); ; seq++ {
			select {
			case <-done:
				fmt.Println(seq)
				return nil
			default:
			}
			if err := talk(fd, seq); err != nil {
				return err
			}
		}
	}
	programs["tracer"] = func() error { // traces a process until it is killed
		var pid int
		if _, err := fmt.Sscan(os.Getenv("NLSNIFF_TRACE_PID"), &pid); err != nil {
			return err
		}
		src, err := Open(Options{PIDs: []int{pid}})
		if err != nil {
			return err
		}
		var f capture.Frame
		for {
			if err := src.Next(&f); err != nil {
				return err
			}
			fmt.Println(f.Number)
		}
	}
	programs["command tracer"] = func() error { // traces a shell that would leave a mark
		src, err := Open(Options{Command: []string{"sh", "-c", "sleep 2; : >" + os.Getenv("NLSNIFF_TRACE_MARK")}})
		if err != nil {
			return err
		}
		fmt.Println(src.PID())
		var f capture.Frame
		for {
			if err := src.Next(&f); err != nil {
				return err
			}
		}
	}
}

// busy starts the program that talks.
func busy(t *testing.T) (c *exec.Cmd, stop func() string) {
	t.Helper()
	self, _ := os.Executable()
	c = exec.Command(self)
	c.Env = append(os.Environ(), programEnv+"=busy")
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	c.Stdout = &out
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	// It is to have its socket when it is attached to, however slow the machine.
	for range 1000 {
		if holdsSocket(c.Process.Pid) {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	return c, func() string {
		in.Close()
		if err := c.Wait(); err != nil {
			t.Errorf("the traced process: %v", err)
		}
		return strings.TrimSpace(out.String())
	}
}

func holdsSocket(pid int) bool {
	list, _ := os.ReadDir(procPath(pid, "fd"))
	for _, e := range list {
		if socketOf(procPath(pid, "fd/"+e.Name())) != 0 {
			return true
		}
	}
	return false
}

// TestAttach: a process that runs is traced and let go of, and does not notice.
func TestAttach(t *testing.T) {
	c, stop := busy(t)
	src, err := Open(Options{PIDs: []int{c.Process.Pid}})
	if errors.Is(err, unix.EPERM) {
		stop()
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	var f capture.Frame
	sent, got, found := 0, 0, false
	for {
		err := src.Next(&f)
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case f.Event != nil:
			found = found || f.Event.Kind == capture.EventSocket && f.Event.Text != ""
		case f.Dir == capture.DirToKernel:
			sent++
		default:
			got++
		}
		if sent == 50 {
			src.Stop()
		}
	}
	if sent < 50 || got < 49 || !found {
		t.Errorf("%d sent, %d received, socket found: %v", sent, got, found)
	}
	if b, _ := os.ReadFile(procPath(c.Process.Pid, "status")); statusField(string(b), "TracerPid:") != 0 {
		t.Error("it is still traced")
	}
	if n := stop(); n == "" || n == "1" {
		t.Errorf("the process counted to %q", n)
	}
	if _, err := Open(Options{PIDs: []int{1 << 22}}); !errors.Is(err, unix.ESRCH) {
		t.Errorf("a process that is not there: %v", err)
	}
}

// TestKilledTracer: a process that ran before goes on when its tracer is killed,
// a command does not.
func TestKilledTracer(t *testing.T) {
	c, stop := busy(t)
	self, _ := os.Executable()
	tracer := exec.Command(self)
	tracer.Env = append(os.Environ(), programEnv+"=tracer", fmt.Sprint("NLSNIFF_TRACE_PID=", c.Process.Pid))
	out, _ := tracer.StdoutPipe()
	if err := tracer.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		_ = tracer.Wait()
		stop()
		t.Skip("cannot trace: ", err)
	}
	_ = tracer.Process.Kill()
	_ = tracer.Wait()
	time.Sleep(20 * time.Millisecond)
	if n := stop(); n == "" || n == "1" {
		t.Errorf("the process counted to %q", n)
	}

	mark := filepath.Join(t.TempDir(), "mark")
	tracer = exec.Command(self)
	tracer.Env = append(os.Environ(), programEnv+"=command tracer", "NLSNIFF_TRACE_MARK="+mark)
	out, _ = tracer.StdoutPipe()
	if err := tracer.Start(); err != nil {
		t.Fatal(err)
	}
	var pid int
	if _, err := fmt.Fscan(out, &pid); err != nil {
		t.Fatal(err)
	}
	_ = tracer.Process.Kill()
	_ = tracer.Wait()
	for range 100 {
		if unix.Kill(pid, 0) == unix.ESRCH {
			return
		}
		if b, _ := os.ReadFile(procPath(pid, "stat")); strings.Contains(string(b), ") Z ") {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Errorf("the command %d outlived its tracer", pid)
}

// TestKilledCommand: the source ends as the command does.
func TestKilledCommand(t *testing.T) {
	t.Setenv(programEnv, "busy")
	t.Setenv("NLSNIFF_TRACE_FOREVER", "1")
	self, _ := os.Executable()
	src, err := Open(Options{Command: []string{self}})
	if err != nil {
		t.Skip(err)
	}
	defer src.Close()
	var f capture.Frame
	for n := 0; ; n++ {
		if err := src.Next(&f); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if n == 100 {
			_ = unix.Kill(src.PID(), unix.SIGKILL)
		}
	}
	src.Wait()
	if src.ExitCode() != 137 {
		t.Errorf("exit code %d", src.ExitCode())
	}
}

// TestManyProcesses: short ones, more than there are numbers in a batch.
func TestManyProcesses(t *testing.T) {
	n := 300
	if !testing.Short() {
		n = 10_000
	}
	sh := lookPath(t, "sh")
	s := collect(t, Options{Command: []string{sh, "-c", fmt.Sprintf("i=0; while [ $i -lt %d ]; do (exit 0); i=$((i+1)); done; exit 5", n)}})
	if s.code != 5 || s.counts.Processes != uint64(n)+1 {
		t.Errorf("exit code %d, %d processes, want %d", s.code, s.counts.Processes, n+1)
	}
}

// TestOtherWordSize: a 32-bit program, which makes sockets with socketcall.
func TestOtherWordSize(t *testing.T) {
	if nativeArch != unix.AUDIT_ARCH_X86_64 {
		t.Skip("there is no other here")
	}
	program := filepath.Join(t.TempDir(), "getlink")
	build := exec.Command(lookPath(t, "go"), "build", "-o", program, "./testdata/getlink")
	build.Env = append(os.Environ(), "GOARCH=386", "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	// Kernels built or booted without IA-32 emulation, and hosts that run 64-bit code
	// only, refuse it, and nothing that could be installed changes that. The kernels of
	// internal/capturetest run it.
	if err := exec.Command(program).Run(); errors.Is(err, unix.ENOEXEC) {
		t.Skip("this kernel runs no 32-bit programs")
	}
	for _, o := range []Options{{Command: []string{program}}, {Command: []string{program}, NoFilter: true}} {
		s := collect(t, o)
		if s.code != 0 {
			t.Errorf("exit code %d", s.code)
		}
		if s.counts.Sent != 1 || s.counts.Received < 2 || s.counts.Unseen != 0 {
			t.Errorf("%+v", s.counts)
		}
		if f := s.frames[1]; len(f.Data) < 100 || f.Delivery.Call != capture.CallRecv {
			t.Errorf("%d bytes by %v", len(f.Data), f.Delivery.Call)
		}
	}
}
