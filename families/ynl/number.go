package ynl

// maxID is the largest nlmsg_type and more than the largest generic command.
const maxID = 1<<16 - 1

// id makes an opID of a counter's value.
func (r *reader) id(p *op, n int64) opID {
	top := int64(maxID)
	if r.fam.Genl != "" {
		top = 255
	}
	if n < 0 || n > top {
		r.errorf(p.obj.at("name"), "%s is number %d, should be at most %d", quote(p.name), n, top)
		return opID{}
	}
	return opID{uint16(n), true}
}

// stated returns the number that a request or a reply states.
func stated(l *object) (int64, bool) {
	if l == nil {
		return 0, false
	}
	return l.integer("value", 0, maxID)
}

// numberUnified counts through one list: an operation's request and reply
// have one number, and a notification has one as well.
func (r *reader) numberUnified() {
	next := int64(1)
	for _, p := range r.ops {
		if v, ok := p.obj.integer("value", 0, maxID); ok {
			next = v
		}
		id := r.id(p, next)
		for _, m := range p.modes() {
			m.requestID, m.replyID = id, id
			for _, l := range []*object{m.request, m.reply} {
				if v, ok := stated(l); ok && v != next {
					r.warnf(l.at("value"), "value has no effect in a unified enum-model")
				}
			}
		}
		if p.async() || len(p.modes()) == 0 {
			p.ownID = id
		}
		next++
	}
}

// numberDirectional counts requests and replies apart. Each operation takes a
// number for its request; those with a reply, and notifications, take one for
// what the kernel sends. If there is a do, it decides; a dump that states
// nothing has the same numbers.
func (r *reader) numberDirectional() {
	req, rep := int64(1), int64(1)
	for _, p := range r.ops {
		if p.async() {
			if v, ok := p.obj.integer("value", 0, maxID); ok {
				rep = v
			}
			p.ownID = r.id(p, rep)
			rep++
			continue
		}
		modes := p.modes()
		if len(modes) == 0 {
			r.errorf(p.obj.at("name"), "operation %s has neither do, dump, notify nor event", quote(p.name))
			continue
		}
		if p.obj.has("value") {
			r.warnf(p.obj.at("value"), "value has no effect here in a directional enum-model")
		}
		lead := modes[0]
		if v, ok := stated(lead.request); ok {
			req = v
		}
		lead.requestID = r.id(p, req)
		req++
		if v, ok := stated(lead.reply); ok {
			rep = v
		}
		if lead.reply != nil {
			lead.replyID = r.id(p, rep)
			rep++
		}
		for _, m := range modes[1:] {
			m.requestID, m.replyID = lead.requestID, lead.replyID
			if v, ok := stated(m.request); ok {
				m.requestID = r.id(p, v)
			}
			if v, ok := stated(m.reply); ok {
				m.replyID = r.id(p, v)
			} else if m.reply != nil && lead.reply == nil {
				r.warnf(m.reply.node, "the reply to a dump has no number, as do has no reply")
			}
		}
	}
}
