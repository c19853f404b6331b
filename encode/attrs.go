package encode

import (
	"fmt"
	"strconv"

	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/phrase"
)

// attrs appends attributes in the order of the object's keys. Keys that are
// members of head, the struct before the attributes, are none.
func (e *encoder) attrs(dst []byte, set *families.AttrSet, v *Value, head *families.Struct, tm *tmpl) ([]byte, error) {
	if v.Shape != Object {
		return dst, fmt.Errorf("attributes are an object, not %s", shapeName(v))
	}
	if e.deep++; e.deep > maxDepth {
		return dst, errDeep
	}
	defer func() { e.deep-- }()
	raw, again := v.Get("raw"), v.Get("repeated")
	var err error
	if x := v.Get("unknown"); x != nil {
		if dst, err = appendHexText(dst, x); err != nil {
			return dst, at("unknown", err)
		}
	}
	done := map[string]bool{}
	for i := range v.Members {
		m := &v.Members[i]
		if plainKey(m.Key) || head != nil && head.Member(m.Key) != nil || companion(v, m.Key, set) {
			continue
		}
		done[m.Key] = true
		if rows := tm.unchanged(m.Key, v); rows != nil {
			dst = append(pad4(dst), rows...)
			continue
		}
		for _, x := range items(again.Get(m.Key)) {
			if dst, err = e.keyed(dst, set, m.Key, x, v, nil, nil); err != nil {
				return dst, at("repeated/"+m.Key, err)
			}
		}
		if dst, err = e.keyed(dst, set, m.Key, m.Value, v, raw.Get(m.Key), tm); err != nil {
			return dst, at(m.Key, err)
		}
	}
	if raw != nil { // attributes of which nothing could be read
		for _, m := range raw.Members {
			if done[m.Key] || head != nil && head.Member(m.Key) != nil {
				continue
			}
			for _, x := range items(m.Value) {
				b, err := hexBytes(x.Text)
				if err != nil {
					return dst, at("raw/"+m.Key, err)
				}
				id, f, err := keyField(set, m.Key)
				if err != nil {
					return dst, at("raw/"+m.Key, err)
				}
				if dst, err = e.finish(dst, id, f, len(dst), b); err != nil {
					return dst, at("raw/"+m.Key, err)
				}
			}
		}
	}
	if x := v.Get("trailing"); x != nil {
		if dst, err = appendHexText(dst, x); err != nil {
			return dst, at("trailing", err)
		}
	}
	return dst, nil
}

func appendHexText(dst []byte, v *Value) ([]byte, error) {
	b, err := hexBytes(v.Text)
	return append(dst, b...), err
}

// keyed appends the attribute, or attributes, that stand under one key of v.
// raw are the payloads that the value does not tell.
func (e *encoder) keyed(dst []byte, set *families.AttrSet, key string, x, v, raw *Value, tm *tmpl) ([]byte, error) {
	id, f, err := keyField(set, key)
	if err != nil {
		return dst, err
	}
	if f == nil || f.Guess {
		return e.undescribedAttr(dst, id, f, x)
	}
	more := v.Get(key + "_value")
	if f.Multi {
		list := x.Items
		if x.Shape != List || !e.each(&f.Type, x) {
			list = []*Value{x}
		}
		raws := items(raw)
		for i, y := range list {
			if rows := tm.element(key, i, y); rows != nil {
				dst = append(pad4(dst), rows...)
				continue
			}
			var r *Value
			if len(raws) == len(list) {
				r = &Value{Shape: List, Items: raws[i : i+1]}
			}
			if dst, err = e.attr(dst, id, f, y, nil, r, tm.child(key, i)); err != nil {
				return dst, at(strconv.Itoa(i), err)
			}
		}
		if len(raws) > len(list) { // those that could not be read at all
			for _, r := range raws[len(list):] {
				if dst, err = e.attr(dst, id, f, nil, nil, &Value{Shape: List, Items: []*Value{r}}, nil); err != nil {
					return dst, err
				}
			}
		}
		return dst, nil
	}
	return e.attr(dst, id, f, x, more, raw, tm.child(key, 0))
}

// each says whether a list is one of values of the type, and not itself a value:
// of flags, for example, that someone wrote without a list around them.
func (e *encoder) each(t *families.Type, v *Value) bool {
	if len(v.Items) == 0 || v.Items[0].Shape == List || v.Items[0].Shape == Object {
		return true
	}
	if t.Enum != nil && t.Enum.Kind == families.EnumFlags {
		return false
	}
	return t.Kind != families.KindArray && t.Kind != families.KindStrings
}

