package encode

import (
	"fmt"
	"strconv"

	"github.com/nlsniff/nlsniff/families"
)

func items(v *Value) []*Value {
	if v == nil {
		return nil
	}
	return v.Items
}

// indexed appends attributes whose types are indices. JSON does not say these
// where they only count; they then count from 1, as most programs do.
func (e *encoder) indexed(dst []byte, t *families.Type, f *families.Field, v *Value) ([]byte, error) {
	list := v.Items
	if v.Shape != List {
		list = []*Value{v}
	}
	for i, x := range list {
		id := uint64(i + 1)
		if t.Ordered {
			if x.Shape != Object || len(x.Members) != 1 {
				return dst, at(strconv.Itoa(i), fmt.Errorf("an object with the index as its one key is wanted"))
			}
			var err error
			if id, err = strconv.ParseUint(x.Members[0].Key, 10, 14); err != nil {
				return dst, at(strconv.Itoa(i), fmt.Errorf("%q is no index", x.Members[0].Key))
			}
			x = x.Members[0].Value
		}
		b, err := e.value(nil, t.Elem, f, x, nil, nil)
		if err != nil {
			return dst, at(strconv.Itoa(i), err)
		}
		if dst, err = e.finishWith(dst, uint16(id), nestedFlag(t.Elem), len(dst), b); err != nil {
			return dst, err
		}
	}
	return dst, nil
}

// levels appends nested attributes whose types are values, depth of them.
func (e *encoder) levels(dst []byte, t *families.Type, depth int, v *Value) ([]byte, error) {
	if depth == 0 {
		e.push(t.Set, v, nil, nil)
		defer e.pop()
		return e.attrs(dst, t.Set, v, nil, nil)
	}
	if v.Shape != Object {
		return dst, fmt.Errorf("an object by number is wanted, not %s", shapeName(v))
	}
	for _, m := range v.Members {
		if plainKey(m.Key) {
			continue
		}
		id, err := strconv.ParseUint(m.Key, 10, 14)
		if err != nil {
			return dst, at(m.Key, fmt.Errorf("no number"))
		}
		for _, x := range append(items(v.Get("repeated").Get(m.Key)), m.Value) {
			b, err := e.levels(nil, t, depth-1, x)
			if err != nil {
				return dst, at(m.Key, err)
			}
			if dst, err = e.finishWith(dst, uint16(id), nlaNested, len(dst), b); err != nil {
				return dst, err
			}
		}
	}
	return dst, nil
}

// ordered appends attributes that stand in a list of objects with one key each.
func (e *encoder) ordered(dst []byte, set *families.AttrSet, v *Value, tm *tmpl) ([]byte, error) {
	if v.Shape == Object {
		return e.attrs(dst, set, v, nil, tm)
	}
	for i, x := range v.Items {
		if rows := tm.nth(i, x); rows != nil {
			dst = append(pad4(dst), rows...)
			continue
		}
		if x.Shape != Object {
			return dst, at(strconv.Itoa(i), fmt.Errorf("an object with one key is wanted, not %s", shapeName(x)))
		}
		if n := len(e.path); n > 0 && e.path[n-1].obj == v {
			e.path[n-1].at = i
		}
		// An attribute that may repeat stands by itself, not in a list.
		var err error
		for _, m := range x.Members {
			if id, f, ferr := keyField(set, m.Key); ferr == nil && f != nil && f.Multi && !f.Guess {
				var raw *Value
				if r := x.Get("raw").Get(m.Key); r != nil {
					raw = r
				}
				dst, err = e.attr(dst, id, f, m.Value, x.Get(m.Key+"_value"), raw, nil)
				x = &Value{Shape: Object}
				break
			}
		}
		if err == nil {
			dst, err = e.attrs(dst, set, x, nil, nil)
		}
		if err != nil {
			return dst, at(strconv.Itoa(i), err)
		}
	}
	return dst, nil
}

// tooLong says that a list has more elements than fit.
func tooLong(n int) error { return fmt.Errorf("more than %d", n) }
