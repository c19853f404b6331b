package store_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"math/rand"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/flow"
	"github.com/nlsniff/nlsniff/internal/pcaptest"
	"github.com/nlsniff/nlsniff/render"
	"github.com/nlsniff/nlsniff/tui/store"
)

func options() store.Options {
	return store.Options{DB: families.Embedded(), Render: render.Options{Time: render.TimeOfDay, Location: time.UTC}}
}

// wait returns the state of a store when it has read everything.
func wait(t testing.TB, s *store.Store) store.State {
	t.Helper()
	for range 1000 {
		if st := s.State(); st.Done {
			return st
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatal("the store does not come to an end")
	return store.State{}
}

func open(t testing.TB, path string, o store.Options) *store.Store {
	t.Helper()
	s, err := store.Open(path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// inOrder decodes a capture from its first frame to its last, with the names
// of the whole capture and the portids that it tells.
func inOrder(t testing.TB, name string) (lines []string) {
	session := dissect.NewSession(dissect.OrderAuto)
	sockets := map[int]uint32{}
	tracker := flow.NewTracker(families.Embedded(), flow.Options{Closed: func(e *flow.Exchange) { sockets[e.Request.Frame] = e.PortID }})
	frames := pcaptest.Frames(t, name)
	for i, in := range pcaptest.Inputs(t, name, session) {
		tracker.Observe(&flow.Frame{Input: &in, Time: frames[i].Time, Section: frames[i].Stream()})
	}
	tracker.Close()
	session.Complete()
	again := dissect.NewSession(dissect.OrderAuto)
	again.Adopt(session)
	d := dissect.New(families.Embedded())
	for i, in := range pcaptest.Inputs(t, name, again) {
		f := &frames[i]
		tree := d.Frame(&in)
		ev := render.Event{Number: f.Number, Time: f.Time, OrigLen: f.OrigLen, Links: in.Links, Tree: tree, Socket: sockets[f.Number]}
		for m := range tree.Own() {
			lines = append(lines, string(render.AppendMessage(nil, render.Options{}, &ev, m)))
		}
		if len(tree.Msgs) == 0 {
			lines = append(lines, "no message")
		}
	}
	return lines
}

func line(t testing.TB, s *store.Store, row int) string {
	t.Helper()
	d, err := s.NewDecoder().Detail(row)
	if err != nil {
		t.Fatal(err)
	}
	if d.Message < 0 {
		return "no message"
	}
	return string(render.AppendMessage(nil, render.Options{}, &d.Event, &d.Tree.Msgs[d.Message]))
}

// TestAnyOrder: a message decoded when someone looks at it says what it says
// when the capture is read from its start.
func TestAnyOrder(t *testing.T) {
	for _, name := range pcaptest.Some(pcaptest.Names) {
		t.Run(name, func(t *testing.T) {
			want := inOrder(t, name)
			s := open(t, pcaptest.Path(name+".pcap"), options())
			st := wait(t, s)
			if st.First != 0 || st.End != len(want) {
				t.Fatalf("rows %d…%d, want 0…%d", st.First, st.End, len(want))
			}
			order := rand.New(rand.NewSource(1)).Perm(len(want))
			for _, row := range order[:min(len(order), 300)] {
				if got := line(t, s, row); got != want[row] {
					t.Errorf("row %d:\n got %s\nwant %s", row, got, want[row])
				}
			}
			rows := s.NewDecoder().Rows(order[:min(len(order), 300)])
			for i, r := range rows {
				if r.Err != nil || r.Row != order[i] {
					t.Errorf("row %d: %d %v", order[i], r.Row, r.Err)
				}
			}
		})
	}
}

// TestSocketOfRequest: a request that leaves its portid 0 shows that of its
// socket, which the answers told.
func TestSocketOfRequest(t *testing.T) {
	s := open(t, pcaptest.Path("wireguard.pcap"), options())
	wait(t, s)
	if got := s.NewDecoder().Rows([]int{0})[0]; got.Process != "892" || got.PortID != 0 {
		t.Errorf("the request comes from %q and its header says %d, want 892 and 0", got.Process, got.PortID)
	}
	if got := line(t, s, 0); !strings.HasPrefix(got, "892 → kernel  CTRL_CMD_GETFAMILY") {
		t.Errorf("got %s", got)
	}
}

// TestCompressed: a compressed file is shown as the file in it.
func TestCompressed(t *testing.T) {
	raw, err := os.ReadFile(pcaptest.Path("wireguard.pcap"))
	if err != nil {
		t.Fatal(err)
	}
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	w.Write(raw)
	w.Close()
	path := filepath.Join(t.TempDir(), "x.pcap.gz")
	if err := os.WriteFile(path, packed.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	want := inOrder(t, "wireguard")
	s := open(t, path, options())
	if st := wait(t, s); st.End != len(want) || st.Read != st.Size || st.Err != nil {
		t.Fatalf("%+v, want %d rows", st, len(want))
	}
	if got := line(t, s, 7); got != want[7] {
		t.Errorf("%q, want %q", got, want[7])
	}
	o := options()
	o.Follow = func(int64) error { return nil }
	if _, err := store.Open(path, o); err == nil || !strings.Contains(err.Error(), "compressed") {
		t.Errorf("a compressed file is followed: %v", err)
	}
	// Cut off, it shows what there is.
	if err := os.WriteFile(path, packed.Bytes()[:packed.Len()/2], 0o600); err != nil {
		t.Fatal(err)
	}
	s = open(t, path, options())
	if st := wait(t, s); st.End == 0 || st.End >= len(want) || st.Damaged == 0 {
		t.Errorf("%+v", st)
	}
}

// repeat is a source that gives the frames of a capture again and again.
type repeat struct {
	frames []capture.Frame
	n, max int
}

func (r *repeat) Next(f *capture.Frame) error {
	if r.n == r.max {
		return io.EOF
	}
	*f = r.frames[r.n%len(r.frames)]
	r.n++
	f.Number, f.Time = r.n, int64(r.n)*1000
	f.Data = slices.Clone(f.Data)
	return nil
}
func (r *repeat) Stats() capture.Stats { return capture.Stats{Frames: uint64(r.n), Dropped: 3} }
func (r *repeat) Close() error         { return nil }

// TestLive: a live store keeps the latest frames within its budget, and says
// what it let go and what the source lost.
func TestLive(t *testing.T) {
	o := options()
	o.Budget = 1 << 20
	src := &repeat{frames: pcaptest.Frames(t, "route_addrs"), max: 20000}
	s := store.Live(src, o)
	defer s.Close()
	st := wait(t, s)
	if !st.Live || st.Frames != 20000 || st.Lost != 3 || st.First == 0 || st.End <= st.First {
		t.Fatalf("%+v", st)
	}
	if got := s.NewDecoder().Rows([]int{st.First - 1, st.First, st.End - 1, st.End}); got[0].Err == nil || got[1].Err != nil ||
		got[2].Err != nil || got[2].Frame != 20000 || got[3].Err == nil {
		t.Errorf("%+v", got)
	}
	if row, ok := s.RowOf(20000); !ok || s.NewDecoder().Rows([]int{row})[0].Frame != 20000 {
		t.Errorf("frame 20000 is in row %d %v", row, ok)
	}
	want := inOrder(t, "route_addrs")
	if len(want) == 0 {
		t.Fatal("nothing to compare with")
	}
}

// TestFailing: a source that fails leaves what it has.
func TestFailing(t *testing.T) {
	src := &failing{repeat{frames: pcaptest.Frames(t, "wireguard"), max: 10}}
	s := store.Live(src, options())
	defer s.Close()
	if st := wait(t, s); st.Err != errBroken || st.End < 10 {
		t.Errorf("%+v", st)
	}
}

var errBroken = os.ErrDeadlineExceeded

type failing struct{ repeat }

func (f *failing) Next(out *capture.Frame) error {
	err := f.repeat.Next(out)
	if err == io.EOF {
		return errBroken
	}
	return err
}
