package dissect

import (
	"bytes"

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

	order    OrderOption
	sections map[int]*section // of the hosts in a section that have the other byte order: by ^number
	last     *section         // that of the frame before, lastNo
	lastNo   int
	seen     *section // whose frame Glance has just seen
	ring     requestRing
	senders  senders
	again    bool // frames come in any order
	complete bool
	unnamed  bool
}

// section is one host's part of a capture.
type section struct {
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
	sec, payload := s.glance(in, sectionNo)
	if len(payload) == 0 {
		return
	}
	proto := in.Data[cookedLen-1]
	s.sender(in, sec, proto, payload[:min(uint64(len(payload)), max(Uint(payload[:min(4, len(payload))], in.Big), hdrLen))])
	for len(payload) >= hdrLen {
		n := Uint(payload[:4], in.Big)
		if n < hdrLen {
			return
		}
		msg := payload[:min(n, uint64(len(payload)))]
		s.learn(in, sec, proto, msg)
		payload = payload[min(uint64(len(payload)), (n+3)&^3):]
	}
}

// Glance fills in what Prepare does, without learning from the frame. It is
// for who looks at nothing but headers.
func (s *Session) Glance(in *Input, sectionNo int) { s.glance(in, sectionNo) }

// glance returns the netlink messages of a frame too, if it has any.
func (s *Session) glance(in *Input, sectionNo int) (*section, []byte) {
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
	in.IDs, in.Links, in.Sets, in.Request, in.RequestFrame = sec.ids, sec.links, sec.sets, nil, 0
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
		s.sections[no] = sec
	}
	return sec
}

// learn takes what one message tells.
func (s *Session) learn(in *Input, sec *section, proto uint8, msg []byte) {
	typ, flags := Uint(msg[4:6], in.Big), Uint(msg[6:8], in.Big)
	if proto == families.ProtoGeneric && typ > genlCtrl && !s.unnamed && !s.complete && sec.ids.Name(uint16(typ), in.Number) == "" {
		s.unnamed = true
	}
	if proto == families.ProtoNetfilter && typ == nftMsgNewset {
		learnSet(in, sec, msg)
	}
	const explained = flagCapped | flagTLVs
	switch {
	case flags&flagRequest != 0 && in.Dir != DirFromKernel:
		s.ring.add(sec, proto, in.Number, msg)
	case proto == families.ProtoGeneric && typ == genlCtrl:
		s.learnFamily(in, sec, msg)
	case proto == families.ProtoRoute && typ == rtmNewlink:
		learnLink(in, sec, msg)
	case in.Request != nil: // one a frame is enough
	case typ == typeError && len(msg) >= 2*hdrLen+4 &&
		(flags&explained == explained || flags&flagCapped != 0 && proto == families.ProtoGeneric):
		// What an offset points at, and which command was answered, is
		// behind the header that is echoed.
		in.Request, in.RequestFrame = s.ring.find(sec, proto, msg[hdrLen+4:2*hdrLen+4], 0, 0)
	case typ == typeDone && proto != families.ProtoConnector && flags&flagTLVs != 0:
		seq, portid := uint32(Uint(msg[8:12], in.Big)), uint32(Uint(msg[12:16], in.Big))
		in.Request, in.RequestFrame = s.ring.find(sec, proto, nil, seq, portid)
	}
}

// Numbers of linux/genetlink.h and linux/rtnetlink.h that a session reads.
const (
	ctrlCmdNewFamily   = 1
	ctrlCmdDelFamily   = 2
	ctrlCmdGetPolicy   = 10
	ctrlAttrFamilyID   = 1
	ctrlAttrFamilyName = 2
	rtmNewlink         = 16
	iflaIfname         = 3
	ifinfomsgLen       = 16
)

func (s *Session) learnFamily(in *Input, sec *section, msg []byte) {
	const genlHdr = 4
	if len(msg) < hdrLen+genlHdr {
		return
	}
	cmd, attrs := msg[hdrLen], msg[hdrLen+genlHdr:]
	if cmd == ctrlCmdGetPolicy {
		s.tellPolicies(in, sec, attrs)
		return
	}
	if cmd != ctrlCmdNewFamily && cmd != ctrlCmdDelFamily {
		return
	}
	id, name := attrBytes(attrs, ctrlAttrFamilyID, in.Big), attrBytes(attrs, ctrlAttrFamilyName, in.Big)
	if len(id) != 2 || len(name) == 0 {
		return
	}
	n := uint16(Uint(id, in.Big))
	if cmd == ctrlCmdDelFamily {
		sec.ids.Learn(in.Number, n, "")
		return
	}
	learnName(sec.ids, in.Number, n, name)
	s.tellPolicies(in, sec, attrs)
}

func learnLink(in *Input, sec *section, msg []byte) {
	if len(msg) < hdrLen+ifinfomsgLen {
		return
	}
	index := uint32(Uint(msg[hdrLen+4:hdrLen+8], in.Big))
	if name := attrBytes(msg[hdrLen+ifinfomsgLen:], iflaIfname, in.Big); len(name) > 0 {
		learnName(sec.links, in.Number, index, name)
	}
}

// learnName is Learn without an allocation for a name that is known already.
func learnName[K comparable](t *families.Timeline[K], frame int, k K, name []byte) {
	if i := bytes.IndexByte(name, 0); i >= 0 {
		name = name[:i]
	}
	if known := t.Name(k, frame); known != string(name) {
		t.Learn(frame, k, string(name))
	}
}

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

// Branch returns a session for a part of the capture that is read beside others.
// It has learned nothing but the byte orders that s knows.
func (s *Session) Branch() *Session {
	b := &Session{DB: s.DB, order: s.order, sections: make(map[int]*section, len(s.sections))}
	for no, sec := range s.sections {
		b.sections[no] = &section{big: sec.big, sure: sec.sure, ids: &families.Registry{}, links: &Links{}, sets: &Sets{}}
	}
	return b
}

// LearnFamilies takes the names of generic families from the frame that Glance
// has just seen; Prepare does as much and more.
func (s *Session) LearnFamilies(in *Input) {
	walk := Scan(in)
	if walk.proto != families.ProtoGeneric {
		return
	}
	for h := (Header{}); walk.Next(&h); {
		if h.Type == genlCtrl && h.Flags&flagRequest == 0 {
			s.learnFamily(in, s.seen, in.Data[h.Off:h.End])
		}
	}
}

// JoinFamilies takes over what a branch has learned of families from frames
// behind those of s: its frame 1 is frame after+1.
func (s *Session) JoinFamilies(branch *Session, after int) {
	for no, sec := range branch.sections {
		if s.sections[no] != nil || no < 0 {
			into := s.section(no)
			into.big, into.sure = sec.big, sec.sure
			into.ids.Append(sec.ids, after)
		}
	}
}

// Complete says that Prepare has seen the whole capture once. A second pass
// can then name what the capture names only later.
func (s *Session) Complete() {
	s.complete = true
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
	f := &Session{DB: s.DB, order: s.order, complete: s.complete, sections: make(map[int]*section, len(s.sections))}
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
	s.complete, s.unnamed = true, false
	for no, from := range o.sections {
		sec := s.sections[no]
		if sec == nil {
			sec = &section{big: from.big, sure: from.sure}
			s.sections[no] = sec
		}
		sec.ids, sec.links, sec.sets = from.ids, from.links, from.sets
	}
}
