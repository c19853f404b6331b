package dissect_test

import (
	"testing"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/pcaptest"
)

// TestCutFindings cuts frames as a snapshot length does: what the capture left
// out may hide a finding, but makes none.
func TestCutFindings(t *testing.T) {
	type what struct {
		code dissect.Code
		off  uint32
	}
	db := families.Embedded()
	for _, name := range pcaptest.Names {
		t.Run(name, func(t *testing.T) {
			d, frames := dissect.New(db), 0
			s := dissect.NewSession(dissect.OrderAuto)
			for _, in := range sample(pcaptest.Inputs(t, name, s), 150) {
				whole := map[what]bool{}
				for _, f := range decode(t, d, &in).Findings {
					whole[what{f.Code, f.Off}] = true
				}
				for n := 16; n < len(in.Data); n += 1 + n/16 {
					cut := in
					cut.Data = in.Data[:n:n]
					frames++
					for _, f := range decode(t, d, &cut).Findings {
						if f.Code != dissect.FrameTruncated && !whole[what{f.Code, f.Off}] {
							t.Errorf("frame %d cut to %d of %d bytes: %s %s at %d", in.Number, n, len(in.Data), f.Name(), f.AppendText(nil), f.Off)
						}
					}
				}
			}
			t.Logf("%d frames", frames)
		})
	}
}
