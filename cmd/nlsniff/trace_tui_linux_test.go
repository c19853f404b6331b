//go:build amd64 || arm64

package main

import (
	"path/filepath"
	"syscall"
	"testing"

	"github.com/nlsniff/nlsniff/internal/need"
)

// asking makes a program that asks the kernel for an interface that is not there:
// anyone may, and it is refused.
const asking = `python3 -c '
import socket, struct
s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
s.setsockopt(270, 11, 1)
s.send(struct.pack("=IHHIIBxHiII", 32, 18, 1, 7, 0, 0, 0, 4711, 0, 0))
s.recv(4096)
'`

// TestTraceInterface: when the command has ended, --tui shows what it said, with why
// it was refused, and counts events apart.
func TestTraceInterface(t *testing.T) {
	if testing.Short() {
		t.Skip("-short leaves out what needs a terminal")
	}
	t.Parallel()
	need.Tool(t, "python3")
	x := openTerminal(t, 120, 40, "", "nlsniff trace --tui -- sh -c "+quotedSh(asking))
	x.sees("Messages", "2 messages", "events").press("E").sees("✗ ENODEV")
	x.press("2").sees("why it failed", "Exchange #1").press("q").sees("exit 0").restored()
}

// TestTraceToSecondTerminal: trace -w FIFO in one terminal and nlsniff - in another
// show what is said while the command runs, and when it has ended.
func TestTraceToSecondTerminal(t *testing.T) {
	if testing.Short() {
		t.Skip("-short leaves out what needs a terminal")
	}
	t.Parallel()
	need.Tool(t, "python3")
	dir := t.TempDir()
	fifo, end := filepath.Join(dir, "fifo"), filepath.Join(dir, "end")
	for _, name := range []string{fifo, end} {
		if err := syscall.Mkfifo(name, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	show := openTerminal(t, 120, 40, "", "nlsniff - < "+fifo)
	run := openTerminal(t, 100, 24, "", "nlsniff trace -q -w "+fifo+" -- sh -c "+quotedSh(asking+"; cat "+end))
	show.sees("live", "2 messages", "events")
	opened := openTerminal(t, 80, 24, "", "sh -c "+quotedSh(": > "+end))
	opened.sees("exit 0")
	run.sees("exit 0")
	show.sees("ended", "2 messages").press("E").sees("✗ ENODEV")
	show.press("2").sees("why it failed", "Exchange #1").press("q").sees("exit 0").restored()
	openTerminal(t, 100, 24, "", "nlsniff trace --tui -w - -- true").sees("hint: the interface in a second terminal", "exit 2")
}

// quotedSh quotes a text for a shell.
func quotedSh(s string) string {
	out := "'"
	for _, r := range s {
		if r == '\'' {
			out += `'\''`
			continue
		}
		out += string(r)
	}
	return out + "'"
}
