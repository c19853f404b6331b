package main

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/invariant"
	"github.com/nlsniff/nlsniff/internal/mutate"
	"github.com/nlsniff/nlsniff/internal/pcaptest"
)

// Budgets of a whole run over a mutated capture of a dozen frames, 64 KiB each at
// the most. Time is generous, as machines are busy; memory is what is allocated in
// all, most of which is soon garbage.
const (
	runTime   = 60 * time.Second
	runMemory = 4 << 30
)

// pool are the first frames of every capture.
var pool = sync.OnceValue(func() []capture.Frame {
	var out []capture.Frame
	t := &testing.T{}
	for _, name := range pcaptest.Names {
		frames := pcaptest.Frames(t, name)
		out = append(out, frames[:min(len(frames), 40)]...)
	}
	return out
})

// poolKeys are wireguard's keys in these frames, by the headers of their
// attributes: 36 bytes, and the type of a private or a preshared key.
var poolKeys = sync.OnceValue(func() (keys [][]byte) {
	for _, f := range pool() {
		if f.Data[capture.CookedLen-1] != families.ProtoGeneric {
			continue
		}
		for _, head := range []string{"\x24\x00\x03\x00", "\x24\x00\x02\x00"} {
			for at := capture.CookedLen; at+36 <= len(f.Data); at += 4 {
				if k := f.Data[at+4 : at+36]; string(f.Data[at:at+4]) == head && entropic(k) {
					keys = append(keys, k)
				}
			}
		}
	}
	return keys
})

// entropic says whether bytes are as different as those of a key.
func entropic(b []byte) bool {
	seen := map[byte]bool{}
	for _, c := range b {
		seen[c] = true
	}
	return len(seen) > len(b)*2/3
}

// commands are what the fuzzer runs; FILE is the capture.
var commands = []string{
	"read FILE", "read -V FILE", "read -V -x FILE", "read -x FILE", "read -2 FILE", "read -T json FILE", "read -T jsonl --full FILE",
	"read --exchanges FILE", "read --exchanges -V FILE", "read --exchanges -T jsonl FILE", "read -q FILE", "read -z coverage FILE", "stats FILE",
	"read -z expert FILE", "read -z conv FILE", "read -z io,stat,0.1 -T json FILE", "diff FILE FILE", "diff -V -a FILE FILE", "read -t r FILE", "read -c 3 FILE",
	"read -T fields -e op -e error -e IFLA_IFNAME -e comm FILE", "read -Y error FILE", "read -Y IFLA_MTU>1000 FILE", "read -Y finding FILE",
	"read --exchanges -Y exchange.latency>0 FILE", "read -V -Y frame.len>100 FILE", "read --byte-order big FILE", "FILE",
}

// FuzzRun runs the whole program over captures that were made hostile: it does not
// panic, keeps to its budgets, prints the same on 1, 2 and 8 processors and of the
// headers the same from a pipe, and nothing that a terminal would act on or that
// holds a key.
func FuzzRun(f *testing.F) {
	// All are run before anything is changed, so they are small.
	for i := range commands {
		f.Add([]byte{byte(i), byte(37 * i), byte(i), 1, byte(i), byte(11 * i), 7, 3, byte(5 * i), 2}[:7+i%4])
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		tape := mutate.NewTape(b)
		command := strings.Fields(commands[tape.N(len(commands))])
		frames := tape.Frames(pool(), 12)
		path := filepath.Join(t.TempDir(), "x")
		var file bytes.Buffer
		if err := tape.Write(&file, frames); err != nil {
			t.Skip(err) // the format does not have what the frame has
		}
		if err := os.WriteFile(path, file.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		for i, a := range command {
			if command[i] = strings.Trim(a, `"`); a == "FILE" {
				command[i] = path
			}
		}
		trees(t, frames)
		var outputs [3]string
		for i, n := range []int{1, 2, 8} {
			outputs[i] = budgeted(t, n, nil, command)
			if outputs[i] != outputs[0] {
				t.Errorf("%q: not the same on %d processors:\n%s\nand on one:\n%s", command, n, outputs[i], outputs[0])
			}
		}
		plain(t, command, outputs[0])
		hidden(t, command, outputs[0])
		// All descriptions are read to find a field, which takes longer than all else.
		if len(b)%4 != 0 {
			return
		}
		headers := []string{"read", "-T", "fields", "-e", "number", "-e", "nlmsg_type", "-e", "nlmsg_len", "-e", "nlmsg_seq"}
		fromFile := budgeted(t, 2, nil, append(headers, path))
		if piped := budgeted(t, 2, bytes.NewReader(file.Bytes()), append(headers, "-")); piped != fromFile {
			t.Errorf("headers from a pipe:\n%s\nand from the file:\n%s", piped, fromFile)
		}
	})
}

// trees checks the invariant of every frame's tree.
func trees(t *testing.T, frames []capture.Frame) {
	s, d := dissect.NewSession(dissect.OrderAuto), dissect.New(families.Embedded())
	for i := range frames {
		f := &frames[i]
		in := dissect.Input{Number: i + 1, Data: f.Data, OrigLen: f.OrigLen, Dir: dissect.Dir(f.Dir)}
		s.Prepare(&in, f.Stream())
		if err := invariant.Check(d.Frame(&in)); err != nil {
			t.Errorf("frame %d: %v", i+1, err)
		}
	}
}

// budgeted runs the program and returns all that it says.
func budgeted(t *testing.T, processors int, stdin io.Reader, args []string) string {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(processors))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	var stdout, stderr bytes.Buffer
	code := run(args, stdin, &stdout, &stderr)
	if took := time.Since(start); took > runTime {
		t.Errorf("%q takes %v", args, took)
	}
	if runtime.ReadMemStats(&after); after.TotalAlloc-before.TotalAlloc > runMemory {
		t.Errorf("%q allocates %d MiB", args, (after.TotalAlloc-before.TotalAlloc)>>20)
	}
	// A capture is the same as itself, as far as it can be compared: a request that is
	// not all there is said to differ, perhaps.
	apart := code == exitNo && args[0] == "diff" && strings.Contains(stdout.String(),
		" 0 with another outcome, 0 with another request, 0 with other replies, 0 only in A, 0 only in B, ")
	if code != exitOK && code != exitTrouble && !apart {
		t.Errorf("%q: exit code %d, %s", args, code, stderr.Bytes())
	}
	return stdout.String() + stderr.String()
}

// plain fails if a terminal would act on something.
func plain(t *testing.T, args []string, s string) {
	if !utf8.ValidString(s) {
		t.Errorf("%q: the output is not UTF-8", args)
	}
	for i, r := range s {
		if r != '\n' && r != '\t' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)) {
			t.Errorf("%q: %q in %q", args, r, s[max(0, i-40):min(len(s), i+40)])
			return
		}
	}
}

// hidden fails if half of a key can be read.
func hidden(t *testing.T, args []string, s string) {
	squeezed := strings.NewReplacer(" ", "", ":", "", "\n", "").Replace(strings.ToLower(s))
	for _, k := range poolKeys() {
		for _, half := range [][]byte{k[:16], k[16:]} {
			if x := hex.EncodeToString(half); strings.Contains(squeezed, x) {
				t.Errorf("%q prints %s of a key", args, x)
			}
		}
		if x := base64.StdEncoding.EncodeToString(k)[:24]; strings.Contains(s, x) {
			t.Errorf("%q prints %s of a key", args, x)
		}
	}
}
