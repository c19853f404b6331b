package flow_test

import (
	"encoding/binary"
	"testing"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/flow"
	"github.com/nlsniff/nlsniff/internal/pcaptest"
)

// wide makes the flood's frame a request with attributes of so many bytes.
func (f *flood) wide(size int, seq uint32) *flow.Frame {
	const reqAck = 5
	attr := make([]byte, 4+size)
	binary.LittleEndian.PutUint16(attr, uint16(len(attr)))
	binary.LittleEndian.PutUint16(attr[2:], 50) // IFLA_NEW_NETNSID: of no fixed meaning here
	f.data = append(f.data[:48], attr...)
	return f.message(newLink, reqAck, seq, 0)
}

// TestBudget: exchanges hold their requests whole while there is room for all
// of them together, and say so when there is none. What has been reported makes
// room again.
func TestBudget(t *testing.T) {
	const size, budget = 2000, 100_000
	whole, cut := 0, 0
	x := flow.NewExplainer(families.Embedded())
	tr := flow.NewTracker(families.Embedded(), flow.Options{Keep: budget, MaxOpen: 1000, Closed: func(e *flow.Exchange) {
		switch n := len(e.RequestBytes); {
		case e.Cut == 0 && n == e.Length:
			whole++
		case e.Cut == flow.PartRequest && n < e.Length && n >= 16:
			cut++
		default:
			t.Errorf("exchange %d has %d of %d bytes, and says %q", e.ID, n, e.Length, e.Cut.Names())
		}
		was := e.Cut
		if parts := x.Explain(e); was != 0 && (e.Has(flow.FindMalformed) || !e.Has(flow.FindCut)) || len(parts.Request.Msgs) != 1 {
			t.Errorf("exchange %d: findings %v", e.ID, e.Findings)
		}
	}})
	f := newFlood()
	for round := range 3 {
		whole, cut = 0, 0
		for i := range 1000 {
			tr.Observe(f.wide(size, uint32(round*1000+i)))
			if n := tr.Held(); n > budget+1000*64 {
				t.Fatalf("%d bytes are held", n)
			}
		}
		if err := tr.Check(); err != nil {
			t.Fatal(err)
		}
		tr.Close()
		if want := budget / (size + 36); whole < want-2 || whole > want || whole+cut != 1000 {
			t.Errorf("%d whole and %d cut, want about %d whole", whole, cut, want)
		}
		if n := tr.Held(); n != 0 {
			t.Errorf("%d bytes are held of nothing", n)
		}
	}
}

// TestAgain: what is large is not held where it can be read again, and is whole
// when somebody looks.
func TestAgain(t *testing.T) {
	frames := map[int][]byte{}
	x := flow.NewExplainer(families.Embedded())
	x.Again = func(frame int, _ []byte) ([]byte, int, bool) {
		return frames[frame], len(frames[frame]), frames[frame] != nil
	}
	seen := 0
	tr := flow.NewTracker(families.Embedded(), flow.Options{Keep: 1 << 20, Again: true, Closed: func(e *flow.Exchange) {
		seen++
		large := e.Length > 4096
		if (e.Cut != 0) != large {
			t.Errorf("%d bytes: cut %q", e.Length, e.Cut.Names())
		}
		parts := x.Explain(e)
		if gone := e.Request.Frame == 3; (e.Cut != 0) != gone || e.Has(flow.FindCut) != gone || !gone && int(parts.Request.Nodes[parts.Request.Msgs[0].Node].Len) != e.Length {
			t.Errorf("%d bytes: cut %q after looking again", e.Length, e.Cut.Names())
		}
	}})
	f := newFlood()
	for i, size := range []int{100, 4000, 40_000, 5000, 60_000} {
		in := f.wide(size, uint32(i))
		if i != 2 { // that frame is gone when it is looked for
			frames[i+1] = append([]byte(nil), f.data...)
		}
		tr.Observe(in)
		if n := tr.Held(); n > 8192 {
			t.Errorf("%d bytes are held", n)
		}
	}
	tr.Close()
	if seen != 5 {
		t.Errorf("%d exchanges", seen)
	}
}

