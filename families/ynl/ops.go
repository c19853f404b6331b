package ynl

import "github.com/nlsniff/nlsniff/families"

var (
	operationsKeys = []string{"enum-model", "name-prefix", "enum-name", "async-prefix", "async-enum",
		"fixed-header", "list"}
	opKeys = []string{"name", "doc", "value", "attribute-set", "flags", "dont-validate", "config-cond",
		"fixed-header", "do", "dump", "notify", "event", "mcgrp"}
	modeKeys  = []string{"request", "reply", "pre", "post"}
	listKeys  = []string{"attributes", "value"}
	eventKeys = []string{"attributes"}
)

// opModel is how a family numbers its messages.
type opModel struct {
	directional bool
	// split is set if requests and replies have an enum of C each, as far
	// as the spec tells: no reply states its number.
	split         bool
	prefix, async string // of the constants
	header        *families.Struct
}

// op is an operation: a request with its replies, or a notification.
type op struct {
	name     string
	obj      *object
	do, dump *mode
	notify   string
	event    *object
	ownID    opID // of a notification, or a number that is only reserved
	content  content
	busy     bool // its content is being resolved
	resolved bool
}

// mode is one of the two ways to ask.
type mode struct {
	request, reply     *object // nil if it has none
	requestID, replyID opID
}

// opID is a message's number, if it has one.
type opID struct {
	n  uint16
	ok bool
}

// content is what a message holds.
type content struct {
	header *families.Struct
	set    *setDef
}

func (o *op) async() bool { return o.notify != "" || o.event != nil }

// modes are the ways to ask that the operation has.
func (o *op) modes() []*mode {
	var out []*mode
	for _, m := range []*mode{o.do, o.dump} {
		if m != nil {
			out = append(out, m)
		}
	}
	return out
}

// operations reads the list of operations and makes messages of it.
func (r *reader) operations(o *object) {
	ops := o.child("operations", operationsKeys)
	if ops == nil {
		return
	}
	m := &r.model
	switch s := ops.text("enum-model"); s {
	case "", "unified":
	case "directional":
		m.directional = true
	default:
		r.errorf(ops.at("enum-model"), "unknown enum-model %s", quote(s))
		return
	}
	m.prefix = opPrefix(r.fam.Name)
	if ops.has("name-prefix") {
		m.prefix = prefix(ops.text("name-prefix"))
	}
	m.async = m.prefix
	if ops.has("async-prefix") {
		m.async = prefix(ops.text("async-prefix"))
	}
	m.header = r.structOf(ops, "fixed-header", true)
	m.split = true
	for _, x := range ops.objects("list", "an operation", opKeys) {
		r.operation(x)
	}
	for _, x := range r.ops {
		r.resolveContent(x, 0)
	}
	if m.directional {
		r.numberDirectional()
	} else {
		r.numberUnified()
	}
	if len(r.errs) == 0 {
		r.messages()
	}
}

// operation reads one operation, but not yet what others say about it.
func (r *reader) operation(x *object) {
	p := &op{name: x.name("name"), obj: x, notify: x.text("notify")}
	if p.name == "" {
		r.errorf(x.at("name"), "an operation needs a name")
		return
	}
	if r.opNames[p.name] != nil {
		r.errorf(x.at("name"), "operation %s is there twice", quote(p.name))
		return
	}
	if !validName(r.model.prefix+p.name) || !validName(r.model.async+p.name) {
		r.errorf(x.at("name"), "bad name %s", quote(p.name))
		return
	}
	p.do, p.dump = r.mode(x, "do"), r.mode(x, "dump")
	p.event = x.child("event", eventKeys)
	if p.event == nil && x.keys["event"] != nil && p.notify == "" {
		p.event = x // "event:" with nothing behind it
	}
	if p.async() && (p.do != nil || p.dump != nil) {
		r.errorf(x.at("name"), "%s is both an operation and a notification", quote(p.name))
		return
	}
	r.ops, r.opNames[p.name] = append(r.ops, p), p
}

func (r *reader) mode(x *object, key string) *mode {
	o := x.child(key, modeKeys)
	if o == nil {
		if x.keys[key] != nil && !x.has(key) {
			return &mode{} // "do:" with nothing behind it
		}
		return nil
	}
	m := &mode{request: r.attrList(o, "request"), reply: r.attrList(o, "reply")}
	if m.reply != nil && m.reply.has("value") {
		r.model.split = false
	}
	return m
}

// attrList reads what a request or a reply holds; nil if there is none.
func (r *reader) attrList(o *object, key string) *object {
	if l := o.child(key, listKeys); l != nil {
		return l
	}
	if k := o.keys[key]; k != nil && !o.has(key) {
		return &object{r: r, node: k} // "reply:" with nothing behind it
	}
	return nil
}

// maxNotify bounds how many notifications may refer to one another.
const maxNotify = 8

// resolveContent finds the header and the attributes of an operation; a
// notification has those of the operation that it names.
func (r *reader) resolveContent(p *op, depth int) {
	if p.resolved {
		return
	}
	p.busy, p.resolved = true, true
	defer func() { p.busy = false }()
	own := r.structOf(p.obj, "fixed-header", true)
	p.content = content{header: own, set: r.setOf(p.obj, "attribute-set")}
	if p.notify != "" {
		of := r.opNames[p.notify]
		switch {
		case of == nil:
			r.errorf(p.obj.at("notify"), "operation %s is not defined", quote(p.notify))
			return
		case of.busy || depth == maxNotify:
			r.errorf(p.obj.at("notify"), "%s is a notification of a notification", quote(p.name))
			return
		}
		r.resolveContent(of, depth+1)
		if p.content.set == nil {
			p.content.set = of.content.set
		}
		if own == nil {
			p.content.header = of.content.header
		}
	}
	if p.content.header == nil {
		p.content.header = r.model.header
	}
	for _, l := range p.lists() {
		r.listed(p, l)
	}
}

// lists are the attribute lists of an operation.
func (o *op) lists() []*object {
	var out []*object
	for _, m := range o.modes() {
		out = append(out, m.request, m.reply)
	}
	return append(out, o.event)
}

// listed checks that the attributes of a list exist. Decoding does not need
// the lists: a message may hold whatever is in its attribute set.
func (r *reader) listed(p *op, l *object) {
	if l == nil || l == p.obj || !l.has("attributes") {
		return
	}
	names := l.names("attributes")
	switch {
	case len(names) == 0 || p.obj.has("attribute-set") && p.content.set == nil:
	case p.content.set == nil:
		r.errorf(p.obj.at("name"), "operation %s needs an attribute-set", quote(p.name))
	default:
		for _, n := range names {
			if p.content.set.attrs[n] == nil {
				r.warnf(l.at("attributes"), "attribute set %s has no attribute %s",
					quote(p.content.set.name), quote(n))
			}
		}
	}
}
