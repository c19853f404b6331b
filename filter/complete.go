package filter

import (
	"cmp"
	"slices"
	"strings"

	"github.com/nlsniff/nlsniff/families"
)

// CandidateKind says what a candidate is.
type CandidateKind uint8

// The kinds of candidate.
const (
	CandidateField CandidateKind = iota
	CandidateFunction
	CandidateOperator
	CandidateValue
)

// Candidate is one way to go on with an expression: Text in the place of the
// bytes From…To.
type Candidate struct {
	Text     string
	From, To int
	Kind     CandidateKind
	Info     string // what it is, for people: a field's type, an operator's meaning
}

// Apply returns the expression with the candidate in it, and where the cursor
// is then.
func (c Candidate) Apply(expr string) (string, int) {
	return expr[:c.From] + c.Text + expr[c.To:], c.From + len(c.Text)
}

// maxCandidates bounds the list; no enum has as many names.
const maxCandidates = 4096

// Complete lists how the word at a cursor (a byte offset) may go on: fields,
// operators or values, as the words before it ask for. Those that start with
// what is there come first, in the order of the alphabet; where there are none,
// those that contain it.
func Complete(expr string, cursor int, env *Env) []Candidate {
	cursor = min(max(cursor, 0), len(expr))
	toks, err := lex(expr[:cursor])
	if err != nil {
		return nil // in a string
	}
	toks = toks[:len(toks)-1]
	c := &completer{env: env, from: cursor, to: cursor}
	for c.to < len(expr) && isWord(expr[c.to]) {
		c.to++
	}
	if n := len(toks); n > 0 && toks[n-1].end == cursor && isWord(expr[cursor-1]) && toks[n-1].kind != tRange && toks[n-1].kind != tString {
		c.from, c.word = toks[n-1].off, toks[n-1].text
		toks = toks[:n-1]
	}
	c.toks = toks
	c.complete()
	return c.list()
}

type completer struct {
	env      *Env
	toks     []token // before the word
	word     string
	from, to int
	out      []Candidate
}

// complete decides by the token before the word.
func (c *completer) complete() {
	n := len(c.toks)
	if n == 0 {
		c.fields()
		return
	}
	switch last := c.toks[n-1].kind; {
	case isComparison(last) && last != tContains && last != tMatches, last == tBitAnd, last == tBitOr:
		c.values(n - 1)
	case last == tLBrace || last == tComma || last == tRange:
		c.values(n - 1)
	case last == tContains || last == tMatches || last == tLBracket:
	case last == tIn:
		c.add(CandidateOperator, "{", "a set of values")
	case last == tWord && (n == 1 || starts(c.toks[n-2].kind)), last == tRBracket:
		c.operators(n - 1)
	case last == tRParen && c.closesCall(n-1):
		c.operators(n - 1)
	case last == tWord || last == tString || last == tRParen || last == tRBrace:
		if c.inSet(n-1) >= 0 {
			c.values(n - 1)
			return
		}
		c.joints()
	default:
		c.fields()
	}
}

// starts says whether a field follows a token.
func starts(k kind) bool {
	switch k {
	case tLParen, tAnd, tOr, tXor, tNot, tAny, tAll:
		return true
	}
	return false
}

// closesCall says whether the ) at i ends a function's arguments.
func (c *completer) closesCall(i int) bool {
	depth := 0
	for ; i >= 0; i-- {
		switch c.toks[i].kind {
		case tRParen:
			depth++
		case tLParen:
			if depth--; depth == 0 {
				return i > 0 && c.toks[i-1].kind == tWord && known(functions, strings.ToLower(c.toks[i-1].text))
			}
		}
	}
	return false
}

// inSet returns where the { is that is open at i, -1 if none is.
func (c *completer) inSet(i int) int {
	for ; i >= 0; i-- {
		switch c.toks[i].kind {
		case tRBrace:
			return -1
		case tLBrace:
			return i
		}
	}
	return -1
}

// left returns the field that the operator at i, or the set around it, is of.
func (c *completer) left(i int) *ref {
	if s := c.inSet(i); s >= 0 {
		i = s - 1 // in
	}
	for i > 0 && c.toks[i].kind != tIn && !isComparison(c.toks[i].kind) && c.toks[i].kind != tBitAnd {
		i--
	}
	for i--; i >= 0; i-- {
		switch t := c.toks[i]; t.kind {
		case tWord:
			if r := c.env.resolve(t.text, true); r != nil {
				return r
			}
		case tString, tNot, tBitAnd, tBitOr, tRParen, tRBracket, tLBracket, tComma:
		default:
			return nil
		}
	}
	return nil
}

func (c *completer) add(k CandidateKind, text, info string) {
	c.out = append(c.out, Candidate{text, c.from, c.to, k, info})
}

func (c *completer) joints() {
	c.add(CandidateOperator, "and", "both")
	c.add(CandidateOperator, "or", "either")
	c.add(CandidateOperator, "xor", "one of the two")
}

var operators = []struct {
	text, info string
	ordered    bool // for what has an order
	named      bool // for text, bytes and names
	bits       bool
}{
	{text: "==", info: "a value is equal"}, {text: "!=", info: "all values differ"},
	{text: ">", info: "greater", ordered: true}, {text: "<", info: "less", ordered: true},
	{text: ">=", info: "greater or equal", ordered: true}, {text: "<=", info: "less or equal", ordered: true},
	{text: "in", info: "one of {…}"}, {text: "contains", info: "has a part", named: true},
	{text: "matches", info: "a regular expression finds something", named: true},
	{text: "&", info: "has bits", bits: true}, {text: "===", info: "all values are equal"}, {text: "!==", info: "a value differs"},
}

