package dissect_test

import (
	"math/rand/v2"
	"testing"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/invariant"
	"github.com/nlsniff/nlsniff/internal/pcaptest"
)

// decode decodes a frame and fails the test if the tree is not sound.
func decode(t testing.TB, d *dissect.Dissector, in *dissect.Input) *dissect.Tree {
	t.Helper()
	tree := d.Frame(in)
	if err := invariant.Check(tree); err != nil {
		t.Fatalf("frame %d: %v\n% x", in.Number, err, in.Data)
	}
	if err := invariant.Bounded(tree); err != nil {
		t.Fatalf("frame %d: %v\n% x", in.Number, err, in.Data)
	}
	return tree
}

func TestInvariantCaptures(t *testing.T) {
	db := families.Embedded()
	for _, name := range pcaptest.Names {
		t.Run(name, func(t *testing.T) {
			d := dissect.New(db)
			s := dissect.NewSession(dissect.OrderAuto)
			for _, in := range pcaptest.Inputs(t, name, s) {
				tree := decode(t, d, &in)
				if len(tree.Msgs) == 0 {
					t.Errorf("frame %d: no message", in.Number)
				}
			}
		})
	}
}

// TestInvariantEmptyDB decodes with nothing but the headers described.
func TestInvariantEmptyDB(t *testing.T) {
	d := dissect.New(emptyDB(t))
	for _, name := range pcaptest.Names {
		s := dissect.NewSession(dissect.OrderAuto)
		for _, in := range pcaptest.Inputs(t, name, s) {
			decode(t, d, &in)
		}
	}
}

// TestInvariantWrongOrder decodes everything in the order that is not its own.
func TestInvariantWrongOrder(t *testing.T) {
	d := dissect.New(families.Embedded())
	for _, name := range pcaptest.Names {
		s := dissect.NewSession(dissect.OrderBig)
		for _, in := range pcaptest.Inputs(t, name, s) {
			if !in.Big {
				t.Fatal("the option has no effect")
			}
			decode(t, d, &in)
		}
	}
}

// sample picks frames from all over a capture, about as many as asked for.
func sample(inputs []dissect.Input, n int) []dissect.Input {
	if slow {
		n = max(1, n/8)
	}
	step := max(1, len(inputs)/n)
	var out []dissect.Input
	for i := 0; i < len(inputs); i += step {
		out = append(out, inputs[i])
	}
	return out
}

// TestInvariantTruncated cuts frames, once as a capture does (the original
// length is known) and once as if nothing had been cut.
func TestInvariantTruncated(t *testing.T) {
	d := dissect.New(families.Embedded())
	for _, name := range pcaptest.Names {
		s := dissect.NewSession(dissect.OrderAuto)
		for _, in := range sample(pcaptest.Inputs(t, name, s), 25) {
			whole := in.Data
			step := 4
			if len(whole) > 4096 {
				step = 60
			}
			for n := 0; n < len(whole); n += step {
				in.Data, in.OrigLen = whole[:n], len(whole)
				cut := decode(t, d, &in)
				if cut.Findings[0].Code != dissect.FrameTruncated {
					t.Fatalf("%s: frame %d cut to %d bytes: first finding is %s", name, in.Number, n, cut.Findings[0].Name())
				}
				in.OrigLen = n
				decode(t, d, &in)
			}
			for _, n := range []int{1, 15, 17, 31, 33, 35, len(whole) - 1} {
				in.Data, in.OrigLen = whole[:min(n, len(whole))], len(whole)
				decode(t, d, &in)
			}
		}
	}
}

// TestInvariantDamaged overwrites bytes; the lengths suffer most, so they are
// picked on.
func TestInvariantDamaged(t *testing.T) {
	d := dissect.New(families.Embedded())
	rnd := rand.New(rand.NewPCG(1, 2))
	for _, name := range pcaptest.Names {
		s := dissect.NewSession(dissect.OrderAuto)
		for _, in := range sample(pcaptest.Inputs(t, name, s), 60) {
			whole := in.Data
			buf := make([]byte, len(whole))
			in.Data = buf
			for range 40 {
				copy(buf, whole)
				for range 1 + rnd.IntN(4) {
					at := 16 + rnd.IntN(len(buf)-16)
					switch rnd.IntN(3) {
					case 0:
						buf[at] ^= 1 << rnd.IntN(8)
					case 1:
						buf[at] = byte(rnd.Uint32())
					case 2:
						buf[at&^3] = byte(rnd.IntN(24)) // often a length
					}
				}
				decode(t, d, &in)
			}
		}
	}
}
