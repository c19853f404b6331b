package golden_test

import (
	"testing"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/invariant"
	"github.com/nlsniff/nlsniff/internal/pcaptest"
)

// TestSnaplen: a capture that took only the start of each frame has no finding
// that the whole frame does not have, but that it was cut.
func TestSnaplen(t *testing.T) {
	type found struct {
		code dissect.Code
		off  uint32
	}
	db := families.Embedded()
	d, part := dissect.New(db), dissect.New(db)
	for _, name := range pcaptest.Names {
		s, cut := dissect.NewSession(dissect.OrderAuto), dissect.NewSession(dissect.OrderAuto)
		bad := 0
		for _, f := range pcaptest.Frames(t, name) {
			whole := dissect.Input{Number: f.Number, Data: f.Data, OrigLen: f.OrigLen, Dir: dissect.Dir(f.Dir)}
			s.Prepare(&whole, f.Section)
			known := map[found]bool{}
			for _, x := range d.Frame(&whole).Findings {
				known[found{x.Code, x.Off}] = true
			}
			for _, n := range []int{40, 41, 64, 67, 96, 128, 250} {
				if n >= len(f.Data) {
					break
				}
				in := whole
				in.Data = f.Data[:n]
				if n == 64 {
					cut.Prepare(&in, f.Section) // what it teaches comes from a part as well
				}
				in.IDs, in.Request = whole.IDs, whole.Request
				tree := part.Frame(&in)
				if err := invariant.Check(tree); err != nil {
					t.Fatalf("%s frame %d cut to %d: %v", name, f.Number, n, err)
				}
				for _, x := range tree.Findings {
					if x.Code != dissect.FrameTruncated && !known[found{x.Code, x.Off}] && bad < 5 {
						bad++
						t.Errorf("%s frame %d cut to %d: %s at %d: %s", name, f.Number, n, x.Name(), x.Off, x.AppendText(nil))
					}
				}
			}
		}
	}
}
