package count

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/capture/pcapng"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/filter"
	"github.com/nlsniff/nlsniff/internal/pcaptest"
	"github.com/nlsniff/nlsniff/internal/pipeline"
	"github.com/nlsniff/nlsniff/render"
)

var filters = []string{
	"frame.number", "frame.number > 2000", "type == RTM_NEWLINK", "netlink.hdr_type == 2", "error == EINVAL", `IFLA_IFNAME == "lo"`,
	"nl80211.cmd == 34", `family == "ethtool"`, "NL80211_ATTR_WIPHY", "proto == 16 && seq > 3", "frame.len > 4000", "frame.time_delta > 1s",
}

// counted is what came of counting a file.
type counted struct {
	Matches
	corrupt int
	failed  bool
}

// count counts what of a file matches.
func count(t testing.TB, path string, fl *filter.Filter, db *families.DB, partSize int64, sequential bool) (out counted) {
	src, err := pcapng.Open(path, pcapng.Options{})
	if err != nil {
		return counted{failed: true}
	}
	defer src.Close()
	session := dissect.NewSession(dissect.OrderAuto)
	session.DB = db
	cfg := Config{
		Source: src, Session: session, DB: db, Filter: fl, Sequential: sequential, PartSize: partSize,
		Prepared: func(*pipeline.Job) {},
		Event: func(ev *render.Event, j *pipeline.Job) {
			*ev = render.Event{Number: j.Frame.Number, Time: j.Frame.Time, Delta: j.Delta, Since: j.Since, OrigLen: j.Frame.OrigLen, Links: j.Input.Links}
		},
		Corrupt: func(*capture.CorruptError) { out.corrupt++ },
	}
	out.Matches, err = Messages(&cfg)
	out.failed = err != nil
	return out
}

// write writes captures one after the other into a file: each gives the generic
// families other ids.
func write(t testing.TB, names []string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "all.pcap")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w := pcapng.NewPcapWriter(f, pcapng.PcapOptions{})
	for _, name := range names {
		for _, fr := range pcaptest.Frames(t, name) {
			if err := w.Write(&fr); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func compile(t testing.TB, expr string, db *families.DB) *filter.Filter {
	t.Helper()
	fl, err := filter.Compile(expr, filter.NewEnv(db, nil))
	if err != nil {
		t.Fatal(err)
	}
	return fl
}

// TestParts: parts of any size have as many matches as one loop.
func TestParts(t *testing.T) {
	t.Parallel()
	db, path := families.Embedded(), write(t, pcaptest.Names)
	for _, expr := range filters {
		fl := compile(t, expr, db)
		want := count(t, path, fl, db, 0, true)
		if want.Messages == 0 && expr != "frame.len > 4000" || want.failed {
			t.Errorf("%s: nothing to count: %+v", expr, want)
		}
		for _, size := range []int64{1 << 12, 100_000, 1 << 20} {
			if got := count(t, path, fl, db, size, false); got != want {
				t.Errorf("%s: parts of %d bytes have %+v, one loop has %+v", expr, size, got, want)
			}
		}
	}
}

// TestPartsAlone: that file is counted in parts indeed.
func TestPartsAlone(t *testing.T) {
	t.Parallel()
	db, path := families.Embedded(), write(t, pcaptest.Names)
	for _, expr := range []string{"seq >= 0", `family != "" or seq >= 0`} {
		src, err := pcapng.Open(path, pcapng.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer src.Close()
		session := dissect.NewSession(dissect.OrderAuto)
		var first capture.Frame
		if err := src.Next(&first); err != nil {
			t.Fatal(err)
		}
		in := dissect.Input{Number: 1, Data: first.Data, OrigLen: first.OrigLen}
		session.Prepare(&in, first.Stream())
		cfg := Config{Source: src, Session: session, DB: db, Filter: compile(t, expr, db), PartSize: 1 << 20}
		if sum, ok := cfg.rest(1); !ok || sum.Messages < 10000 {
			t.Errorf("%s: %v, %+v", expr, ok, sum)
		}
	}
}

// FuzzParts: whatever is in a file, parts have what one loop has.
func FuzzParts(f *testing.F) {
	for i, name := range []string{"wireguard", "xfrm", "ovs", "audit"} {
		data, err := os.ReadFile(pcaptest.Path(name + ".pcap"))
		if err != nil {
			f.Fatal(err)
		}
		data = data[:min(len(data), 16<<10)] // small ones are tried faster
		f.Add(data, uint16(1000*i), uint8(i))
		data = append([]byte(nil), data...)
		data[len(data)/2] ^= 0x40
		f.Add(data, uint16(100), uint8(5+i))
	}
	db := families.Embedded()
	path := filepath.Join(f.TempDir(), "fuzz.pcap")
	f.Fuzz(func(t *testing.T, data []byte, size uint16, which uint8) {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		fl := compile(t, filters[int(which)%len(filters)], db)
		want := count(t, path, fl, db, 0, true)
		if got := count(t, path, fl, db, 2048+int64(size), false); got != want {
			t.Errorf("%s: parts have %+v, one loop has %+v", fl, got, want)
		}
	})
}

// TestLimit: so many frames are read, and no more.
func TestLimit(t *testing.T) {
	t.Parallel()
	db := families.Embedded()
	src, err := pcapng.Open(pcaptest.Path("ovs.pcap"), pcapng.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	cfg := Config{Source: src, Session: dissect.NewSession(dissect.OrderAuto), DB: db, Filter: compile(t, "frame.number", db), Limit: 10,
		Event: func(*render.Event, *pipeline.Job) {}}
	if n, err := Messages(&cfg); err != nil || n.Read != 10 {
		t.Errorf("%+v, %v", n, err)
	}
	var next capture.Frame
	if err := src.Next(&next); errors.Is(err, io.EOF) || next.Number != 11 {
		t.Errorf("%v: frame %d", err, next.Number)
	}
}
