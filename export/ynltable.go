package export

import (
	_ "embed"
	"fmt"
	"strconv"
	"strings"
)

// ynlText is what the kernel's ynl makes of the specifications, of what requests
// need: testdata/ynltable.py prints it.
//
//go:embed ynl.txt
var ynlText string

// ynlFamily is a specification.
type ynlFamily struct {
	file    string // "net_shaper"
	proto   uint8
	genl    string // the name of a generic family: "net-shaper"
	ops     map[uint16]*ynlOp
	sets    map[string]ynlSet
	structs map[string][]ynlMember
	subs    map[string]map[string]ynlFormat
}

// ynlOp is an operation that a request asks for.
type ynlOp struct {
	name     string
	do, dump bool
	format   ynlFormat
}

// ynlFormat is a struct and a set of attributes behind it, "" for either that there
// is not.
type ynlFormat struct{ set, header string }

type ynlSet map[uint16]*ynlAttr

func (s ynlSet) byName(name string) *ynlAttr {
	for _, a := range s {
		if a.name == name {
			return a
		}
	}
	return nil
}

// ynlAttr is an attribute that the tool can make.
type ynlAttr struct {
	id    uint16
	name  string
	typ   ynlType
	hint  string // ipv4, mac…
	multi bool
	enum  map[uint64]string // the names of its values, where these choose a format
}

// ynlMember is a member of a struct.
type ynlMember struct {
	name string
	typ  ynlType
}

// ynlType is a type: "nest=link-attrs", "u32/be".
type ynlType struct {
	kind     string
	of       string // what is in it: a set, a struct, a sub-message, a number of bytes
	selector string // of a sub-message: which attribute chooses
	order    string // "be", "le", or "" for the machine's
}

func ynlTypeOf(s string) ynlType {
	var t ynlType
	s, t.order, _ = strings.Cut(s, "/")
	s, t.selector, _ = strings.Cut(s, ",")
	t.kind, t.of, _ = strings.Cut(s, "=")
	return t
}

// ynlSpecs reads the table.
func ynlSpecs() ([]*ynlFamily, error) {
	var out []*ynlFamily
	var f *ynlFamily
	var kind, name string
	for i, line := range strings.Split(strings.TrimSuffix(ynlText, "\n"), "\n") {
		w := strings.Fields(line)
		bad := fmt.Errorf("ynl.txt:%d: %q", i+1, line)
		switch {
		case len(w) < 2:
			return nil, bad
		case line[0] == ' ':
			if err := f.entry(kind, name, w); err != nil {
				return nil, bad
			}
		case w[0] == "family" && len(w) == 4:
			n, err := strconv.ParseUint(w[2], 10, 8)
			if err != nil {
				return nil, bad
			}
			f = &ynlFamily{
				file: w[1], proto: uint8(n), genl: w[3], ops: map[uint16]*ynlOp{},
				sets: map[string]ynlSet{}, structs: map[string][]ynlMember{}, subs: map[string]map[string]ynlFormat{},
			}
			out = append(out, f)
		case w[0] == "op" && len(w) == 6:
			n, err := strconv.ParseUint(w[2], 10, 16)
			if err != nil {
				return nil, bad
			}
			f.ops[uint16(n)] = &ynlOp{name: w[1], do: strings.Contains(w[3], "do"), dump: strings.Contains(w[3], "dump"), format: ynlFormatOf(w[4:])}
		default:
			kind, name = w[0], w[1]
			switch kind {
			case "set":
				f.sets[name] = ynlSet{}
			case "struct":
				f.structs[name] = nil
			case "sub":
				f.subs[name] = map[string]ynlFormat{}
			default:
				return nil, bad
			}
		}
	}
	return out, nil
}

func ynlFormatOf(w []string) ynlFormat {
	return ynlFormat{set: strings.TrimPrefix(w[0], "-"), header: strings.TrimPrefix(w[1], "-")}
}

// entry reads a line of a set, a struct, or a sub-message.
func (f *ynlFamily) entry(kind, name string, w []string) error {
	switch {
	case kind == "struct" && len(w) == 2:
		f.structs[name] = append(f.structs[name], ynlMember{w[0], ynlTypeOf(w[1])})
	case kind == "sub" && len(w) == 3:
		f.subs[name][w[0]] = ynlFormatOf(w[1:])
	case kind == "set" && len(w) > 2:
		n, err := strconv.ParseUint(w[0], 10, 16)
		if err != nil {
			return err
		}
		a := &ynlAttr{id: uint16(n), name: w[1], typ: ynlTypeOf(w[2])}
		for _, x := range w[3:] {
			switch {
			case x == "multi":
				a.multi = true
			case strings.Contains(x, "="):
				a.enum = map[uint64]string{}
				for e := range strings.SplitSeq(x, ",") {
					name, v, _ := strings.Cut(e, "=")
					n, err := strconv.ParseUint(v, 10, 64)
					if err != nil {
						return err
					}
					a.enum[n] = name
				}
			default:
				a.hint = x
			}
		}
		f.sets[name][a.id] = a
	default:
		return strconv.ErrSyntax
	}
	return nil
}
