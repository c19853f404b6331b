package dissect

import (
	"bytes"

	"github.com/nlsniff/nlsniff/families"
)

// senders tells requests from what the kernel sends with the flags of a
// request, NLM_F_REQUEST included: rtnetlink copies nlmsg_flags, nlmsg_pid and
// nlmsg_seq into notifications and answers of some types (flags=copied in the
// descriptions; net/sched/cls_api.c, net/sched/act_api.c, net/ipv4/nexthop.c,
// net/dcb/dcbnl.c), and the FIB lookup returns the request itself
// (net/ipv4/fib_frontend.c). Such a message is the kernel's if a request with
// these numbers and flags is open and about the same.
type senders struct {
	slots  []asked // the latest, used in turns
	next   int
	latest map[askedKey]int // the last slot with these numbers
	kinds  map[uint32]bool  // what kind found, by protocol and type
	copied map[uint32]bool  // the types that are sent with copied flags
}

// maxAsked is how many requests are remembered: a routing daemon puts hundreds
// into one datagram.
const maxAsked = 1 << 10

type askedKey struct {
	sec   *section
	seq   uint32
	proto uint8
}

// asked is a request that the kernel may repeat.
type asked struct {
	prev        int // slot of the request before with these numbers, -1 for none
	frame       int // its number
	sec         *section
	proto       uint8
	open        bool
	unnamed     bool // it does not say which socket sent it
	typ, flags  uint16
	seq, portid uint32
	object      uint64 // what it is about
	header      [hdrLen]byte
	hash        uint64
}

// Numbers of linux/rtnetlink.h, linux/nexthop.h and linux/neighbour.h.
const (
	rtmGetneigh    = 30
	rtmGetdcb      = 78
	ndaCacheinfo   = 3
	ndaProbes      = 4
	nhaID          = 1
	rtmNewNexthop  = 104
	rtmNewTfilter  = 44
	rtmNewChain    = 100
	protoFIBLookup = 10
)

// sender sets in.Dir if the frame is the kernel's against the appearance of
// its flags. A datagram has one sender: the first message tells. Of a program's,
// all are remembered.
func (s *Session) sender(in *Input, sec *section, proto uint8, payload []byte) {
	if in.Dir == DirFromKernel || proto != families.ProtoRoute && proto != protoFIBLookup {
		return
	}
	for first := true; len(payload) >= hdrLen; first = false {
		n := Uint(payload[:4], in.Big)
		if n < hdrLen || n > uint64(len(payload)) && !first {
			return
		}
		alone := first && (n+3)&^3 >= uint64(len(payload)) // as the kernel sends these
		if s.senderOf(in, sec, proto, payload[:min(n, uint64(len(payload)))], alone); in.Dir == DirFromKernel {
			return
		}
		if first && Uint(payload[6:8], in.Big)&flagRequest == 0 {
			return
		}
		payload = payload[min(uint64(len(payload)), (n+3)&^3):]
	}
}

func (s *Session) senderOf(in *Input, sec *section, proto uint8, msg []byte, alone bool) {
	if in.Dir != DirUnknown {
		return
	}
	if k := Uint(in.Data[:2], true); k == packetUser || k == packetKernel {
		return
	}
	typ, flags := uint16(Uint(msg[4:6], in.Big)), uint16(Uint(msg[6:8], in.Big))
	w := &s.senders
	switch {
	case typ == typeError && proto == families.ProtoRoute && len(msg) >= 2*hdrLen+4:
		w.close(sec, proto, msg[hdrLen+4:2*hdrLen+4], in.Big)
	case flags&flagRequest == 0:
	case proto == families.ProtoRoute && typ == rtmGetneigh:
		if solicits(msg, in.Big) {
			in.Dir = DirFromKernel
		}
	case !s.again && w.kind(s, proto, typ):
		if q := w.copies(in.Number, sec, proto, msg, in.Big, alone); q != nil {
			in.Dir, in.Because.Repeats = DirFromKernel, q.frame
		}
	}
}

// solicits says whether a message is how the kernel asks all listeners for a
// neighbour (app_solicit; neigh_app_ns in net/core/neighbour.c), which has
// the flag of a request: it tells the state of the entry, a question does not.
func solicits(msg []byte, big bool) bool {
	const ndmsgLen = 12
	if len(msg) < hdrLen+ndmsgLen || Uint(msg[8:16], big) != 0 {
		return false
	}
	attrs := msg[hdrLen+ndmsgLen:]
	return attrBytes(attrs, ndaProbes, big) != nil && attrBytes(attrs, ndaCacheinfo, big) != nil
}

func copyKey(proto uint8, typ uint16) uint32 { return uint32(proto)<<16 | uint32(typ) }

