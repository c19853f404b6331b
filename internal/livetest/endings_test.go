//go:build linux

package livetest

import (
	"fmt"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// oneMessage ends a capture right behind its first message.
func oneMessage(t *testing.T) {
	path := filepath.Join(tmp, "one.pcapng")
	p := capture(t, "-w", path)
	sh(t, "ip link set lo alias only_this")
	p.ends(p.signal(syscall.SIGINT), 0, "0 dropped by the kernel")
	if list := frames(t, path); about(list, "only_this\x00") == 0 {
		t.Errorf("the message is not among the %d frames", len(list))
	}
}

// fullDisk fills a small one.
func fullDisk(t *testing.T) {
	disk := filepath.Join(tmp, "small")
	sh(t, "mkdir "+disk+"; mount -t tmpfs -o size=256k tmpfs "+disk)
	path := filepath.Join(disk, "full.pcapng")
	p := capture(t, "-w", path)
	// It ends by itself, in the middle of this.
	flood := start(t, "sh", "-c", "while :; do ip link; done")
	p.ends(p.wait(), 2, "nlsniff: "+path+": no space left on device", "hint: the file is whole, with ", "dropped by the kernel")
	flood.cmd.Process.Kill()
	list := frames(t, path)
	if len(list) < 20 {
		t.Errorf("%d frames in the file", len(list))
	}
	if want := fmt.Sprintf("the file is whole, with %d frames", len(list)); !strings.Contains(p.stderr.String(), want) {
		t.Errorf("it does not say that %s but:\n%s", want, p.stderr.String())
	}
	if left := own(t); len(left) > 0 {
		t.Errorf("%v is left behind", left)
	}
	sh(t, "umount "+disk)
}

// errorLine checks that the last words are one line that says what is wrong and
// what to do about it.
func errorLine(t *testing.T, stderr string) {
	t.Helper()
	lines := strings.Split(strings.TrimRight(stderr, "\n"), "\n")
	last := lines[len(lines)-1]
	if !strings.HasPrefix(last, "nlsniff: ") || !strings.Contains(last, "; hint: ") {
		t.Errorf("its last words are not an error with a hint:\n%s", stderr)
	}
}
