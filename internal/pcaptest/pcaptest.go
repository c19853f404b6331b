// Package pcaptest gives tests the frames of the captures in testdata/pcaps.
package pcaptest

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/capture/pcapng"
	"github.com/nlsniff/nlsniff/dissect"
)

// Names are the captures of real traffic; each has the output of the programs
// that caused it beside it, as NAME.log.
var Names = names()

// Some returns every fourth of a list where -short asks for less: the race detector
// makes everything ten times as slow.
func Some[T any](list []T) []T {
	if !testing.Short() {
		return list
	}
	var out []T
	for i := 0; i < len(list); i += 4 {
		out = append(out, list[i])
	}
	return out
}

func names() []string {
	files, err := filepath.Glob(Path("*.pcap"))
	if err != nil || len(files) == 0 {
		panic("no captures in testdata/pcaps")
	}
	for i, f := range files {
		files[i] = strings.TrimSuffix(filepath.Base(f), ".pcap")
	}
	return files
}

// Path returns the path of a file in testdata/pcaps.
func Path(name string) string {
	_, self, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(self), "..", "..", "testdata", "pcaps", name)
}

// Frames returns all frames of a capture.
func Frames(t testing.TB, name string) []capture.Frame {
	t.Helper()
	return File(t, Path(name+".pcap"))
}

// File returns all frames of a file.
func File(t testing.TB, name string) []capture.Frame {
	t.Helper()
	r, err := pcapng.Open(name, pcapng.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var out []capture.Frame
	for {
		var f capture.Frame
		err := r.Next(&f)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		f.Data = append([]byte(nil), f.Data...)
		out = append(out, f)
	}
	if len(out) == 0 {
		t.Fatalf("%s holds no frames", name)
	}
	return out
}

// Inputs returns a capture's frames as a session prepares them.
func Inputs(t testing.TB, name string, s *dissect.Session) []dissect.Input {
	t.Helper()
	frames := Frames(t, name)
	out := make([]dissect.Input, len(frames))
	for i := range frames {
		f := &frames[i]
		out[i] = dissect.Input{Number: f.Number, Data: f.Data, OrigLen: f.OrigLen, Dir: dissect.Dir(f.Dir)}
		s.Prepare(&out[i], f.Section)
		out[i].Request = bytes.Clone(out[i].Request)
	}
	return out
}

// Log returns the lines that the programs behind a capture printed.
func Log(t testing.TB, name string) []string {
	t.Helper()
	b, err := os.ReadFile(Path(name + ".log"))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(string(b), "\n")
}
