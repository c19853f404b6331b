package ynl

import "github.com/nlsniff/nlsniff/families"

// use is one thing that a message number stands for in one direction.
type use struct {
	op      *op
	dump    bool // as against do; a notification counts as do
	content content
}

// space collects what the numbers of one direction stand for.
type space struct {
	order []uint16
	uses  map[uint16][]use
}

func (s *space) add(id opID, u use) {
	if !id.ok {
		return
	}
	if s.uses == nil {
		s.uses = map[uint16][]use{}
	}
	if s.uses[id.n] == nil {
		s.order = append(s.order, id.n)
	}
	s.uses[id.n] = append(s.uses[id.n], u)
}

// messages makes the family's messages out of its operations.
func (r *reader) messages() {
	var req, rep space
	for _, p := range r.ops {
		if p.do != nil {
			req.add(p.do.requestID, use{p, false, p.content})
		}
		if p.dump != nil {
			req.add(p.dump.requestID, use{p, true, p.content})
		}
		if p.do != nil && p.do.reply != nil {
			rep.add(p.do.replyID, use{p, false, p.content})
		}
		if p.dump != nil && p.dump.reply != nil {
			rep.add(p.dump.replyID, use{p, true, p.content})
		}
		rep.add(p.ownID, use{p, false, p.content})
		if !p.async() {
			req.add(p.ownID, use{p, false, p.content})
		}
	}
	names := newNamer(r, &req, &rep)
	byID := map[uint16]*families.Message{}
	for _, id := range req.order {
		m := &families.Message{ID: id, Req: true}
		m.Name, m.Short = names.request(id)
		m.Body = r.body(m.Name, req.uses[id])
		byID[id] = r.enter(m)
		if m.Class == families.ClassOther && hasDump(req.uses[id]) {
			m.Class = families.ClassGet
		}
	}
	for _, id := range rep.order {
		m := &families.Message{ID: id, Rep: true}
		m.Name, m.Short = names.reply(id)
		bodies := r.bodies(rep.uses[id])
		if same := byID[id]; same != nil && same.Name == m.Name && sameBodies(same.Body.Bodies, bodies) {
			same.Rep = true
			continue
		}
		m.Body = r.bodySet(m.Name, bodies)
		r.enter(m)
	}
	r.unlisted(names, &req, &rep)
	r.fam.Subsys = subsystem(r.fam)
}

func (r *reader) enter(m *families.Message) *families.Message {
	m.Family = r.fam
	m.Class = families.ClassOf(r.fam.Protocol, m)
	r.fam.Messages = append(r.fam.Messages, m)
	return m
}

func hasDump(uses []use) bool {
	for _, u := range uses {
		if u.dump {
			return true
		}
	}
	return false
}

// unlisted adds the commands that have a name but no operation. If all
// operations hold the same, these will too.
func (r *reader) unlisted(names *namer, req, rep *space) {
	if names.commands == nil || len(r.ops) == 0 {
		return
	}
	first := r.ops[0].content
	alike := true
	for _, p := range r.ops {
		alike = alike && p.content == first
	}
	for _, x := range names.commands.Entries {
		if x.Value > maxID || r.fam.Genl != "" && x.Value > 255 {
			continue
		}
		id := uint16(x.Value)
		isReq, isRep := req.uses[id] != nil, rep.uses[id] != nil
		if isReq || isRep {
			continue
		}
		m := &families.Message{ID: id, Short: x.Short, Req: true, Rep: true}
		m.Name = r.model.prefix + upper(x.Short)
		if alike {
			m.Body = r.body(m.Name, []use{{content: first}})
		}
		r.enter(m)
	}
}

func (r *reader) body(name string, uses []use) *families.BodySet {
	return r.bodySet(name, r.bodies(uses))
}

// bodySet enters bodies under a name of their own.
func (r *reader) bodySet(name string, bodies []*families.Body) *families.BodySet {
	key := name
	for r.fam.Bodies[key] != nil {
		key += "-reply"
	}
	b := &families.BodySet{Name: key, Bodies: bodies}
	r.fam.Bodies[key] = b
	return b
}

// bodies says what a number stands for: one thing, or one in a dump and
// another elsewhere. Of what cannot be told apart, the first counts.
func (r *reader) bodies(uses []use) []*families.Body {
	var do, dump *use
	for i := range uses {
		u := &uses[i]
		first := &do
		if u.dump {
			first = &dump
		}
		switch {
		case *first == nil:
			*first = u
		case (*first).content != u.content:
			r.warnf(u.op.obj.at("name"), "%s has the number of %s, but another content, which is ignored",
				quote(u.op.name), quote((*first).op.name))
		}
	}
	switch {
	case do == nil:
		return []*families.Body{dump.content.body()}
	case dump == nil || do.content == dump.content:
		return []*families.Body{do.content.body()}
	}
	d := dump.content.body()
	d.When = []families.Cond{{Kind: families.CondDump}}
	return []*families.Body{d, do.content.body()}
}

func (c content) body() *families.Body {
	b := &families.Body{Header: c.header}
	if c.set != nil {
		b.Set = c.set.set
	}
	return b
}

func sameBodies(a, b []*families.Body) bool {
	return len(a) == 1 && len(b) == 1 && a[0].Header == b[0].Header && a[0].Set == b[0].Set
}

// batchTop is the largest number of the messages that all subsystems of
// nfnetlink share (NFNL_MSG_BATCH_BEGIN and _END are 16 and 17).
const batchTop = 0xff

// subsystem returns the high byte of an nfnetlink family's types, -1 if they
// differ or the family is of another protocol.
func subsystem(f *families.Family) int {
	if f.Protocol != families.ProtoNetfilter {
		return -1
	}
	sub := -1
	for _, m := range f.Messages {
		if m.ID <= batchTop {
			continue
		}
		if s := int(m.ID >> 8); sub < 0 {
			sub = s
		} else if s != sub {
			return -1
		}
	}
	return sub
}
