package capfilter

import (
	"fmt"
	"strings"
)

// Explanation says what of a filter runs where.
type Explanation struct {
	Kernel    []string // what the kernel's program decides
	UserSpace []string // what is left for Filter.Match
}

// Explain says which part of the filter this program does, and which is left.
func (p *Program) Explain() Explanation {
	var e Explanation
	f := p.filter
	add := func(to *[]string, format string, args ...any) { *to = append(*to, fmt.Sprintf(format, args...)) }
	if c, ok := f.root.(always); ok && c.value {
		add(&e.Kernel, "accepts every datagram")
		add(&e.UserSpace, "nothing")
		return e
	}
	if p.Exact {
		add(&e.Kernel, "decides %s for every datagram, in %d instructions", f.text, len(p.Instructions))
		add(&e.UserSpace, "nothing")
		return e
	}
	several := replace(normal(f.root, false), severalTest)
	which := "all pass"
	if c, ok := several.(always); !ok {
		which = "those pass that have " + describe(several)
	} else if !c.value {
		which = "none passes"
	}
	switch p.coarse {
	case fine:
		add(&e.Kernel, "decides %s for datagrams of one message, in %d instructions", f.text, len(p.Instructions))
		add(&e.Kernel, "of datagrams of several messages %s", which)
		add(&e.UserSpace, "decides %s for each message of datagrams that hold several", f.text)
	case byProtocol:
		add(&e.Kernel, "the filter is too long for the kernel; of all datagrams %s", which)
		add(&e.UserSpace, "decides %s for every message", f.text)
	case everything:
		add(&e.Kernel, "the filter is too long for the kernel: every datagram passes")
		add(&e.UserSpace, "decides %s for every message", f.text)
	}
	if f.Dynamic() {
		add(&e.Kernel, "messages of the controller pass, since they tell ids, and so do generic families whose id was not known at the start")
		add(&e.UserSpace, "decides by name which of those families it is")
	}
	for _, n := range p.unresolved {
		add(&e.Kernel, "%s has no id yet", n)
	}
	return e
}

// describe spells out a normal form in the filter's own language.
func describe(n node) string {
	switch n := n.(type) {
	case and:
		return join(n.l, n) + " and " + join(n.r, n)
	case or:
		return join(n.l, n) + " or " + join(n.r, n)
	case literal:
		s := n.text
		if n.kind == testProto && !strings.HasPrefix(strings.ToLower(s), "proto") {
			s = "the protocol of " + s
		}
		if n.negated {
			return "not " + s
		}
		return s
	}
	return "anything"
}

// join puts an or inside an and in parentheses.
func join(n, outer node) string {
	_, inOr := n.(or)
	_, outAnd := outer.(and)
	if inOr && outAnd {
		return "(" + describe(n) + ")"
	}
	return describe(n)
}
