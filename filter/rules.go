package filter

import (
	_ "embed"
	"errors"
	"fmt"
	"strings"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/render"
)

// DefaultRules is the text of the colouring rules that come with nlsniff.
//
//go:embed colors.rules
var DefaultRules string

// Rules colour messages: the first rule whose filter matches decides.
type Rules struct {
	list []rule
	need Need
}

type rule struct {
	style  Style
	sgr    string
	filter *Filter
}

// RuleError is a mistake in a line of colouring rules. It wraps what is wrong,
// an *Error where that is the filter.
type RuleError struct {
	Line int
	Err  error
}

func (e *RuleError) Error() string { return e.Err.Error() }
func (e *RuleError) Unwrap() error { return e.Err }

// maxRules bounds the rules of a file: each is asked of each message until one
// matches.
const maxRules = 256

// ParseRules reads colouring rules: a line each with a style, a colon and a
// filter. Empty lines and those that start with # do not count.
func ParseRules(text string, env *Env) (*Rules, error) {
	r := &Rules{}
	no := 0
	for line := range strings.Lines(text) {
		no++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		if len(r.list) == maxRules {
			return nil, &RuleError{no, fmt.Errorf("more than %d rules", maxRules)}
		}
		words, expr, ok := strings.Cut(line, ":")
		if !ok {
			return nil, &RuleError{no, errors.New("no colon between style and filter")}
		}
		style, err := ParseStyle(words)
		if err != nil {
			return nil, &RuleError{no, err}
		}
		f, err := Compile(strings.TrimSpace(expr), env)
		if err != nil {
			return nil, &RuleError{no, err}
		}
		r.list = append(r.list, rule{style, style.SGR(), f})
		r.need = max(r.need, f.need)
	}
	return r, nil
}

// Needs says how much of a frame the rules ask for.
func (r *Rules) Needs() Need { return r.need }

// Painter asks the rules of messages. It is for one goroutine.
type Painter struct {
	rules    *Rules
	matchers []*Matcher
}

// Painter returns a new one.
func (r *Rules) Painter() *Painter {
	p := &Painter{rules: r}
	for i := range r.list {
		p.matchers = append(p.matchers, r.list[i].filter.Matcher())
	}
	return p
}

// Style returns the style of a message of a decoded frame; nil stands for a
// frame that holds none. ok is false if no rule matches.
func (p *Painter) Style(ev *render.Event, x *dissect.Msg) (s Style, ok bool) {
	if i := p.match(ev, x); i >= 0 {
		return p.rules.list[i].style, true
	}
	return Style{}, false
}

// SGR is Style as an escape sequence, "" if there is none.
func (p *Painter) SGR(ev *render.Event, x *dissect.Msg) string {
	if i := p.match(ev, x); i >= 0 {
		return p.rules.list[i].sgr
	}
	return ""
}

func (p *Painter) match(ev *render.Event, x *dissect.Msg) int {
	for i, m := range p.matchers {
		if m.Message(ev, x) {
			return i
		}
	}
	return -1
}
