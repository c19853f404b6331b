package livetest

import (
	"fmt"
	"path/filepath"
	"strconv"
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

// interrupted: Ctrl-C ends a capture with a summary, and nothing is left
// behind.
func interrupted(t *testing.T) {
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		path := filepath.Join(tmp, "interrupted.pcapng")
		p := capture(t, "-w", path)
		made := own(t)
		if len(made) != 1 {
			t.Fatalf("interfaces of its own: %v", made)
		}
		p.says("capturing on " + made[0] + ", which is removed at the end")
		sh(t, "ip link show lo")
		_, captured, _ := split(frames(t, path), nil)
		until(t, "it is written", func() bool {
			_, captured, _ = split(frames(t, path), nil)
			return len(captured) > 0
		})
		status := p.signal(sig)
		_, captured, _ = split(frames(t, path), nil)
		p.ends(status, 0, fmt.Sprintf("nlsniff: %d frames captured, 0 dropped by the kernel, ", len(captured)), " written to "+path)
		if left := own(t); len(left) > 0 {
			t.Errorf("%v: %v is left behind", sig, left)
		}
	}
}

// killed: nothing can be done about SIGKILL, but for a file that is whole up
// to then, and an interface that goes away nevertheless. If what removes it is
// killed as well, the next capture takes it over.
func killed(t *testing.T) {
	path := filepath.Join(tmp, "killed.pcapng")
	p := capture(t, "-w", path)
	until(t, "something is written", func() bool {
		sh(t, "ip link show lo")
		_, captured, _ := split(frames(t, path), nil)
		return len(captured) >= 10
	})
	if status := p.signal(syscall.SIGKILL); status != -1 {
		t.Errorf("exit status %d", status)
	}
	if _, captured, _ := split(frames(t, path), nil); len(captured) < 10 {
		t.Errorf("%d frames are left of 10", len(captured))
	}
	until(t, "the interface is removed", func() bool { return len(own(t)) == 0 })

	p = capture(t, "-w", path)
	janitors := strings.Fields(sh(t, "pgrep -P "+strconv.Itoa(p.cmd.Process.Pid)))
	if len(janitors) != 1 {
		t.Fatalf("processes below the capture: %v", janitors)
	}
	sh(t, "kill -9 "+janitors[0])
	p.signal(syscall.SIGKILL)
	stale := own(t)
	if len(stale) != 1 {
		t.Fatalf("interfaces left behind: %v", stale)
	}
	p = capture(t)
	p.says("capturing on " + stale[0] + ", which is removed at the end")
	p.signal(syscall.SIGINT)
	if left := own(t); len(left) > 0 {
		t.Errorf("%v is left behind", left)
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
	p.ends(p.wait(), 1, "nlsniff: "+path+": no space left on device", "hint: the file is whole, with ", "dropped by the kernel")
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

// gone captures with some arguments while what it captures on goes away.
func gone(t *testing.T, args []string, remove string, words ...string) {
	t.Helper()
	path := filepath.Join(tmp, "gone.pcapng")
	p := capture(t, append([]string{"-w", path}, args...)...)
	sh(t, remove)
	p.ends(p.wait(), 1, words...)
	if list := frames(t, path); about(list, "still_here\x00") == 0 {
		t.Errorf("what came before is not among the %d frames", len(list))
	}
	errorLine(t, p.stderr.String())
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

func interfaceDeleted(t *testing.T) {
	sh(t, "ip link add nlmon0 type nlmon")
	gone(t, []string{"-i", "nlmon0"}, "ip link set lo alias still_here; ip link del nlmon0",
		"nlsniff: interface nlmon0 was deleted during the capture", "hint: ")
}

func interfaceDown(t *testing.T) {
	sh(t, "ip link add nlmon0 type nlmon; ip link set nlmon0 up")
	defer sh(t, "ip link del nlmon0")
	gone(t, []string{"-i", "nlmon0"}, "ip link set lo alias still_here; ip link set nlmon0 down",
		"nlsniff: interface nlmon0 was set down during the capture", "hint: set it up again with ip link")
}

func namespaceDeleted(t *testing.T) {
	sh(t, "ip netns add green")
	gone(t, []string{"--netns", "green"}, "ip -n green link set lo alias still_here; ip netns del green",
		"nlsniff: network namespace green was deleted during the capture", "hint: ")
}
