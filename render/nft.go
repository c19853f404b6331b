package render

import (
	"strconv"
	"strings"

	"github.com/nlsniff/nlsniff/dissect"
)

// A rule of nf_tables is a little program. nft shows it as the statements that
// it was made from; so do we, as far as they can be told from the program.

const (
	nftMaxText  = 512  // bytes that a register's expression may take
	nftMaxRule  = 2048 // bytes of a rule
	nftMaxElems = 64   // elements of an anonymous set
)

// nlas are attributes. What lies beyond their end is not there.
type nlas struct {
	b   []byte
	big bool // the order of nla_len and nla_type
}

// next returns the first attribute and those behind it.
func (a nlas) next() (typ uint16, payload []byte, rest nlas, ok bool) {
	if len(a.b) < 4 {
		return 0, nil, nlas{}, false
	}
	n := int(dissect.Uint(a.b[:2], a.big))
	if n < 4 || n > len(a.b) {
		return 0, nil, nlas{}, false
	}
	rest = nlas{a.b[min((n+3)&^3, len(a.b)):], a.big}
	return uint16(dissect.Uint(a.b[2:4], a.big)) & 0x3fff, a.b[4:n], rest, true
}

func (a nlas) get(typ uint16) []byte {
	for {
		t, p, rest, ok := a.next()
		if !ok {
			return nil
		}
		if t == typ {
			return p
		}
		a = rest
	}
}

func (a nlas) nest(typ uint16) nlas { return nlas{a.get(typ), a.big} }
func (a nlas) str(typ uint16) string {
	return string(cstring(a.get(typ)))
}

// num reads a number, which is big-endian everywhere in nf_tables.
func (a nlas) num(typ uint16) uint64 { return dissect.Uint(a.get(typ), true) }
func (a nlas) has(typ uint16) bool   { return len(a.get(typ)) > 0 }

// nftRule turns the expressions of one rule into statements.
type nftRule struct {
	ifname func(uint32) string
	sets   func(name string, id uint64) []nlas // the elements of an anonymous set
	family uint64
	big    bool // the host's order

	regs  [nftSlots]nftReg
	stmts []nftStmt

	// What the packet is known to be, and the statements that say so: those
	// that nft added itself are left out again.
	net            *nftHeader
	l4             int // IP protocol, -1 if unknown
	netDep, l4Dep  int // index of the statement, -1 if none
	llDep, vlanDep int
}

// nftStmt is a statement as text.
type nftStmt struct {
	text string
	gone bool // another one implies it
	// Of a comparison with the lower end of a range.
	from *nftReg
	low  string
}

// Attribute numbers of linux/netfilter/nf_tables.h.
const (
	nftaListElem = 1
	nftaExprName = 1
	nftaExprData = 2

	nftaRuleTable       = 1
	nftaRuleChain       = 2
	nftaRuleHandle      = 3
	nftaRuleExpressions = 4
	nftaRulePosition    = 6
	nftaRuleUserdata    = 7
)

// nftMessage appends the rule that an NFT_MSG_NEWRULE holds as nft writes it.
func (l *base) nftMessage(dst []byte, m *dissect.Msg) []byte {
	family, attrs, ok := l.nftBody(m)
	if !ok {
		return dst
	}
	r := newNftRule(family, l.t.Big)
	r.ifname = l.ifname
	r.sets = func(name string, id uint64) []nlas { return l.nftElements(name, id) }
	out := nftFamilies[family]
	if out == "" {
		out = strconv.FormatUint(family, 10)
	}
	for _, typ := range []uint16{nftaRuleTable, nftaRuleChain} {
		if s := attrs.str(typ); s != "" {
			out += " " + s
		}
	}
	if s := r.rule(attrs.nest(nftaRuleExpressions)); s != "" {
		out += " " + s
	}
	if s := nftComment(attrs.get(nftaRuleUserdata)); s != "" {
		out += ` comment "` + s + `"`
	}
	if attrs.has(nftaRulePosition) {
		out += " # position " + strconv.FormatUint(attrs.num(nftaRulePosition), 10)
	}
	if attrs.has(nftaRuleHandle) {
		out += " # handle " + strconv.FormatUint(attrs.num(nftaRuleHandle), 10)
	}
	mark := len(dst) + 1
	dst = appendEscaped(append(dst, ' '), []byte(out), 0)
	return clip(dst, mark, nftMaxRule)
}

// nftBody returns the family and the attributes of a message of nf_tables.
func (l *base) nftBody(m *dissect.Msg) (family uint64, attrs nlas, ok bool) {
	const headers = 16 + 4 // nlmsghdr, nfgenmsg
	n := &l.t.Nodes[m.Node]
	body := l.t.Data[n.Off:min(uint64(n.Off)+uint64(min(m.Len, n.Len)), uint64(len(l.t.Data)))]
	if len(body) < headers {
		return 0, nlas{}, false
	}
	return uint64(body[16]), nlas{body[headers:], l.t.Big}, true
}

// nftElements finds the elements of a set in the same frame: an anonymous set
// is made in the transaction of the rule that uses it.
func (l *base) nftElements(name string, id uint64) []nlas {
	var out []nlas
	for i := range l.t.Msgs {
		m := &l.t.Msgs[i]
		if m.Message == nil || m.Message.Name != "NFT_MSG_NEWSETELEM" {
			continue
		}
		_, attrs, ok := l.nftBody(m)
		if !ok || attrs.str(2) != name || attrs.num(4) != id {
			continue
		}
		list := attrs.nest(3)
		for len(out) < nftMaxElems {
			_, p, rest, ok := list.next()
			if !ok {
				break
			}
			out = append(out, nlas{p, l.t.Big})
			list = rest
		}
	}
	return out
}

// nftComment reads the comment of a rule's user data.
func nftComment(b []byte) string {
	for len(b) >= 2 {
		n := int(b[1])
		if n > len(b)-2 {
			break
		}
		if b[0] == 0 {
			return string(cstring(b[2 : 2+n]))
		}
		b = b[2+n:]
	}
	return ""
}

func newNftRule(family uint64, big bool) *nftRule {
	r := &nftRule{family: family, big: big, l4: -1, netDep: -1, l4Dep: -1, llDep: -1, vlanDep: -1}
	r.ifname = func(uint32) string { return "" }
	r.sets = func(string, uint64) []nlas { return nil }
	switch family {
	case 2:
		r.net = nftIP
	case 3:
		r.net = nftARP
	case 10:
		r.net = nftIP6
	}
	return r
}

// rule writes the expressions of a rule.
func (r *nftRule) rule(list nlas) string {
	room := nftMaxRule
	for room > 0 {
		typ, p, rest, ok := list.next()
		if !ok {
			break
		}
		list = rest
		if typ != nftaListElem {
			continue
		}
		n := len(r.stmts)
		r.expression(nlas{p, r.big})
		for _, s := range r.stmts[min(n, len(r.stmts)):] {
			room -= len(s.text) + 1
		}
	}
	for s := range r.regs {
		r.unread(s)
	}
	var out []string
	for _, s := range r.stmts {
		if !s.gone && s.text != "" {
			out = append(out, s.text)
		}
	}
	return strings.Join(out, " ")
}

func (r *nftRule) add(parts ...string) {
	var out []string
	for _, p := range parts {
		if p != "" {
			out = append(out, p)
		}
	}
	r.stmts = append(r.stmts, nftStmt{text: strings.Join(out, " ")})
}

// drop leaves out a statement that another one implies.
func (r *nftRule) drop(dep *int) {
	if *dep >= 0 && *dep < len(r.stmts) {
		r.stmts[*dep].gone = true
	}
	*dep = -1
}
