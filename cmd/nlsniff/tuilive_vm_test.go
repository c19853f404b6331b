//go:build linux

package main

import (
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/nlsniff/nlsniff/internal/vmtest"
)

// TestTerminalLiveInVM: nlsniff alone, as root on a kernel with nlmon, shows
// what is said at that moment, and leaves nothing behind.
func TestTerminalLiveInVM(t *testing.T) {
	if !vmtest.Guest() {
		t.Parallel()
	}
	vmtest.Run(t, vmtest.Test{
		Modules:  []string{"nlmon", "dummy"},
		Programs: []string{"ip", "tmux", "stty"},
		Timeout:  15 * time.Minute,
		Guest: func(t *testing.T) {
			x := openTerminal(t, 120, 40, "", "nlsniff")
			x.sees("live on nl", "following", "lost 0")
			for _, cmd := range []string{"ip link add d7 type dummy", "ip link set d7 mtu 1400 up"} {
				if out, err := exec.Command("sh", "-c", cmd).CombinedOutput(); err != nil {
					t.Fatalf("%s: %v: %s", cmd, err, out)
				}
			}
			x.sees("RTM_NEWLINK d7 kind dummy", "ms")
			_ = exec.Command("ip", "link", "del", "nosuch").Run()
			x.sees("RTM_GETLINK nosuch").press("g", "g", "E").sees("✗ ENODEV", "why: no such device", "RTM_GETLINK nosuch")
			x.press("2").sees("─ Exchanges", "why it failed").press("g", "g", "E").sees("✗ ENODEV", "why: no such device")
			x.press("o", "e").sees("by how they ended").press("o", "n", "1")
			x.press("q").sees("exit 0").restored()
			for end := time.Now().Add(20 * time.Second); ; time.Sleep(100 * time.Millisecond) {
				out, err := exec.Command("ip", "-o", "link", "show", "type", "nlmon").Output()
				if err == nil && strings.TrimSpace(string(out)) == "" {
					break
				}
				if time.Now().After(end) {
					t.Fatalf("an interface was left behind: %s", out)
				}
			}
			t.Run("craft", craftInVM)
			t.Run("replay", replayInVM)
		},
	})
}