// TestBatchPointsAt: the kernel's offset into a message of a batch is resolved
// in that message, though the answer carries its header only.
func TestBatchPointsAt(t *testing.T) {
	const netfilter, capped, tlvs = 12, 0x100, 0x200
	le := binary.LittleEndian
	msg := func(typ, flags uint16, seq uint32, body ...byte) []byte {
		m := make([]byte, 16, 64)
		le.PutUint32(m, uint32(16+len(body)))
		le.PutUint16(m[4:], typ)
		le.PutUint16(m[6:], flags)
		le.PutUint32(m[8:], seq)
		return append(m, body...)
	}
	frame := func(proto byte, msgs ...[]byte) *dissect.Input {
		d := make([]byte, 16)
		d[1], d[2], d[3], d[15] = 4, 3, 0x38, proto
		for _, m := range msgs {
			d = append(d, m...)
		}
		return &dissect.Input{Data: d, OrigLen: len(d)}
	}
	inner := msg(0xa00, 0x405, 3, 2, 0, 0, 0, 8, 0, 1, 0, 'x', 'y', 'z', 0)
	request := frame(netfilter, msg(0x10, 1, 1, 0, 0, 0, 10), msg(0xa00, 0x405, 2, 2, 0, 0, 0, 8, 0, 1, 0, 'a', 'b', 'c', 0), inner, msg(0x11, 1, 4, 0, 0, 0, 10))
	answer := frame(netfilter, msg(2, capped|tlvs, 3, append(append([]byte{0xea, 0xff, 0xff, 0xff}, inner[:16]...), 8, 0, 2, 0, 20, 0, 0, 0)...))
	answer.Data[16+12] = 9 // its portid
	x := flow.NewExplainer(families.Embedded())
	steps := 0
	tr := flow.NewTracker(families.Embedded(), flow.Options{Keep: 1 << 16, Closed: func(e *flow.Exchange) {
		steps = len(x.Explain(e).Answer.Msgs[0].ExtAck.Path)
	}})
	for i, in := range []*dissect.Input{request, answer} {
		in.Number = i + 1
		tr.Observe(&flow.Frame{Input: in, Time: int64(i+1) * 1000})
	}
	tr.Close()
	if steps != 1 {
		t.Errorf("the offset leads to %d steps", steps)
	}
}

// TestMalformedIsReal: a request is called malformed only if its frame is,
// however little of it was kept.
func TestMalformedIsReal(t *testing.T) {
	files := []string{"../testdata/cases/nft-101-rules-a.pcap"}
	for _, name := range pcaptest.Names {
		files = append(files, pcaptest.Path(name+".pcap"))
	}
	db := families.Embedded()
	for _, keep := range []int{1, 2000, 1 << 20} {
		some := 0
		for _, file := range files {
			bad := map[int]bool{}
			x := flow.NewExplainer(db)
			tr := flow.NewTracker(db, flow.Options{Keep: keep, Closed: func(e *flow.Exchange) {
				if x.Explain(e); !e.Has(flow.FindMalformed) {
					return
				}
				if some++; !bad[e.Request.Frame] {
					t.Errorf("%s: exchange %d, of which %d bytes may be kept, is malformed, and frame %d is not", file, e.ID, keep, e.Request.Frame)
				}
			}})
			s, d := dissect.NewSession(dissect.OrderAuto), dissect.New(db)
			for _, f := range pcaptest.File(t, file) {
				in := dissect.Input{Number: f.Number, Data: f.Data, OrigLen: f.OrigLen, Dir: dissect.Dir(f.Dir)}
				s.Prepare(&in, f.Section)
				for _, found := range d.Frame(&in).Findings {
					bad[in.Number] = bad[in.Number] || found.Severity() > dissect.Note
				}
				tr.Observe(&flow.Frame{Input: &in, Time: f.Time, Section: f.Section})
			}
			tr.Close()
		}
		if keep > 2000 && some == 0 {
			t.Error("no capture has a malformed request")
		}
	}
}
