package foreign

import (
	"bytes"
	"testing"

	"github.com/nlsniff/nlsniff/capture"
)

// FuzzForeign: whatever the input, reading ends, every frame is netlink's with a
// header before it, no more comes out than went in (but for lines that a dump
// leaves out), damage is within the input, and a second reading has the same.
func FuzzForeign(f *testing.F) {
	for _, b := range samples(f) {
		f.Add(b[:min(len(b), 6000)])
	}
	for _, form := range forms {
		f.Add([]byte(form(hostile)))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		if len(in) > 1<<18 {
			return
		}
		out := read(t, bytes.NewReader(in), Options{})
		total := 0
		for i, fr := range out.frames {
			if fr.Event != nil {
				continue
			}
			if len(fr.Data) < capture.CookedLen+1 || fr.OrigLen < len(fr.Data) || fr.Data[2] != capture.ARPHRDNetlink>>8 {
				t.Fatalf("frame %d: %d of %d bytes, % x", i+1, len(fr.Data), fr.OrigLen, fr.Data[:min(len(fr.Data), 32)])
			}
			total += len(fr.Data)
		}
		repeated := bytes.Count(in, []byte("*"))*maxBlock + bytes.Count(in, []byte("<repeats"))*maxRepeats
		if total > 20*len(in)+repeated {
			t.Fatalf("%d bytes of %d", total, len(in))
		}
		for _, d := range out.damage {
			if d.Offset < 0 || d.Skipped < 0 || d.Offset+d.Skipped > int64(len(in)) {
				t.Fatalf("damage %+v in %d bytes", d, len(in))
			}
		}
		again := read(t, bytes.NewReader(in), Options{})
		if len(again.frames) != len(out.frames) || len(again.damage) != len(out.damage) || (again.err == nil) != (out.err == nil) {
			t.Fatalf("%d frames, then %d", len(out.frames), len(again.frames))
		}
	})
}
