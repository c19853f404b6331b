package ynl

import (
	"strings"

	"github.com/nlsniff/nlsniff/families"
)

var checkKeys = []string{"flags-mask", "min", "max", "min-len", "max-len", "exact-len",
	"unterminated-ok", "sparse"}

// attrType reads the type of an attribute of the set d.
func (r *reader) attrType(d *setDef, a *object) (families.Type, bool) {
	if !a.has("type") {
		r.errorf(a.at("name"), "attribute %s needs a type", quote(a.text("name")))
		return families.Type{}, false
	}
	typ := a.text("type")
	var t families.Type
	ok := true
	switch typ {
	case "indexed-array", "array-nest":
		sub := a.text("sub-type")
		if typ == "array-nest" || sub == "" { // as of before Linux 6.10
			sub = "nest"
		}
		var e families.Type
		if e, ok = r.plainType(d, a, sub, "sub-type"); ok {
			t = families.Type{Kind: families.KindIndexed, Elem: &e}
		}
	case "binary":
		t, ok = r.binary(d, a)
	default:
		t, ok = r.plainType(d, a, typ, "type")
	}
	if ok {
		of := &t
		if t.Kind == families.KindIndexed {
			of = t.Elem // each element is validated
		}
		r.checks(a, of)
	}
	return t, ok
}

// plainType reads a type that is not an array; key says where it stands.
func (r *reader) plainType(d *setDef, a *object, typ, key string) (families.Type, bool) {
	if t, ok := scalar(typ); ok {
		t.Order, t.Hint, t.Enum = r.order(a), r.hint(a), r.enumOf(a)
		return t, true
	}
	switch typ {
	case "unused":
		return families.Type{Kind: families.KindBinary}, true
	case "binary":
		if s := r.structOf(a, "struct", false); s != nil {
			return families.Type{Kind: families.KindStruct, Struct: s}, true
		}
		return families.Type{Kind: families.KindBinary, Hint: r.hint(a)}, !a.has("struct")
	case "pad":
		return families.Type{Kind: families.KindPad}, true
	case "flag":
		return families.Type{Kind: families.KindFlag}, true
	case "string":
		return families.Type{Kind: families.KindString}, true
	case "bitfield32":
		t := families.Type{Kind: families.KindBitfield32, Size: 8}
		if r.enumOf(a) != nil {
			t.Enum = r.flags(r.enums[a.text("enum")])
		}
		return t, true
	case "nest", "nest-type-value":
		return r.nest(d, a, typ)
	case "sub-message":
		return r.subMessage(a)
	}
	r.errorf(a.at(key), "unknown type %s", quote(typ))
	return families.Type{}, false
}

// binary reads bytes, which may be a struct or a C array of integers.
func (r *reader) binary(d *setDef, a *object) (families.Type, bool) {
	if sub := a.text("sub-type"); sub != "" && !a.has("struct") {
		e, ok := r.plainType(d, a, sub, "sub-type")
		if !ok {
			return e, false
		}
		if (e.Kind == families.KindUint || e.Kind == families.KindSint) && e.Size > 0 {
			return families.Type{Kind: families.KindArray, Elem: &e, Order: e.Order}, true
		}
		r.warnf(a.at("sub-type"), "sub-type %s has no effect in binary", quote(sub))
	}
	return r.plainType(d, a, "binary", "type")
}

func (r *reader) nest(d *setDef, a *object, typ string) (families.Type, bool) {
	t := families.Type{Kind: families.KindNest}
	if s := r.setOf(a, "nested-attributes"); s != nil {
		t.Set = s.set
		s.nests = append(s.nests, d)
	} else if a.has("nested-attributes") {
		return t, false
	}
	if typ == "nest" {
		return t, true
	}
	t.Kind, t.Levels = families.KindTypeValue, a.names("type-value")
	if len(t.Levels) == 0 || len(t.Levels) > maxLevels {
		r.errorf(a.at("type-value"), "nest-type-value needs a type-value of 1 to %d names", maxLevels)
		return t, false
	}
	return t, true
}

// maxLevels bounds how many values stand in nested attribute types; upstream
// has two.
const maxLevels = 8

// checks reads what the kernel validates.
func (r *reader) checks(a *object, t *families.Type) {
	c := a.child("checks", checkKeys)
	if c == nil {
		return
	}
	if c.has("min") {
		t.Min, t.HasMin = r.limit(c, "min")
	}
	if c.has("max") {
		t.Max, t.HasMax = r.limit(c, "max")
	}
	if c.has("min-len") {
		t.MinLen, _ = r.length(c, "min-len")
	}
	if c.has("max-len") {
		t.MaxLen, _ = r.length(c, "max-len")
	}
	if c.has("exact-len") {
		t.MinLen, _ = r.length(c, "exact-len")
		t.MaxLen = t.MinLen
	}
	if t.Kind == families.KindString && t.MaxLen > 0 {
		t.MaxLen++ // the kernel does not count the NUL
	}
	if t.MaxLen > 0 && t.MinLen > t.MaxLen {
		r.errorf(c.node, "the shortest length, %d, is above the longest, %d", t.MinLen, t.MaxLen)
	}
	if name := c.text("flags-mask"); name != "" {
		d := r.enums[name]
		switch {
		case d == nil:
			r.errorf(c.at("flags-mask"), "flags %s are not defined", quote(name))
		case t.Enum == nil && t.Kind == families.KindUint:
			t.Enum = r.flags(d)
		}
	}
}

// limits are the ranges of the integer types. That of u64 does not fit into
// the model, and says nothing.
var limits = map[string]int64{
	"u8-min": 0, "u16-min": 0, "u32-min": 0, "u64-min": 0,
	"u8-max": 1<<8 - 1, "u16-max": 1<<16 - 1, "u32-max": 1<<32 - 1,
	"s8-min": -1 << 7, "s16-min": -1 << 15, "s32-min": -1 << 31, "s64-min": -1 << 63,
	"s8-max": 1<<7 - 1, "s16-max": 1<<15 - 1, "s32-max": 1<<31 - 1, "s64-max": 1<<63 - 1,
}

// limit reads an end of a range: a number, a constant, or u8-max and the like.
func (r *reader) limit(c *object, key string) (int64, bool) {
	s := c.text(key)
	if n, ok := limits[s]; ok {
		return n, true
	}
	if s == "u64-max" {
		return 0, false
	}
	if k := r.consts[s]; k != nil {
		if k.text {
			r.errorf(c.at(key), "constant %s is not a number", quote(s))
		}
		return k.value, !k.text
	}
	n, err := parseInt(s)
	if err == nil {
		return n, true
	}
	if strings.Trim(s, "0123456789") != "" {
		r.errorf(c.at(key), "constant %s is not defined", quote(s))
	}
	return 0, false // more than the model holds
}
