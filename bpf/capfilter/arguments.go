package capfilter

import (
	"math"
	"slices"
	"strconv"

	"github.com/nlsniff/nlsniff/internal/near"
)

// number reads a number in decimal or hex that fits.
func number(s string, limit uint64) (uint64, bool) {
	v, err := strconv.ParseUint(s, 0, 64)
	return v, err == nil && v <= limit
}

func (p *parser) proto(t *test, a token) *SyntaxError {
	if v, ok := number(a.text, math.MaxUint8); ok {
		t.protos = append(t.protos, uint8(v))
		return nil
	}
	if isPattern(a.text) {
		before := len(t.protos)
		for _, n := range p.names.Protocols() {
			if v, ok := p.names.Protocol(n); ok && matches(a.text, n) && !slices.Contains(t.protos[before:], v) {
				t.protos = append(t.protos, v)
			}
		}
		if len(t.protos) > before {
			return nil
		}
	}
	if v, ok := p.names.Protocol(a.text); ok {
		t.protos = append(t.protos, v)
		return nil
	}
	for _, f := range p.names.Families() {
		if matches(a.text, f.Name) || matches(a.text, f.Genl) {
			return p.fail(a, "family "+a.text, "%s is a family, not a protocol", quote(a.text))
		}
	}
	return p.fail(a, near.Hint(a.text, p.names.Protocols()), "no protocol is called %s", quote(a.text))
}

// all returns every message that has a name.
func (p *parser) all() []Message {
	if p.messages == nil {
		p.messages = p.names.Messages()
	}
	return p.messages
}

// find returns the first message type, or generic command, with that name.
func (p *parser) find(name string, classic bool) (Message, bool) {
	for _, m := range p.all() {
		if (m.Genl == "") == classic && (matches(name, m.Name) || matches(name, m.Short)) {
			return m, true
		}
	}
	return Message{}, false
}

// message adds an argument of type or cmd.
func (p *parser) message(t *test, a token) *SyntaxError {
	classic, what, limit := t.kind == testType, "generic command", uint64(math.MaxUint8)
	if classic {
		what, limit = "message type", math.MaxUint16
	}
	if v, ok := number(a.text, limit); ok {
		if classic {
			t.types = append(t.types, typeRange{any: true, Range: Range{uint16(v), uint16(v)}})
		} else {
			t.cmds = append(t.cmds, cmdRange{lo: uint8(v), hi: uint8(v), req: true, rep: true})
		}
		return nil
	}
	found := false
	for _, m := range p.all() {
		if (m.Genl == "") != classic || !matches(a.text, m.Name) && !matches(a.text, m.Short) {
			continue
		}
		found = true
		if classic {
			t.types = append(t.types, typeRange{any: m.Any, proto: m.Proto, Range: Range{m.ID, m.ID}})
		} else {
			t.cmds = append(t.cmds, cmdRange{m.Genl, uint8(m.ID), uint8(m.ID), m.Req, m.Rep})
		}
	}
	if found {
		t.types, t.cmds = mergeTypes(t.types), mergeCmds(t.cmds)
		return nil
	}
	if m, ok := p.find(a.text, !classic); ok {
		if classic {
			return p.fail(a, "cmd "+m.Name, "%s is a command of the generic family %s, not a message type", quote(a.text), m.Genl)
		}
		return p.fail(a, "type "+m.Name, "%s is a message type, not a generic command", quote(a.text))
	}
	var names []string
	for _, m := range p.all() {
		if (m.Genl == "") == classic {
			names = append(names, m.Name)
		}
	}
	hint := near.Hint(a.text, names)
	if _, err := strconv.ParseUint(a.text, 0, 64); err == nil {
		hint = "at most " + strconv.FormatUint(limit, 10)
	}
	return p.fail(a, hint, "no %s is called %s", what, quote(a.text))
}

// mergeTypes joins ranges that touch or overlap.
func mergeTypes(in []typeRange) []typeRange {
	slices.SortFunc(in, func(a, b typeRange) int {
		switch {
		case a.any != b.any:
			if a.any {
				return -1
			}
			return 1
		case a.proto != b.proto:
			return int(a.proto) - int(b.proto)
		}
		return int(a.Lo) - int(b.Lo)
	})
	var out []typeRange
	for _, r := range in {
		if n := len(out) - 1; n >= 0 && out[n].any == r.any && (r.any || out[n].proto == r.proto) && int(r.Lo) <= int(out[n].Hi)+1 {
			out[n].Hi = max(out[n].Hi, r.Hi)
			continue
		}
		out = append(out, r)
	}
	return out
}