// operators lists what may follow the field before the word.
func (c *completer) operators(i int) {
	x := &typed{types: []*families.Type{countType}} // len() and count()
	if t := c.toks[i]; t.kind == tWord {
		r := c.env.resolve(t.text, true)
		if r == nil {
			return
		}
		x.types = r.types
	} else if t.kind == tRBracket {
		x.types = []*families.Type{bytesType}
	}
	valued := x.has(classNum, classText, classBytes, classAddr, classMsg, classCmd)
	for _, o := range operators {
		ok := valued
		switch {
		case o.bits:
			ok = x.has(classNum, classMsg, classCmd)
		case o.named:
			ok = x.has(classText, classBytes, classAddr) || x.named()
		}
		if ok {
			c.add(CandidateOperator, o.text, o.info)
		}
	}
	c.joints()
}

// values lists what a field can be compared with.
func (c *completer) values(i int) {
	r := c.left(i)
	if r == nil {
		return
	}
	for _, n := range c.env.valueNames(r.types) {
		if strings.ContainsFunc(n, func(x rune) bool { return x < 0x80 && !isWord(byte(x)) }) {
			n = quote(n)
		}
		c.add(CandidateValue, n, r.name)
	}
	for _, n := range r.spellings() {
		c.add(CandidateValue, quote(n), r.name)
	}
	for _, t := range r.types {
		switch {
		case r.builtin != nil && r.builtin.Name == "family":
			for _, in := range c.env.db.List() {
				if !in.Library {
					c.add(CandidateValue, in.Name, r.name)
				}
			}
		case r.builtin != nil && r.builtin.Name == "op":
			for _, n := range append(c.env.messageNames(false), c.env.messageNames(true)...) {
				c.add(CandidateValue, n, r.name)
			}
		case t.Hint == families.HintBool:
			c.add(CandidateValue, "true", r.name)
			c.add(CandidateValue, "false", r.name)
		}
	}
}

// fields lists the fields and functions that may start a test.
func (c *completer) fields() {
	if i := strings.LastIndexAny(c.word, "./"); i > 0 {
		c.path(c.word[:i], c.word[i])
	}
	for name, f := range c.env.builtins() {
		c.add(CandidateField, name, f.Type.String())
	}
	for name, to := range aliases {
		if c.word != "" {
			c.add(CandidateField, name, "the same as "+to)
		}
	}
	for _, fn := range functions {
		c.add(CandidateFunction, fn+"(", "")
	}
	c.add(CandidateOperator, "not", "")
	if c.word == "" {
		return
	}
	for _, in := range c.env.db.List() {
		if !in.Library && strings.HasPrefix(in.Name, c.word) {
			c.add(CandidateField, in.Name+".", "attributes of "+in.Name)
		}
	}
	_, shorts := c.env.everything()
	for name, list := range shorts {
		c.add(CandidateField, name, list[0].Type.String())
	}
}

// path lists what stands inside of the place that a path leads to.
func (c *completer) path(at string, sep byte) {
	var here []place
	switch f := c.env.familyNamed(at); {
	case sep == '.' && f != nil:
		here = bodies(f)
	default:
		r := c.env.resolve(at, true)
		if r == nil {
			r = c.format(at)
		}
		if r == nil {
			return
		}
		for _, x := range r.fields {
			here = places(here, &x.Type, 0)
		}
	}
	seen := map[string]bool{}
	name := func(uapi, short, info string) {
		n := uapi
		if sep == '.' && short != "" {
			n = short
		}
		if !seen[n] {
			seen[n] = true
			c.add(CandidateField, at+string(sep)+n, info)
		}
	}
	for _, p := range unique(here) {
		if p.set != nil {
			for _, x := range p.set.Fields {
				name(x.Name, x.Short, x.Type.String())
			}
		}
		if p.str != nil {
			for _, x := range p.str.Members {
				name(x.Name, x.Short, x.Type.String())
			}
		}
		if p.sub != nil && sep == '.' {
			for key, t := range p.sub.Sub.ByName {
				name(key, "", t.String())
			}
		}
	}
}

// format resolves a path that ends in the name of a format.
func (c *completer) format(at string) *ref {
	i := strings.LastIndexByte(at, '.')
	if i < 0 {
		return nil
	}
	r := c.env.resolve(at[:i], true)
	if r == nil {
		return nil
	}
	out := &ref{}
	for _, f := range r.fields {
		if f.Type.Kind == families.KindSub {
			if t := f.Type.Sub.ByName[at[i+1:]]; t != nil {
				out.fields = append(out.fields, &families.Field{Type: *t})
			}
		}
	}
	return out
}

// list sorts the candidates and takes those that go with the word.
func (c *completer) list() []Candidate {
	low := strings.ToLower(c.word)
	pick := func(ok func(s string) bool) []Candidate {
		var out []Candidate
		for _, x := range c.out {
			if ok(strings.ToLower(x.Text)) {
				out = append(out, x)
			}
		}
		return out
	}
	out := pick(func(s string) bool { return strings.HasPrefix(s, low) })
	if len(out) == 0 && len(low) > 1 {
		out = pick(func(s string) bool { return strings.Contains(s, low) })
	}
	sorted := len(c.out) == 0 || c.out[0].Kind != CandidateOperator // operators have an order of their own
	if sorted {
		slices.SortStableFunc(out, func(a, b Candidate) int {
			return cmp.Or(cmp.Compare(strings.ToLower(a.Text), strings.ToLower(b.Text)), cmp.Compare(a.Text, b.Text))
		})
	}
	out = slices.CompactFunc(out, func(a, b Candidate) bool { return a.Text == b.Text })
	return out[:min(len(out), maxCandidates)]
}
