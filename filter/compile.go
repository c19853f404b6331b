package filter

import (
	"regexp"
	"slices"
	"strings"

	"github.com/nlsniff/nlsniff/families"
)

// compiler turns an expression into tests, and checks types on the way.
type compiler struct {
	env  *Env
	f    *Filter
	core map[*families.Field]bool
}

func fail(s span, msg, hint string) *Error {
	return &Error{Off: s.off, Len: s.end - s.off, Msg: msg, Hint: hint}
}

// buf is room for the values of one more term.
func (c *compiler) buf() int {
	c.f.bufs++
	return c.f.bufs - 1
}

func (c *compiler) needs(n Need) { c.f.need = max(c.f.need, n) }

func (c *compiler) expr(e expr) (test, *Error) {
	switch e := e.(type) {
	case *logic:
		var list []test
		for _, x := range e.list {
			t, err := c.expr(x)
			if err != nil {
				return nil, err
			}
			list = append(list, t)
		}
		switch e.op {
		case tAnd:
			return andTest(list), nil
		case tOr:
			return orTest(list), nil
		}
		return xorTest(list), nil
	case *negation:
		t, err := c.expr(e.x)
		if err != nil {
			return nil, err
		}
		return notTest{t}, nil
	case *presence:
		return c.presence(e)
	case *membership:
		if x := findingMembership(e); x != nil {
			return c.expr(x)
		}
		return c.membership(e)
	case *compare:
		var list orTest
		for _, x := range findingCompare(e) {
			t, err := c.compare(x)
			if err != nil {
				return nil, err
			}
			list = append(list, t)
		}
		if list != nil {
			return list, nil
		}
	}
	return c.compare(e.(*compare))
}

func (c *compiler) presence(e *presence) (test, *Error) {
	if q, ok := e.x.(*quoted); ok {
		if q.text == "" {
			return nil, fail(q.span, "nothing to look for", "")
		}
		c.needs(NeedTree)
		return newSearch(q.text), nil
	}
	if _, ok := e.x.(*union); ok {
		return nil, fail(e.x.where(), "| stands between flags; tests are joined by or", "")
	}
	place := c.f.place
	x, err := c.term(e.x)
	if err != nil {
		return nil, err
	}
	switch e.x.(type) {
	case *word:
		c.f.place = place // every frame has one
	case *call:
		return nil, fail(e.x.where(), "a function's value has to be compared with something", text(e.x)+" > 0")
	case *mask:
		if err := c.hidden(e.x, x); err != nil {
			return nil, err
		}
		return &nonzeroTest{x.src, c.buf()}, nil
	}
	return &existsTest{x.src, c.buf()}, nil
}

// typed is a term with the types that its values can have.
type typed struct {
	src   source
	types []*families.Type
	name  string   // for messages
	texts []string // all that its values can be, nil: nobody can list them
	// secret is set if its values are key material, or have some in them.
	secret bool
}

// classes says which classes a term's values can have.
func (t *typed) has(want ...class) bool {
	return slices.ContainsFunc(t.types, func(x *families.Type) bool { return slices.Contains(want, classOf(x)) })
}

// term compiles what has to be a field.
func (c *compiler) term(e term) (*typed, *Error) {
	switch e := e.(type) {
	case *word:
		r := c.env.resolve(e.text, true)
		if r == nil {
			return nil, c.unknown(e)
		}
		return c.field(r), nil
	case *quoted:
		return nil, fail(e.span, "a string where a field should be", "write the field first: FIELD == "+quote(e.text))
	case *union:
		return nil, fail(e.span, "several values where a field should be", "FIELD & "+text(e))
	case *mask:
		return c.mask(e)
	case *slice:
		x, err := c.term(e.x)
		if err != nil {
			return nil, err
		}
		t := bytesType
		switch {
		case x.has(classText):
			t = textType
		case !x.has(classBytes, classAddr, classNone):
			return nil, fail(e.x.where(), x.name+" is a number; only bytes and strings have slices", "")
		}
		return &typed{src: &sliceSource{x.src, e.parts, t}, types: []*families.Type{t}, name: text(e), secret: x.secret}, nil
	}
	return c.call(e.(*call))
}

