//go:build linux

package ebpf

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/nlsniff/nlsniff/capture"
)

// A process that does not read loses messages, and is named.
func guestOverrun(t *testing.T) {
	slow := start(t, "python3", "-c", python+"s = nl(0, 1)\ns.setsockopt(1, 8, 1)\nimport signal\nsignal.signal(10, lambda *a: None)\nready()\nsignal.pause()\ns.settimeout(5)\ntry:\n  while 1: s.recv(65536)\nexcept OSError as e: assert e.errno == 105")
	frames := during(t, func() {
		run(t, "ip", "link", "add", "slow0", "type", "dummy")
		for mtu := range 12 {
			run(t, "ip", "link", "set", "slow0", "mtu", fmt.Sprint(1000+mtu))
		}
		run(t, "ip", "link", "del", "slow0")
		_ = slow.Process.Signal(unix.SIGUSR1) // it reads at last
		_ = slow.Wait()
	})
	lost, told := 0, false
	for _, f := range frames {
		if e := f.Event; e != nil && e.Kind == capture.EventOverrun && f.Process.PID == uint32(slow.Process.Pid) {
			told = true
		}
		if f.Delivery == nil {
			continue
		}
		for _, r := range f.Delivery.Receivers {
			if r.Overrun {
				lost++
				if r.Process.PID != uint32(slow.Process.Pid) || r.Process.Comm != "python3" {
					t.Errorf("%+v", r)
				}
			}
		}
	}
	if lost < 5 || !told {
		t.Errorf("%d of 14 were lost; the read that failed was seen: %v", lost, told)
	}
}

// A read with too little room loses the rest, and it is said of whom.
func guestShortRead(t *testing.T) {
	var pid uint32
	frames := during(t, func() {
		pid = run(t, "python3", "-c", python+`
s = nl(0)
s.sendto(msg(18, 1, struct.pack('=BxHiII', 0, 0, 1, 0, 0)), (0, 0))
s.recv(100)
s.setsockopt(270, 11, 1)
s.sendto(msg(18, 1, struct.pack('=BxHiII', 0, 0, 1, 0, 0)), (0, 0))
s.recv(100, socket.MSG_PEEK)
s.recv(65536)
`)
	})
	var answers []int
	var events []string
	for _, f := range frames {
		if f.Process.PID != pid {
			continue
		}
		if f.Event != nil {
			events = append(events, fmt.Sprint(f.Event.Kind, " ", f.Event.Value))
		} else if f.Dir == capture.DirFromKernel {
			answers = append(answers, len(f.Data)-capture.CookedLen)
		}
	}
	if len(answers) != 2 || len(events) != 2 || events[0] != fmt.Sprint("cut ", answers[0]-100) || events[1] != fmt.Sprint("close ", capture.AllRead) {
		t.Errorf("answers of %d bytes, events %q", answers, events)
	}
}

// What the kernel would say is told of a program that does not ask, and only there.
func guestWords(t *testing.T) {
	// RTM_NEWLINK with IFLA_LINKINFO of a kind that nobody has.
	const ask = `
info = struct.pack('=HH', 4 + 8, 1) + b'nosuch\0\0'
body = struct.pack('=BxHiII', 0, 0, 0, 0, 0) + struct.pack('=HH', 4 + len(info), 18 | 0x8000) + info
s = nl(0)
s.setsockopt(270, 11, int(sys.argv[1]))
s.sendto(msg(16, 0x605, body), (0, 0))
s.recv(65536)
`
	for _, asks := range []string{"0", "1"} {
		var pid uint32
		frames := during(t, func() { pid = run(t, "python3", "-c", python+ask, asks) })
		comment, inside := "", false
		for _, f := range frames {
			if f.Process.PID == pid && f.Dir == capture.DirFromKernel {
				comment += f.Comment
				inside = inside || bytes.Contains(f.Data, []byte("Unknown device type"))
			}
		}
		if told := strings.Contains(comment, "did not ask for: Unknown device type"); told != (asks == "0") || inside != (asks == "1") {
			t.Errorf("asked %s: comment %q, in the message %v", asks, comment, inside)
		}
	}
}

// A send that the kernel does not take is an event.
func guestRefusedSend(t *testing.T) {
	var pid uint32
	frames := during(t, func() {
		pid = run(t, "python3", "-c", python+`
try: nl(2).sendto(msg(1, 0), (4000000000, 0))
except OSError as e: assert e.errno == 111
`)
	})
	found := false
	for _, f := range frames {
		if e := f.Event; e != nil && f.Process.PID == pid {
			found = found || e.Kind == capture.EventRefused && e.Errno == -int32(unix.ECONNREFUSED) && e.Call == capture.CallSendMsg
		}
	}
	if !found {
		t.Error("no event")
	}
}
