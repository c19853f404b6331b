package dissect

import (
	"bytes"

	"github.com/nlsniff/nlsniff/families"
)

// Names are learned from the kernel only. On nlmon nothing marks the direction
// of a message, and any process can send any bytes to the kernel, which ignores
// what is no request; so a name counts by what shows that the kernel sent it
// (families.Trust). A weaker word never changes what a stronger one said.

// Lengths in bytes of the longest names that the kernel gives, their NUL
// included: GENL_NAMSIZ of linux/genetlink.h and IFNAMSIZ of linux/if.h.
const (
	maxFamilyName = 16
	maxLinkName   = 16
)

// Numbers of linux/genetlink.h and linux/rtnetlink.h that a session reads.
const (
	ctrlCmdNewFamily   = 1
	ctrlCmdDelFamily   = 2
	ctrlCmdGetFamily   = 3
	ctrlCmdGetPolicy   = 10
	ctrlAttrFamilyID   = 1
	ctrlAttrFamilyName = 2
	genlHdrLen         = 4
	rtmNewlink         = 16
	rtmGetlink         = 18
	rtmSetlink         = 19
	iflaIfname         = 3
	ifinfomsgLen       = 16
)

// question is a request whose answers name something, or that makes the kernel
// notify of something with a name.
type question struct {
	section     int
	frame       int // as the session counts
	number      int // of that frame
	typ         uint16
	seq, portid uint32
	dump        bool
	done        bool // it had its answer
}

// questions remembers the last of these.
type questions struct {
	slots [256]question
	next  int
}

// ask notes a request if what it brings could be learned from.
func (q *questions) ask(section, frame, number int, proto uint8, h *Header, cmd byte) {
	switch {
	case proto == families.ProtoGeneric && h.Type == genlCtrl && (cmd == ctrlCmdGetFamily || cmd == ctrlCmdGetPolicy):
	case proto == families.ProtoRoute && h.Type >= rtmNewlink && h.Type <= rtmSetlink: // RTM_NEWLINK, DELLINK, GETLINK, SETLINK
	default:
		return
	}
	q.slots[q.next] = question{section: section, frame: frame, number: number, typ: h.Type, seq: h.Seq, portid: h.PortID, dump: h.Flags&flagDump == flagDump}
	q.next = (q.next + 1) % len(q.slots)
}

// answered returns the request to which a message is what the kernel says, nil
// if there is none. The request came in a frame before; programs leave nlmsg_pid 0 and
// let the kernel fill it in; and who asked for one thing gets one answer.
func (q *questions) answered(section, frame int, proto uint8, h *Header) *question {
	for i := range q.slots {
		s := &q.slots[(q.next-1-i+2*len(q.slots))%len(q.slots)]
		if s.section != section || s.seq != h.Seq || s.portid != 0 && s.portid != h.PortID || s.frame >= frame || s.done || s.typ == 0 {
			continue
		}
		switch {
		case proto == families.ProtoGeneric && s.typ != genlCtrl, proto == families.ProtoRoute && s.typ == genlCtrl && h.Type != genlCtrl:
			continue
		case s.dump != (h.Flags&flagMulti != 0):
			continue
		}
		s.done = !s.dump && (s.typ == genlCtrl || s.typ == rtmGetlink)
		return s
	}
	return nil
}

// headerAt reads the header of the message at off…end.
func headerAt(in *Input, proto uint8, off, end int) Header {
	b := in.Data[off : off+hdrLen]
	return Header{
		Off: off, End: end, Len: uint32(Uint(b[:4], in.Big)), Type: uint16(Uint(b[4:6], in.Big)), Flags: uint16(Uint(b[6:8], in.Big)),
		Seq: uint32(Uint(b[8:12], in.Big)), PortID: uint32(Uint(b[12:16], in.Big)), Proto: proto, Big: in.Big,
	}
}

// place is the number of the frame's section.
func (s *Session) place() int {
	if s.seen != s.last {
		return ^s.lastNo
	}
	return s.lastNo
}

// ask notes a request whose answers name something.
func (s *Session) ask(in *Input, proto uint8, off, end int) {
	if proto != families.ProtoGeneric && proto != families.ProtoRoute {
		return
	}
	h := headerAt(in, proto, off, end)
	cmd := byte(0)
	if end > off+hdrLen {
		cmd = in.Data[off+hdrLen]
	}
	s.asked.ask(s.place(), s.frames, in.Number, proto, &h, cmd)
}

