package families

import (
	"math"
	"strings"
)

// defineBody: lines "[condition… :] [header STRUCT] [attrs SET | payload type…]"
// and lines that start with "line".
func (p *parser) defineBody(b block) error {
	set := p.fam.Bodies[b.words[1]]
	for _, l := range b.body {
		p.no = l.no
		if l.words[0] == "line" {
			items, only, err := p.lineItems(l.words[1:])
			if err != nil {
				return err
			}
			set.Line, set.Only = append(set.Line, items...), set.Only || only
			continue
		}
		body, err := p.bodyLine(l.words)
		if err != nil {
			return err
		}
		set.Bodies = append(set.Bodies, body)
	}
	return nil
}

func (p *parser) bodyLine(words []string) (*Body, error) {
	var conds []string
	for i, w := range words {
		if w == ":" {
			conds, words = words[:i], words[i+1:]
			break
		}
	}
	body := &Body{}
	for len(words) > 0 {
		name := word(words, 1)
		switch words[0] {
		case "header", "attrs", "payload":
			if name == "" {
				return nil, p.fail("%s needs a name", words[0])
			}
		}
		switch {
		case words[0] == "header" && body.Header == nil && body.Set == nil && body.Payload == nil:
			if body.Header = p.strct(name); body.Header == nil {
				return nil, p.fail("unknown struct %s", name)
			}
			p.checkHeader(body.Header)
			words = words[2:]
		case words[0] == "attrs" && body.Set == nil && body.Payload == nil:
			if body.Set = p.set(name); body.Set == nil {
				return nil, p.fail("unknown attrs %s", name)
			}
			words = words[2:]
		case words[0] == "payload" && body.Set == nil && body.Payload == nil:
			t, rest, err := p.typ(words[1:])
			if err != nil {
				return nil, err
			}
			body.Payload, words = &t, rest
		default:
			return nil, p.fail("unexpected %s", words[0])
		}
	}
	for _, c := range conds {
		cond, err := p.cond(c, body.Header)
		if err != nil {
			return nil, err
		}
		body.When = append(body.When, cond)
	}
	return body, nil
}

func (p *parser) cond(s string, header *Struct) (Cond, error) {
	switch s {
	case "request":
		return Cond{Kind: CondRequest}, nil
	case "reply":
		return Cond{Kind: CondReply}, nil
	case "dump":
		return Cond{Kind: CondDump}, nil
	case "do":
		return Cond{Kind: CondDump, Not: true}, nil
	case "event":
		return Cond{Kind: CondEvent}, nil
	case "create":
		return Cond{Kind: CondCreate}, nil
	}
	if v, ok := strings.CutPrefix(s, "len<"); ok {
		n, err := p.count(v, maxSize)
		return Cond{Kind: CondLenLess, Value: n}, err
	}
	if v, ok := strings.CutPrefix(s, "attrs-at"); ok {
		v, not := strings.CutPrefix(v, "!")
		n, err := p.count(strings.TrimPrefix(v, "="), maxSize)
		return Cond{Kind: CondAttrsAt, Value: n, Not: not}, err
	}
	if v, ok := strings.CutPrefix(s, "starts="); ok && v != "" {
		return Cond{Kind: CondStarts, Text: unquote(v)}, nil
	}
	name, val, ok := strings.Cut(s, "=")
	if !ok || header == nil {
		return Cond{}, p.fail("bad condition %s", s)
	}
	c := Cond{Kind: CondMember}
	if n, found := strings.CutSuffix(name, "!"); found {
		name, c.Not = n, true
	}
	for _, m := range header.Members {
		if m.Name == name {
			c.Member = m
		}
	}
	if c.Member == nil {
		return Cond{}, p.fail("%s has no member %s", header.Name, name)
	}
	t := &c.Member.Type
	if t.Kind != KindUint && t.Kind != KindSint || t.Size == 0 {
		return Cond{}, p.fail("%s is not a number", name)
	}
	var err error
	c.Value, err = p.number(val, 8*t.Size)
	return c, err
}

// defineMessages: lines "id NAME body [class=get|new|del] [answer=none|late] [flags=copied] [nests=unmarked]".
func (p *parser) defineMessages(b block, req, rep bool) error {
	prefix := word(b.words, 1)
	for _, l := range b.body {
		p.no = l.no
		if len(l.words) < 3 {
			return p.fail("want: id NAME body")
		}
		limit := uint64(math.MaxUint16)
		if p.fam.Subsys >= 0 || p.fam.Genl != "" {
			limit = math.MaxUint8 // the low byte, or a command
		}
		id, err := p.count(l.words[0], limit)
		if err != nil {
			return err
		}
		if err := p.name(l.words[1]); err != nil {
			return err
		}
		if p.fam.Subsys >= 0 {
			id |= uint64(p.fam.Subsys) << 8
		}
		if id += uint64(p.fam.Base); id > math.MaxUint16 {
			return p.fail("%s is beyond 65535", l.words[1])
		}
		m := &Message{ID: uint16(id), Name: l.words[1], Short: shortName(l.words[1], prefix),
			Req: req, Rep: rep, Event: !req && !rep, Family: p.fam}
		if l.words[2] != "-" {
			if m.Body = p.body(l.words[2]); m.Body == nil {
				return p.fail("unknown body %s", l.words[2])
			}
		}
		m.Class = classOf(p.fam.Protocol, m)
		for _, w := range l.words[3:] {
			switch w {
			case "class=get":
				m.Class = ClassGet
			case "class=new":
				m.Class = ClassNew
			case "class=del":
				m.Class = ClassDel
			case "class=other":
				m.Class = ClassOther
			case "answer=none":
				m.Answer = AnswerNone
			case "answer=late":
				m.Answer = AnswerLate
			case "flags=copied":
				m.CopiesFlags = true
			case "nests=unmarked":
				m.Unmarked = true
			default:
				return p.fail("unexpected %s", w)
			}
		}
		if p.fam.ids != nil && !inRanges(p.fam.ids, m.ID) {
			return p.fail("%s is %d, which is not among the ids", m.Name, m.ID)
		}
		p.fam.Messages = append(p.fam.Messages, m)
		p.fam.table.Add(m, false)
	}
	return nil
}

// classOf guesses the class from the number or the name. rtnetlink's kinds
// are in the two low bits of the type (rtnl_msgtype_kind in
// net/core/rtnetlink.c); elsewhere the name says it.
func classOf(protocol uint8, m *Message) Class {
	if protocol == ProtoRoute && m.ID >= 16 {
		return [...]Class{ClassNew, ClassDel, ClassGet, ClassOther}[m.ID&3]
	}
	for _, w := range strings.Split(m.Name, "_") {
		switch {
		case strings.HasPrefix(w, "GET") || w == "DUMP" || w == "LIST":
			return ClassGet
		case strings.HasPrefix(w, "NEW") || w == "ADD" || w == "CREATE" || w == "SET":
			return ClassNew
		case strings.HasPrefix(w, "DEL") || w == "REMOVE" || w == "DESTROY":
			return ClassDel
		}
	}
	return ClassOther
}
