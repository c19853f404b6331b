package pcapng

import (
	"bytes"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
)

func pack(t testing.TB, c Compression, in []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	var w io.WriteCloser
	var err error
	switch c {
	case Gzip:
		w = gzip.NewWriter(&out)
	case Zstd:
		w, err = zstd.NewWriter(&out)
	case LZ4:
		z := lz4.NewWriter(&out)
		err = z.Apply(lz4.BlockSizeOption(lz4.Block64Kb))
		w = z
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(in); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

var compressions = []Compression{Gzip, Zstd, LZ4}

func TestCompressed(t *testing.T) {
	files := corpus(t)
	files["every block"] = everything(big)
	for name, in := range files {
		want := mustRead(t, in)
		for _, c := range compressions {
			packed := pack(t, c, in)
			checkFrames(t, mustRead(t, packed), want)
			r, err := NewReader(bytes.NewReader(packed), Options{Follow: true})
			if err != nil {
				t.Fatal(name, c, err)
			}
			if r.Compression() != c {
				t.Errorf("%s is taken for %q", c, r.Compression())
			}
			r.Close()
		}
	}
}

// TestDamagedCompression: what comes out before the damage is delivered.
func TestDamagedCompression(t *testing.T) {
	w := (&builder{}).section().iface(253, 0)
	x := uint32(1)
	for range 5000 {
		data := netlink('a', 0)
		for range 60 {
			x = x*1664525 + 1013904223
			data = little.append32(data, x) // hard to compress, so blocks of the compressor are many
		}
		w.packet(0, 1, data)
	}
	for _, c := range compressions {
		packed := pack(t, c, w.b)
		packed = packed[:len(packed)*3/4]
		res := readAll(t, packed, Options{})
		if res.openErr != nil || res.err != nil {
			t.Fatal(c, res.openErr, res.err)
		}
		if n := len(res.frames); n < 1000 || n >= 5000 {
			t.Errorf("%s: %d frames of 3750", c, n)
		}
		last := res.damage[len(res.damage)-1]
		if len(res.damage) > 2 || !strings.Contains(last.Reason, "damaged "+string(c)+" data") {
			t.Errorf("%s: damage %v", c, res.damage)
		}
	}
}

func TestDamagedCompressionHeader(t *testing.T) {
	for _, c := range compressions {
		packed := pack(t, c, everything(little))
		for n := 4; n < 12; n++ {
			if res := readAll(t, packed[:n], Options{}); !errors.Is(res.openErr, ErrFormat) && !errors.Is(res.openErr, ErrEmpty) {
				t.Errorf("%s of %d bytes: %v", c, n, res.openErr)
			}
		}
	}
	if res := readAll(t, pack(t, Gzip, []byte("just text")), Options{}); !errors.Is(res.openErr, ErrFormat) {
		t.Errorf("gzip of text: %v", res.openErr)
	}
	if res := readAll(t, pack(t, Zstd, nil), Options{}); !errors.Is(res.openErr, ErrEmpty) {
		t.Errorf("zstd of nothing: %v", res.openErr)
	}
}

func TestLargeZstdWindowIsRefused(t *testing.T) {
	// Frame header: no checksum, window of 2^31 bytes; one raw block.
	in := []byte{0x28, 0xb5, 0x2f, 0xfd, 0x00, 21 << 3, 0x09, 0x00, 0x00, 'x'}
	if res := readAll(t, in, Options{}); res.openErr == nil || !strings.Contains(res.openErr.Error(), "window") {
		t.Errorf("error %v", res.openErr)
	}
}

// TestMemory: 32 MiB come out of some KiB, and the reader stays small.
func TestMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("packs and unpacks 32 MiB of each kind")
	}
	tests := map[string]func(n int) []byte{
		"gzip bomb": func(n int) []byte {
			return pack(t, Gzip, append(everything(little), make([]byte, n)...))
		},
		"zstd bomb": func(n int) []byte {
			return pack(t, Zstd, append(everything(little), make([]byte, n)...))
		},
		"lz4 bomb": func(n int) []byte {
			return pack(t, LZ4, append(everything(little), make([]byte, n)...))
		},
	}
	for name, mk := range tests {
		t.Run(name, func(t *testing.T) {
			in := mk(32 << 20)
			before := allocated()
			res := readAll(t, in, Options{})
			if grew := allocated() - before; grew > 24<<20 {
				t.Errorf("allocated %d MiB", grew>>20)
			}
			if len(res.frames) != 5 || len(res.damage) != 1 {
				t.Errorf("%d frames, %d errors", len(res.frames), len(res.damage))
			}
		})
	}
}

// TestClaimsDoNotAllocate: a small file that claims large things.
func TestClaimsDoNotAllocate(t *testing.T) {
	block := (&builder{}).section().iface(253, 0).b
	block = little.append32(block, 6)
	block = little.append32(block, 64<<20)
	record := append(pcapHeader(little, 253), record(little, 1, 1, netlink('a', 0))...)
	little.put32(record[32:], 64<<20)
	little.put32(record[36:], 64<<20)
	for name, in := range map[string][]byte{"block": append(block, make([]byte, 100)...), "record": record} {
		before := allocated()
		if res := readAll(t, in, Options{}); len(res.damage) != 1 {
			t.Errorf("%s: damage %v", name, res.damage)
		}
		if grew := allocated() - before; grew > 2*windowSize {
			t.Errorf("%s: allocated %d bytes for a file of %d", name, grew, len(in))
		}
	}
}

// allocated is how many bytes were ever allocated.
func allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}
