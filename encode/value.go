package encode

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/phrase"
)

// value appends a payload of a type. f is the attribute or member, nil within
// lists; more is the value's second key, if it has one.
func (e *encoder) value(dst []byte, t *families.Type, f *families.Field, v, more *Value, tm *tmpl) ([]byte, error) {
	if e.deep++; e.deep > maxDepth {
		return dst, errDeep
	}
	defer func() { e.deep-- }()
	if v == nil {
		v = &Value{Shape: Object}
	}
	switch t.Kind {
	case families.KindUint, families.KindSint:
		return e.integer(dst, t, v, more)
	case families.KindString:
		return e.text(dst, t, v)
	case families.KindFlag:
		if v.Shape == Bool && v.Text == "true" || v.Shape == String && (v.Text == "" || v.Text == "true") || v.Shape == Number && v.Text == "1" {
			return dst, nil
		}
		return dst, fmt.Errorf("a flag is true or not there, not %s", shapeName(v))
	case families.KindPad:
		return append(dst, make([]byte, t.Size)...), nil
	case families.KindBitfield32:
		return e.bitfield(dst, t, v)
	case families.KindNest:
		return e.nest(dst, t, v, tm)
	case families.KindIndexed:
		return e.indexed(dst, t, f, v)
	case families.KindTypeValue:
		return e.levels(dst, t, len(t.Levels), v)
	case families.KindStruct:
		return e.strct(dst, t.Struct, v, tm)
	case families.KindArray:
		return e.array(dst, t, v)
	case families.KindRecords:
		return e.records(dst, t, v)
	case families.KindTLV:
		return e.tlv(dst, t, v)
	case families.KindMessage:
		return e.inner(dst, v)
	case families.KindStrings:
		return e.strings(dst, t, v)
	case families.KindPacket:
		if x := v.Get("hex"); x != nil {
			return appendHexText(dst, x)
		}
		if v.Shape == String {
			return appendHexText(dst, v)
		}
		return dst, fmt.Errorf("a packet is given by its bytes, under \"hex\"")
	case families.KindSub:
		return e.sub(dst, t, f, v, more, tm)
	}
	if t.Hint == families.HintSockaddr && v.Shape == Object || t.Hint == families.HintSockaddr && strings.Contains(v.Text, ":") {
		b, err := e.sockaddr(t, v)
		return append(dst, b...), err
	}
	if v.Shape == Object || v.Shape == List {
		return dst, fmt.Errorf("a text is wanted, not %s", shapeName(v))
	}
	b, err := e.binary(t, v.Text)
	return append(dst, b...), err
}

// text appends a string: in the room that it has, or with its NUL.
func (e *encoder) text(dst []byte, t *families.Type, v *Value) ([]byte, error) {
	if v.Shape == Object || v.Shape == List {
		return dst, fmt.Errorf("a text is wanted, not %s", shapeName(v))
	}
	if v.Text == hidden {
		return dst, errHidden
	}
	b, err := unescape(v.Text)
	switch {
	case err != nil:
		return dst, err
	case t.Size > 0 && len(b) > t.Size:
		return dst, fmt.Errorf("%q has %s, there is room for %d", v.Text, phrase.Count(len(b), "byte"), t.Size)
	}
	dst = append(dst, b...)
	switch {
	case t.Size > 0:
		return append(dst, make([]byte, t.Size-len(b))...), nil
	case t.CountMember != nil:
		return dst, nil
	}
	return append(dst, 0), nil
}

// bitfield appends struct nla_bitfield32.
func (e *encoder) bitfield(dst []byte, t *families.Type, v *Value) ([]byte, error) {
	var b [8]byte
	for i, key := range [...]string{"value", "selector"} {
		x := v.Get(key)
		if v.Shape != Object { // one word for both
			x = v
		}
		if x == nil {
			continue
		}
		n, err := uint64(0), error(nil)
		if t.Enum != nil {
			n, err = flags(t.Enum, x)
		} else {
			n, err = numberList(x)
		}
		if err != nil || n>>32 != 0 {
			return dst, at(key, fmt.Errorf("not 32 bits of flags"))
		}
		putUint(b[4*i:4*i+4], n, e.big)
	}
	return append(dst, b[:]...), nil
}

// numberList ors the numbers of a list of flags that nobody named.
func numberList(v *Value) (uint64, error) {
	if v.Shape != List {
		return parseNumber(v.Text)
	}
	var out uint64
	for _, x := range v.Items {
		n, err := parseNumber(x.Text)
		if err != nil {
			return 0, err
		}
		out |= n
	}
	return out, nil
}

// nest appends attributes, behind a struct where they have one.
func (e *encoder) nest(dst []byte, t *families.Type, v *Value, tm *tmpl) ([]byte, error) {
	start := len(dst)
	if t.Struct == nil {
		e.push(t.Set, v, nil, nil)
		defer e.pop()
		if t.Ordered {
			return e.ordered(dst, t.Set, v, tm)
		}
		return e.attrs(dst, t.Set, v, nil, tm)
	}
	if v.Shape != Object {
		return dst, fmt.Errorf("an object is wanted, not %s", shapeName(v))
	}
	outer := e.af
	defer func() { e.af = outer }()
	own, rest := split(v, t.Struct)
	if len(own.Members) == 0 && len(rest.Members) == 0 && !e.opt.Whole {
		return dst, nil
	}
	dst, err := e.headerStruct(dst, t.Struct, own, tm.header())
	if err != nil {
		return dst, err
	}
	if len(rest.Members) == 0 {
		return dst, nil
	}
	for (len(dst)-start)%4 != 0 {
		dst = append(dst, 0)
	}
	e.push(t.Set, rest, t.Struct, own)
	defer e.pop()
	return e.attrs(dst, t.Set, rest, nil, tm.behind())
}

