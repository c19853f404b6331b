package store_test

import (
	"encoding/binary"
	"io"
	"testing"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/tui/store"
)

// made is a source of frames that a function makes.
type made struct {
	n, max int
	frame  func(b []byte, i int) []byte // appends the messages of frame i
	hears  []capture.Receiver           // of each
}

func (m *made) Next(f *capture.Frame) error {
	if m.n == m.max {
		return io.EOF
	}
	b := make([]byte, capture.CookedLen)
	binary.BigEndian.PutUint16(b, 4)
	binary.BigEndian.PutUint16(b[2:], 824)
	*f = capture.Frame{Number: m.n + 1, Time: int64(m.n) * 1000, Data: m.frame(b, m.n)}
	f.OrigLen = len(f.Data)
	if m.hears != nil {
		f.Delivery = &capture.Delivery{Receivers: m.hears}
	}
	m.n++
	return nil
}
func (m *made) Stats() capture.Stats { return capture.Stats{} }
func (m *made) Close() error         { return nil }

func message(b []byte, typ, flags uint16, seq, portid uint32, body []byte) []byte {
	b = binary.NativeEndian.AppendUint32(b, uint32(16+len(body)))
	b = binary.NativeEndian.AppendUint16(b, typ)
	b = binary.NativeEndian.AppendUint16(b, flags)
	b = binary.NativeEndian.AppendUint32(b, seq)
	return append(binary.NativeEndian.AppendUint32(b, portid), body...)
}

// TestEndless: a dump that has no end does not hold the exchanges that have begun
// and ended since.
func TestEndless(t *testing.T) {
	const request, dump, multi = 1, 0x300, 2
	o := options()
	o.Budget = 1 << 20
	s := store.Live(&made{max: 60_000, frame: func(b []byte, i int) []byte {
		switch {
		case i == 0:
			return message(b, 18, request|dump, 1, 7, make([]byte, 16)) // RTM_GETLINK
		case i%2 == 0:
			return message(b, 16, multi, 1, 7, make([]byte, 16))
		}
		return message(b, 18, request, uint32(i), 8, make([]byte, 16))
	}}, o)
	defer s.Close()
	st := wait(t, s)
	if rows, kept := st.End-st.First, st.EndExchange-st.FirstExchange; rows > 10_000 || kept > rows+4096 {
		t.Errorf("%d exchanges are kept of %d rows", kept, rows)
	}
}

// TestManyMessages: a message takes more than its bytes, which counts.
func TestManyMessages(t *testing.T) {
	o := options()
	o.Budget = 1 << 20
	s := store.Live(&made{max: 1000, frame: func(b []byte, i int) []byte {
		for k := range 100 {
			b = message(b, 18, 1, uint32(i*1000+k), 7, nil)
		}
		return b
	}}, o)
	defer s.Close()
	if st := wait(t, s); st.End-st.First > 20_000 {
		t.Errorf("%d rows are kept", st.End-st.First)
	}
}

// TestLargest: of frames that are as large as they can be, few are kept.
func TestLargest(t *testing.T) {
	o := options()
	o.Budget = 1 << 20
	s := store.Live(&made{max: 100, frame: func(b []byte, i int) []byte {
		return message(b, 18, 1, uint32(i), 7, make([]byte, 1<<20))
	}}, o)
	defer s.Close()
	if st := wait(t, s); st.End-st.First > 17 {
		t.Errorf("%d of these frames are kept", st.End-st.First)
	}
}

// TestManyReceivers: what a small frame says of those that it reached counts.
func TestManyReceivers(t *testing.T) {
	o := options()
	o.Budget = 1 << 20
	s := store.Live(&made{max: 1000, hears: make([]capture.Receiver, 1000), frame: func(b []byte, i int) []byte {
		return message(b, 18, 1, uint32(i), 7, nil)
	}}, o)
	defer s.Close()
	if st := wait(t, s); st.End-st.First > 32 {
		t.Errorf("%d of these frames are kept", st.End-st.First)
	}
}
