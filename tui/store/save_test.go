package store_test

import (
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/pcaptest"
	"github.com/nlsniff/nlsniff/render"
	"github.com/nlsniff/nlsniff/tui/store"
)

// replayed is a live source of frames.
type replayed struct{ frames []capture.Frame }

func (s *replayed) Next(f *capture.Frame) error {
	if len(s.frames) == 0 {
		return io.EOF
	}
	*f, s.frames = s.frames[0], s.frames[1:]
	return nil
}

func (s *replayed) Stats() capture.Stats { return capture.Stats{} }
func (s *replayed) Close() error         { return nil }

// TestSaveNames: a frame alone reads as among the others: of its family's name
// depends that a key is hidden. A live capture asks for names before its first
// frame.
func TestSaveNames(t *testing.T) {
	t.Parallel()
	frames := pcaptest.Frames(t, "wireguard")
	first := 0 // behind what names the family
	for i := range frames {
		if d := frames[i].Data; first == 0 && d[capture.CookedLen-1] == families.ProtoGeneric && strings.Contains(string(d), "wireguard\x00") {
			first = i + 1
		}
	}
	if first == 0 {
		t.Fatal("nothing names the family")
	}
	o := options()
	o.Introduce = func(each func(*capture.Frame) error) error {
		for _, f := range frames[:first] {
			f.Number = 0
			if err := each(&f); err != nil {
				return err
			}
		}
		return nil
	}
	for name, s := range map[string]*store.Store{
		"file": open(t, pcaptest.Path("wireguard.pcap"), options()),
		"live": store.Live(&replayed{frames[first:]}, o),
	} {
		st := wait(t, s)
		row, shown := -1, ""
		for i := range st.End {
			d, err := s.NewDecoder().Detail(i)
			if err != nil {
				t.Fatal(err)
			}
			if text := string(render.NewTree(render.Options{}).Frame(nil, &d.Event)); strings.Contains(text, "PRIVATE_KEY: <hidden>") {
				row, shown = i, line(t, s, i)
				break
			}
		}
		if row < 0 {
			t.Fatalf("%s: there is no key", name)
		}
		path := filepath.Join(t.TempDir(), name+".pcapng")
		done, err := s.Save(path, []int{row}, false)
		if err != nil {
			t.Fatal(err)
		}
		if text := done.String(); !strings.HasPrefix(text, "1 frame, ") && !strings.HasPrefix(text, "1 frame and ") || !strings.Contains(text, "wireguard") {
			t.Errorf("%s: saved %s", name, text)
		}
		again := open(t, path, options())
		// Who sent a request, only its answer tells here.
		if !strings.HasSuffix(line(t, again, wait(t, again).End-1), shown[strings.Index(shown, " → "):]) {
			t.Errorf("%s: saved as\n%s\nwas\n%s", name, line(t, again, again.State().End-1), shown)
		}
	}
}
