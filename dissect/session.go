package dissect

import (
	"math"

	"github.com/nlsniff/nlsniff/families"
)

// Links is what a capture says of interface names, by interface index.
type Links = families.Timeline[uint32]

// OrderOption says how a session finds out the byte order of netlink messages.
type OrderOption uint8

// The ways to find out the byte order.
const (
	OrderAuto OrderOption = iota
	OrderLittle
	OrderBig
)

// Session carries what one frame tells about later ones: byte order, the names
// of generic families and interfaces, requests that errors refer to. Frames go
// through Prepare in order; the inputs that it fills in can then be decoded in
// any order and in parallel.
type Session struct {
	// Policies, if not nil, is told what the controller says of families.
	Policies PolicyLearner
	// DB tells what the kernel sends with the flags of a request; nil stands
	// for the embedded descriptions.
	DB *families.DB
	// NamesOnly is set if no answer needs its request: Input.Request stays nil.
	NamesOnly bool

	order    OrderOption
	sections map[int]*section // of the hosts in a section that have the other byte order: by ^number
	last     *section         // that of the frame before, lastNo
	lastNo   int
	seen     *section // whose frame Glance has just seen
	ring     requestRing
	senders  senders
	again    bool // frames come in any order
	asked    questions
	frames   int // that were prepared
	names    memory
	number   int // of the last frame
	dir      Dir // of the frame, as its source says
	until    int // up to this frame everything was learned before
	said     []controllerFrame
	saidLen  int
	complete bool
	unnamed  bool
	told     map[string][]families.Source // who told of a family's policies
	preset   []preset
}

// preset is the name of a generic family that is known from elsewhere.
type preset struct {
	id   uint16
	name string
}

// Preset says which generic family has an id in every section, from the start
// and until a frame tells otherwise. It is called before the first Prepare.
func (s *Session) Preset(id uint16, name string) { s.preset = append(s.preset, preset{id, name}) }

// section is one host's part of a capture.
type section struct {
	part      part
	big, sure bool
	ids       *families.Registry
	links     *Links
	sets      *Sets
}

// NewSession returns a Session.
func NewSession(order OrderOption) *Session {
	return &Session{order: order, sections: map[int]*section{}}
}

// Prepare learns from a frame and fills in what is known of it: in.Big, in.IDs,
// in.Links and in.Request, and in.Dir where the kernel sent what looks like a
// request.
func (s *Session) Prepare(in *Input, sectionNo int) {
	s.frames++
	s.number = in.Number
	sec, payload := s.glance(in, sectionNo)
	if len(payload) == 0 {
		return
	}
	proto := in.Data[cookedLen-1]
	s.dir = in.Dir
	s.sender(in, sec, proto, payload)
	at := cookedLen
	for k := 0; k < maxMsgs && len(in.Data)-at >= hdrLen; k++ {
		n := Uint(in.Data[at:at+4], in.Big)
		if n < hdrLen {
			return
		}
		left := uint64(len(in.Data) - at)
		s.learn(in, sec, proto, at, at+int(min(n, left)))
		at += int(min(left, (n+3)&^3))
	}
}

// Glance fills in what Prepare does, without learning from the frame. It is
// for who looks at nothing but headers.
func (s *Session) Glance(in *Input, sectionNo int) { s.glance(in, sectionNo) }

// glance returns the netlink messages of a frame too, if it has any.
func (s *Session) glance(in *Input, sectionNo int) (*section, []byte) {
	clip(in)
	sec := s.last
	if sec == nil || s.lastNo != sectionNo {
		sec = s.section(sectionNo)
		s.last, s.lastNo = sec, sectionNo
	}
	if len(in.Data) < cookedLen {
		s.fill(in, sec)
		return sec, nil
	}
	payload, proto := in.Data[cookedLen:], in.Data[cookedLen-1]
	netlink := Uint(in.Data[2:4], true) == arphrdNetlink && proto != families.ProtoUevent
	if !sec.sure && netlink {
		if big, sure := guessOrder(payload, in.OrigLen-cookedLen); sure {
			sec.big, sec.sure = big, true
		}
	}
	if !netlink {
		s.fill(in, sec)
		return sec, nil
	}
	if s.order == OrderAuto && otherOrder(payload, in.OrigLen-cookedLen, sec.big) {
		sec = s.other(sectionNo, sec)
	}
	s.fill(in, sec)
	return sec, payload
}

// fill tells a frame what is known of its section.
func (s *Session) fill(in *Input, sec *section) {
	in.IDs, in.Links, in.Sets, in.Request, in.RequestFrame, in.Because = sec.ids, sec.links, sec.sets, nil, 0, Because{}
	in.Big, s.seen = sec.big, sec
}

// other returns what is known of a section's second host, which has the other
// byte order.
func (s *Session) other(no int, sec *section) *section {
	o := s.section(^no)
	o.big, o.sure = !sec.big, true
	return o
}

// section returns what is known of a section.
func (s *Session) section(no int) *section {
	sec := s.sections[no]
	if sec == nil {
		sec = &section{big: s.order == OrderBig, sure: s.order != OrderAuto, ids: &families.Registry{}, links: &Links{}, sets: &Sets{}}
		if s.complete {
			sec.ids.Complete()
			sec.links.Complete()
			sec.sets.Complete()
		}
		for _, p := range s.preset {
			sec.ids.Learn(0, p.id, p.name)
		}
		s.sections[no] = sec
	}
	return sec
}

