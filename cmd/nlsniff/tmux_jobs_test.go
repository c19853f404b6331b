package main

import (
	"os"
	"path/filepath"
	"testing"
)

// TestSuspend: Ctrl-Z gives the terminal back to the shell, and fg comes back to
// where one was.
func TestSuspend(t *testing.T) {
	x := openTerminal(t, 100, 24, "PS1='shell> '", "bash --norc -i").sees("shell>")
	x.types("nlsniff "+tourFile(t)).press("Enter").sees("Messages", "35 messages").press("E").sees("Detail of frame 4")
	x.press("C-z").sees("Stopped", "shell>").types("echo the shell $((6*7))").press("Enter").sees("the shell 42")
	x.types("fg").press("Enter").sees("Detail of frame 4", "lost 0").press("E").sees("Detail of frame 21").press("q").sees("shell>").types("exit").press("Enter").sees("exit 0").restored()
}

// TestTailOnTerminal: nlsniff --tail FILE follows a file that grows, and says when
// it was cut.
func TestTailOnTerminal(t *testing.T) {
	whole, err := os.ReadFile(tourFile(t))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "grows.pcapng")
	if err := os.WriteFile(path, whole[:4000], 0o644); err != nil {
		t.Fatal(err)
	}
	x := openTerminal(t, 160, 24, "", "nlsniff --tail "+path).sees("following", "15 messages")
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.Write(whole[4000:]); err != nil {
		t.Fatal(err)
	}
	x.sees("following", "35 messages")
	if err := f.Truncate(100); err != nil {
		t.Fatal(err)
	}
	x.sees("reading stopped: the file was cut: 8300 bytes were read, 100 bytes are left").press("q").sees("exit 0").restored()
}

func tourFile(t *testing.T) string {
	t.Helper()
	path, err := filepath.Abs("../../testdata/pcaps/tour.pcapng")
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// TestReasonInThreeKeys: someone whose request failed opens the capture; one key is
// enough among the messages, and two among the exchanges, also on a small screen.
func TestReasonInThreeKeys(t *testing.T) {
	t.Parallel()
	for _, w := range []int{60, 80, 120, 200} {
		x := openTerminal(t, w, 24, "", "nlsniff "+tourFile(t)).sees("vx0 kind vx")
		x.press("E").sees(`✗ EOPNOTSUPP "Unknown device type"`)
		x.press("2").press("G").press("W").sees(`✗ ENOENT at NFTA_RULE_TABLE of NFT_MSG_NEWRULE inet`).press("q").sees("exit 0").restored()
	}
}