func (c *compiler) field(r *ref) *typed {
	if r.builtin != nil {
		b := builtins[r.builtin.Name]
		c.needs(b.need)
		switch r.builtin.Name {
		case "genl.ctrl.cmd", "nl80211.cmd", "family", "op", "direction":
			c.f.families = true
		case "frame.number", "frame.time_relative", "frame.time_delta":
			c.f.place = true
		}
		c.f.process = c.f.process || b.process
		stage := b.need
		if stage == NeedExchange { // what is known of it does not come from the bytes
			stage = NeedHeader
		}
		c.f.earlier = c.f.earlier || r.answers()
		return &typed{src: &builtinSource{stage, &r.builtin.Type, b.load, b.nums, r.answers()}, types: r.types, name: r.name, texts: r.spellings()}
	}
	s := newAttrSource(r, c.core, c.env.db)
	c.f.families = c.f.families || c.env.generic(r)
	c.needs(NeedAttrs)
	if s.core {
		c.needs(NeedTree)
	}
	return &typed{src: s, types: r.types, name: r.name, secret: slices.ContainsFunc(r.fields, families.IsSecret)}
}

func (c *compiler) mask(e *mask) (*typed, *Error) {
	x, err := c.term(e.x)
	if err != nil {
		return nil, err
	}
	if !x.has(classNum, classMsg, classCmd) {
		return nil, fail(e.x.where(), x.name+" has no bits", "& is for numbers and flags")
	}
	bits, err := c.literal(e.bits, x)
	if err != nil {
		return nil, err
	}
	return &typed{src: &maskSource{x.src, bits}, types: x.types, name: text(e), secret: x.secret}, nil
}

func (c *compiler) call(e *call) (*typed, *Error) {
	x, err := c.term(e.arg)
	if err != nil {
		return nil, err
	}
	switch e.fn {
	case "len":
		return &typed{src: &lenSource{x.src}, types: []*families.Type{countType}, name: text(e)}, nil
	case "count":
		return &typed{src: &countSource{x.src}, types: []*families.Type{countType}, name: text(e)}, nil
	}
	if !x.has(classText) && !x.named() {
		return nil, fail(e.arg.where(), x.name+" is no text", e.fn+" is for strings and names")
	}
	c.names(x)
	return &typed{src: &caseSource{x.src, e.fn == "upper"}, types: []*families.Type{textType}, name: text(e), secret: x.secret}, nil
}

// named says whether a term's numbers can have names.
func (t *typed) named() bool {
	return slices.ContainsFunc(t.types, func(x *families.Type) bool {
		cl := classOf(x)
		return cl == classMsg || cl == classCmd || x.Enum != nil || x.Hint == families.HintIfIndex
	})
}

// names notes that a term's numbers are taken by their names.
func (c *compiler) names(x *typed) {
	c.f.families = c.f.families || x.has(classMsg, classCmd)
	c.f.links = c.f.links || slices.ContainsFunc(x.types, func(t *families.Type) bool { return t.Hint == families.HintIfIndex })
}

// flip is an operator with its sides exchanged.
var flip = map[kind]kind{tGt: tLt, tLt: tGt, tGe: tLe, tLe: tGe}

func (c *compiler) compare(e *compare) (test, *Error) {
	op, l, r := e.op, e.x, e.y
	if c.isLiteral(l) && !c.isLiteral(r) && op != tContains && op != tMatches {
		l, r = r, l
		if f, ok := flip[op]; ok {
			op = f
		}
	}
	x, err := c.term(l)
	if err != nil {
		return nil, err
	}
	if err := c.hidden(l, x); err != nil {
		return nil, err
	}
	all := forAll(op, e.quant)
	if op == tContains || op == tMatches {
		return c.textTest(op, all, x, r)
	}
	if y := c.otherField(r, x); y != nil {
		if err := c.hidden(r, y); err != nil {
			return nil, err
		}
		if !comparable(x, y) {
			return nil, fail(r.where(), y.name+" and "+x.name+" have values of different kinds", "")
		}
		return &pairTest{op, all, x.src, y.src, c.buf(), c.buf()}, nil
	}
	lit, err := c.literal(r, x)
	if err != nil {
		return nil, err
	}
	if t := newNumberTest(op, all, x.src, lit); t != nil {
		return t, nil
	}
	return &compareTest{op, all, x.src, c.buf(), lit}, nil
}

