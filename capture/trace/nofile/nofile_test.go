//go:build linux && (amd64 || arm64)

package nofile_test

import (
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/nlsniff/nlsniff/capture/trace/nofile"
)

// TestBegan starts this test again with a limit that Go raises.
func TestBegan(t *testing.T) {
	if os.Getenv("NLSNIFF_NOFILE") != "" {
		var now syscall.Rlimit
		began := nofile.Began()
		if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &now); err != nil || began.Cur != 100 || began.Max != 200 || now.Cur == 100 {
			t.Fatalf("began with %+v, now %+v, %v", began, now, err)
		}
		return
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command("sh", "-c", `ulimit -n 200 && ulimit -Sn 100 && exec "$0" -test.run=TestBegan`, self)
	c.Env = append(os.Environ(), "NLSNIFF_NOFILE=1")
	if out, err := c.CombinedOutput(); err != nil || strings.Contains(string(out), "no tests") {
		t.Errorf("%v: %s", err, out)
	}
}
