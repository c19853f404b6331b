package filter

import (
	"strconv"
	"strings"

	"github.com/nlsniff/nlsniff/internal/near"
)

// Bounds, so that an expression from anywhere costs little.
const (
	maxDepth = 64      // of what is nested
	maxExpr  = 1 << 16 // bytes
)

// parser is a Pratt parser: binary reads what binds tighter than a bound.
type parser struct {
	expr  string
	toks  []token
	at    int
	depth int
}

func parse(s string) (e expr, err *Error) {
	if len(s) > maxExpr {
		return nil, &Error{s[:60], 0, 60, "the filter is longer than " + strconv.Itoa(maxExpr) + " bytes", ""}
	}
	toks, err := lex(s)
	if err != nil {
		return nil, err
	}
	p := &parser{expr: s, toks: toks}
	if p.peek().kind == tEnd {
		return nil, p.fail(p.peek(), "the filter is empty", "")
	}
	if e, err = p.binary(precOr); err != nil {
		return nil, err
	}
	if t := p.peek(); t.kind != tEnd {
		hint := ""
		if t.kind == tWord || t.kind == tString {
			hint = "join two tests with and, or, xor"
		}
		return nil, p.fail(t, "unexpected "+describe(t), hint)
	}
	return e, nil
}

func (p *parser) peek() token { return p.toks[p.at] }

func (p *parser) next() token {
	t := p.toks[p.at]
	if t.kind != tEnd {
		p.at++
	}
	return t
}

func (p *parser) accept(k kind) bool {
	if p.peek().kind != k {
		return false
	}
	p.at++
	return true
}

func (p *parser) fail(t token, msg, hint string) *Error {
	return &Error{p.expr, t.off, t.end - t.off, msg, hint}
}

func describe(t token) string {
	switch t.kind {
	case tEnd:
		return "end of the filter"
	case tString:
		return "string"
	}
	return printable(t.text)
}

// enter counts a level of nesting.
func (p *parser) enter() *Error {
	if p.depth++; p.depth > maxDepth {
		return p.fail(p.peek(), "nested deeper than "+strconv.Itoa(maxDepth)+" levels", "")
	}
	return nil
}

// binary reads operands joined by operators of at least that precedence.
func (p *parser) binary(prec int) (expr, *Error) {
	x, err := p.unary()
	if err != nil {
		return nil, err
	}
	for {
		t := p.peek()
		own, ok := precOf[t.kind]
		if !ok || own < prec {
			return x, nil
		}
		p.next()
		y, err := p.binary(own + 1)
		if err != nil {
			return nil, err
		}
		x = join(t.kind, x, y)
	}
}

// join flattens what is joined by the same operator: all three do not care for
// brackets.
func join(op kind, list ...expr) expr {
	out := &logic{op: op}
	for _, x := range list {
		if l, ok := x.(*logic); ok && l.op == op {
			out.list = append(out.list, l.list...)
		} else {
			out.list = append(out.list, x)
		}
	}
	return out
}

func (p *parser) unary() (expr, *Error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer func() { p.depth-- }()
	switch {
	case p.accept(tNot):
		x, err := p.unary()
		if err != nil {
			return nil, err
		}
		return &negation{x}, nil
	case p.accept(tLParen):
		x, err := p.binary(precOr)
		if err != nil {
			return nil, err
		}
		if t := p.peek(); t.kind != tRParen {
			return nil, p.fail(t, "expected ), not "+describe(t), "")
		}
		p.next()
		return x, nil
	}
	return p.test()
}

func isComparison(k kind) bool { return k >= tEq && k <= tMatches }

// test reads a comparison, a membership, or a term alone.
func (p *parser) test() (expr, *Error) {
	var quant kind
	if k := p.peek().kind; k == tAny || k == tAll {
		quant = k
		p.next()
	}
	x, err := p.masked()
	if err != nil {
		return nil, err
	}
	not := p.peek().kind == tNot && p.toks[p.at+1].kind == tIn
	if not {
		p.next()
	}
	if p.accept(tIn) {
		set, err := p.set()
		if err != nil {
			return nil, err
		}
		return &membership{quant, not, x, set}, nil
	}
	if !isComparison(p.peek().kind) {
		if quant != 0 {
			return nil, p.fail(p.peek(), spelling[quant]+" needs a comparison", spelling[quant]+" FIELD == VALUE")
		}
		return &presence{x}, nil
	}
	// a < b < c means a < b and b < c.
	var list []expr
	for isComparison(p.peek().kind) {
		op := p.next().kind
		y, err := p.masked()
		if err != nil {
			return nil, err
		}
		list = append(list, &compare{op, quant, x, y})
		x = y
	}
	if len(list) == 1 {
		return list[0], nil
	}
	return join(tAnd, list...), nil
}

