package dissect_test

import (
	"testing"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/pcaptest"
)

// BenchmarkFrame decodes whole captures; an operation is one frame.
func BenchmarkFrame(b *testing.B) {
	db := families.Embedded()
	for _, name := range pcaptest.Names {
		b.Run(name, func(b *testing.B) {
			inputs := pcaptest.Inputs(b, name, dissect.NewSession(dissect.OrderAuto))
			d := dissect.New(db)
			bytes, msgs := 0, 0
			for i := range inputs {
				bytes += len(inputs[i].Data)
				msgs += len(d.Frame(&inputs[i]).Msgs)
			}
			b.SetBytes(int64(bytes / len(inputs)))
			b.ReportAllocs()
			b.ResetTimer()
			for i := range b.N {
				d.Frame(&inputs[i%len(inputs)])
			}
			perFrame := float64(msgs) / float64(len(inputs))
			b.ReportMetric(perFrame*float64(b.N)/b.Elapsed().Seconds(), "msgs/s")
		})
	}
}

// TestFrameAllocations holds the promise that decoding a frame takes no memory
// from the heap once the dissector has grown to its size. The packets inside of
// messages are gopacket's, which allocates.
func TestFrameAllocations(t *testing.T) {
	if slow {
		t.Skip("the race detector has nothing to add")
	}
	db := families.Embedded()
	for _, name := range pcaptest.Names {
		inputs := pcaptest.Inputs(t, name, dissect.NewSession(dissect.OrderAuto))
		d := dissect.New(db)
		packets := false
		all := func() {
			for i := range inputs {
				tree := d.Frame(&inputs[i])
				for k := 0; k < len(tree.Nodes) && !packets; k++ {
					t := tree.Nodes[k].Type
					packets = t != nil && t.Kind == families.KindPacket
				}
			}
		}
		all()
		if packets {
			continue
		}
		if n := testing.AllocsPerRun(1, all); n > 0 {
			t.Errorf("%s: %.0f allocations for %d frames", name, n, len(inputs))
		}
	}
}