// mergeCmds joins ranges of one family and one way that touch or overlap.
func mergeCmds(in []cmdRange) []cmdRange {
	key := func(c cmdRange) string {
		return c.genl + "\x00" + strconv.FormatBool(c.req) + strconv.FormatBool(c.rep)
	}
	slices.SortFunc(in, func(a, b cmdRange) int {
		if ka, kb := key(a), key(b); ka != kb {
			if ka < kb {
				return -1
			}
			return 1
		}
		return int(a.lo) - int(b.lo)
	})
	var out []cmdRange
	for _, c := range in {
		if n := len(out) - 1; n >= 0 && key(out[n]) == key(c) && int(c.lo) <= int(out[n].hi)+1 {
			out[n].hi = max(out[n].hi, c.hi)
			continue
		}
		out = append(out, c)
	}
	return out
}

// family reads the arguments of family. A part of a classic protocol becomes a
// test of its types.
func (p *parser) family(t *test) (node, *SyntaxError) {
	t.kind = testFamily
	types := &test{kind: testType}
	err := p.list("a family", func(a token) *SyntaxError {
		if v, ok := number(a.text, math.MaxUint16); ok {
			t.ids = append(t.ids, uint16(v))
			return nil
		}
		found := false
		var names []string
		for _, f := range p.names.Families() {
			names = append(names, f.Name)
			if !matches(a.text, f.Name) && !matches(a.text, f.Genl) {
				continue
			}
			found = true
			if f.Genl != "" {
				if !slices.Contains(t.fams, f.Genl) {
					t.fams = append(t.fams, f.Genl)
				}
				continue
			}
			for _, r := range f.Types {
				types.types = append(types.types, typeRange{proto: f.Proto, Range: r})
			}
		}
		if a.kind == tokQuoted && !found && !isPattern(a.text) {
			t.fams = append(t.fams, a.text)
			return nil
		}
		if found {
			return nil
		}
		if _, ok := p.names.Protocol(a.text); ok {
			return p.fail(a, "proto "+a.text, "%s is a protocol, not a family", quote(a.text))
		}
		hint := near.Hint(a.text, names)
		if hint == "" && !isPattern(a.text) {
			hint = "put the name of a family that nlsniff does not know in quotes"
		}
		return p.fail(a, hint, "no family is called %s", quote(a.text))
	})
	types.types = mergeTypes(types.types)
	types.text = t.text
	switch {
	case err != nil:
		return nil, err
	case len(types.types) == 0:
		return t, nil
	case len(t.fams)+len(t.ids) == 0:
		*t = *types
		return t, nil
	}
	return or{t, types}, nil
}

func (p *parser) errno(t *test, a token) *SyntaxError {
	const maxErrno = 8191 // beyond MAX_ERRNO of linux/err.h are those of ipset
	if v, ok := number(a.text, maxErrno); ok && v > 0 {
		t.errnos = append(t.errnos, int(v))
		return nil
	}
	if v, ok := p.names.Errno(a.text); ok {
		t.errnos = append(t.errnos, v)
		return nil
	}
	return p.fail(a, near.Hint(a.text, p.names.Errnos()), "no error is called %s", quote(a.text))
}

// number reads what follows len, seq and portid: a number, maybe behind a
// comparison.
func (p *parser) number(t *test, word string) *SyntaxError {
	if op := p.peek(); op.kind == tokOp {
		var ok bool
		if t.op, ok = numOps[op.text]; !ok {
			return p.fail(op, "", "a number is missing before %s", quote(op.text))
		}
		p.next()
	}
	a := p.peek()
	v, ok := number(a.text, math.MaxUint32)
	if !ok || a.kind == tokEnd {
		return p.fail(a, "for example "+word+" 1234", "%s needs a number from 0 to 4294967295", word)
	}
	p.next()
	t.value = uint32(v)
	return nil
}
