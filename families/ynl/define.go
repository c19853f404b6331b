package ynl

import (
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/nlsniff/nlsniff/families"
)

var (
	definitionKeys = []string{"name", "type", "doc", "header", "scope", "value", "value-start",
		"entries", "render-max", "enum-name", "name-prefix", "enum-cnt-name", "members"}
	entryKeys = []string{"name", "value", "doc"}
)

// constant is a named number; text is set for one that is no number.
type constant struct {
	value int64
	text  bool
}

// enumDef is an enum and, if something asks for it, the same as masks.
type enumDef struct {
	enum  *families.Enum
	masks *families.Enum
}

// declareDefinitions reads constants and enums and enters the names of the
// structs.
func (r *reader) declareDefinitions(o *object) {
	seen := map[string]bool{}
	for _, d := range o.objects("definitions", "a definition", definitionKeys) {
		name := newName(r, d, "a definition", seen)
		if name == "" {
			continue
		}
		seen[name] = true
		r.addHeader(d.text("header"))
		switch typ := d.text("type"); typ {
		case "const":
			r.constant(d, name)
		case "enum", "flags":
			r.enum(d, name, typ == "flags")
		case "struct":
			s := &families.Struct{Name: ident(name), Packed: true}
			if r.fam.Structs[s.Name] != nil {
				r.errorf(d.at("name"), "struct %s is there twice", s.Name)
				continue
			}
			r.structs[name] = &structDef{obj: d, st: s}
			r.fam.Structs[s.Name] = s
		default:
			r.errorf(d.at("type"), "unknown type of definition %s", quote(typ))
		}
	}
}

func (r *reader) constant(d *object, name string) {
	c := &constant{}
	v, err := parseInt(d.text("value"))
	if err != nil {
		c.text = true // a string, or a number that no length can have
	}
	c.value = v
	r.consts[name] = c
	if d.has("name-prefix") { // wireguard.yaml names its constant that way
		r.consts[d.text("name-prefix")+name] = c
	}
}

// enum reads an enum or flags. The values of flags are the numbers of bits.
func (r *reader) enum(d *object, name string, flags bool) {
	e := &families.Enum{Name: name, Prefix: enumPrefix(r.fam.Name, name)}
	if flags {
		e.Kind = families.EnumFlags
	}
	if d.has("name-prefix") {
		e.Prefix = prefix(d.text("name-prefix"))
	}
	next, _ := r.start(d)
	seen := map[string]bool{}
	for _, n := range d.list("entries") {
		n = r.resolve(n)
		if n == nil {
			return
		}
		short, at := n.Value, n
		if n.Kind != yaml.ScalarNode {
			x := r.object(n, "an entry", entryKeys)
			if x == nil {
				continue
			}
			short, at = x.text("name"), x.at("name")
			if v, ok := x.integer("value", -1<<63, 1<<63-1); ok {
				next = v
			}
		}
		if short == "" {
			r.errorf(at, "an entry needs a name")
			continue
		}
		if !validName(short) || !validName(e.Prefix+short) {
			r.errorf(at, "bad name %s", quote(short))
			continue
		}
		if seen[short] {
			r.errorf(at, "%s is there twice in %s", quote(short), quote(name))
			continue
		}
		seen[short] = true
		v := uint64(next)
		if flags {
			if next < 0 || next > 63 {
				r.errorf(at, "%s is bit %d, should be from 0 to 63", quote(short), next)
				next++
				continue
			}
			v = 1 << next
		}
		e.Entries = append(e.Entries, families.Entry{Value: v, Name: upper(e.Prefix + short), Short: short})
		next++
	}
	r.enums[name] = &enumDef{enum: e}
	r.fam.Enums[name] = e
}

// start returns the value of an enum's first entry.
func (r *reader) start(d *object) (int64, bool) {
	if !d.has("value-start") {
		return 0, false
	}
	if c := r.consts[d.text("value-start")]; c != nil && !c.text {
		return c.value, true
	}
	return d.integer("value-start", -1<<63, 1<<63-1)
}

// enumOf finds the enum that an attribute or a member names, as masks if it
// says so; nil if it names none.
func (r *reader) enumOf(o *object) *families.Enum {
	name := o.text("enum")
	if name == "" {
		return nil
	}
	d := r.enums[name]
	if d == nil {
		r.errorf(o.at("enum"), "enum %s is not defined", quote(name))
		return nil
	}
	if o.truth("enum-as-flags") {
		return r.flags(d)
	}
	return d.enum
}

// flags returns an enum as flags: of an enum of values, those whose bits have
// these numbers.
func (r *reader) flags(d *enumDef) *families.Enum {
	if d.enum.Kind == families.EnumFlags {
		return d.enum
	}
	if d.masks != nil {
		return d.masks
	}
	m := &families.Enum{Name: d.enum.Name + "-mask", Prefix: d.enum.Prefix, Kind: families.EnumFlags}
	for r.fam.Enums[m.Name] != nil {
		m.Name += "-mask"
	}
	for _, x := range d.enum.Entries {
		if x.Value > 63 {
			continue // no bit has that number
		}
		x.Value = 1 << x.Value
		m.Entries = append(m.Entries, x)
	}
	d.masks, r.fam.Enums[m.Name] = m, m
	return m
}

// length reads a number of bytes: a number, the name of a constant, or
// "NAME - 1".
func (r *reader) length(o *object, key string) (int, bool) {
	s := o.text(key)
	name, minus := strings.CutSuffix(s, " - 1")
	var n int64
	if c := r.consts[name]; c != nil {
		if c.text {
			r.errorf(o.at(key), "constant %s is not a number", quote(name))
			return 0, false
		}
		n = c.value
	} else {
		v, err := parseInt(name)
		if err != nil {
			r.errorf(o.at(key), "constant %s is not defined", quote(name))
			return 0, false
		}
		n = v
	}
	if minus {
		n--
	}
	if n < 0 || n > maxLength {
		r.errorf(o.at(key), "%s is %d, should be from 0 to %d", key, n, maxLength)
		return 0, false
	}
	return int(n), true
}

// maxLength is the most that an attribute can hold.
const maxLength = 1<<16 - 1
