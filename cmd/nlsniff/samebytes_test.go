//go:build !race

package main

import (
	"bytes"
	"io"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/internal/pcaptest"
)

// TestSameBytes: the same capture gives the same bytes whatever the number of
// processors, and from a pipe as from a file, but for names that only a file
// can be read ahead for.
func TestSameBytes(t *testing.T) {
	t.Setenv("TZ", "UTC")
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	commands := []string{
		"read", "read -2", "read -V", "read -T jsonl", "read -T fields -e frame.number -e op -e error", "read --exchanges", "read --exchanges -V",
		"read --exchanges -T jsonl", "read --exchanges -q", "read -z io,stat,1", "read -z conv", "read -z expert", "read -z rtt",
		"read -z coverage", "read -q -Y error", "read -Y error", "stats", "stats -T json",
	}
	// Each command with each capture takes nine minutes: a third of the pairs
	// has every command and every capture many times.
	names, every := pcaptest.Names, 3
	if testing.Short() { // the largest differences come from the smallest captures
		every = 1
		names = []string{"userspace_peer", "wireguard", "nft_more"}
		commands = []string{"read", "read --exchanges -T jsonl", "read -z io,stat,1", "read -z conv", "read -z expert", "stats -T json"}
	}
	output := func(args []string, in io.Reader, procs int) string {
		runtime.GOMAXPROCS(procs)
		var out, diag bytes.Buffer
		code := run(args, in, &out, &diag)
		if code != exitOK {
			t.Fatalf("%q: exit code %d: %s", args, code, diag.String())
		}
		return out.String()
	}
	for i, name := range names {
		file := pcaptest.Path(name + ".pcap")
		for j, c := range commands {
			if (i+j)%every != 0 {
				continue
			}
			args := append(strings.Fields(c), file)
			want := output(args, nil, 1)
			for _, procs := range []int{2, 8} {
				if got := output(args, nil, procs); got != want {
					t.Errorf("%s %s: other bytes with %d processors: %s", c, name, procs, differs(want, got))
				}
			}
		}
		// Each capture begins with the names of its families, so that reading
		// ahead tells nothing more.
		for _, c := range []string{"read --exchanges -T jsonl", "read -z expert"} {
			in, err := os.Open(file)
			if err != nil {
				t.Fatal(err)
			}
			got := output(append(strings.Fields(c), "-"), in, 2)
			in.Close()
			if want := output(append(strings.Fields(c), file), nil, 2); got != want {
				t.Errorf("%s %s: other bytes from a pipe: %s", c, name, differs(want, got))
			}
		}
	}
}

// differs returns the first lines in which two outputs differ.
func differs(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			return "\n- " + x[i] + "\n+ " + y[i]
		}
	}
	return "one is longer"
}