// attr appends one attribute.
func (e *encoder) attr(dst []byte, id uint16, f *families.Field, v, more, raw *Value, tm *tmpl) ([]byte, error) {
	dst = pad4(dst)
	start := len(dst)
	if raw != nil && len(raw.Items) > 0 {
		b, err := hexBytes(raw.Items[0].Text)
		if err != nil {
			return dst, err
		}
		return e.finish(dst, id, f, start, b)
	}
	payload, err := e.value(nil, &f.Type, f, v, more, tm)
	if err != nil {
		return dst, err
	}
	t := &f.Type
	if t.Kind == families.KindSub {
		if c := e.chosen(t, v); c != nil {
			t = c
		}
	}
	if flags, ok := tm.typeFlags(); ok {
		return e.finishWith(dst, id, flags, start, payload)
	}
	return e.finishWith(dst, id, nestedFlag(t), start, payload)
}

// chosen is the format that a sub's value was made by.
func (e *encoder) chosen(t *families.Type, v *Value) *families.Type {
	for t != nil && t.Kind == families.KindSub && t.Choose < families.BySetKey {
		t = e.choose(t, v)
	}
	return t
}

// nestedFlag is NLA_F_NESTED where a payload is attributes.
func nestedFlag(t *families.Type) uint16 {
	switch t.Kind {
	case families.KindIndexed, families.KindTypeValue:
		return nlaNested
	case families.KindNest:
		if t.Struct == nil {
			return nlaNested
		}
	}
	return 0
}

func (e *encoder) finish(dst []byte, id uint16, f *families.Field, start int, payload []byte) ([]byte, error) {
	flags := uint16(0)
	if f != nil {
		flags = nestedFlag(&f.Type)
	}
	return e.finishWith(dst, id, flags, start, payload)
}

// finishWith appends an attribute's header, payload and padding.
func (e *encoder) finishWith(dst []byte, id, flags uint16, start int, payload []byte) ([]byte, error) {
	if len(payload) > maxPayload {
		return dst, fmt.Errorf("%s, an attribute has room for %d", phrase.Count(len(payload), "byte"), maxPayload)
	}
	dst = pad4(dst[:start])
	var head [nlaHdrLen]byte
	putUint(head[:2], uint64(nlaHdrLen+len(payload)), e.big)
	putUint(head[2:], uint64(id|flags), e.big)
	return pad4(append(append(dst, head[:]...), payload...)), nil
}

// pad4 appends zeros up to a multiple of four bytes. What is appended to starts
// at one: messages, their headers, payloads.
func pad4(dst []byte) []byte {
	for len(dst)%4 != 0 {
		dst = append(dst, 0)
	}
	return dst
}

// undescribedAttr appends attributes that nobody described, or whose description
// is a guess: a list of objects that say how each was read.
func (e *encoder) undescribedAttr(dst []byte, id uint16, f *families.Field, v *Value) ([]byte, error) {
	list := []*Value{v}
	if v.Shape == List {
		list = v.Items
	}
	for _, x := range list {
		dst = pad4(dst)
		payload, flags, err := e.readAs(f, x)
		if err != nil {
			return dst, err
		}
		if dst, err = e.finishWith(dst, id, flags, len(dst), payload); err != nil {
			return dst, err
		}
	}
	return dst, nil
}

func (e *encoder) readAs(f *families.Field, x *Value) ([]byte, uint16, error) {
	if x.Shape == Object && len(x.Members) == 1 {
		key, y := x.Members[0].Key, x.Members[0].Value
		switch key {
		case "hex":
			b, err := hexBytes(y.Text)
			return b, 0, err
		case "attrs":
			var set *families.AttrSet
			if f != nil {
				set = f.Type.Set
			}
			b, err := e.attrs(nil, set, y, nil, nil)
			return b, nlaNested, err
		}
		if f != nil {
			b, err := e.value(nil, &f.Type, f, y, nil, nil)
			return b, nestedFlag(&f.Type), err
		}
		x = y
	}
	if f != nil {
		b, err := e.value(nil, &f.Type, f, x, nil, nil)
		return b, nestedFlag(&f.Type), err
	}
	if x.Shape == String {
		b, err := hexBytes(x.Text)
		return b, 0, err
	}
	return nil, 0, fmt.Errorf("nobody described this attribute (hint: write its bytes as {\"hex\":\"…\"})")
}
