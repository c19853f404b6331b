package ynl

import (
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/nlsniff/nlsniff/families"
)

// The keys that the schemas know, by the place where they stand.
var (
	familyKeys = []string{"name", "doc", "protocol", "protonum", "uapi-header", "version",
		"c-family-name", "c-version-name", "max-by-define", "cmd-max-name", "cmd-cnt-name",
		"kernel-policy", "kernel-family", "definitions", "attribute-sets", "sub-messages",
		"operations", "mcast-groups"}
	mcastKeys = []string{"list"}
	groupKeys = []string{"name", "c-define-name", "flags", "value", "doc"}
)

// protocols are the levels of the schema.
var protocols = []string{"genetlink", "genetlink-c", "genetlink-legacy", "netlink-raw"}

// family reads the whole file. Every name is entered before what it stands
// for is read, as any may be used before it is defined.
func (r *reader) family(doc *yaml.Node) {
	if doc.Kind != yaml.DocumentNode || len(doc.Content) != 1 {
		r.errorf(doc, "not a YNL spec")
		return
	}
	top := doc.Content[0]
	if top.Kind != yaml.MappingNode {
		r.errorf(top, "not a YNL spec")
		return
	}
	o := r.object(top, "the spec", familyKeys)
	if o == nil {
		return
	}
	if !r.head(o) {
		return
	}
	r.declareDefinitions(o)
	r.declareSets(o)
	r.declareSubs(o)
	r.defineStructs()
	r.defineSets()
	r.defineSubs()
	r.bindSelectors()
	r.operations(o)
	r.groups(o)
}

// head reads what stands about the family as a whole.
func (r *reader) head(o *object) bool {
	f := r.fam
	if f.Name = o.name("name"); f.Name == "" {
		r.errorf(o.at("name"), "no family name")
		return false
	}
	if !o.has("operations") {
		r.errorf(o.node, "no operations: not a YNL spec")
		return false
	}
	level := "genetlink"
	if o.has("protocol") {
		level = o.text("protocol")
	}
	if !slices.Contains(protocols, level) {
		r.errorf(o.at("protocol"), "unknown protocol %s", quote(level))
		return false
	}
	if level == "netlink-raw" {
		n, ok := o.integer("protonum", 0, 255)
		if !ok {
			r.errorf(o.node, "netlink-raw needs a protonum")
			return false
		}
		f.Protocol = uint8(n)
	} else {
		f.Protocol, f.Genl, f.Version = families.ProtoGeneric, f.Name, 1
		if v, ok := o.integer("version", 1, 255); ok {
			f.Version = uint8(v)
		}
	}
	header := o.text("uapi-header")
	if header == "" {
		header = "linux/" + f.Name + ".h"
	}
	r.addHeader(header)
	return true
}

// maxHeaders bounds the list of headers that a family names.
const maxHeaders = 64

// addHeader notes a C header that names come from.
func (r *reader) addHeader(h string) {
	if h == "" || len(h) > maxName || len(r.fam.Headers) == maxHeaders || slices.Contains(r.fam.Headers, h) {
		return
	}
	for _, c := range h {
		if c <= ' ' || c > '~' {
			return
		}
	}
	r.fam.Headers = append(r.fam.Headers, h)
}

// groups reads the multicast groups. Those of a classic protocol have a number
// and a constant, those of a generic family the name they are registered by.
func (r *reader) groups(o *object) {
	mc := o.child("mcast-groups", mcastKeys)
	if mc == nil {
		return
	}
	known := map[string]bool{}
	for _, g := range mc.objects("list", "a multicast group", groupKeys) {
		name := newName(r, g, "a multicast group", known)
		if name == "" {
			continue
		}
		known[name] = true
		x := families.Group{Name: name}
		if v, ok := g.integer("value", 0, 1<<32-1); ok {
			x.ID = uint32(v)
		}
		if r.fam.Genl == "" {
			x.Name = upper(name)
		}
		r.fam.Groups = append(r.fam.Groups, x)
	}
	for _, op := range r.ops {
		if g := op.obj.text("mcgrp"); g != "" && !known[g] {
			r.warnf(op.obj.at("mcgrp"), "multicast group %s is not defined", quote(g))
		}
	}
}
