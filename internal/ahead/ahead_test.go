package ahead

import (
	"errors"
	"io"
	"testing"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/flow"
	"github.com/nlsniff/nlsniff/internal/pcaptest"
)

// list is a source of frames between which there is damage, and of a last error.
type list struct {
	frames []capture.Frame
	err    error
	n      int
}

func (l *list) Next(f *capture.Frame) error {
	if l.n++; l.n%2 == 0 {
		return &capture.CorruptError{}
	}
	if len(l.frames) == 0 {
		return l.err
	}
	*f, l.frames = l.frames[0], l.frames[1:]
	return nil
}
func (l *list) Stats() capture.Stats { return capture.Stats{} }
func (l *list) Close() error         { return nil }

// TestNames: what a capture names late is known to a session from its first frame on,
// and the tracker has seen who asked.
func TestNames(t *testing.T) {
	db := families.Embedded()
	who := NewSenders()
	tracker := flow.NewTracker(db, flow.Options{NoOrphans: true, Closed: who.Add})
	scan := dissect.NewSession(dissect.OrderAuto)
	scan.DB = db
	frames := pcaptest.Frames(t, "wireguard")
	if err := Names(&list{frames: frames, err: io.EOF}, scan, tracker); err != nil {
		t.Fatal(err)
	}
	tracker.Close()
	who.Sort()
	s := dissect.NewSession(dissect.OrderAuto)
	s.DB = db
	s.Adopt(scan)
	in := dissect.Input{Number: 1, Data: frames[0].Data, OrigLen: frames[0].OrigLen}
	s.Prepare(&in, frames[0].Stream())
	named, sent := false, 0
	for id := range uint16(64) {
		named = named || in.IDs.Name(id, in.Number) == "wireguard"
	}
	for i := range frames {
		if who.PortID(frames[i].Number) != 0 {
			sent++
		}
	}
	if !named || sent == 0 {
		t.Errorf("the family is known: %v; of %d frames the sender is", named, sent)
	}
	broken := errors.New("the source failed")
	if err := Names(&list{frames: frames[:3], err: broken}, scan, nil); !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
}

func TestSenders(t *testing.T) {
	s := NewSenders()
	for _, e := range []flow.Exchange{
		{Request: flow.MsgRef{Frame: 9}, PortID: 90}, {Request: flow.MsgRef{Frame: 3}, PortID: 30}, {PortID: 7}, {Request: flow.MsgRef{Frame: 5}},
		{Request: flow.MsgRef{Frame: 4}, Learned: true, Process: flow.Process{PID: 44}},
	} {
		s.Add(&e)
	}
	s.Sort()
	for frame, want := range map[int]uint32{3: 30, 9: 90, 5: 0, 0: 0, 10: 0} {
		if got := s.PortID(frame); got != want {
			t.Errorf("frame %d: portid %d, want %d", frame, got, want)
		}
	}
	if p, ok := s.Process(4); !ok || p.PID != 44 {
		t.Errorf("%v %v", p, ok)
	}
	if _, ok := s.Process(3); ok {
		t.Error("a process from nowhere")
	}
}

// TestOutcomes: of a file all is known everywhere, of what has no end only from the
// end of an exchange on, and not for ever.
func TestOutcomes(t *testing.T) {
	for _, live := range []bool{false, true} {
		o := NewOutcomes(live)
		e := flow.Exchange{ID: 1, Errno: -17, RequestBytes: []byte("x")}
		o.Add(&e, 8)
		if got := o.At(7)(1); (got == nil) != live {
			t.Errorf("live %v: before its end: %v", live, got)
		}
		if got := o.At(8)(1); got == nil || got.Errno != -17 || got.RequestBytes != nil || e.RequestBytes == nil {
			t.Errorf("live %v: at its end: %v", live, got)
		}
		if o.At(9)(2) != nil {
			t.Error("an exchange that never was")
		}
		o.Add(&flow.Exchange{ID: 1 + maxLive}, 9)
		if got := o.At(9)(1); (got == nil) != live {
			t.Errorf("live %v: long after: %v", live, got)
		}
	}
}
