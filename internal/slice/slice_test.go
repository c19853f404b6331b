package slice

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/capture/pcapng"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/pcaptest"
	"github.com/nlsniff/nlsniff/render"
)

// frame is one of a capture with what is printed of it.
type frame struct {
	capture.Frame
	input dissect.Input
	shown string
}

// read decodes a file, with all names that it has.
func read(t *testing.T, db *families.DB, b []byte) []frame {
	t.Helper()
	out := prepare(t, b)
	d := dissect.New(db)
	line, tree := render.NewLine(render.Options{}), render.NewTree(render.Options{})
	for i := range out {
		f := &out[i]
		if f.Event != nil {
			continue
		}
		ev := render.Event{Number: f.Number, Time: f.Time, OrigLen: f.OrigLen, Links: f.input.Links, Tree: d.Frame(&f.input),
			Process: f.Process, Comment: f.Comment, Delivery: f.Delivery}
		shown := line.Frame(nil, &ev)
		shown = tree.Frame(shown, &ev)
		ev.Number = 0 // is printed
		for _, l := range strings.SplitAfter(string(shown), "\n") {
			if len(l) > 6 && strings.Trim(l[:5], " 0123456789") == "" {
				l = l[5:] // the number of the frame
			}
			f.shown += l
		}
	}
	return out
}

// prepare reads a file as a session sees it the second time.
func prepare(t *testing.T, b []byte) []frame {
	t.Helper()
	r, err := pcapng.NewReader(bytes.NewReader(b), pcapng.Options{Events: true})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var out []frame
	names := dissect.NewSession(dissect.OrderAuto)
	for {
		var f frame
		err := r.Next(&f.Frame)
		if errors.Is(err, io.EOF) {
			break
		}
		var damaged *capture.CorruptError
		if errors.As(err, &damaged) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		f.Data = bytes.Clone(f.Data)
		if f.Event != nil {
			e := *f.Event
			f.Event = &e
		}
		if f.Delivery != nil {
			d := *f.Delivery
			f.Delivery = &d
		}
		if f.Event == nil {
			in := input(&f)
			names.Prepare(&in, f.Stream())
		}
		out = append(out, f)
	}
	names.Complete()
	s := dissect.NewSession(dissect.OrderAuto)
	s.Adopt(names)
	for i := range out {
		f := &out[i]
		if f.Event != nil {
			continue
		}
		f.input = input(f)
		s.Prepare(&f.input, f.Stream())
		f.input.Request = bytes.Clone(f.input.Request)
	}
	return out
}

func input(f *frame) dissect.Input {
	return dissect.Input{Number: f.Number, Data: f.Data, OrigLen: f.OrigLen, Dir: dissect.Dir(f.Dir)}
}

// captures are all that we have, and the recordings of trace and eBPF.
func captures(t *testing.T) []string {
	t.Helper()
	var out []string
	for _, pattern := range []string{"*.pcap", "*.pcapng", "../monitors/*.pcap*", "../golden/*/input.pcap*"} {
		list, err := filepath.Glob(pcaptest.Path(pattern))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, list...)
	}
	return pcaptest.Some(out)
}

