package dissect

import "bytes"

// maxRemembered is the size in bytes of the largest request that is worth
// remembering.
const maxRemembered = 1 << 15

// requestRing remembers the last requests, so that an answer which does not
// echo them can still be explained. Its memory is bounded and reused.
type requestRing struct {
	slots [128]request
	next  int
}

type request struct {
	sec   *section
	proto uint8
	frame int
	msg   []byte
}

func (r *requestRing) add(sec *section, proto uint8, frame int, msg []byte) {
	if len(msg) > maxRemembered {
		return
	}
	s := &r.slots[r.next]
	s.sec, s.proto, s.frame, s.msg = sec, proto, frame, append(s.msg[:0], msg...)
	r.next = (r.next + 1) % len(r.slots)
}

// find returns a copy of the latest request that an answer is for, and its
// frame: the one with the echoed nlmsghdr or, where nothing is echoed, the dump
// with that number.
func (r *requestRing) find(sec *section, proto uint8, echoed []byte, seq, portid uint32) ([]byte, int) {
	for i := range r.slots {
		s := &r.slots[(r.next-1-i+2*len(r.slots))%len(r.slots)]
		if s.sec == sec && s.proto == proto && answered(s.msg, echoed, seq, portid, sec.big) {
			return bytes.Clone(s.msg), s.frame
		}
	}
	return nil, 0
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
