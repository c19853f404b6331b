//go:build linux

// Package livetest runs nlsniff as its users do, as root on the kernels that
// distributions ship, in virtual machines.
package livetest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nlsniff/nlsniff/internal/vmtest"
)

// tmp is a folder of the machine's memory. Every user may write there.
const tmp = "/run/tmp"

// program is the nlsniff that the tests run.
const program = tmp + "/nlsniff"

// TestCapture is one start of a machine for all that a live capture has to
// show; then the host reads what was captured there.
func TestCapture(t *testing.T) {
	vmtest.Run(t, vmtest.Test{
		Modules:  []string{"nlmon", "dummy", "veth", "wireguard", "mac80211_hwsim radios=2"},
		Programs: []string{"ip", "ss", "tc", "nft", "iw", "wg", "ethtool", "genl", "tcpdump", "tshark"},
		Timeout:  6 * time.Minute,
		Before:   build,
		Guest: func(t *testing.T) {
			install(t)
			t.Run("one message", oneMessage)
			t.Run("programs", programs)
			t.Run("ten thousand routes", manyRoutes)
			t.Run("family that comes later", laterFamily)
			t.Run("capture filters", captureFilters)
			t.Run("full disk", fullDisk)
			t.Run("without the module", withoutModule) // last: it takes the module away
		},
		After: decodeOnHost,
	})
}

// build makes the binary that users get: static, and without the race
// detector or anything else of a test.
func build(t *testing.T, dir string) {
	cmd := exec.Command("go", "build", "-o", filepath.Join(dir, "nlsniff"), "../../cmd/nlsniff")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// install puts it where it can be run from, and given capabilities.
func install(t *testing.T) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(vmtest.Dir(), "nlsniff"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(program, b, 0o755); err != nil {
		t.Fatal(err)
	}
}

// sh runs shell commands, of which each has to succeed, and returns their
// output.
func sh(t *testing.T, script string) string {
	t.Helper()
	out, err := exec.Command("sh", "-ec", script).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", script, err, out)
	}
	return string(out)
}

// patience is for a machine that emulates each instruction and shares two
// processors with other tests. Nothing waits that long unless it failed.
const patience = time.Minute

// until waits for a condition.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

// own lists the interfaces that nlsniff made.
func own(t *testing.T) []string {
	t.Helper()
	var out []string
	list, err := os.ReadDir("/sys/class/net")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range list {
		if strings.HasPrefix(e.Name(), "nlsniff") {
			out = append(out, e.Name())
		}
	}
	return out
}
