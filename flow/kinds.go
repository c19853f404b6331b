package flow

import (
	"strings"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
)

// kinds knows what types of messages are for.
type kinds struct {
	db      *families.DB
	added   uint32 // db.Additions when the tables were found
	protos  [256]*families.Table
	objects map[uint32]string // what the messages of a type are about
}

// look forgets the tables if descriptions came meanwhile.
func (k *kinds) look() {
	if n := k.db.Additions(); n != k.added {
		k.added, k.protos = n, [256]*families.Table{}
		clear(k.objects)
	}
}

func (k *kinds) message(proto uint8, typ uint16, reply bool) *families.Message {
	t := k.protos[proto]
	if t == nil {
		t = k.db.Protocol(proto)
		k.protos[proto] = t
	}
	return t.Lookup(typ, reply)
}

// Types of linux/audit.h, linux/xfrm.h and linux/rtnetlink.h that are questions
// though their names do not say so.
const (
	auditGet        = 1000
	auditSignalInfo = 1010
	auditListRules  = 1013
	auditTTYGet     = 1016
	auditGetFeature = 1019
	protoXFRM       = 6 // NETLINK_XFRM
	xfrmAllocSPI    = 0x16
	protoFIBLookup  = 10 // NETLINK_FIB_LOOKUP
	rtmSetDCB       = 79
	sockDestroy     = 21
)

// want is what a request waits for when it asks for no ACK.
type want struct {
	asks   bool            // for data; what does not is a change
	answer families.Answer // what the description says
}

// wants says what a request waits for.
func (k *kinds) wants(p *place) want {
	h := p.h
	m := k.request(p)
	w := want{asks: m == nil || m.Class != families.ClassNew && m.Class != families.ClassDel}
	if m != nil {
		w.answer = m.Answer
	}
	switch h.Proto {
	case families.ProtoRoute:
		w.asks = h.Type&3 == 2 || h.Type == rtmSetDCB // RTM_GET…
	case families.ProtoSockDiag:
		w.asks = h.Type != sockDestroy
	case families.ProtoAudit:
		switch h.Type {
		case auditGet, auditSignalInfo, auditListRules, auditTTYGet, auditGetFeature:
			w.asks, w.answer = true, families.AnswerLate
		default:
			w.asks = false
		}
	case protoXFRM:
		w.asks = w.asks || h.Type == xfrmAllocSPI
	case families.ProtoGeneric:
		w.asks = w.asks || h.Flags&flagAck != 0 // the ACK ends it either way
	case families.ProtoNetfilter:
		w.asks = w.asks && h.Type != batchBegin
	}
	if w.answer == families.AnswerNone && h.Flags&flagAck == 0 {
		w.asks = false
	}
	return w
}

// request returns the description of a request, nil if there is none.
func (k *kinds) request(p *place) *families.Message {
	if p.h.Proto == families.ProtoGeneric {
		return k.genl(p, false)
	}
	return k.message(p.h.Proto, p.h.Type, false)
}

// genl returns the description of a generic command.
func (k *kinds) genl(p *place, reply bool) *families.Message {
	name := "nlctrl"
	if p.h.Type != minType {
		name = p.f.Input.IDs.Name(p.h.Type, p.f.Input.Number)
	}
	if name == "" || len(p.body()) == 0 {
		return nil
	}
	f := k.db.Genl(name)
	if f == nil {
		return nil
	}
	return f.Table().Lookup(uint16(p.body()[0]), reply)
}

// dumps says whether a request's flags ask for a dump; in a NEW they mean
// REPLACE and EXCL.
func (k *kinds) dumps(h *dissect.Header) bool {
	if h.Flags&flagDump != flagDump {
		return false
	}
	switch h.Proto {
	case families.ProtoRoute:
		return h.Type&3 == 2
	case families.ProtoGeneric, families.ProtoSockDiag:
		return true
	}
	m := k.message(h.Proto, h.Type, false)
	return m == nil || m.Class != families.ClassNew && m.Class != families.ClassDel
}

