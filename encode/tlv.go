package encode

import (
	"fmt"
	"strconv"

	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/phrase"
)

// tlv appends type-length-value elements of another shape than nlattr.
func (e *encoder) tlv(dst []byte, t *families.Type, v *Value) ([]byte, error) {
	base := len(dst)
	add := func(key string, x *Value, raw *Value) error {
		b, err := e.element(t.TLV, key, x, raw)
		if err != nil {
			return err
		}
		for t.TLV.Align > 1 && (len(dst)-base)%t.TLV.Align != 0 {
			dst = append(dst, 0)
		}
		dst = append(dst, b...)
		return nil
	}
	list := []*Value{v}
	if v.Shape == List {
		list = v.Items
	}
	for i, obj := range list {
		if obj.Shape != Object {
			return dst, at(strconv.Itoa(i), fmt.Errorf("an object is wanted, not %s", shapeName(obj)))
		}
		for _, m := range obj.Members {
			if m.Key == "unknown" || m.Key == "trailing" {
				var err error
				if dst, err = appendHexText(dst, m.Value); err != nil {
					return dst, at(m.Key, err)
				}
			}
			if plainKey(m.Key) || companion(obj, m.Key, t.TLV.Set) {
				continue
			}
			values := append(append([]*Value(nil), items(obj.Get("repeated").Get(m.Key))...), m.Value)
			_, f, err := keyField(t.TLV.Set, m.Key)
			if err != nil {
				return dst, at(m.Key, err)
			}
			if m.Value.Shape == List && (f == nil || f.Multi && v.Shape != List) {
				values = m.Value.Items
			}
			raws := items(obj.Get("raw").Get(m.Key))
			for k, x := range values {
				var raw *Value
				if len(raws) == len(values) {
					raw = raws[k]
				}
				if err := add(m.Key, x, raw); err != nil {
					return dst, at(m.Key, err)
				}
			}
		}
		if raw := obj.Get("raw"); raw != nil {
			for _, m := range raw.Members {
				if obj.Get(m.Key) != nil {
					continue
				}
				for _, x := range m.Value.Items {
					if err := add(m.Key, nil, x); err != nil {
						return dst, at("raw/"+m.Key, err)
					}
				}
			}
		}
	}
	for t.TLV.Align > 1 && (len(dst)-base)%t.TLV.Align != 0 {
		dst = append(dst, 0)
	}
	return dst, nil
}

// element makes one element with its head.
func (e *encoder) element(t *families.TLV, key string, v, raw *Value) ([]byte, error) {
	id, f, err := keyField(t.Set, key)
	if err != nil {
		return nil, err
	}
	var head []byte
	own, rest := &Value{Shape: Object}, v
	if t.Head != nil && v != nil && v.Shape == Object {
		own, rest = split(v, t.Head)
		if head, err = e.strct(nil, t.Head, own, nil); err != nil {
			return nil, err
		}
		if len(head) < t.Head.Size && !t.Head.Flex {
			head = append(head, make([]byte, t.Head.Size-len(head))...)
		}
	} else if t.Head != nil {
		head = make([]byte, t.Head.Size)
	} else {
		head = make([]byte, t.TypeSize+t.LenSize)
	}
	var body []byte
	switch {
	case raw != nil:
		if body, err = hexBytes(raw.Text); err != nil {
			return nil, err
		}
		if t.Head != nil && len(body) >= len(head) { // the head is among the bytes
			head, body = body[:len(head)], body[len(head):]
		}
	case f == nil || f.Guess:
		if v.Shape == Object && v.Get("hex") != nil {
			body, err = hexBytes(v.Get("hex").Text)
		} else {
			body, _, err = e.readAs(f, v)
		}
		if t.Head != nil && len(body) >= len(head) {
			head, body = body[:len(head)], body[len(head):]
		}
	default:
		e.push(nil, nil, t.Head, own)
		body, err = e.elementBody(t, f, rest)
		e.pop()
	}
	if err != nil {
		return nil, err
	}
	return e.tlvHead(t, head, id, body)
}

// elementBody makes what is behind the head: under the element's name where the
// head is a struct and the payload is not.
func (e *encoder) elementBody(t *families.TLV, f *families.Field, v *Value) ([]byte, error) {
	if t.Head != nil {
		if x := v.Get(f.Name); x != nil {
			return e.value(nil, &f.Type, f, x, v.Get(f.Name+"_value"), nil)
		}
		if f.Type.Kind != families.KindStruct && f.Type.Kind != families.KindNest && len(v.Members) == 0 && v.Shape == Object {
			return nil, nil
		}
	}
	return e.value(nil, &f.Type, f, v, nil, nil)
}

// tlvHead writes type and length into the head of an element.
func (e *encoder) tlvHead(t *families.TLV, head []byte, id uint16, body []byte) ([]byte, error) {
	n := len(body)
	if t.LenIncludesHeader {
		n += len(head)
	}
	if t.Unit > 1 {
		n /= t.Unit
	}
	put := func(b []byte, v uint64, big bool) error {
		if !fits(v, len(b), false) {
			return fmt.Errorf("%d does not fit into the %s of an element's head", v, phrase.Count(len(b), "byte"))
		}
		putUint(b, v, big)
		return nil
	}
	if t.Head != nil {
		for _, x := range []struct {
			f *families.Field
			v uint64
		}{{t.TypeMember, uint64(id)}, {t.LenMember, uint64(n)}} {
			order := x.f.Type.Order == families.OrderBig || x.f.Type.Order == families.OrderHost && e.big
			if err := put(head[x.f.Off:x.f.Off+x.f.Type.Size], x.v, order); err != nil {
				return nil, err
			}
		}
		return append(head, body...), nil
	}
	big := t.Order == families.OrderBig || t.Order == families.OrderHost && e.big
	typ, length := head[:t.TypeSize], head[t.TypeSize:]
	if t.LenFirst {
		length, typ = head[:t.LenSize], head[t.LenSize:]
	}
	if err := put(typ, uint64(id), big); err != nil {
		return nil, err
	}
	if err := put(length, uint64(n), big); err != nil {
		return nil, err
	}
	return append(head, body...), nil
}
