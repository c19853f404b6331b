package pcapng

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/nlsniff/nlsniff/capture"
)

func addSeeds(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte("text"))
	for _, e := range orders {
		f.Add(everything(e))
		f.Add(append(everything(e), everything(!e)...))
		f.Add(everything(e)[:300])
		f.Add(append(pcapHeader(e, 253), record(e, 1, 2, netlink('a', 40))...))
		f.Add(append(pcapHeader(e, 113), record(e, 1, 2, netlink('a', 4))...))
		out, _ := roundTrip(f, e, sample(8)...)
		f.Add(out)
		for _, c := range compressions {
			f.Add(pack(f, c, out))
		}
	}
	f.Add((&builder{}).section().iface(253, 0, Option{OptInterfaceResolution, []byte{0xff}},
		Option{OptInterfaceOffset, bytes.Repeat([]byte{0x7f}, 8)}).packet(0, 1<<63, netlink('a', 1)).b)
}

// FuzzReader: for any bytes, a Reader ends, moves forward with every call,
// uses no more memory than the input justifies, reads the same whether the
// input is followed or not, and its frames survive being written.
func FuzzReader(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, in []byte) {
		if len(in) > 1<<20 {
			return
		}
		x := NewIndex(bytes.NewReader(in))
		r, err := NewReader(bytes.NewReader(in), Options{Index: x})
		if err != nil {
			return
		}
		defer r.Close()
		var out bytes.Buffer
		w := NewWriter(&out, Section{})
		var frames []capture.Frame
		var fr capture.Frame
		for at := r.Offset(); ; {
			waiting := r.pending != nil
			err := r.Next(&fr)
			var bad *capture.CorruptError
			var link *LinkTypeError
			if err == io.EOF {
				break
			}
			if err != nil && !errors.As(err, &bad) && !errors.As(err, &link) {
				t.Fatalf("error %v", err)
			}
			ending := bad != nil && bad.Skipped == 0 // damage that is no bytes, but a cut
			if r.Offset() <= at && !waiting && !ending {
				t.Fatalf("offset stays at %d", at)
			}
			at = r.Offset()
			if bad != nil && (bad.Offset < 0 || bad.Skipped < 0 || bad.Offset+bad.Skipped > at) {
				t.Fatalf("damage %+v before offset %d", bad, at)
			}
			if err != nil {
				continue
			}
			if fr.OrigLen < len(fr.Data) {
				t.Fatalf("frame of %d bytes has %d", fr.OrigLen, len(fr.Data))
			}
			fr.Data = bytes.Clone(fr.Data)
			frames = append(frames, fr)
			if err := w.Write(&fr); err != nil {
				t.Fatal(err)
			}
		}
		if n := len(r.br.in.buf); n > windowSize && r.Compression() == Uncompressed && n > 4*len(in) {
			t.Fatalf("buffer of %d bytes for %d", n, len(in))
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if r.Compression() == Uncompressed {
			for i := range frames {
				if err := x.Frame(i, &fr); err != nil || !sameFrame(&fr, &frames[i]) {
					t.Fatalf("frame %d: %v\n got %+v\nwant %+v", i, err, fr, frames[i])
				}
			}
		}
		again := mustRead(t, out.Bytes())
		for i := range frames {
			if !bytes.Equal(again[i].Data, frames[i].Data) || again[i].Time != max(frames[i].Time, 0) ||
				again[i].Process != frames[i].Process || again[i].Dir != frames[i].Dir || again[i].Flags != frames[i].Flags {
				t.Fatalf("frame %d:\n wrote %+v\n  read %+v", i, frames[i], again[i])
			}
		}
	})
}

// FuzzRoundTrip: a copy of the blocks is the input without its damaged parts.
func FuzzRoundTrip(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, in []byte) {
		br, err := NewBlockReader(bytes.NewReader(in), Options{})
		if err != nil || br.Compression() != Uncompressed {
			return
		}
		var out bytes.Buffer
		ng, pc := NewWriter(&out, Section{}), NewPcapWriter(&out, PcapOptions{})
		var want []byte
		at, blocks := int64(0), 0
		for {
			b, err := br.Next()
			var bad *capture.CorruptError
			if err == io.EOF {
				break
			}
			if errors.As(err, &bad) {
				if bad.Offset != at || bad.Skipped <= 0 {
					t.Fatalf("damage %+v at offset %d", bad, at)
				}
				at += bad.Skipped
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			if b.Offset != at || !bytes.Equal(b.Raw, in[at:at+int64(len(b.Raw))]) {
				t.Fatalf("block at %d is not the bytes at %d", b.Offset, at)
			}
			for o := range b.Options() {
				if o.Code == OptEnd {
					t.Fatal("the end is no option")
				}
			}
			at += int64(len(b.Raw))
			if blocks++; blocks == 1 && br.Format() == FormatPcapng && b.Type != BlockSectionHeader {
				return // its section header is damaged: a writer puts one before
			}
			want = append(want, b.Raw...)
			if br.Format() == FormatPcap {
				err = pc.WriteRaw(b)
			} else {
				err = ng.WriteRaw(b)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if at != int64(len(in)) {
			t.Fatalf("stopped at %d of %d bytes", at, len(in))
		}
		if blocks == 0 {
			return
		}
		ng.out.flush()
		pc.out.flush()
		if !bytes.Equal(out.Bytes(), want) {
			t.Fatal("the copy differs")
		}
	})
}
