package main

import (
	"errors"
	"slices"
	"strings"

	"github.com/nlsniff/nlsniff/bpf/capfilter"
	"github.com/nlsniff/nlsniff/families"
)

// filterNames gives a capture filter the names of the descriptions.
type filterNames struct{ db *families.DB }

// Protocol knows NETLINK_ROUTE as route as well, in any case.
func (n filterNames) Protocol(name string) (uint8, bool) {
	name = strings.ReplaceAll(strings.ToUpper(name), "-", "_")
	if v, ok := families.ProtocolNumber(name); ok {
		return v, true
	}
	return families.ProtocolNumber("NETLINK_" + name)
}

func (n filterNames) Protocols() []string {
	var out []string
	for p := range 256 {
		if name := families.ProtocolName(uint8(p)); name != "" {
			out = append(out, name)
		}
	}
	return out
}

// Messages reads every description, which takes some milliseconds.
func (n filterNames) Messages() []capfilter.Message {
	var out []capfilter.Message
	for _, e := range n.enum("netlink", "control") {
		out = append(out, capfilter.Message{Name: e.Name, Short: e.Short, Any: true, ID: uint16(e.Value), Req: true, Rep: true})
	}
	for _, in := range n.db.List() {
		f := n.load(in)
		if f == nil {
			continue
		}
		for _, m := range f.Messages {
			out = append(out, capfilter.Message{Name: m.Name, Short: m.Short, Genl: f.Genl, Proto: f.Protocol, ID: m.ID,
				Req: m.Req, Rep: m.Rep || m.Event})
		}
	}
	return out
}

// load returns a description that has messages, else nil.
func (n filterNames) load(in families.Info) *families.Family {
	if in.Library {
		return nil
	}
	f, err := n.db.Load(in.Name)
	if err != nil {
		return nil // the command that shows the family says so
	}
	return f
}

func (n filterNames) Families() []capfilter.Family {
	var out []capfilter.Family
	for _, in := range n.db.List() {
		if in.Genl != "" {
			out = append(out, capfilter.Family{Name: in.Name, Genl: in.Genl, Proto: in.Protocol})
			continue
		}
		f := n.load(in)
		if f == nil {
			continue
		}
		fam := capfilter.Family{Name: in.Name, Proto: in.Protocol}
		for _, m := range f.Messages {
			fam.Types = append(fam.Types, capfilter.Range{Lo: m.ID, Hi: m.ID})
		}
		if f.Subsys >= 0 {
			// Every type of the subsystem, known or not.
			fam.Types = []capfilter.Range{{Lo: uint16(f.Subsys) << 8, Hi: uint16(f.Subsys)<<8 | 0xff}}
		}
		if fam.Types != nil {
			out = append(out, fam)
		}
	}
	return out
}

func (n filterNames) Errno(name string) (int, bool) {
	for _, e := range n.enum("common", "errno") {
		if strings.EqualFold(e.Name, name) {
			return int(e.Value), true
		}
	}
	return 0, false
}

func (n filterNames) Errnos() []string {
	var out []string
	for _, e := range n.enum("common", "errno") {
		out = append(out, e.Name)
	}
	return out
}

// enum returns the values of an enum of one description.
func (n filterNames) enum(family, name string) []families.Entry {
	f, err := n.db.Load(family)
	if err != nil || f.Enums[name] == nil {
		return nil
	}
	return slices.Clone(f.Enums[name].Entries)
}

// filterError gives a mistake in a capture filter its hint.
func filterError(err error) error {
	var e *capfilter.SyntaxError
	if !errors.As(err, &e) {
		return err
	}
	return &hintError{err: e, hint: e.Hint}
}

// explain says which part of a program runs where, a line each.
func explain(p *capfilter.Program) []string {
	var out []string
	e := p.Explain()
	for _, s := range e.Kernel {
		out = append(out, "filter in the kernel: "+s)
	}
	for _, s := range e.UserSpace {
		out = append(out, "filter in user space: "+s)
	}
	return out
}
