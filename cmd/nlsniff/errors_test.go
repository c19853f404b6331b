package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
)

// TestPlainErrors: whatever an argument or a file's name is, no error and no
// warning makes a terminal do anything, and each is one line, with the mistake in
// a filter underlined below.
func TestPlainErrors(t *testing.T) {
	const nasty = "\x1b]0;owned\x07\x1b[31m\u202etxt.exe\u200b\u009b2J\xff\r\n"
	dir := t.TempDir()
	text := filepath.Join(dir, "no capture "+strings.TrimSuffix(nasty, "\n"))
	if err := os.WriteFile(text, []byte("text"), 0o600); err != nil {
		t.Fatal(err)
	}
	spec := filepath.Join(dir, strings.TrimSuffix(nasty, "\n")+".spec")
	if err := os.WriteFile(spec, []byte("family "+nasty), 0o600); err != nil {
		t.Fatal(err)
	}
	tour := pcap("tour.pcapng")
	for _, args := range [][]string{
		{nasty}, {"a", nasty}, {nasty, "b"}, {"read", nasty}, {"read", text}, {"read", "--" + nasty}, {"read", "-" + nasty},
		{"read", "-Y", nasty, tour}, {"read", "-Y", "pid == " + nasty, tour}, {"read", "-e", nasty, "-T", "fields", tour},
		{"read", "-T", nasty, tour}, {"read", "-z", nasty, tour}, {"read", "-t", nasty, tour}, {"read", "-c", nasty, tour},
		{"read", "--color", nasty, tour}, {"read", "--byte-order", nasty, tour}, {"read", "--spec", spec, tour}, {"read", "--spec", nasty, tour},
		{"read", "--colors", nasty, tour}, {"stats", nasty}, {"stats", "-Y", nasty, tour}, {"diff", nasty, tour}, {"diff", tour, text}, {"diff", nasty},
		{"families", nasty}, {"families", "--spec", spec}, {"fields", nasty}, {"fields", "--spec", nasty}, {"doctor", nasty},
		{"capture", "-f", nasty, "--explain"}, {"capture", "-i", nasty}, {"capture", "-w", filepath.Join(dir, nasty, "x")}, {"capture", "-b", nasty}, {"capture", "--netns", nasty},
		{"trace", "-w", filepath.Join(dir, nasty, "x"), "--", "true"}, {"trace", "--", nasty}, {"trace", "-p", nasty}, {"trace", "-o", filepath.Join(dir, nasty, "x"), "--", "true"},
		{"help", nasty}, {"completion", nasty},
	} {
		// In a process of its own: a capture gives up what others need.
		var stderr bytes.Buffer
		cmd := exec.Command("nlsniff", args...)
		cmd.Stderr = &stderr
		_ = cmd.Run() // many fail
		said := stderr.String()
		for line := range strings.Lines(said) {
			if !strings.HasPrefix(line, "nlsniff:") && !strings.HasPrefix(line, "  ") {
				t.Errorf("%q: more than a line: %q", args, said)
				break
			}
			for _, r := range strings.TrimSuffix(line, "\n") {
				if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
					t.Errorf("%q: %q in %q", args, r, said)
					break
				}
			}
		}
	}
}
