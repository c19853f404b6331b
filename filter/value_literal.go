package filter

import (
	"cmp"
	"slices"
	"strings"

	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/near"
)

// literal prepares a value for the types of the field that it is compared
// with. It has to be possible for one of them.
func (c *compiler) literal(e term, x *typed) (*prepared, *Error) {
	l := &literal{span: e.where()}
	switch e := e.(type) {
	case *word:
		l.text = e.text
	case *quoted:
		l.text, l.quoted = e.text, true
	case *union:
		for _, p := range e.list {
			switch p := p.(type) {
			case *word:
				l.parts = append(l.parts, p.text)
			case *quoted:
				l.parts = append(l.parts, p.text)
			default:
				return nil, fail(p.where(), "only names and numbers can be joined by |", "")
			}
		}
		l.text = strings.Join(l.parts, "|")
	default:
		return nil, fail(e.where(), "expected a value, not "+text(e), "")
	}
	if x.has(classMsg, classCmd) {
		if _, ok := parseInt(l.text); !ok {
			l.types, l.cmds = c.env.messages(l.text)
		}
	}
	if x.texts != nil && !slices.Contains(x.texts, l.text) {
		return nil, fail(l.span, "no "+x.name+" is called "+printable(l.text), cmp.Or(near.Hint(l.text, x.texts), "it is one of "+strings.Join(x.texts, ", ")))
	}
	p := &prepared{literal: l, ops: map[*families.Type]*operand{}}
	var reason string
	some, enum := false, false
	for _, t := range x.types {
		o, why := l.read(t, c.env.loc)
		if why != "" {
			p.ops[t] = nil
			if reason == "" || !enum && t.Enum != nil { // the one that says most
				reason, enum = why, t.Enum != nil
			}
			continue
		}
		p.ops[t], some = &o, true
		c.f.links = c.f.links || o.kind == opLink
		c.f.families = c.f.families || slices.ContainsFunc(o.msgs, func(m message) bool { return m.genl != "" })
	}
	if !some {
		return nil, fail(l.span, c.wrongValue(x, reason), c.hintValue(l, x))
	}
	return p, nil
}

func (c *compiler) wrongValue(x *typed, why string) string {
	if strings.HasPrefix(why, "it has") {
		return x.name + " cannot be compared: " + why
	}
	return x.name + ": " + printable(why)
}

// hintValue proposes what the value could have been.
func (c *compiler) hintValue(l *literal, x *typed) string {
	if x.has(classMsg) && len(l.cmds) > 0 {
		return "it is a command: cmd == " + l.text
	}
	if x.has(classCmd) && len(l.types) > 0 {
		return "it is a message type: type == " + l.text
	}
	names := c.valueNames(x.types)
	word := l.text
	if len(l.parts) > 0 {
		for _, p := range l.parts {
			if !slices.Contains(names, p) {
				word = p
			}
		}
	}
	hint := near.Hint(word, names)
	if hint == "" && x.has(classMsg, classCmd) {
		return "nlsniff families NAME lists those of a family; a number does as well"
	}
	return hint
}

// valueNames lists the names that values of some types can have.
func (c *compiler) valueNames(types []*families.Type) []string { return c.env.valueNames(types) }

func (e *Env) valueNames(types []*families.Type) []string {
	var out []string
	add := func(s string) {
		if s != "" {
			out = append(out, s)
		}
	}
	for _, t := range types {
		t = elementOf(t)
		if t.Enum != nil && t.Enum.Kind != families.EnumBits {
			for i := range t.Enum.Entries {
				add(t.Enum.Entries[i].Name)
			}
		}
		switch classOf(t) {
		case classMsg:
			for n := range controls {
				add(n)
			}
			out = append(out, e.messageNames(false)...)
		case classCmd:
			out = append(out, e.messageNames(true)...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// messageNames lists the names of all message types, or of all commands.
func (e *Env) messageNames(cmds bool) []string {
	list, err := e.db.LoadAll()
	if err != nil {
		return nil
	}
	var out []string
	for _, f := range list {
		if (f.Genl != "") != cmds {
			if !cmds {
				out = append(out, f.Genl)
			}
			continue
		}
		for _, m := range f.Messages {
			out = append(out, m.Name)
		}
	}
	return out
}