// learn takes what one message tells.
func (s *Session) learn(in *Input, sec *section, proto uint8, off, end int) {
	msg := in.Data[off:end]
	typ, flags := Uint(msg[4:6], in.Big), Uint(msg[6:8], in.Big)
	if proto == families.ProtoGeneric && typ > genlCtrl && !s.unnamed && !s.complete && sec.ids.Name(uint16(typ), in.Number) == "" {
		s.unnamed = true
	}
	if proto == families.ProtoNetfilter && typ == nftMsgNewset && in.Number > s.until {
		s.learnSet(in, sec, msg)
	}
	switch {
	case flags&flagRequest != 0 && in.Dir != DirFromKernel:
		if !s.NamesOnly {
			s.ring.add(sec, proto, in.Number, msg)
		}
		s.ask(in, proto, off, end)
	case proto == families.ProtoGeneric && typ == genlCtrl:
		h := headerAt(in, proto, off, end)
		s.learnFamily(in, sec, &h)
	case proto == families.ProtoRoute && typ == rtmNewlink:
		h := headerAt(in, proto, off, end)
		s.learnLink(in, sec, &h)
	case in.Request != nil || typ > typeDone || s.NamesOnly: // one a frame is enough
	case typ == typeError && len(msg) >= 2*hdrLen+4:
		// What was asked for, and what an offset points at, is behind the
		// header that is echoed, and mostly that alone is.
		e := ending{echoed: msg[hdrLen+4 : 2*hdrLen+4]}
		req, frame := s.ring.find(sec, proto, &e, &in.Because)
		if n := Uint(e.echoed[:4], in.Big); flags&flagCapped != 0 || n > uint64(len(msg)-hdrLen-4) || Uint(msg[hdrLen:hdrLen+4], in.Big) == 0 {
			in.Request, in.RequestFrame = req, frame
		}
	case typ == typeDone && proto != families.ProtoConnector:
		e := ending{seq: uint32(Uint(msg[8:12], in.Big)), portid: uint32(Uint(msg[12:16], in.Big))}
		if p := &sec.part; p.proto == proto && p.seq == e.seq && p.portid == e.portid {
			e.part, in.Because.Part = p.typ, p.frame
		}
		in.Request, in.RequestFrame = s.ring.find(sec, proto, &e, &in.Because)
	}
	if flags&(flagMulti|flagRequest) == flagMulti && typ > typeDone {
		sec.part = part{in.Number, uint16(typ), proto, uint32(Uint(msg[8:12], in.Big)), uint32(Uint(msg[12:16], in.Big))}
	}
}

// part is what the last part of a dump said of itself.
type part struct {
	frame       int
	typ         uint16
	proto       uint8
	seq, portid uint32
}

// Forget lets go of the requests that were remembered: what is prepared next
// does not follow what was prepared before.
func (s *Session) Forget() { s.ring.forget() }

// attrBytes returns the payload of the first attribute of a type.
func attrBytes(b []byte, typ uint64, big bool) []byte {
	for len(b) >= nlaHdrLen {
		n := int(Uint(b[:2], big))
		if n < nlaHdrLen || n > len(b) {
			return nil
		}
		if Uint(b[2:4], big)&nlaTypeMask == typ {
			return b[nlaHdrLen:n]
		}
		b = b[min(len(b), align4(n)):]
	}
	return nil
}

// Settled says whether the byte order of messages is known in the section of
// the frame that was prepared last.
func (s *Session) Settled() bool { return s.last != nil && s.last.sure }

// Complete says that Prepare has seen the whole capture once. A second pass
// can then name what the capture names only later.
func (s *Session) Complete() {
	s.complete, s.until = true, s.number
	for _, sec := range s.sections {
		sec.ids.Complete()
		sec.links.Complete()
		sec.sets.Complete()
	}
}

// Unnamed says whether a generic family id turned up that nothing had named,
// so that looking ahead might help.
func (s *Session) Unnamed() bool { return s.unnamed }

// Fork returns a session that decodes frames of s again: it shares all names,
// and remembers requests of its own. A frame is explained as in the first pass
// if the frame with its request (Input.RequestFrame) was prepared before it.
func (s *Session) Fork() *Session {
	f := &Session{DB: s.DB, order: s.order, complete: s.complete, until: math.MaxInt, sections: make(map[int]*section, len(s.sections))}
	for no, sec := range s.sections {
		again := *sec
		f.sections[no] = &again
	}
	return f
}

// Again returns a Fork whose frames come in any order. What only the frames
// before one tell of its sender is not found out again.
func (s *Session) Again() *Session {
	f := s.Fork()
	f.again = true
	return f
}

// Adopt takes over the names that another session learned from the whole
// capture.
func (s *Session) Adopt(o *Session) {
	s.complete, s.unnamed, s.until, s.names, s.told = true, false, o.until, o.names, o.told
	for no, from := range o.sections {
		sec := s.sections[no]
		if sec == nil {
			sec = &section{big: from.big, sure: from.sure}
			s.sections[no] = sec
		}
		sec.ids, sec.links, sec.sets = from.ids, from.links, from.sets
	}
}
