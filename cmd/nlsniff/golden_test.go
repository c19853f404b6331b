package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/capture/pcapng"
	"github.com/nlsniff/nlsniff/internal/frametext"
	"github.com/nlsniff/nlsniff/internal/pcaptest"
)

var update = flag.Bool("update", false, "write what testdata/golden should say")

// TestGolden runs the scenarios in testdata/golden. A scenario is a folder:
//
//	frames.txt  what to read: lines of a capture in testdata/pcaps and some of
//	            its frames, "wifi 3,40-42"; or input.pcap, the capture itself;
//	            or input.txt, frames written as text (internal/frametext);
//	            other.txt is a second capture, $OTHER
//	args.txt    the command line; $INPUT is the capture
//	stdout.txt  what must come out, stderr.txt and code.txt likewise where
//	            there is something to say and where it fails
//
// go test ./cmd/nlsniff -run Golden -update writes the last three.
func TestGolden(t *testing.T) {
	dirs, err := filepath.Glob("../../testdata/golden/*/args.txt")
	if err != nil {
		t.Fatal(err)
	}
	if len(dirs) < 12 {
		t.Errorf("only %d scenarios", len(dirs))
	}
	t.Setenv("NO_COLOR", "")
	t.Setenv("CLICOLOR_FORCE", "")
	t.Setenv("COLUMNS", "140")
	for _, args := range dirs {
		dir := filepath.Dir(args)
		t.Run(filepath.Base(dir), func(t *testing.T) { golden(t, dir) })
	}
}

func golden(t *testing.T, dir string) {
	line, err := os.ReadFile(filepath.Join(dir, "args.txt"))
	if err != nil {
		t.Fatal(err)
	}
	input := filepath.Join(dir, "input.pcap")
	if spec, err := os.ReadFile(filepath.Join(dir, "frames.txt")); err == nil {
		input = filepath.Join(t.TempDir(), "input.pcap")
		cut(t, string(spec), input)
	}
	if _, err := os.Stat(filepath.Join(dir, "input.txt")); err == nil {
		input = filepath.Join(t.TempDir(), "input.pcap")
		compose(t, frametext.Load(t, filepath.Join(dir, "input.txt")), input)
	}
	other := filepath.Join(t.TempDir(), "other.pcap")
	if _, err := os.Stat(filepath.Join(dir, "other.txt")); err == nil {
		compose(t, frametext.Load(t, filepath.Join(dir, "other.txt")), other)
	}
	args := strings.Fields(string(line))
	for i := range args {
		args[i] = strings.NewReplacer("$INPUT", input, "$OTHER", other).Replace(args[i])
	}
	var stdout, stderr bytes.Buffer
	code := run(args, strings.NewReader(""), &stdout, &stderr)
	compare(t, filepath.Join(dir, "stdout.txt"), strings.NewReplacer(input, "input.pcap", other, "other.pcap").Replace(stdout.String()))
	compare(t, filepath.Join(dir, "stderr.txt"), strings.ReplaceAll(stderr.String(), input, "input.pcap"))
	status := ""
	if code != exitOK {
		status = fmt.Sprintln(code)
	}
	compare(t, filepath.Join(dir, "code.txt"), status)
}

// compare compares with a file, or writes it. No file is as good as an empty
// one.
func compare(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		err := os.Remove(path)
		if got != "" {
			err = os.WriteFile(path, []byte(got), 0o644)
		}
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		return
	}
	b, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	want := string(b)
	if got == want {
		return
	}
	g, w := strings.SplitAfter(got, "\n"), strings.SplitAfter(want, "\n")
	for i := range max(len(g), len(w)) {
		if i >= len(g) || i >= len(w) || g[i] != w[i] {
			t.Errorf("%s: line %d:\ngot  %s\nwant %s\n(-update accepts it)", filepath.Base(path), i+1,
				strings.Join(g[min(i, len(g)):min(i+3, len(g))], ""), strings.Join(w[min(i, len(w)):min(i+3, len(w))], ""))
			return
		}
	}
}

// compose writes frames to a capture that keeps all that is known of them.
func compose(t *testing.T, frames []capture.Frame, to string) {
	t.Helper()
	out, err := os.Create(to)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	w := pcapng.NewWriter(out, pcapng.Section{})
	for i := range frames {
		if err := w.Write(&frames[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

// cut writes the frames that lines like "wifi 3,40-42" name to a capture.
func cut(t *testing.T, spec, to string) {
	t.Helper()
	out, err := os.Create(to)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	w := pcapng.NewPcapWriter(out, pcapng.PcapOptions{Micro: true})
	for line := range strings.Lines(spec) {
		name, ranges, ok := strings.Cut(strings.TrimSpace(line), " ")
		if !ok {
			t.Fatalf("want CAPTURE FRAMES, not %q", line)
		}
		frames := pcaptest.Frames(t, name)
		for _, r := range strings.Split(ranges, ",") {
			first, last, isRange := strings.Cut(r, "-")
			if !isRange {
				last = first
			}
			a, err1 := strconv.Atoi(first)
			b, err2 := strconv.Atoi(last)
			if err1 != nil || err2 != nil || a < 1 || b > len(frames) || a > b {
				t.Fatalf("%s has no frames %q", name, r)
			}
			for i := a - 1; i < b; i++ {
				if err := w.Write(&frames[i]); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}