// trust says how well it is known that a message which could name something is
// the kernel's, and which frame has the request that it answers. ok is false for what the kernel does not send.
func (s *Session) trust(in *Input, proto uint8, h *Header) (_ families.Trust, asked int, ok bool) {
	switch {
	case h.Flags&flagRequest != 0 || in.Dir == DirToKernel || in.Dir == DirUserToUser:
		return 0, 0, false
	case s.dir == DirFromKernel:
		return families.Vouched, 0, true
	}
	if q := s.asked.answered(s.place(), s.frames, proto, h); q != nil {
		return families.Answered, q.number, true
	}
	switch {
	case h.Flags == 0 && h.Seq == 0 && h.PortID == 0:
		return families.Heard, 0, true
	case h.Seq != 0:
		return families.Alleged, 0, true
	}
	return 0, 0, false
}

// learnFamily takes what the controller says.
func (s *Session) learnFamily(in *Input, sec *section, h *Header) {
	msg := in.Data[h.Off:h.End]
	if len(msg) < hdrLen+genlHdrLen || in.Number <= s.until {
		return
	}
	cmd, attrs := msg[hdrLen], msg[hdrLen+genlHdrLen:]
	if cmd != ctrlCmdNewFamily && cmd != ctrlCmdDelFamily && cmd != ctrlCmdGetPolicy {
		return
	}
	trust, asked, ok := s.trust(in, families.ProtoGeneric, h)
	if !ok {
		return
	}
	if cmd == ctrlCmdGetPolicy {
		if trust >= families.Answered {
			s.tellPolicies(in, sec, attrs, asked)
		}
		return
	}
	id, name := attrBytes(attrs, ctrlAttrFamilyID, in.Big), attrBytes(attrs, ctrlAttrFamilyName, in.Big)
	name, whole := cutName(name, maxFamilyName)
	if len(id) != 2 || !whole {
		return
	}
	n := uint16(Uint(id, in.Big))
	if n <= genlCtrl {
		return // the controller's own is fixed, and ids start behind it
	}
	known, as, gone := sec.ids.State(n)
	if cmd == ctrlCmdDelFamily {
		// The kernel gives ids out in a circle, so the next bearer comes
		// late; an answer can name it whatever was heard of the end.
		if (trust >= as || trust == families.Heard && as == families.Answered) && s.room(in.Number, string(name)) {
			sec.ids.LearnAs(in.Number, n, "", as)
		}
		return
	}
	switch {
	case known == string(name) && !gone && as >= trust:
		// nothing new
	case trust == families.Alleged && (known != "" || !families.Embeds(string(name))),
		known != "" && known != string(name) && (trust < as || trust == as && !gone && trust != families.Vouched):
		// The kernel does not rename families.
		if known != string(name) {
			sec.ids.Claim(in.Number, n, string(name))
		}
		return
	case s.room(in.Number, string(name)):
		if sec.ids.LearnAs(in.Number, n, string(name), trust) {
			sec.ids.Asked(n, asked)
		}
	}
	if trust >= families.Answered {
		s.tellPolicies(in, sec, attrs, asked)
	}
}

// learnLink takes an interface's name. The kernel notifies of new names as it
// does of everything else, so the last one counts; but where the capture's
// source vouches for names, nothing else changes them.
func (s *Session) learnLink(in *Input, sec *section, h *Header) {
	msg := in.Data[h.Off:h.End]
	if len(msg) < hdrLen+ifinfomsgLen || in.Number <= s.until {
		return
	}
	index := uint32(Uint(msg[hdrLen+4:hdrLen+8], in.Big))
	name, ok := cutName(attrBytes(msg[hdrLen+ifinfomsgLen:], iflaIfname, in.Big), maxLinkName)
	if !ok {
		return
	}
	known, as, _ := sec.links.State(index)
	if known == string(name) && as == families.Vouched {
		return
	}
	trust, asked, ok := s.trust(in, families.ProtoRoute, h)
	if !ok || trust == families.Alleged || as == families.Vouched && trust < as || known == string(name) && trust <= as {
		return
	}
	if s.room(in.Number, string(name)) && sec.links.LearnAs(in.Number, index, string(name), trust) {
		sec.links.Asked(index, asked)
	}
}

// cutName returns a name without its NUL, and whether the kernel could have
// given it.
func cutName(b []byte, most int) ([]byte, bool) {
	if i := bytes.IndexByte(b, 0); i >= 0 {
		b = b[:i]
	}
	return b, len(b) > 0 && len(b) < most
}