// split takes the members of a struct out of an object that has attributes too.
func split(v *Value, s *families.Struct) (own, rest *Value) {
	own, rest = &Value{Shape: Object}, &Value{Shape: Object}
	for _, m := range v.Members {
		base := strings.TrimSuffix(strings.TrimSuffix(m.Key, "_name"), "_value")
		switch {
		case s.Member(m.Key) != nil || s.Member(base) != nil:
			own.Members = append(own.Members, m)
		case m.Key == "raw":
			a, b := split(m.Value, s)
			if len(a.Members) > 0 {
				own.Members = append(own.Members, Member{"raw", a})
			}
			if len(b.Members) > 0 {
				rest.Members = append(rest.Members, Member{"raw", b})
			}
		default:
			rest.Members = append(rest.Members, m)
		}
	}
	return own, rest
}

// sub appends a value whose format something beside it decides.
func (e *encoder) sub(dst []byte, t *families.Type, f *families.Field, v, more *Value, tm *tmpl) ([]byte, error) {
	if t.Choose >= families.BySetKey {
		return e.setValue(dst, t, v, tm)
	}
	if v.Shape == Object && len(v.Members) == 1 && v.Members[0].Key == "unknown" {
		return appendHexText(dst, v.Members[0].Value)
	}
	c := e.choose(t, v)
	if v.Shape == Object && len(v.Members) == 1 {
		key, x := v.Members[0].Key, v.Members[0].Value
		if c == nil || c.Kind != families.KindSub && tag(c) != key {
			if other := tagged(t.Sub, key); other != nil {
				return e.value(dst, other, f, x, more, nil)
			}
		} else if c.Kind != families.KindSub {
			return e.value(dst, c, f, x, more, nil)
		}
	}
	if c == nil {
		return dst, fmt.Errorf("nothing tells its format: %s is missing", t.Selector)
	}
	return e.value(dst, c, f, v, more, tm)
}

func plainBinary(t *families.Type) bool {
	return t.Kind == families.KindBinary && (t.Hint == families.HintNone || t.Hint == families.HintHex)
}

// inner appends a message that is the payload of an attribute.
func (e *encoder) inner(dst []byte, v *Value) ([]byte, error) {
	m := v.Get("message")
	if m == nil {
		return dst, fmt.Errorf("a message is an object under \"message\"")
	}
	outer := *e
	out, err := e.message(dst, m, nil)
	e.hdr, e.id, e.dir, e.af, e.path = outer.hdr, outer.id, outer.dir, outer.af, outer.path
	return out, err
}

// strings appends texts, each with its NUL.
func (e *encoder) strings(dst []byte, t *families.Type, v *Value) ([]byte, error) {
	list := v.Items
	if v.Shape != List {
		list = []*Value{v}
	}
	for i, x := range list {
		b, err := unescape(x.Text)
		if err != nil {
			return dst, at(strconv.Itoa(i), err)
		}
		dst = append(dst, b...)
		if t.Cut == nil {
			dst = append(dst, 0)
		}
	}
	return dst, nil
}

// array appends the elements of a C array, or the words of a bitmap.
func (e *encoder) array(dst []byte, t *families.Type, v *Value) ([]byte, error) {
	list := v.Items
	if v.Shape == String {
		list = nil
		for _, w := range strings.FieldsFunc(v.Text, func(r rune) bool { return r == ',' || r == '|' }) {
			list = append(list, Text(w))
		}
	} else if v.Shape != List {
		list = []*Value{v}
	}
	if t.Elem.Hint == families.HintBitmap || t.Elem.Hint == families.HintGroups {
		return e.bitmap(dst, t, list)
	}
	for i, x := range list {
		b, err := e.value(nil, t.Elem, nil, x, nil, nil)
		if err != nil {
			return dst, at(strconv.Itoa(i), err)
		}
		if size := t.Elem.FixedSize(); size > len(b) {
			b = append(b, make([]byte, size-len(b))...)
		}
		dst = append(dst, b...)
	}
	if t.Count > 0 && len(list) > t.Count {
		return dst, tooLong(t.Count)
	}
	return dst, nil
}

// bitmap appends the words of a bitmap, as many as it has or as its highest bit
// needs.
func (e *encoder) bitmap(dst []byte, t *families.Type, list []*Value) ([]byte, error) {
	size, from := t.Elem.FixedSize(), uint64(0)
	if size == 0 {
		return dst, fmt.Errorf("a bitmap of words without a size")
	}
	if t.Elem.Hint == families.HintGroups {
		from = 1
	}
	const mostBits = 1 << 16
	var bits []uint64
	words := t.Count
	for i, x := range list {
		n, ok := uint64(0), false
		if t.Elem.Enum != nil {
			n, ok = enumValue(t.Elem.Enum, x.Text)
		}
		if !ok {
			var err error
			if n, err = parseNumber(x.Text); err != nil {
				return dst, at(strconv.Itoa(i), err)
			}
		}
		if n < from || n-from >= mostBits {
			return dst, at(strconv.Itoa(i), fmt.Errorf("no bit %d", n))
		}
		bits = append(bits, n-from)
		words = max(words, int(n-from)/(8*size)+1)
	}
	if t.Count > 0 && words > t.Count {
		return dst, tooLong(8 * size * t.Count)
	}
	start := len(dst)
	dst = append(dst, make([]byte, words*size)...)
	order := t.Elem.Order == families.OrderBig || t.Elem.Order == families.OrderHost && e.big
	for _, n := range bits {
		w := dst[start+int(n)/(8*size)*size:][:size]
		putUint(w, dissect.Uint(w, order)|1<<(n%uint64(8*size)), order)
	}
	return dst, nil
}
