package flow_test

import (
	"encoding/binary"
	"testing"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/flow"
	"github.com/nlsniff/nlsniff/internal/pcaptest"
)

// types are what the fuzzer's messages are of: some of each kind.
var types = [16]uint16{1, 2, 3, 4, 16, 17, 18, 19, 20, 22, 2560, 2561, 2575, 2576, 1000, 1013}

var protos = [8]uint8{0, 4, 6, 9, 11, 12, 15, 16}

// FuzzTracker feeds messages of few numbers in any order, so that they meet: 8
// bytes each. Whatever comes, each request and each unicast is in one
// exchange, each exchange is reported once, and memory stays bounded.
func FuzzTracker(f *testing.F) {
	f.Add([]byte{0, 6, 1, 3, 0, 0, 1, 0, 0, 4, 2, 0, 0, 1, 1, 0, 0, 2, 2, 0, 0, 1, 1, 0})
	f.Add([]byte{5, 4, 1, 0, 0, 0, 1, 0, 5, 10, 1, 0, 1, 0, 1, 1, 5, 5, 1, 0, 2, 0, 1, 1, 5, 1, 0, 0, 1, 1, 1, 0})
	for i, name := range pcaptest.Names {
		if i%5 == 0 {
			for _, fr := range pcaptest.Frames(f, name)[:20] {
				f.Add(fr.Data[16:min(len(fr.Data), 400)])
			}
		}
	}
	db := families.Embedded()
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 8*400 {
			b = b[:8*400]
		}
		const limit = 8
		seen := map[uint64]bool{}
		tr := flow.NewTracker(db, flow.Options{MaxOpen: limit, MaxKept: limit, Keep: 64, Closed: func(e *flow.Exchange) {
			if seen[e.ID] {
				t.Fatalf("exchange %d is reported twice", e.ID)
			}
			if e.State == flow.Open && e.Reason == flow.NoReason {
				t.Fatalf("exchange %d is reported open", e.ID)
			}
			seen[e.ID] = true
		}})
		last, now := uint64(0), int64(0)
		data := make([]byte, 16, 4096)
		for n := 1; len(b) >= 8; n++ {
			data = append(data[:0], make([]byte, 16)...)
			binary.BigEndian.PutUint16(data[2:], 824)
			first := b
			data[15] = protos[first[0]%8]
			for len(b) >= 8 { // one or several messages
				more := b[7]&1 != 0
				data = message(data, b)
				b = b[8:]
				if !more || len(data) > 2048 {
					break
				}
			}
			now += int64(first[6]) * int64(first[6]) * 1e6
			in := dissect.Input{Number: n, Data: data, OrigLen: len(data), Dir: dissect.Dir(first[0] >> 6)}
			fr := flow.Frame{Input: &in, Time: now, Section: int(first[0] >> 5 & 1), Short: first[7]&0x10 != 0, Overrun: first[7]&0x20 != 0}
			fr.Process.PID = uint32(first[7] >> 6)
			refs := tr.Observe(&fr)
			walk := dissect.Scan(&in)
			var h dissect.Header
			for i := 0; walk.Next(&h); i++ {
				ref := refs[i]
				last = max(last, ref.Exchange)
				switch {
				case !flow.Asks(h.Proto) && ref.Exchange != 0:
					t.Fatalf("a message of protocol %d in exchange %d", h.Proto, ref.Exchange)
				case (ref.Exchange == 0) != (ref.Role == flow.NoRole):
					t.Fatalf("role %q in exchange %d", ref.Role, ref.Exchange)
				case flow.Asks(h.Proto) && in.Dir == dissect.DirToKernel && ref.Role != flow.Request,
					flow.Asks(h.Proto) && in.Dir == dissect.DirFromKernel && (ref.Role == flow.Request || h.PortID != 0 && ref.Exchange == 0):
					t.Fatalf("frame %d.%d is a %q in exchange %d", n, i, ref.Role, ref.Exchange)
				}
			}
			if err := tr.Check(); err != nil {
				t.Fatalf("frame %d: %v", n, err)
			}
		}
		tr.Close()
		if tr.Len() != 0 {
			t.Fatalf("%d exchanges are open behind the end", tr.Len())
		}
		if len(seen) != int(last) {
			t.Fatalf("%d exchanges are reported of %d", len(seen), last)
		}
	})
}

// message appends a message that b describes.
func message(dst, b []byte) []byte {
	le := binary.LittleEndian
	at := len(dst)
	dst = append(dst, make([]byte, 16)...)
	typ := types[b[1]%16]
	le.PutUint16(dst[at+4:], typ)
	le.PutUint16(dst[at+6:], uint16(b[2])|uint16(b[3]&0xf)<<8)
	seq := uint32(b[4] % 4)
	if b[4]&0x80 != 0 {
		seq = -seq
	}
	le.PutUint32(dst[at+8:], seq)
	le.PutUint32(dst[at+12:], uint32(b[5]%4))
	if typ == 2 || typ == 3 {
		dst = le.AppendUint32(dst, uint32(-int32(b[6]%3)))
		dst = le.AppendUint32(dst, uint32(16+b[5]/16%3*4))
		dst = le.AppendUint16(dst, types[b[6]/8%16])
		dst = le.AppendUint16(dst, uint16(b[2]&5))
		dst = le.AppendUint32(dst, seq)
		dst = le.AppendUint32(dst, 0)
	} else {
		dst = append(dst, make([]byte, b[5]/16%3*4)...)
	}
	le.PutUint32(dst[at:], uint32(len(dst)-at)-uint32(b[7]>>1&1)*20)
	return dst
}
