//go:build linux

package ebpf

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

const refusedVar = "NLSNIFF_EBPF_REFUSED"

// Who may not load programs is told so in one line, and what to do.
func TestRefused(t *testing.T) {
	if os.Geteuid() == 0 {
		// A copy of this, as nobody, who may not read the folder that it is in.
		c := exec.Command("/proc/self/exe", "-test.run=^TestRefused$", "-test.v")
		c.Dir = "/"
		c.Env = append(os.Environ(), refusedVar+"=1")
		c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		if out, err := c.CombinedOutput(); err != nil || !strings.Contains(string(out), "--- PASS") {
			t.Errorf("%v\n%s", err, out)
		}
		return
	}
	s, err := Open(Options{})
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("%v, %v", s, err)
	}
	if strings.Contains(err.Error(), "\n") || !strings.Contains(e.Hint, "--source nlmon") || strings.HasPrefix(e.Doing, "loading") && !strings.HasPrefix(e.Hint, "run it with sudo") {
		t.Errorf("%v; hint: %s", err, e.Hint)
	}
	t.Log(err, e.Hint)
}
