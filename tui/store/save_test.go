package store_test

import (
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/flow"
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

// TestSaveVerdicts: exchanges that are saved end as they did, and so do the
// requests that come along.
func TestSaveVerdicts(t *testing.T) {
	t.Parallel()
	type end struct {
		state  flow.State
		errno  int32
		reason flow.Reason
	}
	ends := func(s *store.Store) map[int64]end {
		out := map[int64]end{}
		wait(t, s)
		for id := 1; ; id++ {
			e, ok := s.Exchange(id)
			if !ok {
				return out
			}
			d, err := s.NewDecoder().Detail(e.First)
			if err != nil {
				t.Fatal(err)
			}
			if e.State != flow.Orphan {
				out[d.Event.Time] = end{e.State, e.Errno, e.Reason}
			}
		}
	}
	for _, name := range []string{"tour.pcapng", "nft_all.pcap", "ethtool_all.pcap", "ovs.pcap"} {
		s := open(t, pcaptest.Path(name), options())
		was := ends(s)
		var rows []int
		for id := 1; ; id++ {
			e, ok := s.Exchange(id)
			if !ok {
				break
			}
			if id%5 == 0 || e.Errno != 0 {
				members, _ := s.Members(id)
				rows = append(rows, members...)
			}
		}
		path := filepath.Join(t.TempDir(), "part.pcapng")
		if _, err := s.Save(path, rows, false); err != nil {
			t.Fatal(err)
		}
		is := ends(open(t, path, options()))
		if len(is) < len(was)/5 {
			t.Errorf("%s: %d exchanges of %d were saved", name, len(is), len(was))
		}
		for when, e := range is {
			if w := was[when]; e.reason != flow.LeftOut && (e.state != w.state || e.errno != w.errno) {
				t.Errorf("%s: %s (%s) %d, was %s (%s) %d", name, e.state, e.reason, e.errno, w.state, w.reason, w.errno)
			}
		}
	}
}
