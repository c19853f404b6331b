// Package nft writes rules of nf_tables as nft does. A rule is a little program,
// which nft shows as the statements that it was made from; so do we, as far as they
// can be told from the program.
//
// Stability: v0, a part of nlsniff's own; it may change in any version.
package nft

import (
	"strings"

	"github.com/nlsniff/nlsniff/dissect"
)

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
