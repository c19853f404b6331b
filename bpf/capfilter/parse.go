package capfilter

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nlsniff/nlsniff/internal/near"
)

// maxDepth bounds how deep parentheses and not may nest.
const maxDepth = 100

// Parse reads a capture filter. An empty one accepts everything. The error is
// a *SyntaxError.
func Parse(text string, names Names) (*Filter, error) {
	tokens, err := lex(text)
	if err != nil {
		return nil, err
	}
	p := &parser{text: text, tokens: tokens, names: names}
	f := &Filter{text: strings.TrimSpace(text), root: always{true}}
	if p.peek().kind == tokEnd {
		return f, nil
	}
	if f.root, err = p.or(); err == nil && p.peek().kind != tokEnd {
		err = p.leftover()
	}
	if err != nil {
		return nil, err
	}
	return f, nil
}

type parser struct {
	text     string
	tokens   []token
	at       int
	depth    int
	names    Names
	messages []Message // of names, once asked
}

func (p *parser) peek() token { return p.tokens[p.at] }

func (p *parser) next() token {
	t := p.tokens[p.at]
	if t.kind != tokEnd {
		p.at++
	}
	return t
}

func (p *parser) fail(t token, hint, format string, args ...any) *SyntaxError {
	return &SyntaxError{Text: p.text, Pos: t.pos, Len: t.len, Msg: fmt.Sprintf(format, args...), Hint: hint}
}

// is says whether the next token is one of some words or operators, and goes
// past it if so.
func (p *parser) is(words ...string) bool {
	t := p.peek()
	if t.kind == tokEnd || t.kind == tokQuoted {
		return false
	}
	for _, w := range words {
		if strings.EqualFold(t.text, w) {
			p.at++
			return true
		}
	}
	return false
}

func (p *parser) or() (node, *SyntaxError) {
	n, err := p.and()
	for err == nil && p.is("or", "||") {
		var r node
		r, err = p.and()
		n = or{n, r}
	}
	return n, err
}

func (p *parser) and() (node, *SyntaxError) {
	n, err := p.unary()
	for err == nil && p.is("and", "&&") {
		var r node
		r, err = p.unary()
		n = and{n, r}
	}
	return n, err
}

func (p *parser) unary() (node, *SyntaxError) {
	if p.depth++; p.depth > maxDepth {
		return nil, p.fail(p.peek(), "", "too many parentheses or nots")
	}
	defer func() { p.depth-- }()
	open := p.peek()
	switch {
	case p.is("not", "!"):
		x, err := p.unary()
		return not{x}, err
	case p.is("("):
		n, err := p.or()
		switch {
		case err != nil:
			return nil, err
		case p.is(")"):
			return n, nil
		case p.peek().kind == tokEnd:
			return nil, p.fail(open, "", "the parenthesis is not closed")
		}
		return nil, p.leftover()
	}
	return p.test()
}

// leftover is the error for what stands where the filter should have ended.
func (p *parser) leftover() *SyntaxError {
	t := p.peek()
	if t.text == ")" && t.kind == tokOp {
		return p.fail(t, "", "no parenthesis is open here")
	}
	if t.kind == tokOp {
		return p.fail(t, "", "unexpected %s", quote(t.text))
	}
	return p.fail(t, "join tests with and or or", "unexpected %s", quote(t.text))
}

// keywords are the first words of tests.
var keywords = []string{"proto", "family", "type", "cmd", "request", "reply", "error", "ack", "portid", "seq", "len"}

func (p *parser) test() (node, *SyntaxError) {
	first := p.next()
	word := strings.ToLower(first.text)
	if first.kind != tokWord {
		word = ""
	}
	t := &test{}
	var err *SyntaxError
	switch word {
	case "proto":
		t.kind = testProto
		err = p.list("a protocol", func(a token) *SyntaxError { return p.proto(t, a) })
	case "type":
		t.kind = testType
		err = p.list("a message type", func(a token) *SyntaxError { return p.message(t, a) })
	case "cmd":
		t.kind = testCmd
		err = p.list("a command", func(a token) *SyntaxError { return p.message(t, a) })
	case "family":
		var n node
		n, err = p.family(t)
		p.finish(t, first)
		return n, err
	case "request":
		t.kind = testRequest
	case "reply":
		t.kind = testReply
	case "ack":
		t.kind = testAck
	case "error":
		t.kind = testError
		if p.argument() {
			err = p.list("an error", func(a token) *SyntaxError { return p.errno(t, a) })
		}
	case "len", "seq", "portid":
		t.kind, t.field = testNum, map[string]numField{"len": fieldLen, "seq": fieldSeq, "portid": fieldPortID}[word]
		err = p.number(t, word)
	default:
		return nil, p.noTest(first)
	}
	p.finish(t, first)
	return t, err
}

// finish notes how a test was typed.
func (p *parser) finish(t *test, first token) {
	last := first
	if p.at > 0 {
		last = p.tokens[p.at-1]
	}
	if end := last.pos + last.len; end > first.pos {
		t.text = strings.Join(strings.Fields(p.text[first.pos:end]), " ")
	}
}

// noTest is the error for a word that starts no test.
func (p *parser) noTest(t token) *SyntaxError {
	all := "a test starts with " + strings.Join(keywords[:len(keywords)-1], ", ") + " or " + keywords[len(keywords)-1]
	switch {
	case t.kind == tokEnd:
		return p.fail(t, all, "a test is missing at the end")
	case t.kind == tokOp:
		return p.fail(t, all, "a test is missing before %s", quote(t.text))
	}
	if m, ok := p.find(t.text, true); ok {
		return p.fail(t, "type "+m.Name, "%s is the name of a message type, not a test", quote(t.text))
	}
	if m, ok := p.find(t.text, false); ok {
		return p.fail(t, "cmd "+m.Name, "%s is the name of a generic command, not a test", quote(t.text))
	}
	if _, ok := p.names.Protocol(t.text); ok {
		return p.fail(t, "proto "+t.text, "%s is the name of a protocol, not a test", quote(t.text))
	}
	for _, f := range p.names.Families() {
		if matches(t.text, f.Name) || matches(t.text, f.Genl) {
			return p.fail(t, "family "+t.text, "%s is the name of a family, not a test", quote(t.text))
		}
	}
	if hint := near.Hint(t.text, keywords); hint != "" {
		all = hint
	}
	return p.fail(t, all, "no test is called %s", quote(t.text))
}

// list reads one argument or several with commas between.
func (p *parser) list(what string, one func(token) *SyntaxError) *SyntaxError {
	for {
		a := p.peek()
		if !p.argument() {
			if a.kind == tokEnd {
				return p.fail(a, "", "%s is missing at the end", what)
			}
			return p.fail(a, "", "%s is missing before %s", what, quote(a.text))
		}
		p.next()
		if a.text == "" {
			return p.fail(a, "", "%s is missing between the quotes", what)
		}
		if err := one(a); err != nil {
			return err
		}
		if !p.is(",") {
			return nil
		}
	}
}

// argument says whether what comes next can be the argument of a test.
func (p *parser) argument() bool {
	t := p.peek()
	switch t.kind {
	case tokQuoted:
		return true
	case tokWord:
		low := strings.ToLower(t.text)
		return low != "and" && low != "or" && low != "not" && !slices.Contains(keywords, low)
	}
	return false
}

func quote(s string) string { return fmt.Sprintf("%q", s) }
