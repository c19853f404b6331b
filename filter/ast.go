package filter

import (
	"strconv"
	"strings"
)

// expr is what is true or false of a message.
type expr interface {
	write(b *strings.Builder, prec int)
}

// term is what has values.
type term interface {
	expr
	where() span
}

// span is a part of the expression, in bytes.
type span struct{ off, end int }

func (s span) where() span { return s }

// Precedences, loosest first.
const (
	precOr = iota + 1
	precXor
	precAnd
	precNot
	precTest
	precMask
	precUnion
)

var precOf = map[kind]int{tOr: precOr, tXor: precXor, tAnd: precAnd}

type (
	// logic joins two or more expressions with and, or, xor.
	logic struct {
		op   kind
		list []expr
	}
	negation struct{ x expr }
	// compare is a comparison. quant is tAny, tAll, or 0.
	compare struct {
		op, quant kind
		x, y      term
	}
	// membership is in and not in.
	membership struct {
		quant kind
		not   bool
		x     term
		set   []interval
	}
	// presence is a term alone: a field that is there, a string that is
	// looked for.
	presence struct{ x term }

	// word is a field, a number, a name.
	word struct {
		span
		text string
	}
	// quoted is a string in quotes.
	quoted struct {
		span
		text string
	}
	// union is several values with | between them.
	union struct {
		span
		list []term
	}
	// mask is x & bits.
	mask struct {
		span
		x, bits term
	}
	call struct {
		span
		fn  string
		arg term
	}
	slice struct {
		span
		x     term
		parts []part
	}
)

// interval is one element of a set: lo, or lo..hi.
type interval struct{ lo, hi term }

// part is one range of a slice: from off, counted from the end if that is
// negative, n bytes, or, with toEnd, all that follow.
type part struct {
	off, n int
	toEnd  bool
}

func paren(b *strings.Builder, yes bool, write func()) {
	if yes {
		b.WriteByte('(')
	}
	write()
	if yes {
		b.WriteByte(')')
	}
}

func (e *logic) write(b *strings.Builder, prec int) {
	own := precOf[e.op]
	paren(b, prec > own, func() {
		for i, x := range e.list {
			if i > 0 {
				b.WriteString(" " + spelling[e.op] + " ")
			}
			x.write(b, own+1)
		}
	})
}

func (e *negation) write(b *strings.Builder, prec int) {
	paren(b, prec > precNot, func() {
		b.WriteString("not ")
		e.x.write(b, precNot)
	})
}

func writeQuant(b *strings.Builder, quant kind) {
	if quant != 0 {
		b.WriteString(spelling[quant] + " ")
	}
}

func (e *compare) write(b *strings.Builder, _ int) {
	writeQuant(b, e.quant)
	e.x.write(b, precMask)
	b.WriteString(" " + spelling[e.op] + " ")
	e.y.write(b, precMask)
}

func (e *membership) write(b *strings.Builder, _ int) {
	writeQuant(b, e.quant)
	e.x.write(b, precMask)
	if e.not {
		b.WriteString(" not")
	}
	b.WriteString(" in {")
	for i, v := range e.set {
		if i > 0 {
			b.WriteString(", ")
		}
		v.lo.write(b, precUnion)
		if v.hi != nil {
			b.WriteString(" .. ") // 1. .. 2 is not 1...2
			v.hi.write(b, precUnion)
		}
	}
	b.WriteByte('}')
}

func (e *presence) write(b *strings.Builder, _ int) { e.x.write(b, precMask) }

func (e *word) write(b *strings.Builder, _ int) { b.WriteString(e.text) }

func (e *quoted) write(b *strings.Builder, _ int) { b.WriteString(quote(e.text)) }

func (e *union) write(b *strings.Builder, _ int) {
	for i, x := range e.list {
		if i > 0 {
			b.WriteByte('|')
		}
		x.write(b, precUnion)
	}
}

func (e *mask) write(b *strings.Builder, _ int) {
	e.x.write(b, precUnion)
	b.WriteString(" & ")
	e.bits.write(b, precUnion)
}

func (e *call) write(b *strings.Builder, _ int) {
	b.WriteString(e.fn + "(")
	e.arg.write(b, precMask)
	b.WriteByte(')')
}

func (e *slice) write(b *strings.Builder, _ int) {
	e.x.write(b, precUnion)
	b.WriteByte('[')
	for i, p := range e.parts {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(strconv.Itoa(p.off) + ":")
		if !p.toEnd {
			b.WriteString(strconv.Itoa(p.n))
		}
	}
	b.WriteByte(']')
}

// quote writes a string as lex reads it.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < ' ' || c == 0x7f:
			b.WriteString(`\x`)
			b.WriteByte("0123456789abcdef"[c>>4])
			b.WriteByte("0123456789abcdef"[c&15])
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

func text(e expr) string {
	var b strings.Builder
	e.write(&b, 0)
	return b.String()
}
