package mutate

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/capture/pcapng"
	"github.com/nlsniff/nlsniff/internal/pcaptest"
)

// TestFrames: whatever the bytes say, captures come out that are not those that
// went in, and a file has what was written.
func TestFrames(t *testing.T) {
	pool := pcaptest.Frames(t, "wireguard")
	rng := rand.NewChaCha8([32]byte{})
	changed, total := 0, 0
	for range 500 {
		b := make([]byte, 200)
		rng.Read(b)
		tape := NewTape(b)
		frames := tape.Frames(pool, 8)
		for _, f := range frames {
			total++
			same := false
			for _, p := range pool {
				same = same || bytes.Equal(p.Data, f.Data)
			}
			if !same {
				changed++
			}
		}
		var file bytes.Buffer
		if err := tape.Write(&file, frames); err != nil {
			t.Fatal(err)
		}
		r, err := pcapng.NewReader(&file, pcapng.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for i := range frames {
			var f capture.Frame
			if err := r.Next(&f); err != nil || !bytes.Equal(f.Data, frames[i].Data) {
				t.Fatalf("frame %d: %v", i, err)
			}
		}
		var f capture.Frame
		if err := r.Next(&f); !errors.Is(err, io.EOF) {
			t.Fatal(err)
		}
		r.Close()
	}
	if changed < total/3 || changed == total {
		t.Errorf("%d of %d frames are changed", changed, total)
	}
}
