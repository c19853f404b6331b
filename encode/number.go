package encode

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/nlsniff/nlsniff/families"
)

// integer appends a value of a KindUint or KindSint. more is the value's second
// key, which a verdict has ("action_value"), or nil.
func (e *encoder) integer(dst []byte, t *families.Type, v, more *Value) ([]byte, error) {
	size := t.Size
	order := t.Order == families.OrderBig || t.Order == families.OrderHost && e.big
	n, err := e.number(t, v, order)
	if err != nil {
		return dst, err
	}
	if more != nil && t.Hint == families.HintVerdict {
		x, err := parseNumber(more.Text)
		if err != nil || x >= 1<<28 {
			return dst, fmt.Errorf("%q is no number of 28 bits", more.Text)
		}
		n |= x
	}
	if size == 0 {
		size = 4
		if n > math.MaxUint32 && !(t.Kind == families.KindSint && int64(n) >= math.MinInt32 && int64(n) < 0) {
			size = 8
		}
	}
	if !fits(n, size, t.Kind == families.KindSint || v.Shape == Number && strings.HasPrefix(v.Text, "-")) {
		return dst, fmt.Errorf("%s does not fit into %d bits", v.Text, 8*size)
	}
	at := len(dst)
	dst = append(dst, make([]byte, size)...)
	putUint(dst[at:], n, order)
	return dst, nil
}

// fits says whether a number has room in so many bytes.
func fits(v uint64, size int, signed bool) bool {
	if size >= 8 {
		return true
	}
	top := uint64(1) << (8 * size)
	if v < top {
		return true
	}
	return int64(v) < 0 && int64(v) >= -int64(top/2) && (signed || int64(v) < 0)
}

// number is the inverse of how an integer is shown. big is its byte order, which
// matters where the bytes are shown and not the number.
func (e *encoder) number(t *families.Type, v *Value, big bool) (uint64, error) {
	if t.Hint == families.HintTCInfo {
		return e.tcInfo(t, v, big)
	}
	if n := t.Enum; n != nil && t.Hint != families.HintErrno {
		switch n.Kind {
		case families.EnumFlags:
			return flags(n, v)
		case families.EnumBits:
			return e.parts(n, v)
		}
		if x, ok := enumValue(n, v.Text); ok {
			return x, nil
		}
		if t.Hint == families.HintVerdict {
			switch v.Text {
			case "TC_ACT_JUMP":
				return 1 << 28, nil
			case "TC_ACT_GOTO_CHAIN":
				return 2 << 28, nil
			}
		}
	}
	return e.hinted(t, v, big)
}

