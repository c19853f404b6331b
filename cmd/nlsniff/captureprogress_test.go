package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/internal/rotate"
)

func TestSummary(t *testing.T) {
	tests := []struct {
		tally tally
		want  string
	}{
		{tally{}, "0 frames captured, 0 dropped by the kernel"},
		{tally{captured: 1, dropped: 2, ringFull: 1}, "1 frame captured, 2 dropped by the kernel as the ring was full (1 time); hint: a larger ring (-B 1), or less to capture (-f)"},
		{tally{captured: 1, dropped: 2, outside: 2, ring: maxRing, printing: true}, "1 frame captured, 2 dropped by the kernel, all of them large and with no room beside the ring; hint: -w FILE without -P, to be read later, or less to capture (-f)"},
		{tally{captured: 5, filtered: 3}, "5 frames captured, 0 dropped by the kernel, 3 filtered out"},
		{tally{captured: 5, Counts: rotate.Counts{Written: 11, Bytes: 9999, File: "x.pcapng", Files: 1}}, "5 frames captured, 0 dropped by the kernel, 11 written to x.pcapng (9999 B)"},
		{tally{captured: 5, Counts: rotate.Counts{Written: 11, Bytes: 10_000, File: "x_00002.pcapng", Files: 2}}, "5 frames captured, 0 dropped by the kernel, 11 written to 2 files up to x_00002.pcapng (10 kB)"},
		{tally{captured: 5, Counts: rotate.Counts{Written: 11, Bytes: 12_345_678, File: "-", Files: 1}}, "5 frames captured, 0 dropped by the kernel, 11 written (12 MB)"},
	}
	for _, tt := range tests {
		if got := tt.tally.summary(); got != tt.want {
			t.Errorf("%+v\n got %s\nwant %s", tt.tally, got, tt.want)
		}
	}
}

// TestProgress: the line is written over, with nothing of a longer one left,
// and loss is told once, on a line of its own, and not too often.
func TestProgress(t *testing.T) {
	var out bytes.Buffer
	p := &progress{w: &out, live: true}
	p.tell(tally{captured: 1000, Counts: rotate.Counts{Bytes: 5_000_000}})
	p.tell(tally{captured: 1001})
	p.tell(tally{captured: 1001, dropped: 7, ring: 32 << 20, printing: true})
	p.tell(tally{captured: 1001, dropped: 7})
	p.tell(tally{captured: 1001, dropped: 9}) // too soon
	p.clear()
	screen := ""
	for _, line := range strings.Split(out.String(), "\n") {
		row := []byte(strings.Repeat(" ", 200))
		for _, over := range strings.Split(line, "\r") {
			copy(row, over)
		}
		screen += strings.TrimRight(string(row), " ") + "\n"
	}
	want := "nlsniff: the kernel dropped 7 frames, 7 in all; hint: -w FILE without -P, to be read later, a larger ring (-B 64), or less to capture (-f)\n\n"
	if screen != want {
		t.Errorf("screen:\n%swant:\n%s", screen, want)
	}
	if !strings.Contains(out.String(), "\r1000 frames  2000/s  5000 kB  0 dropped\r1001 frames  2/s  0 B  0 dropped") {
		t.Errorf("%q", &out)
	}

	out.Reset()
	p = &progress{w: &out}
	p.tell(tally{captured: 1})
	if out.Len() > 0 {
		t.Errorf("without a terminal: %q", &out)
	}
}