func (p *parser) masked() (term, *Error) {
	x, err := p.union()
	if err != nil || p.peek().kind != tBitAnd {
		return x, err
	}
	p.next()
	bracket := p.accept(tLParen)
	y, err := p.union()
	if err != nil {
		return nil, err
	}
	if t := p.peek(); bracket && t.kind != tRParen {
		return nil, p.fail(t, "expected ), not "+describe(t), "")
	} else if bracket {
		p.next()
	}
	return &mask{span{x.where().off, y.where().end}, x, y}, nil
}

func (p *parser) union() (term, *Error) {
	x, err := p.primary()
	if err != nil || p.peek().kind != tBitOr {
		return x, err
	}
	u := &union{list: []term{x}}
	for p.accept(tBitOr) {
		y, err := p.primary()
		if err != nil {
			return nil, err
		}
		u.list = append(u.list, y)
	}
	u.span = span{x.where().off, u.list[len(u.list)-1].where().end}
	return u, nil
}

// functions are what can be called.
var functions = []string{"count", "len", "lower", "upper"}

func (p *parser) primary() (term, *Error) {
	t := p.next()
	s := span{t.off, t.end}
	var x term
	switch {
	case t.kind == tString:
		x = &quoted{s, t.text}
	case t.kind == tWord && p.peek().kind == tLParen:
		fn := strings.ToLower(t.text)
		if !known(functions, fn) {
			return nil, p.fail(t, "there is no function "+printable(t.text), near.Hint(fn, functions))
		}
		p.next()
		if err := p.enter(); err != nil {
			return nil, err
		}
		arg, err := p.masked()
		p.depth--
		if err != nil {
			return nil, err
		}
		if end := p.peek(); end.kind != tRParen {
			return nil, p.fail(end, "expected ), not "+describe(end), fn+" takes one field")
		}
		x = &call{span{t.off, p.next().end}, fn, arg}
	case t.kind == tWord:
		x = &word{s, t.text}
	default:
		return nil, p.fail(t, "expected a field or a value, not "+describe(t), "")
	}
	if p.peek().kind == tLBracket {
		return p.slice(x)
	}
	return x, nil
}

func known(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

func (p *parser) set() ([]interval, *Error) {
	if t := p.peek(); t.kind != tLBrace {
		return nil, p.fail(t, "expected { behind in, not "+describe(t), "FIELD in {1, 5..9}")
	}
	p.next()
	var out []interval
	for {
		lo, err := p.union()
		if err != nil {
			return nil, err
		}
		v := interval{lo: lo}
		if p.accept(tRange) {
			if v.hi, err = p.union(); err != nil {
				return nil, err
			}
		}
		out = append(out, v)
		p.accept(tComma)
		switch t := p.peek(); t.kind {
		case tRBrace:
			p.next()
			return out, nil
		case tWord, tString:
		default:
			return nil, p.fail(t, "expected , or }, not "+describe(t), "")
		}
	}
}

// slice reads [i:n], [i-j], [i], [:n], [i:] and several of them.
func (p *parser) slice(x term) (term, *Error) {
	p.next()
	out := &slice{x: x}
	var piece strings.Builder
	from := p.peek()
	for {
		t := p.next()
		switch t.kind {
		case tWord:
			piece.WriteString(t.text)
			continue
		case tComma, tRBracket:
		default:
			return nil, p.fail(t, "expected ], not "+describe(t), "")
		}
		part, ok := slicePart(piece.String())
		if !ok {
			at := token{off: from.off, end: max(t.off, from.off)}
			return nil, p.fail(at, "not a range of bytes", "[OFFSET:LENGTH], [FROM-TO], [OFFSET], [:LENGTH] or [OFFSET:]")
		}
		out.parts = append(out.parts, part)
		piece.Reset()
		from = p.peek()
		if t.kind == tRBracket {
			out.span = span{x.where().off, t.end}
			break
		}
	}
	if t := p.peek(); t.kind == tLBracket {
		return nil, p.fail(t, "a slice of a slice", "")
	}
	return out, nil
}

func slicePart(s string) (part, bool) {
	num := func(s string) (int, bool) {
		n, err := strconv.ParseInt(s, 0, 32)
		return int(n), err == nil && n > -1<<24 && n < 1<<24
	}
	if a, b, ok := strings.Cut(s, ":"); ok {
		p := part{toEnd: b == ""}
		var ok1, ok2 = a == "", b == ""
		if a != "" {
			p.off, ok1 = num(a)
		}
		if b != "" {
			p.n, ok2 = num(b)
		}
		return p, ok1 && ok2 && p.n >= 0 && s != ":"
	}
	if i := strings.LastIndexByte(s, '-'); i > 0 {
		a, ok1 := num(s[:i])
		b, ok2 := num(s[i+1:])
		return part{off: a, n: b - a + 1}, ok1 && ok2 && a >= 0 && b >= a
	}
	n, ok := num(s)
	return part{off: n, n: 1}, ok
}
