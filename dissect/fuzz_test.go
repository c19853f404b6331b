package dissect_test

import (
	"testing"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/invariant"
	"github.com/nlsniff/nlsniff/internal/pcaptest"
)

// learned returns what the controller's dump at the start of a capture tells:
// with it a fuzzer reaches the generic families too.
func learned(t testing.TB) *families.Registry {
	s := dissect.NewSession(dissect.OrderAuto)
	inputs := pcaptest.Inputs(t, "wifi", s)
	s.Complete()
	return inputs[0].IDs
}

// FuzzFrame decodes any payload of any protocol in both byte orders.
func FuzzFrame(f *testing.F) {
	for _, name := range pcaptest.Names {
		inputs := pcaptest.Inputs(f, name, dissect.NewSession(dissect.OrderAuto))
		for _, in := range sample(inputs, 12) {
			if len(in.Data) < 4096 {
				f.Add(in.Data[16:], in.Data[15], false, uint8(0), []byte(nil))
			}
		}
	}
	f.Add(be.msg(hdr{typ: 16, flags: 5}, make([]byte, 16), be.attr(3, str("eth0"))), byte(0), true, uint8(1), []byte(nil))
	ids := learned(f)
	d := dissect.New(families.Embedded())
	f.Fuzz(func(t *testing.T, payload []byte, proto byte, big bool, cut uint8, request []byte) {
		data := append(cooked(proto), payload...)
		in := &dissect.Input{Number: 1 << 20, Data: data, OrigLen: len(data) + int(cut), Big: big, IDs: ids, Request: request}
		tree := d.Frame(in)
		if err := invariant.Check(tree); err != nil {
			t.Fatal(err)
		}
		if err := invariant.Bounded(tree); err != nil {
			t.Fatal(err)
		}
	})
}

// FuzzSession puts any frames, one behind the other in data, through a session
// and the dissector. Each begins with its length in two bytes.
func FuzzSession(f *testing.F) {
	for _, name := range pcaptest.Names {
		inputs := pcaptest.Inputs(f, name, dissect.NewSession(dissect.OrderAuto))
		var seed []byte
		for _, in := range inputs[:min(8, len(inputs))] {
			if len(in.Data) < 2048 {
				seed = append(seed, byte(len(in.Data)>>8), byte(len(in.Data)))
				seed = append(seed, in.Data...)
			}
		}
		f.Add(seed, uint8(0))
	}
	d := dissect.New(families.Embedded())
	f.Fuzz(func(t *testing.T, data []byte, option uint8) {
		s := dissect.NewSession(dissect.OrderOption(option % 3))
		for pass := range 2 {
			rest := data
			for n := 1; len(rest) >= 2; n++ {
				size := min(int(rest[0])<<8|int(rest[1]), len(rest)-2)
				in := dissect.Input{Number: n, Data: rest[2 : 2+size], OrigLen: size}
				rest = rest[2+size:]
				s.Prepare(&in, n/64)
				tree := d.Frame(&in)
				if err := invariant.Check(tree); err != nil {
					t.Fatalf("pass %d, frame %d: %v", pass, n, err)
				}
				if err := invariant.Bounded(tree); err != nil {
					t.Fatalf("pass %d, frame %d: %v", pass, n, err)
				}
			}
			s.Complete()
		}
	})
}
