package flow_test

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/flow"
)

// nfMessage is a message of nf_tables.
func nfMessage(typ, flags uint16, seq, portid uint32, body ...byte) []byte {
	b := make([]byte, 16, 16+len(body))
	binary.LittleEndian.PutUint32(b, uint32(16+len(body)))
	binary.LittleEndian.PutUint16(b[4:], typ)
	binary.LittleEndian.PutUint16(b[6:], flags)
	binary.LittleEndian.PutUint32(b[8:], seq)
	binary.LittleEndian.PutUint32(b[12:], portid)
	return append(b, body...)
}

// report is the error or ACK of a message, which it repeats: whole, or its header.
func report(request []byte, portid uint32, errno int32, capped bool) []byte {
	flags := uint16(0)
	if capped {
		flags, request = 0x100, request[:16]
	}
	body := binary.LittleEndian.AppendUint32(nil, uint32(errno))
	return nfMessage(2, flags, binary.LittleEndian.Uint32(request[8:]), portid, append(body, request...)...)
}

// madeBatches is a capture of sockets that send batches and questions, which the
// kernel handles at once, with the errno of each request; all may use the same
// numbers.
func madeBatches(r *rand.Rand) (frames []capture.Frame, errno map[int]int32) {
	const begin, end, newTable, newGen, getGen = 0x10, 0x11, 0xa00, 0xa0f, 0xa10
	const request, ack, echo, create = 1, 4, 8, 0x400
	errno = map[int]int32{}
	at := int64(1e18)
	add := func(messages ...[]byte) int {
		b := make([]byte, 16)
		b[1], b[2], b[3], b[15] = 4, 824>>8, 824&0xff, 12
		for _, m := range messages {
			b = append(b, m...)
		}
		at += int64(r.IntN(3_000_000))
		frames = append(frames, capture.Frame{Number: len(frames) + 1, Time: at, Data: b, OrigLen: len(b)})
		return len(frames)
	}
	recent, listeners, capped, numbered := r.IntN(2) == 0, r.IntN(3), r.IntN(2) == 0, r.IntN(2) == 0
	seq := uint32(1)
	for range 25 {
		portid := 100 + uint32(r.IntN(3))
		if numbered {
			seq += 10 // else all begin with the same
		}
		if r.IntN(3) == 0 {
			n := add(nfMessage(getGen, request, seq, 0, 0, 0, 0, 0))
			add(nfMessage(newGen, 0, seq, portid, 0, 0, 0, 1))
			errno[n] = 0
			continue
		}
		frameAck, each := uint16(r.IntN(2)*ack), []uint16{0, ack, echo, ack | echo}[r.IntN(4)]
		messages := [][]byte{nfMessage(begin, request|frameAck, seq, 0, 0, 0, 0, 10)}
		for i := range 1 + r.IntN(3) {
			name := byte('a' + r.IntN(3))
			messages = append(messages, nfMessage(newTable, request|create|each, seq+1+uint32(i), 0, 2, 0, 0, 0, 6, 0, 1, 0, name, 0, 0, 0))
		}
		last := len(messages)
		messages = append(messages, nfMessage(end, request|frameAck, seq+uint32(last), 0, 0, 0, 0, 10))
		n := add(messages...)
		fails := 0
		if r.IntN(3) == 0 {
			fails, errno[n] = 1+r.IntN(last-1), -17
		} else {
			errno[n] = 0
			for i := 1; i < last; i++ {
				told := nfMessage(newTable, create, seq+uint32(i), portid, messages[i][16:]...)
				copies := listeners
				if each&echo != 0 {
					copies++
				}
				for range copies {
					add(told)
				}
			}
			for range listeners {
				add(nfMessage(newGen, 0, seq+uint32(last), portid, 0, 0, 0, 1))
			}
		}
		for i, m := range messages {
			switch {
			case i == fails && fails > 0:
				add(report(m, portid, errno[n], false))
			case (i == 0 || i == last) && (frameAck == 0 || !recent), i > 0 && i < last && each&ack == 0, i == last && fails > 0:
			default:
				add(report(m, portid, 0, capped))
			}
		}
	}
	return frames, errno
}

// TestMadeBatches: a batch is done if the kernel did it, and refused if it did not,
// whatever the numbers, the flags and the listeners.
func TestMadeBatches(t *testing.T) {
	db := families.Embedded()
	all, open := 0, 0
	for seed := range uint64(600) {
		frames, errno := madeBatches(rand.New(rand.NewPCG(seed, 34)))
		for _, e := range ended(t, db, frames, flow.Options{}) {
			want, known := errno[e.Request.Frame]
			if !known {
				t.Errorf("seed %d: %s of frame %d begins with no request", seed, e.State, e.First.Frame)
				continue
			}
			all++
			switch {
			case want == 0 && e.OK(), want != 0 && e.State == flow.Failed && e.Errno == want:
			case want == 0 && e.State != flow.Failed:
				open++
			default:
				t.Errorf("seed %d: frame %d is %s (%s), errno %d, want %d", seed, e.Request.Frame, e.State, e.Reason, e.Errno, want)
			}
		}
		if t.Failed() {
			return
		}
	}
	t.Logf("%d requests, %d not known to be done", all, open)
	if open*50 > all {
		t.Errorf("%d of %d are not known to be done", open, all)
	}
}
