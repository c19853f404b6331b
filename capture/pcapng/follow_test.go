package pcapng

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/nlsniff/nlsniff/capture"
)

// TestFollowed: what a file becomes while it is followed.
func TestFollowed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.pcapng")
	file := func(texts ...string) []byte {
		var b bytes.Buffer
		w := NewWriter(&b, Section{})
		for _, s := range texts {
			data := append(make([]byte, capture.CookedLen), s...)
			data[2], data[3] = capture.ARPHRDNetlink>>8, capture.ARPHRDNetlink&255
			if err := w.Write(&capture.Frame{Data: data, OrigLen: len(data)}); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	put := func(name string, b []byte) {
		if err := os.WriteFile(name, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var events []string
	put(path, file("one", "two"))
	f, err := Follow(path, Options{}, func(what string) { events = append(events, what) })
	if err != nil {
		t.Fatal(err)
	}
	defer func() { f.Close() }()
	// rest reads until nothing is there twice: the first time a new file may be
	// found.
	rest := func() {
		for idle := 0; idle < 2; {
			var x capture.Frame
			switch err := f.Next(&x); {
			case err == nil:
				events = append(events, fmt.Sprintf("%d/%d %s", x.Section, x.Number, x.Data[capture.CookedLen:]))
				idle = 0
			case errors.Is(err, capture.ErrTryAgain):
				idle++
			default:
				t.Fatal(err)
			}
		}
	}
	rest()
	put(path, file("one", "two", "three"))
	rest() // it has grown, whoever wrote it
	put(path, file("four"))
	rest()
	next := filepath.Join(filepath.Dir(path), "next")
	put(next, file("five", "six"))
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	rest() // there is none
	if err := os.Rename(next, path); err != nil {
		t.Fatal(err)
	}
	rest()
	want := []string{"0/1 one", "0/2 two", "0/3 three", "was cut short", "1/4 four", "was replaced", "2/5 five", "2/6 six"}
	if !slices.Equal(events, want) {
		t.Errorf("got  %q\nwant %q", events, want)
	}
	if s := f.Stats(); s.Frames != 6 {
		t.Errorf("%+v, want 6 frames", s)
	}
}
