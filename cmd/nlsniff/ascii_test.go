package main

import (
	"bytes"
	"testing"
)

// TestASCIIWriter: each sign becomes one, wherever it is cut in two.
func TestASCIIWriter(t *testing.T) {
	t.Parallel()
	const text, want = "#2 ✗ a → b │ é…\n", "#2 x a > b | ?~\n"
	for cut := range len(text) {
		var out bytes.Buffer
		w := &asciiWriter{w: &out}
		for _, part := range []string{text[:cut], text[cut:]} {
			if n, err := w.Write([]byte(part)); n != len(part) || err != nil {
				t.Fatal(n, err)
			}
		}
		if out.String() != want {
			t.Errorf("cut at %d: %q", cut, out.String())
		}
	}
}

// TestReadOnPoorTerminals: without UTF-8, and on Linux's console, lines are ASCII; a
// pipe gets what it always gets.
func TestReadOnPoorTerminals(t *testing.T) {
	t.Parallel()
	for _, env := range []string{"LC_ALL=C", "TERM=linux"} {
		x := openTerminal(t, 100, 30, env, "nlsniff read -c 2 "+pcap("tour.pcapng")).sees("ip[206] > kernel", "exit 0")
		for _, r := range x.screen() {
			if r > 0x7e {
				t.Errorf("%s: %q is on the screen", env, r)
			}
		}
		openTerminal(t, 100, 30, env, "nlsniff read -c 2 "+pcap("tour.pcapng")+" | od -c").sees("342 206 222", "exit 0")
	}
	openTerminal(t, 80, 24, "TERM=linux", "nlsniff "+pcap("tour.pcapng")).sees("- Messages ---", "> ip[206]").press("q").sees("exit 0").restored()
}