// kind says whether messages of a type, or answers to them, can be sent by the
// kernel with the flags of a request.
func (w *senders) kind(s *Session, proto uint8, typ uint16) bool {
	if proto != families.ProtoRoute && proto != protoFIBLookup {
		return false
	}
	if known, ok := w.kinds[copyKey(proto, typ)]; ok {
		return known
	}
	if s.DB == nil {
		s.DB = families.Embedded()
	}
	if w.kinds == nil {
		w.kinds, w.copied = map[uint32]bool{}, map[uint32]bool{}
	}
	first, last := typ, typ
	if proto == families.ProtoRoute {
		first, last = typ&^3, typ|3 // NEW, DEL, GET and SET
	}
	t := s.DB.Protocol(proto)
	some, copies := false, false
	for id := int(first); id <= int(last); id++ {
		for _, reply := range [...]bool{false, true} {
			m := t.Lookup(uint16(id), reply)
			some = some || m != nil
			if m != nil && m.CopiesFlags {
				copies, w.copied[copyKey(proto, m.ID)] = true, true
			}
		}
	}
	for id := int(first); some && id <= int(last); id++ {
		w.kinds[copyKey(proto, uint16(id))] = copies
	}
	return copies
}

// copies returns the open request that a message repeats, nil if it is one itself,
// which is remembered.
func (w *senders) copies(frame int, sec *section, proto uint8, msg []byte, big, alone bool) *asked {
	a := asked{frame: frame, sec: sec, proto: proto, open: true, typ: uint16(Uint(msg[4:6], big)), flags: uint16(Uint(msg[6:8], big)),
		seq: uint32(Uint(msg[8:12], big)), portid: uint32(Uint(msg[12:16], big)), object: objectOf(proto, msg, big), hash: sumOf(msg)}
	a.unnamed = a.portid == 0
	copy(a.header[:], msg)
	if alone && w.copied[copyKey(proto, a.typ)] && (a.portid != 0 || proto == protoFIBLookup) {
		if q := w.find(a.key(), func(q *asked) bool { return q.repeatedBy(&a) }); q != nil {
			if proto == protoFIBLookup {
				q.open = false // there is one answer
			} else {
				q.portid = a.portid
			}
			return q
		}
	}
	w.remember(a)
	return nil
}

func (a *asked) key() askedKey { return askedKey{a.sec, a.seq, a.proto} }

// remember keeps a request, in place of the oldest.
func (w *senders) remember(a asked) {
	if w.latest == nil {
		w.latest = map[askedKey]int{}
	}
	if len(w.slots) < maxAsked {
		w.slots = append(w.slots, asked{})
	} else if k := w.slots[w.next].key(); w.latest[k] == w.next {
		delete(w.latest, k)
	}
	a.prev = -1
	if at, ok := w.latest[a.key()]; ok {
		a.prev = at
	}
	w.slots[w.next] = a
	w.latest[a.key()] = w.next
	w.next = (w.next + 1) % maxAsked
}

// maxAlike bounds how many requests with the same numbers are looked at.
const maxAlike = 64

// find returns the latest open request with these numbers for which fits
// holds, nil if there is none.
func (w *senders) find(k askedKey, fits func(*asked) bool) *asked {
	at, ok := w.latest[k]
	for i := 0; ok && at >= 0 && i < maxAlike; i++ {
		q := &w.slots[at]
		if q.key() != k { // another has taken its place
			break
		}
		if q.open && fits(q) {
			return q
		}
		at = q.prev
	}
	return nil
}

// repeatedBy says whether a message can be what the kernel makes of a request.
func (q *asked) repeatedBy(a *asked) bool {
	if q.sec != a.sec || q.proto != a.proto || q.seq != a.seq || q.flags != a.flags || q.portid != 0 && q.portid != a.portid {
		return false
	}
	if q.proto == protoFIBLookup {
		return q.header == a.header
	}
	// Where a program puts its portid into requests, the next one can have the
	// same numbers. It cannot where an ACK is due before.
	sure := q.flags&flagAck != 0 || q.unnamed
	// All but nexthops say more than the request did.
	same := q.hash == a.hash && q.typ&^3 != rtmNewNexthop
	return q.typ&^3 == a.typ&^3 && !same && (sure || q.object == 0 || a.object == 0 || q.object == a.object)
}

// close notes that the request with this header has been answered.
func (w *senders) close(sec *section, proto uint8, header []byte, big bool) {
	k := askedKey{sec, uint32(Uint(header[8:12], big)), proto}
	if q := w.find(k, func(q *asked) bool { return bytes.Equal(q.header[:], header) }); q != nil {
		q.open = false
	}
}

// objectOf returns a number for what a message is about, 0 where it does not
// say: a nexthop's id, the interface of a filter or chain, DCB's command.
func objectOf(proto uint8, msg []byte, big bool) uint64 {
	typ, body := Uint(msg[4:6], big)&^3, msg[hdrLen:]
	switch {
	case proto != families.ProtoRoute || len(body) < 8:
	case typ == rtmNewNexthop:
		if id := attrBytes(body[8:], nhaID, big); len(id) == 4 {
			return Uint(id, big)
		}
	case typ == rtmNewTfilter || typ == rtmNewChain:
		return Uint(body[4:8], big) // tcm_ifindex
	case typ == rtmGetdcb&^3:
		return 1 + uint64(body[1]) // dcbmsg.cmd
	}
	return 0
}

// sumOf mixes the bytes of a message.
func sumOf(b []byte) uint64 {
	const prime = 1099511628211
	sum := uint64(14695981039346656037)
	for _, c := range b {
		sum = (sum ^ uint64(c)) * prime
	}
	return sum
}