// TestDecodesAsBefore: whichever frames of a capture are kept, they read as they
// did in the whole.
func TestDecodesAsBefore(t *testing.T) {
	t.Parallel()
	const step = 9
	db := families.Embedded()
	came := 0
	for _, name := range captures(t) {
		b, all := whole(t, db, name)
		for from := 0; from < step; from += 5 {
			if from > 0 && len(b) > 20<<10 {
				break // enough of a large one
			}
			n := New(db)
			var want []string
			for i := range all {
				f := &all[i]
				n.See(&f.Frame, &f.input)
				if f.Event == nil && i%step == from {
					n.Keep(&f.Frame, &f.input)
					want = append(want, f.shown)
				}
			}
			n.Settle()
			part, w := slice(t, db, b, "pcapng", n)
			came += w.Naming + w.Asking
			if text := otherVerdicts(db, all, part, n); text != "" {
				t.Errorf("%s, every %dth frame from %d: %s", filepath.Base(name), step, from, text)
			}
			var got []string
			at := 0
			for i := range all {
				if !n.Has(&all[i].Frame) {
					continue
				}
				if at < len(part) && all[i].Event == nil && i%step == from {
					got = append(got, part[at].shown)
				}
				at++
			}
			if at != len(part) {
				t.Fatalf("%s: %d frames were written, want %d", name, len(part), at)
			}
			for i := range want {
				if got[i] != want[i] {
					t.Errorf("%s, every %dth frame from %d:\n%swas\n%s", filepath.Base(name), step, from, got[i], want[i])
					break
				}
			}
		}
	}
	if came < 100 {
		t.Errorf("only %d frames came along", came)
	}
}

func slice(t *testing.T, db *families.DB, b []byte, format string, n *Needs) ([]frame, Written) {
	t.Helper()
	part, w := write(t, b, format, n)
	if len(part) == 0 {
		return nil, w
	}
	return read(t, db, part), w
}

// write writes what is needed of a file to another.
func write(t *testing.T, b []byte, format string, n *Needs) ([]byte, Written) {
	t.Helper()
	var out bytes.Buffer
	w := NewWriter(&out, format, n)
	var blocks Blocks
	r, err := pcapng.NewReader(bytes.NewReader(b), blocks.Options())
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if err := w.Copy(r, &blocks); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if w.Frames+w.Naming+w.Asking+w.Events == 0 {
		return nil, w.Written
	}
	return out.Bytes(), w.Written
}

// TestWholeFile: a pcapng file of which everything is kept is the same file.
func TestWholeFile(t *testing.T) {
	t.Parallel()
	db := families.Embedded()
	b, err := os.ReadFile(pcaptest.Path("tour.pcapng"))
	if err != nil {
		t.Fatal(err)
	}
	n := New(db)
	n.All()
	part, w := slice(t, db, b, "pcapng", n)
	all := read(t, db, b)
	if len(part) != len(all) || w.Frames+w.Events != len(all) {
		t.Fatalf("%d frames, %+v, want %d", len(part), w, len(all))
	}
	for i := range all {
		if part[i].shown != all[i].shown {
			t.Errorf("%s was %s", part[i].shown, all[i].shown)
		}
	}
}

// TestWritten: what is said of a slice.
func TestWritten(t *testing.T) {
	t.Parallel()
	for want, w := range map[string]Written{
		"1 frame": {Frames: 1},
		"12 frames and 2 that name eth0 and wireguard":                     {Frames: 12, Naming: 2, Names: []string{"eth0", "wireguard"}},
		"2 frames, 1 that names a, and 3 with requests or answers to them": {Frames: 2, Naming: 1, Names: []string{"a"}, Asking: 3},
		"2 frames and 1 event":                               {Frames: 2, Events: 1},
		"9 frames and 7 that name a, b, c, d, e, and 2 more": {Frames: 9, Naming: 7, Names: []string{"a", "b", "c", "d", "e", "f", "g"}},
	} {
		if got := w.String(); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	for want, l := range map[string]Lost{
		"": {},
		"pcap files have no room for 1 comment (hint: pcapng files do)":                   {Comments: 1},
		"pcap files have no room for 2 process names and 1 event (hint: pcapng files do)": {Processes: 2, Events: 1},
	} {
		if got := l.Warning(); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	if FormatOf("a/x.PCAP") != "pcap" || FormatOf("x") != "pcapng" || FormatOf("pcap") != "pcapng" {
		t.Error("a name asks for another format")
	}
}

// wholes are the captures that were read: tests share them.
var wholes sync.Map

func whole(t *testing.T, db *families.DB, name string) ([]byte, []frame) {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	once, _ := wholes.LoadOrStore(name, sync.OnceValue(func() []frame { return read(t, db, b) }))
	return b, once.(func() []frame)()
}