// direction guesses who sends messages of a type that have no NLM_F_REQUEST.
func (k *kinds) direction(h *dissect.Header) dissect.Dir {
	if h.Proto == families.ProtoISCSI && h.PortID != 0 {
		return dissect.DirToKernel
	}
	if h.Proto == families.ProtoGeneric || h.Type < minType {
		return dissect.DirFromKernel
	}
	m := k.message(h.Proto, h.Type, true)
	switch {
	case m == nil:
	case m.Req && !m.Rep, h.Proto == families.ProtoRoute && h.PortID == 0 && h.Type&3 >= 2:
		return dissect.DirToKernel
	}
	return dissect.DirFromKernel
}

// answers says how well a message fits a question: what tells that something
// is gone answers none.
func (k *kinds) answers(x *Exchange, p *place) fit {
	match, h := unfit, p.h
	switch x.Proto {
	case families.ProtoRoute:
		if h.Type&^3 == x.Type&^3 && (h.Type&3 != 1 || x.Type == h.Type) {
			match = exact
		}
	case families.ProtoSockDiag:
		if h.Type == x.Type {
			match = exact
		}
	case families.ProtoGeneric:
		if h.Type == x.Type && k.plausible(x, p) {
			match = exact
		}
	case families.ProtoNetfilter:
		m := k.message(h.Proto, h.Type, true)
		switch {
		case h.Type>>8 != x.Type>>8 || m != nil && m.Class == families.ClassDel && h.Type != x.Type:
		case k.same(x, h):
			match = exact
		case h.Type>>8 != subsysNftables:
			match = loose
		}
	default:
		match = loose
		if k.same(x, h) {
			match = exact
		}
	}
	return match
}

// plausible says whether a generic command can be the answer to another of its
// family.
func (k *kinds) plausible(x *Exchange, p *place) bool {
	b := p.body()
	if len(b) == 0 || !x.HasCmd || b[0] == x.Cmd {
		return true
	}
	m := k.genl(p, true)
	if m == nil || m.Class != families.ClassDel {
		return true
	}
	q := k.genlCmd(x)
	return q == nil || q.Class != families.ClassGet
}

// genlCmd returns the description of a generic request.
func (k *kinds) genlCmd(x *Exchange) *families.Message {
	name := "nlctrl"
	if x.Type != minType {
		name = x.IDs.Name(x.Type, x.Request.Frame)
	}
	if f := k.db.Genl(name); name != "" && f != nil {
		return f.Table().Lookup(uint16(x.Cmd), false)
	}
	return nil
}

// subsysNftables is NFNL_SUBSYS_NFTABLES of linux/netfilter/nfnetlink.h.
const subsysNftables = 10

// same says whether two types are about the same: GETTABLE and NEWTABLE.
func (k *kinds) same(x *Exchange, h *dissect.Header) bool {
	if x.Type == h.Type {
		return true
	}
	a := k.object(x.Proto, x.Type)
	return a != "" && a == k.object(h.Proto, h.Type)
}

// object returns what messages of a type are about: their name without the
// verb.
func (k *kinds) object(proto uint8, typ uint16) string {
	key := uint32(proto)<<16 | uint32(typ)
	s, ok := k.objects[key]
	if ok {
		return s
	}
	if m := k.message(proto, typ, false); m != nil {
		var kept []string
		for _, w := range strings.Split(m.Name, "_") {
			for _, verb := range [...]string{"NEW", "GET", "DELETE", "DEL", "UPD", "DESTROY", "RESET", "CTRZERO", "DYING", "UNCONFIRMED", "SET"} {
				if r, found := strings.CutPrefix(w, verb); found && (r == "" || verb != "SET") {
					w = r
					break
				}
			}
			if w != "" {
				kept = append(kept, w)
			}
		}
		s = strings.Join(kept, "_")
	}
	if k.objects == nil {
		k.objects = map[uint32]string{}
	}
	if len(k.objects) < 1<<12 {
		k.objects[key] = s
	}
	return s
}

// subsystem returns which nfnetlink subsystem a batch is for: res_id, which is
// big-endian, of its nfgenmsg.
func subsystem(p *place) uint16 {
	b := p.body()
	if len(b) < 4 {
		return 0
	}
	return uint16(b[2])<<8 | uint16(b[3])
}
