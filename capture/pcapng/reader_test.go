package pcapng

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/nlsniff/nlsniff/capture"
)

var orders = map[string]endian{"little": little, "big": big}

func TestReadEverything(t *testing.T) {
	for name, e := range orders {
		t.Run(name, func(t *testing.T) {
			res := readAll(t, everything(e), Options{})
			if res.openErr != nil || res.err != nil || len(res.damage) > 0 {
				t.Fatal(res.openErr, res.err, res.damage)
			}
			want := []capture.Frame{
				{Number: 1, Time: 1_700_000_000_123_456_789, Data: netlink('a', 33), OrigLen: 49, Dir: capture.DirToKernel, Comment: "hello"},
				{Number: 4, Time: 1_700_000_001_000_000_000, Data: netlink('A', 5), OrigLen: 21},
				{Number: 5, Time: 0, Data: netlink('b', 5), OrigLen: 21},
				{Number: 6, Time: 1_700_000_002_000_000_000, Data: netlink('c', 0), OrigLen: 16, Dir: capture.DirFromKernel},
				{Number: 7, Time: 1_700_000_003_000_000_000, Data: netlink('d', 100), OrigLen: 116},
			}
			checkFrames(t, res.frames, want)
			if n := res.reader.Skipped(); n != 1 {
				t.Errorf("skipped %d packets, want 1", n)
			}
			if s := res.reader.Stats(); s != (capture.Stats{Frames: 5, Dropped: 5}) {
				t.Errorf("stats %+v", s)
			}
			sections := res.reader.Sections()
			if len(sections) != 1 || len(sections[0].Interfaces) != 2 {
				t.Fatalf("sections %+v", sections)
			}
			s := sections[0]
			if s.Comment != "a comment" || s.Hardware != "x86" || s.OS != "Linux" || s.UserAppl != "test" || s.Order != e.order() {
				t.Errorf("section %+v", s)
			}
			if i := s.Interfaces[0]; i != (Interface{LinkType: 253, Name: "nlmon0", Resolution: 9}) {
				t.Errorf("interface 0: %+v", i)
			}
			if i := s.Interfaces[1]; i != (Interface{LinkType: 1, Name: "eth0", Resolution: 6, SnapLen: 96}) {
				t.Errorf("interface 1: %+v", i)
			}
		})
	}
}

func checkFrames(t *testing.T, got, want []capture.Frame) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d frames, want %d", len(got), len(want))
	}
	for i := range got {
		if !sameFrame(&got[i], &want[i]) {
			t.Errorf("frame %d:\n got %+v\nwant %+v", i, got[i], want[i])
		}
	}
}

func sameFrame(a, b *capture.Frame) bool {
	return a.Number == b.Number && a.Time == b.Time && bytes.Equal(a.Data, b.Data) && a.OrigLen == b.OrigLen &&
		a.Dir == b.Dir && a.Flags == b.Flags && a.Section == b.Section && a.Interface == b.Interface &&
		a.Process == b.Process && a.Comment == b.Comment
}

func TestSectionsOfBothOrders(t *testing.T) {
	in := slices.Concat(everything(big), everything(little), everything(big))
	frames := mustRead(t, in)
	if len(frames) != 15 {
		t.Fatalf("%d frames, want 15", len(frames))
	}
	for i, f := range frames {
		one := frames[i%5]
		if f.Section != i/5 || f.Number != one.Number+7*(i/5) || f.Time != one.Time || !bytes.Equal(f.Data, one.Data) {
			t.Errorf("frame %d of section %d: number %d, time %d", i, f.Section, f.Number, f.Time)
		}
	}
}

func TestOpen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.pcapng")
	if _, err := Open(path, Options{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("missing file: %v", err)
	}
	if err := os.WriteFile(path, []byte("text"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path, Options{}); err == nil || err.Error() != path+`: not a pcap or pcapng file: it starts with the text "text"` {
		t.Errorf("text: %v", err)
	}
	if err := os.WriteFile(path, everything(little), 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if err := r.Close(); err == nil {
		t.Error("the first Close left the file open")
	}
}

func TestOnBlock(t *testing.T) {
	var types []uint32
	o := Options{OnBlock: func(b Block) error { types = append(types, b.Type); return nil }}
	readAll(t, everything(big), o)
	want := []uint32{BlockSectionHeader, BlockInterface, BlockInterface, BlockNameResolution, BlockCustom, 0x12345678, BlockStatistics}
	if !slices.Equal(types, want) {
		t.Errorf("blocks %x, want %x", types, want)
	}
	stop := errors.New("stop")
	o.OnBlock = func(b Block) error { return stop }
	if res := readAll(t, everything(big), o); res.err != stop {
		t.Errorf("error %v, want %v", res.err, stop)
	}
}

// TestFilteredCopy is what "read -Y … -w" does: keep some packets as they are
// and everything that is not a packet.
func TestFilteredCopy(t *testing.T) {
	var out bytes.Buffer
	w := NewWriter(&out, Section{})
	r, err := NewReader(bytes.NewReader(everything(big)), Options{OnBlock: w.WriteRaw})
	if err != nil {
		t.Fatal(err)
	}
	var f capture.Frame
	for r.Next(&f) == nil {
		if f.Number == 1 {
			if err := w.WriteRaw(r.Block()); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	frames := mustRead(t, out.Bytes())
	if len(frames) != 1 || frames[0].Comment != "hello" {
		t.Errorf("%+v", frames)
	}
	if !bytes.Contains(out.Bytes(), []byte("nobody knows me")) {
		t.Error("an unknown block was lost")
	}
}