// hinted reads a number that no enum names.
func (e *encoder) hinted(t *families.Type, v *Value, big bool) (uint64, error) {
	s := v.Text
	if v.Shape == List || v.Shape == Object {
		return 0, fmt.Errorf("a number is wanted, not %s", shapeName(v))
	}
	if v.Shape == Bool {
		if s == "true" {
			return 1, nil
		}
		return 0, nil
	}
	switch t.Hint {
	case families.HintChar:
		if b, err := unescape(s); err == nil && len(b) == 1 && v.Shape == String {
			return uint64(b[0]), nil
		}
	case families.HintUnix, families.HintUnixNs:
		if m, err := time.Parse(time.RFC3339Nano, s); err == nil {
			if t.Hint == families.HintUnix {
				return uint64(m.Unix()), nil
			}
			return uint64(m.Unix())*1e9 + uint64(m.Nanosecond()), nil
		}
	case families.HintIPv4, families.HintIPv6, families.HintIP:
		b, err := e.address(t, s)
		if err != nil {
			return 0, err
		}
		if len(b) == t.Size {
			var x uint64
			for i := range b {
				k := i
				if !big {
					k = len(b) - 1 - i
				}
				x = x<<8 | uint64(b[k])
			}
			return x, nil
		}
	case families.HintTCHandle:
		return handle(s)
	case families.HintTCU32:
		return u32Handle(s)
	case families.HintTCFilter:
		if strings.Contains(s, ":") || s == "none" {
			return u32Handle(s)
		}
	case families.HintVersion:
		if a, b, ok := strings.Cut(s, "."); ok {
			x, err1 := strconv.ParseUint(a, 10, 56)
			y, err2 := strconv.ParseUint(b, 10, 8)
			if err1 == nil && err2 == nil {
				return x<<8 | y, nil
			}
		}
	case families.HintIfIndex:
		if _, err := parseNumber(s); err != nil && e.opt.IfIndex != nil {
			if i := e.opt.IfIndex(s); i != 0 {
				return uint64(i), nil
			}
			return 0, fmt.Errorf("no interface is called %q", s)
		}
	case families.HintErrno:
		if t.Enum != nil {
			neg := strings.TrimPrefix(s, "-")
			if x, ok := enumValue(t.Enum, neg); ok {
				if neg != s {
					x = -x
				}
				return x, nil
			}
		}
	case families.HintBool:
		switch s {
		case "on", "yes":
			return 1, nil
		case "off", "no":
			return 0, nil
		}
	}
	x, err := parseNumber(s)
	if err != nil && t.Enum != nil {
		return 0, fmt.Errorf("%q is no value of %s%s", s, t.Enum.Name, nearest(s, t.Enum))
	}
	return x, err
}

// nearest names a few of an enum's values.
func nearest(s string, e *families.Enum) string {
	var names []string
	for i := range e.Entries {
		if len(names) == 8 {
			names = append(names, "…")
			break
		}
		names = append(names, e.Entries[i].Name)
	}
	return " (hint: it has " + strings.Join(names, ", ") + ")"
}

func parseNumber(s string) (uint64, error) {
	if x, err := strconv.ParseUint(s, 0, 64); err == nil {
		return x, nil
	}
	if x, err := strconv.ParseInt(s, 0, 64); err == nil {
		return uint64(x), nil
	}
	return 0, fmt.Errorf("%q is no number", s)
}

// enumValue finds a value by its name: the kernel's, the short one, or without
// the prefix.
func enumValue(n *families.Enum, s string) (uint64, bool) {
	if s == "" {
		return 0, false
	}
	if x, ok := n.Value(s); ok {
		return x, true
	}
	if c := s[0]; c >= '0' && c <= '9' || c == '-' {
		return 0, false
	}
	return n.Value(n.Prefix + strings.ToUpper(strings.ReplaceAll(s, "-", "_")))
}

// flags reads a list of names, or names and numbers with bars between them.
func flags(n *families.Enum, v *Value) (uint64, error) {
	var out uint64
	words := strings.FieldsFunc(v.Text, func(r rune) bool { return r == '|' || r == ',' })
	switch v.Shape {
	case List:
		words = words[:0]
		for _, x := range v.Items {
			words = append(words, x.Text)
		}
	case Object:
		return 0, fmt.Errorf("flags are wanted, not an object")
	}
	for _, w := range words {
		w = strings.TrimSpace(w)
		x, ok := enumValue(n, w)
		if !ok {
			x, ok = n.Value(n.Prefix + w)
		}
		if !ok {
			var err error
			if x, err = parseNumber(w); err != nil {
				return 0, fmt.Errorf("%q is no flag of %s%s", w, n.Name, nearest(w, n))
			}
		}
		out |= x
	}
	return out, nil
}