// hidden is the error for a comparison with what is not shown: who can ask often
// enough whether it matches has read it.
func (c *compiler) hidden(e term, x *typed) *Error {
	if !x.secret || c.env.ShowSecrets {
		return nil
	}
	return fail(e.where(), x.name+" is key material, which a comparison would tell", "--show-secrets allows it; "+x.name+" alone asks whether it is there")
}

// isLiteral says whether a term cannot be a field.
func (c *compiler) isLiteral(e term) bool {
	switch e := e.(type) {
	case *quoted, *union:
		return true
	case *word:
		return c.env.resolve(e.text, false) == nil && (!looksLikeName(e.text) || c.env.resolve(e.text, true) == nil)
	}
	return false
}

// otherField is the right side of a comparison if that is a field too: by its
// full name, or where it cannot be a value of the left side.
func (c *compiler) otherField(e term, x *typed) *typed {
	w, ok := e.(*word)
	if ok {
		if _, err := c.literal(e, x); err == nil && !(x.has(classText) && c.fullName(w.text)) {
			return nil
		}
		if c.env.resolve(w.text, true) == nil {
			return nil
		}
	}
	switch e.(type) {
	case *word, *call, *slice, *mask:
		if y, err := c.term(e); err == nil {
			return y
		}
	}
	return nil
}

// fullName says whether a word can only mean a field: comm == ip is about a
// program, IFLA_IFNAME == IFLA_ALT_IFNAME about two attributes.
func (c *compiler) fullName(s string) bool {
	if !strings.ContainsAny(s, "./") && (strings.ToUpper(s) != s || !strings.Contains(s, "_")) {
		return false
	}
	return c.env.resolve(s, false) != nil
}

func comparable(x, y *typed) bool {
	group := func(cl class) class {
		switch cl {
		case classMsg, classCmd:
			return classNum
		case classAddr:
			return classBytes
		}
		return cl
	}
	for _, a := range x.types {
		for _, b := range y.types {
			if g := group(classOf(a)); g != classNone && g == group(classOf(b)) {
				return true
			}
		}
	}
	return false
}

func (c *compiler) membership(e *membership) (test, *Error) {
	x, err := c.term(e.x)
	if err != nil {
		return nil, err
	}
	if err := c.hidden(e.x, x); err != nil {
		return nil, err
	}
	t := &setTest{all: e.quant == tAll, src: x.src, buf: c.buf()}
	for _, v := range e.set {
		var p preparedInterval
		if p.lo, err = c.literal(v.lo, x); err != nil {
			return nil, err
		}
		if v.hi != nil {
			if p.hi, err = c.literal(v.hi, x); err != nil {
				return nil, err
			}
		}
		t.set = append(t.set, p)
	}
	if e.not {
		return notTest{t}, nil
	}
	return t, nil
}

// textTest is contains and matches.
func (c *compiler) textTest(op kind, all bool, x *typed, r term) (test, *Error) {
	var pattern string
	switch r := r.(type) {
	case *word:
		pattern = r.text
	case *quoted:
		pattern = r.text
	default:
		return nil, fail(r.where(), spelling[op]+" needs a string", "")
	}
	t := &textTest{all: all, src: x.src, buf: c.buf(), sub: []byte(pattern), raw: []byte(pattern)}
	if !x.has(classText, classBytes, classAddr) && !x.named() && (op == tMatches || !x.has(classNone)) {
		return nil, fail(r.where(), x.name+" is a number; "+spelling[op]+" is for strings, bytes and names", "")
	}
	c.names(x)
	if op == tMatches {
		re, err := regexp.Compile("(?i)" + pattern) // as in Wireshark
		if err != nil {
			why := strings.TrimPrefix(err.Error(), "error parsing regexp: ")
			return nil, fail(r.where(), strings.Replace(why, "(?i)", "", 1), "regular expressions are RE2's")
		}
		t.re = re
		return t, nil
	}
	if w, ok := r.(*word); ok {
		if b, ok := hexBytes(w.text); ok {
			t.raw = b
		}
	}
	return t, nil
}
