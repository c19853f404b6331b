package flow_test

import (
	"encoding/binary"
	"runtime"
	"testing"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/flow"
)

// flood writes requests and answers without end into one frame.
type flood struct {
	data []byte
	in   dissect.Input
	f    flow.Frame
}

func newFlood() *flood {
	f := &flood{data: make([]byte, 16+32)}
	binary.BigEndian.PutUint16(f.data[2:], 824)
	return f
}

// message makes the frame one message of rtnetlink.
func (f *flood) message(typ, flags uint16, seq, portid uint32) *flow.Frame {
	m := f.data[16:]
	binary.LittleEndian.PutUint32(m, uint32(len(m)))
	binary.LittleEndian.PutUint16(m[4:], typ)
	binary.LittleEndian.PutUint16(m[6:], flags)
	binary.LittleEndian.PutUint32(m[8:], seq)
	binary.LittleEndian.PutUint32(m[12:], portid)
	f.in = dissect.Input{Number: f.in.Number + 1, Data: f.data, OrigLen: len(f.data)}
	f.f = flow.Frame{Input: &f.in, Time: int64(f.in.Number) * 1000}
	return &f.f
}

const (
	getLink, newLink = 18, 16
	dump, multi      = 0x301, 2
)

// TestBounded opens many more exchanges than are kept: those that were given
// up are reported so, their answers are orphans, and the others are answered
// as if nothing had been.
func TestBounded(t *testing.T) {
	const limit, all = 1000, 20_000
	evicted, ended := 0, map[uint64]flow.Exchange{}
	tr := flow.NewTracker(families.Embedded(), flow.Options{MaxOpen: limit, MaxKept: limit, Closed: func(e *flow.Exchange) {
		if e.Reason == flow.Evicted {
			evicted++
		}
		ended[e.ID] = *e
	}})
	f := newFlood()
	for i := range all {
		tr.Observe(f.message(getLink, dump, uint32(i), 0))
		if tr.Len() > limit {
			t.Fatalf("%d exchanges are open", tr.Len())
		}
	}
	if evicted != all-limit {
		t.Errorf("%d were given up, want %d", evicted, all-limit)
	}
	// The answers come in an order of their own: first to those that are open.
	var order []uint32
	for i := range all {
		if seq := uint32(i * 7919 % all); seq >= all-limit {
			order = append(order, seq)
		}
	}
	for i := range all - limit {
		order = append(order, uint32(i))
	}
	for _, seq := range order {
		ref := tr.Observe(f.message(newLink, multi, seq, 100000+seq))[0]
		if lives := seq >= all-limit; lives && ref.Exchange != uint64(seq)+1 {
			t.Fatalf("the answer to %d is in exchange %d", seq, ref.Exchange)
		} else if !lives && ref.Exchange <= all {
			t.Fatalf("the answer to %d, which was given up, is in exchange %d", seq, ref.Exchange)
		}
	}
	tr.Close()
	for i := range uint64(all) {
		if e := ended[i+1]; uint64(e.Seq) != i || e.PortID != 0 && e.PortID != 100000+e.Seq {
			t.Fatalf("exchange %d has seq %d and portid %d", i+1, e.Seq, e.PortID)
		}
	}
}

// TestSameNumbers: many open requests with the same numbers neither take time
// without end nor answers that are not theirs.
func TestSameNumbers(t *testing.T) {
	tr := flow.NewTracker(families.Embedded(), flow.Options{})
	f := newFlood()
	for range 20_000 {
		tr.Observe(f.message(getLink, dump, 0, 0))
	}
	for i := range 20_000 {
		if ref := tr.Observe(f.message(newLink, multi, 0, uint32(i+1)))[0]; ref.Exchange != uint64(i+1) {
			t.Fatalf("answer %d is in exchange %d", i, ref.Exchange)
		}
	}
	tr.Close()
}

// TestNoAllocations: on the common path nothing is allocated once the tracker
// has grown.
func TestNoAllocations(t *testing.T) {
	tr := flow.NewTracker(families.Embedded(), flow.Options{MaxKept: 16, Keep: 4096})
	f := newFlood()
	seq := uint32(0)
	run := func() {
		seq++
		tr.Observe(f.message(getLink, dump, seq, 0))
		for range 3 {
			tr.Observe(f.message(newLink, multi, seq, 9))
		}
		tr.Observe(f.message(3, multi, seq, 9))
	}
	for range 100 {
		run()
	}
	if n := testing.AllocsPerRun(1000, run); n > 0 {
		t.Errorf("%v allocations for an exchange", n)
	}
}

// BenchmarkOpen has a million open requests; the memory that they take is
// bounded by the default limit.
func BenchmarkOpen(b *testing.B) {
	for b.Loop() {
		tr := flow.NewTracker(families.Embedded(), flow.Options{})
		f := newFlood()
		for i := range 1_000_000 {
			tr.Observe(f.message(getLink, dump, uint32(i), 0))
		}
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		b.ReportMetric(float64(m.HeapInuse)/(1<<20), "MiB")
		b.ReportMetric(float64(tr.Len()), "open")
	}
}

// TestMillion: a million requests that nobody answers, with the limits that
// programs have. Memory stays what the limits allow, and nothing is called done
// that asked for an answer.
func TestMillion(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a second")
	}
	const all, most = 1_000_000, 96 << 20
	ended, wrong := 0, 0
	tr := flow.NewTracker(families.Embedded(), flow.Options{Closed: func(e *flow.Exchange) {
		if ended++; e.OK() {
			wrong++
		}
	}})
	f := newFlood()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for i := range all {
		flags := uint16(dump)
		if i%2 == 0 {
			flags = 5 // REQUEST|ACK
		}
		tr.Observe(f.message(getLink, flags, uint32(i), uint32(i%3)))
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if held := int64(after.HeapAlloc) - int64(before.HeapAlloc); held > most {
		t.Errorf("%d MiB are held", held>>20)
	} else {
		t.Logf("%d KiB are held", held>>10)
	}
	if n := tr.Len(); n > 65536 {
		t.Errorf("%d exchanges are open", n)
	}
	tr.Close()
	if ended != all || wrong > 0 {
		t.Errorf("%d of %d ended, %d of them OK", ended, all, wrong)
	}
}

// TestManySockets: what is summed up of many sockets does not take much for each.
func TestManySockets(t *testing.T) {
	s := flow.NewStats(families.Embedded(), 1e9)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for i := range 15_000 {
		e := flow.Exchange{ID: uint64(i + 1), PortID: uint32(i + 1), Start: 1, FirstTime: int64(i) * 1000, End: int64(i) * 2000, Replies: 1, State: flow.Answered}
		s.Add(&e, 0)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if used := int64(after.HeapAlloc) - int64(before.HeapAlloc); used > 48<<20 {
		t.Errorf("%d MiB", used>>20)
	}
	runtime.KeepAlive(s)
}
