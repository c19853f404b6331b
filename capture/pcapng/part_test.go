package pcapng

import (
	"bytes"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/capture"
)

// inParts reads a file by a Reader to the frame of an index, and the rest in
// parts. ok is false where the parts are not the whole.
func inParts(t testing.TB, in []byte, first int, partSize int64) (frames []capture.Frame, ok bool) {
	t.Helper()
	r, err := NewReader(bytes.NewReader(in), Options{})
	if err != nil {
		return nil, false
	}
	defer r.Close()
	var f capture.Frame
	keep := func(before int) {
		c := f
		c.Data, c.Number = slices.Clone(f.Data), f.Number+before
		frames = append(frames, c)
	}
	for range first {
		if err := r.Next(&f); err != nil {
			return nil, false
		}
		keep(0)
	}
	parts := r.cut(bytes.NewReader(in), int64(len(in)), partSize)
	if parts == nil {
		return nil, false
	}
	before := f.Number
	var room []byte
	for _, p := range parts {
		if err := p.Begin(room); err != nil {
			return nil, false
		}
		for {
			err := p.Next(&f)
			if err == io.EOF {
				break
			}
			if err != nil {
				return nil, false
			}
			keep(before)
		}
		before += p.Packets()
		room = p.Room()
	}
	return frames, Joined(parts)
}

// TestParts: parts have the frames that one Reader finds, or say that they have
// not.
func TestParts(t *testing.T) {
	files := corpus(t)
	files["two sections"] = slices.Concat(everything(big), everything(little), everything(big))
	files["damaged"] = slices.Concat(everything(big), []byte("four"), everything(little))
	tried, joined := 0, 0
	for i, name := range slices.Sorted(maps.Keys(files)) {
		in := files[name]
		if testing.Short() && i%8 != 0 && strings.HasSuffix(name, ".pcap") {
			continue
		}
		want := readAll(t, in, Options{})
		if len(want.frames) == 0 {
			continue
		}
		for _, size := range []int64{100, 999, 10_000, 100_000} {
			frames, ok := inParts(t, in, 1, size)
			if int64(len(in)) > 3*size && len(want.damage) == 0 {
				tried++
				if ok {
					joined++
				}
			}
			if !ok {
				continue
			}
			if len(want.damage) > 0 {
				t.Errorf("%s in parts of %d: damage is not seen", name, size)
			}
			if !slices.EqualFunc(frames, want.frames, func(a, b capture.Frame) bool { return sameFrame(&a, &b) }) {
				t.Errorf("%s in parts of %d: %d frames, want %d, or others", name, size, len(frames), len(want.frames))
			}
		}
	}
	t.Logf("%d of %d joined", joined, tried)
	if joined < tried*9/10 {
		t.Errorf("only %d of %d files could be read in parts", joined, tried)
	}
}

// FuzzParts: for any bytes, parts that join have what one Reader finds.
func FuzzParts(f *testing.F) {
	for _, e := range orders {
		f.Add(everything(e), uint16(100), uint8(1))
		f.Add(slices.Concat(pcapHeader(e, 253), record(e, 1, 2, netlink('a', 40)), record(e, 1, 2, netlink('b', 80)), record(e, 1, 3, netlink('c', 90))), uint16(90), uint8(1))
		out, _ := roundTrip(f, e, sample(8)...)
		f.Add(out, uint16(200), uint8(2))
	}
	f.Fuzz(func(t *testing.T, in []byte, size uint16, first uint8) {
		if len(in) > 1<<16 || size < 64 {
			return
		}
		frames, ok := inParts(t, in, int(first%4), int64(size))
		if !ok {
			return
		}
		want := readAll(t, in, Options{})
		if len(want.damage) > 0 || !slices.EqualFunc(frames, want.frames, func(a, b capture.Frame) bool { return sameFrame(&a, &b) }) {
			t.Fatalf("%d frames in parts, %d in one, %d damaged places", len(frames), len(want.frames), len(want.damage))
		}
	})
}
