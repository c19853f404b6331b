package dissect

import (
	"bytes"
	"encoding/binary"
	"math/bits"

	"github.com/nlsniff/nlsniff/families"
)

// maxRemembered is the size in bytes of the largest request that is worth
// remembering.
const maxRemembered = 1 << 15

// requestRing remembers the last requests, so that an answer which does not
// echo them can still be explained. Its memory is bounded and reused.
type requestRing struct {
	slots [128]request
	seqs  [128]uint32 // their nlmsg_seq as it stands there: it tells nearly all of them apart
	next  int
}

type request struct {
	sec   *section
	proto uint8
	frame int
	done  bool // an answer has ended it
	msg   []byte
}

func (r *requestRing) add(sec *section, proto uint8, frame int, msg []byte) {
	if len(msg) > maxRemembered {
		return
	}
	s := &r.slots[r.next]
	r.seqs[r.next] = 0
	if len(msg) >= hdrLen {
		r.seqs[r.next] = binary.LittleEndian.Uint32(msg[8:12])
	}
	s.sec, s.proto, s.frame, s.done, s.msg = sec, proto, frame, false, append(s.msg[:0], msg...)
	r.next = (r.next + 1) % len(r.slots)
}

// ending says which request an answer ends.
type ending struct {
	echoed []byte // the nlmsghdr that it carries, nil: it ends the dump with
	seq    uint32 // this number
	portid uint32
	part   uint16 // and parts of this type, 0: there were none
}

// find returns the request that an answer ends, and its frame: the latest that
// no answer has ended. It is valid until the next add. Where several programs
// wait with the same numbers for different things, there is none: nothing tells
// whose the answer is.
func (r *requestRing) find(sec *section, proto uint8, e *ending, b *Because) ([]byte, int) {
	var open, done *request
	seq := e.seq
	switch {
	case e.echoed != nil:
		seq = binary.LittleEndian.Uint32(e.echoed[8:12])
	case sec.big:
		seq = bits.ReverseBytes32(seq)
	}
	for i := range r.slots {
		at := (r.next - 1 - i + 2*len(r.slots)) % len(r.slots)
		if r.seqs[at] != seq {
			continue
		}
		s := &r.slots[at]
		if s.sec != sec || s.proto != proto || !answered(s.msg, e.echoed, e.seq, e.portid, sec.big) || !e.fits(s, sec.big) {
			continue
		}
		switch {
		case s.done:
			if done == nil {
				done = s
			}
		case open == nil:
			open = s
		case !bytes.Equal(open.msg, s.msg):
			b.Rivals = [2]int{open.frame, s.frame}
			return nil, 0
		}
	}
	if open == nil {
		open = done // a second answer
	}
	if open == nil {
		return nil, 0
	}
	open.done = true
	return open.msg, open.frame
}

// fits says whether a dump has parts of the type that came.
func (e *ending) fits(s *request, big bool) bool {
	if e.part == 0 || e.echoed != nil {
		return true
	}
	typ := uint16(Uint(s.msg[4:6], big))
	switch s.proto {
	case families.ProtoRoute:
		return typ&^3 == e.part&^3
	case families.ProtoGeneric, families.ProtoSockDiag:
		return typ == e.part
	case families.ProtoNetfilter:
		return typ>>8 == e.part>>8
	}
	return true
}

// forget lets go of all requests.
func (r *requestRing) forget() {
	for i := range r.slots {
		r.slots[i].sec = nil
	}
}

// answered says whether a request is the one that an answer is for.
func answered(req, echoed []byte, seq, portid uint32, big bool) bool {
	switch {
	case len(req) < hdrLen:
		return false
	case echoed != nil:
		return bytes.Equal(req[:hdrLen], echoed)
	}
	// Programs leave nlmsg_pid 0 and let the kernel fill it in.
	flags, pid := Uint(req[6:8], big), uint32(Uint(req[12:16], big))
	return flags&flagDump == flagDump && uint32(Uint(req[8:12], big)) == seq && (pid == 0 || pid == portid)
}