// parts reads the parts of a word.
func (e *encoder) parts(n *families.Enum, v *Value) (uint64, error) {
	if v.Shape != Object {
		return parseNumber(v.Text)
	}
	var out uint64
	for _, m := range v.Members {
		at := -1
		for i := range n.Entries {
			if n.Entries[i].Name == m.Key || n.Entries[i].Short == m.Key {
				at = i
				break
			}
		}
		if at < 0 {
			if strings.HasSuffix(m.Key, "_name") {
				continue
			}
			return 0, fmt.Errorf("%s has no part %s", n.Name, m.Key)
		}
		x := &n.Entries[at]
		val, err := uint64(0), error(nil)
		if x.Type == nil {
			val, err = parseNumber(m.Value.Text)
		} else {
			val, err = e.number(x.Type, m.Value, false)
		}
		if err != nil {
			return 0, fmt.Errorf("%s: %w", m.Key, err)
		}
		if x.Width < 64 {
			if val>>x.Width != 0 && int64(val) >= 0 {
				return 0, fmt.Errorf("%s: %s does not fit into %d bits", m.Key, m.Value.Text, x.Width)
			}
			val &= 1<<x.Width - 1
		}
		out |= val << x.Value
	}
	return out, nil
}

// tcInfo is a filter's priority, and its protocol in network order.
func (e *encoder) tcInfo(t *families.Type, v *Value, big bool) (uint64, error) {
	if v.Shape != Object {
		return parseNumber(v.Text)
	}
	prio, proto := uint64(0), uint64(0)
	var err error
	if p := v.Get("prio"); p != nil {
		if prio, err = parseNumber(p.Text); err != nil || prio > math.MaxUint16 {
			return 0, fmt.Errorf("prio: %q is no number of 16 bits", p.Text)
		}
	}
	if p := v.Get("protocol"); p != nil {
		ok := false
		if t.Enum != nil {
			proto, ok = enumValue(t.Enum, p.Text)
		}
		if !ok {
			if proto, err = parseNumber(p.Text); err != nil || proto > math.MaxUint16 {
				return 0, fmt.Errorf("protocol: %q is no protocol", p.Text)
			}
		}
	}
	if !big {
		proto = proto>>8&0xff | proto<<8&0xff00
	}
	return prio<<16 | proto, nil
}

// handle reads a traffic control handle as tc writes it.
func handle(s string) (uint64, error) {
	switch s {
	case "root":
		return 0xffffffff, nil
	case "ingress", "clsact":
		return 0xfffffff1, nil
	case "none", "":
		return 0, nil
	}
	major, minor, ok := strings.Cut(s, ":")
	if !ok {
		x, err := strconv.ParseUint(s, 0, 32)
		if err != nil {
			return 0, fmt.Errorf("%q is no handle (hint: 1: or 1:a, root, ingress)", s)
		}
		return x, nil
	}
	a, b := uint64(0), uint64(0)
	var err1, err2 error
	if major != "" {
		a, err1 = strconv.ParseUint(major, 16, 16)
	}
	if minor != "" {
		b, err2 = strconv.ParseUint(minor, 16, 16)
	}
	if err1 != nil || err2 != nil {
		return 0, fmt.Errorf("%q is no handle (hint: 1: or 1:a, root, ingress)", s)
	}
	return a<<16 | b, nil
}

// u32Handle reads a handle of the u32 classifier: hash table, bucket, node.
func u32Handle(s string) (uint64, error) {
	if s == "none" {
		return 0, nil
	}
	parts := strings.Split(s, ":")
	if len(parts) < 2 || len(parts) > 3 {
		return parseNumber(s)
	}
	var out uint64
	for i, bits := range []struct{ width, shift int }{{12, 20}, {8, 12}, {12, 0}}[:len(parts)] {
		if parts[i] == "" {
			continue
		}
		x, err := strconv.ParseUint(parts[i], 16, bits.width)
		if err != nil {
			return 0, fmt.Errorf("%q is no handle of u32 (hint: 800::1)", s)
		}
		out |= x << bits.shift
	}
	return out, nil
}

func shapeName(v *Value) string {
	switch v.Shape {
	case List:
		return "a list"
	case Object:
		return "an object"
	case Bool:
		return v.Text
	}
	return strconv.Quote(v.Text)
}
