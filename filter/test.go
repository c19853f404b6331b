package filter

import (
	"bytes"
	"cmp"
	"regexp"

	"github.com/nlsniff/nlsniff/families"
)

// source yields the values of a term. known is false while the stage that it
// needs has not come.
type source interface {
	load(m *Matcher, dst []value) (vals []value, known bool)
}

// existsTest is a field alone.
type existsTest struct {
	src source
	buf int
}

func (t *existsTest) eval(m *Matcher) verdict {
	vals, known := t.src.load(m, m.bufs[t.buf][:0])
	m.bufs[t.buf] = vals
	if !known {
		return open
	}
	return verdictOf(len(vals) > 0)
}

// nonzeroTest is a mask alone.
type nonzeroTest struct {
	src source
	buf int
}

func (t *nonzeroTest) eval(m *Matcher) verdict {
	vals, known := t.src.load(m, m.bufs[t.buf][:0])
	m.bufs[t.buf] = vals
	if !known {
		return open
	}
	for i := range vals {
		if vals[i].kind == valNum && vals[i].num != 0 {
			return yes
		}
	}
	return no
}

// order is how a value compares.
type order int8

const (
	less     order = -1
	equal    order = 0
	greater  order = 1
	unlike   order = 2 // not equal, and neither before nor behind
	skipping order = 3 // of another kind altogether: as if it were not there
)

// holds says whether an order satisfies an operator.
func holds(op kind, c order) bool {
	switch op {
	case tEq, tAllEq:
		return c == equal
	case tNe, tAnyNe:
		return c != equal
	case tGt:
		return c == greater
	case tLt:
		return c == less
	case tGe:
		return c == greater || c == equal
	case tLe:
		return c == less || c == equal
	}
	return false
}

// forAll says whether an operator asks for all values of a field: != and ===
// do, as in Wireshark since 4.0.
func forAll(op, quant kind) bool {
	return quant == tAll || quant == 0 && (op == tNe || op == tAllEq)
}

// quantify applies a question to all values: each answers yes, no, or that it
// does not count.
func quantify(all bool, vals []value, ask func(v *value) (hit, counts bool)) verdict {
	any := false
	for i := range vals {
		hit, counts := ask(&vals[i])
		switch {
		case !counts:
		case hit && !all:
			return yes
		case !hit && all:
			return no
		default:
			any = any || counts
		}
	}
	return verdictOf(all && any)
}

// prepared is a literal with what it is for each type.
type prepared struct {
	*literal
	ops map[*families.Type]*operand
}

// operand returns the literal for a type: prepared at compile time, or, for a
// type that nobody foresaw, now.
func (m *Matcher) operand(p *prepared, t *families.Type) *operand {
	if o, ok := p.ops[t]; ok {
		return o
	}
	k := lateKey{p, t}
	if o, ok := m.late[k]; ok {
		return o
	}
	var o *operand
	if x, why := p.read(t, m.f.env.loc); why == "" {
		o = &x
	}
	m.late[k] = o
	return o
}

type lateKey struct {
	p *prepared
	t *families.Type
}

// compareTest compares a term with a literal.
type compareTest struct {
	op  kind
	all bool
	src source
	buf int
	lit *prepared
}

func (t *compareTest) eval(m *Matcher) verdict {
	vals, known := t.src.load(m, m.bufs[t.buf][:0])
	m.bufs[t.buf] = vals
	if !known {
		return open
	}
	some := false
	for i := range vals {
		c := m.order(&vals[i], t.lit)
		if c == skipping {
			continue
		}
		hit := holds(t.op, c)
		switch {
		case hit && !t.all:
			return yes
		case !hit && t.all:
			return no
		}
		some = true
	}
	return verdictOf(t.all && some)
}

func (m *Matcher) order(v *value, p *prepared) order {
	o := m.operand(p, v.t)
	if o == nil {
		return skipping
	}
	c, ok := m.cmp(v, o)
	switch {
	case !ok && v.kind == valNone:
		return skipping
	case !ok:
		return unlike
	case c < 0:
		return less
	case c > 0:
		return greater
	}
	return equal
}

// numberTest is compareTest for plain numbers of the headers, which most filters
// ask of every message.
type numberTest struct {
	op   kind
	all  bool
	nums numbers
	n    uint64
}

// newNumberTest returns nil if the comparison is not that simple.
func newNumberTest(op kind, all bool, x source, lit *prepared) test {
	b, ok := x.(*builtinSource)
	if !ok || b.nums == nil {
		return nil
	}
	o := lit.ops[b.t]
	if o == nil || o.kind != opNum || o.n.neg || o.n.frac {
		return nil
	}
	return &numberTest{op, all, b.nums, o.n.u}
}

func (t *numberTest) eval(m *Matcher) verdict {
	m.nums = t.nums(m, m.nums[:0])
	for _, u := range m.nums {
		switch hit := holds(t.op, order(cmp.Compare(u, t.n))); {
		case hit && !t.all:
			return yes
		case !hit && t.all:
			return no
		}
	}
	return verdictOf(t.all && len(m.nums) > 0)
}

// pairTest compares two fields.
type pairTest struct {
	op         kind
	all        bool
	x, y       source
	bufX, bufY int
}

func (t *pairTest) eval(m *Matcher) verdict {
	a, known := t.x.load(m, m.bufs[t.bufX][:0])
	m.bufs[t.bufX] = a
	if !known {
		return open
	}
	b, known := t.y.load(m, m.bufs[t.bufY][:0])
	m.bufs[t.bufY] = b
	if !known {
		return open
	}
	any, every, some := pairs(t.op, a, b)
	if t.all {
		return verdictOf(every && some)
	}
	return verdictOf(any)
}

func orderPair(a, b *value) order {
	switch {
	case a.kind == valNone || b.kind == valNone || a.kind != b.kind:
		return skipping
	case a.kind == valNum:
		return order(num{u: b.num, neg: b.neg}.cmp(a.num, a.neg))
	}
	return order(bytes.Compare(a.b, b.b))
}

// setTest is in.
type setTest struct {
	all bool
	src source
	buf int
	set []preparedInterval
}

type preparedInterval struct{ lo, hi *prepared }

func (t *setTest) eval(m *Matcher) verdict {
	vals, known := t.src.load(m, m.bufs[t.buf][:0])
	m.bufs[t.buf] = vals
	if !known {
		return open
	}
	return quantify(t.all, vals, func(v *value) (hit, counts bool) {
		counts = v.kind != valNone
		for _, x := range t.set {
			c := m.order(v, x.lo)
			if x.hi == nil {
				if c == equal {
					return true, true
				}
				continue
			}
			if holds(tGe, c) && holds(tLe, m.order(v, x.hi)) {
				return true, true
			}
		}
		return false, counts
	})
}

// textTest is contains and matches.
type textTest struct {
	all bool
	src source
	buf int
	re  *regexp.Regexp // nil: contains
	sub []byte         // what a text contains
	raw []byte         // what bytes contain
}

func (t *textTest) eval(m *Matcher) verdict {
	vals, known := t.src.load(m, m.bufs[t.buf][:0])
	m.bufs[t.buf] = vals
	if !known {
		return open
	}
	return quantify(t.all, vals, func(v *value) (hit, counts bool) {
		b, sub := v.b, t.raw
		switch v.kind {
		case valText:
			sub = t.sub
		case valNum:
			if b = m.nameOf(v); b == nil {
				return false, true
			}
			sub = t.sub
		}
		if t.re != nil {
			return t.re.Match(b), true
		}
		return bytes.Contains(b, sub), true
	})
}
