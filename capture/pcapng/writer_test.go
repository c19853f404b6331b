package pcapng

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"testing"
	"time"

	"github.com/google/gopacket/layers"
	"github.com/google/gopacket/pcapgo"

	"github.com/nlsniff/nlsniff/capture"
)

// sample is frames as a capture has them.
func sample(n int) []capture.Frame {
	frames := make([]capture.Frame, n)
	for i := range frames {
		data := netlink('a', i%301)
		frames[i] = capture.Frame{Number: i + 1, Time: 1_700_000_000_000_000_000 + int64(i)*1_234_567, Data: data, OrigLen: len(data)}
		switch i % 4 {
		case 0:
			frames[i].Dir = capture.DirToKernel
			frames[i].Process = capture.Process{PID: uint32(i), TID: uint32(i), Comm: "ip", Exe: "/sbin/ip", NetNS: 4026531840}
		case 1:
			frames[i].Dir = capture.DirFromKernel
		case 2:
			frames[i].OrigLen, frames[i].Flags = 1000, capture.FlagTruncated
		}
	}
	return frames
}

func TestWriteReadPcapng(t *testing.T) {
	for _, e := range orders {
		_, got := roundTrip(t, e, sample(500)...)
		checkFrames(t, got, sample(500))
	}
}

func TestWriteAgainstPcapgo(t *testing.T) {
	for _, e := range orders {
		out, _ := roundTrip(t, e, sample(100)...)
		oracle, err := pcapgo.NewNgReader(bytes.NewReader(out), pcapgo.NgReaderOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if oracle.LinkType() != layers.LinkType(253) {
			t.Errorf("link type %v", oracle.LinkType())
		}
		for i, f := range sample(100) {
			data, ci, err := oracle.ReadPacketData()
			if err != nil {
				t.Fatal(i, err)
			}
			if !bytes.Equal(data, f.Data) || ci.Timestamp.UnixNano() != f.Time || ci.Length != f.OrigLen {
				t.Fatalf("frame %d is read as %+v", i, ci)
			}
		}
		if _, _, err := oracle.ReadPacketData(); err != io.EOF {
			t.Errorf("at the end: %v", err)
		}
	}
}

func TestSectionRoundTrip(t *testing.T) {
	want := Section{
		Order: big.order(), Hardware: "riscv64", OS: "Linux 7.3.4", UserAppl: "nlsniff 1", Comment: "why",
		Interfaces: []Interface{
			{LinkType: 253, Name: "nlmon0", Description: "monitor", Hardware: "none", OS: "Linux", Filter: "nl[4] = 16", Comment: "c", SnapLen: 65535, Resolution: 9},
			{LinkType: 253, Name: "trace", Resolution: 6, Offset: -5},
		},
	}
	var out bytes.Buffer
	w := NewWriter(&out, want)
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	res := readAll(t, out.Bytes(), Options{})
	got := res.reader.Sections()
	if len(got) != 1 || !slices.Equal(got[0].Interfaces, want.Interfaces) {
		t.Fatalf("sections %+v", got)
	}
	got[0].Interfaces, want.Interfaces = nil, nil
	if got[0].Order != want.Order || got[0].Hardware != want.Hardware || got[0].OS != want.OS || got[0].UserAppl != want.UserAppl || got[0].Comment != want.Comment {
		t.Errorf("section %+v, want %+v", got[0], want)
	}
}

func TestSectionsAreKept(t *testing.T) {
	frames := sample(6)
	frames[2].Section, frames[3].Section, frames[4].Section, frames[5].Section = 1, 1, 2, 2
	_, got := roundTrip(t, big, frames...)
	checkFrames(t, got, frames)
}

func TestInterfaces(t *testing.T) {
	var out bytes.Buffer
	w := NewWriter(&out, Section{Interfaces: []Interface{
		{LinkType: 1, Name: "eth0"},
		{LinkType: 253, Name: "micro", Resolution: 6},
		{LinkType: 253, Name: "binary", Resolution: 0x80 + 10},
		{LinkType: 253, Name: "nano"},
	}})
	tests := []struct {
		in   int
		time int64
		want int
	}{
		{1, 5000, 1}, {1, 5001, 3}, {3, 5001, 3}, {0, 5000, 1}, {0, 5001, 3}, {2, 5001, 3}, {9, 7, 3}, {-1, 7, 3}, {3, -7, 3},
	}
	for _, tt := range tests {
		if err := w.Write(&capture.Frame{Interface: tt.in, Time: tt.time, Data: netlink('a', 1)}); err != nil {
			t.Fatal(err)
		}
	}
	if id, err := w.AddInterface(Interface{LinkType: 253}); id != 4 || err != nil {
		t.Errorf("interface %d, %v", id, err)
	}
	w.Close()
	for i, f := range mustRead(t, out.Bytes()) {
		if f.Interface != tests[i].want || f.Time != max(tests[i].time, 0) {
			t.Errorf("frame of interface %d at %d went to %d at %d", tests[i].in, tests[i].time, f.Interface, f.Time)
		}
	}
}

// TestFrameAfterRaw: a frame can be written among copied blocks, in their
// section, order and resolution.
func TestFrameAfterRaw(t *testing.T) {
	in := (&builder{e: big}).section().iface(253, 0, Option{OptInterfaceName, []byte("mon")}).packet(0, 5, netlink('a', 1))
	var out bytes.Buffer
	w := NewWriter(&out, Section{Order: little.order()})
	br, _ := NewBlockReader(bytes.NewReader(in.b), Options{})
	for {
		b, err := br.Next()
		if err != nil {
			break
		}
		if err := w.WriteRaw(b); err != nil {
			t.Fatal(err)
		}
	}
	for _, ns := range []int64{7000, 7001} {
		if err := w.Write(&capture.Frame{Time: ns, Data: netlink('b', 1)}); err != nil {
			t.Fatal(err)
		}
	}
	w.Close()
	if !bytes.HasPrefix(out.Bytes(), in.b) {
		t.Error("the copied part differs")
	}
	res := readAll(t, out.Bytes(), Options{})
	if len(res.frames) != 3 || res.frames[1].Time != 7000 || res.frames[2].Time != 7001 || res.frames[1].Interface != 0 || res.frames[2].Interface != 1 {
		t.Errorf("%+v", res.frames)
	}
	if s := res.reader.Sections(); len(s) != 1 || s[0].Interfaces[1].Name != "mon" || s[0].Interfaces[1].Resolution != 9 {
		t.Errorf("%+v", s)
	}
}

func TestWriteStats(t *testing.T) {
	var out bytes.Buffer
	w := NewWriter(&out, Section{})
	if err := w.WriteStats(0, capture.Stats{}, time.Now(), time.Now()); err == nil {
		t.Error("statistics of no interface were written")
	}
	w.Write(&capture.Frame{Data: netlink('a', 1)})
	for _, dropped := range []uint64{3, 8} {
		if err := w.WriteStats(0, capture.Stats{Frames: 1, Dropped: dropped}, time.Unix(1, 0), time.Unix(2, 0)); err != nil {
			t.Fatal(err)
		}
	}
	w.Close()
	if s := readAll(t, out.Bytes(), Options{}).reader.Stats(); s != (capture.Stats{Frames: 1, Dropped: 8}) {
		t.Errorf("%+v", s)
	}
}

func TestWriteRawRefuses(t *testing.T) {
	var out bytes.Buffer
	ng, pc := NewWriter(&out, Section{}), NewPcapWriter(&out, PcapOptions{})
	header, rec := Block{Format: FormatPcap, Type: BlockPcapHeader, Raw: pcapHeader(little, 253)}, Block{Format: FormatPcap, Type: BlockPcapRecord, Raw: record(little, 1, 1, nil)}
	for _, b := range []Block{header, rec, {Type: 6, Raw: []byte{1}}} {
		if ng.WriteRaw(b) == nil {
			t.Errorf("pcapng takes block 0x%x of %d bytes", b.Type, len(b.Raw))
		}
	}
	if pc.WriteRaw(Block{Type: BlockPcapHeader, Raw: header.Raw}) == nil {
		t.Error("pcap takes a block of a pcapng file")
	}
	if pc.WriteRaw(rec) == nil {
		t.Error("pcap takes a record without a header")
	}
	if err := pc.WriteRaw(header); err != nil {
		t.Error(err)
	}
	if pc.WriteRaw(header) == nil {
		t.Error("pcap takes a second header")
	}
}

// failing is a file on a full disk.
type failing struct{ left int }

var errFull = errors.New("disk full")

func (f *failing) Write(p []byte) (int, error) {
	if f.left -= len(p); f.left < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestWriteError(t *testing.T) {
	for name, w := range map[string]capture.Sink{
		"pcapng": NewWriter(&failing{left: 300_000}, Section{}),
		"pcap":   NewPcapWriter(&failing{left: 300_000}, PcapOptions{}),
	} {
		var err error
		for range 2000 {
			if err = w.Write(&capture.Frame{Data: make([]byte, 1000)}); err != nil {
				break
			}
		}
		if err != errFull || w.Close() != errFull {
			t.Errorf("%s: error %v, then %v", name, err, w.Close())
		}
		if err := w.Write(&capture.Frame{Number: 7, Data: make([]byte, maxBlockDefault)}); err == nil {
			t.Errorf("%s takes a frame of 64 MiB", name)
		}
	}
}

// wholeBlocks checks that every write ends where a block ends.
type wholeBlocks struct{ t *testing.T }

func (c wholeBlocks) Write(p []byte) (int, error) {
	for n := 0; n != len(p); n += int(little.u32(p[n+4:])) {
		if n > len(p) {
			c.t.Fatal("a write splits a block")
		}
	}
	return len(p), nil
}

func TestWritesAreWholeBlocks(t *testing.T) {
	w := NewWriter(wholeBlocks{t}, Section{Order: little.order()})
	for _, f := range sample(10000) {
		if err := w.Write(&f); err != nil {
			t.Fatal(err)
		}
	}
	w.Close()
}
