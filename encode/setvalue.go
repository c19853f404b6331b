package encode

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
)

// setValue appends the values in an element of an nf_tables set: one, or the
// parts of a concatenation, each aligned.
func (e *encoder) setValue(dst []byte, t *families.Type, v *Value, tm *tmpl) ([]byte, error) {
	list := v.Items
	if v.Shape != List {
		list = []*Value{v}
	}
	was := tm.parts(len(list))
	for i, x := range list {
		var old *part
		if was != nil {
			old = &was[i]
		}
		b, err := e.setPart(t, x, old)
		if err != nil {
			return dst, at(strconv.Itoa(i), err)
		}
		dst = append(dst, b...)
		if len(list) > 1 {
			dst = pad4(dst)
		}
	}
	return dst, nil
}

// part is one value of a concatenation as it was captured.
type part struct {
	bytes []byte
	text  string // what the nodes say of it
}

// says whether a value is the part.
func (p *part) is(x *Value) bool {
	text := x.Text
	if x.Shape == List {
		var words []string
		for _, y := range x.Items {
			words = append(words, y.Text)
		}
		text = strings.Join(words, "|")
	}
	return p.text == text || strings.HasPrefix(p.text, text+" ")
}

// setPart makes one value of a set's element, whose datatype is the set's and
// not in JSON: what it was, a tag and the value's looks decide.
func (e *encoder) setPart(t *families.Type, v *Value, was *part) ([]byte, error) {
	key, x := "", v
	if v.Shape == Object && len(v.Members) == 1 {
		key, x = v.Members[0].Key, v.Members[0].Value
	}
	if was != nil && was.is(x) {
		return was.bytes, nil
	}
	if key == "unknown" {
		return hexBytes(x.Text)
	}
	if b, err := hexBytes(x.Text); err == nil && x.Shape == String && len(b) >= 2 && !strings.HasPrefix(x.Text, "0x") {
		return b, nil
	}
	var found []byte
	for _, id := range slices.Sorted(maps.Keys(t.Sub.ByValue)) {
		c := t.Sub.ByValue[id]
		if key != "" && tag(c) != key || c.Kind == families.KindSub || plainBinary(c) {
			continue
		}
		b, err := e.value(nil, c, nil, x, nil, nil)
		if err != nil || c.Size != 0 && len(b) != c.Size || was != nil && len(b) != len(was.bytes) {
			continue
		}
		if c.Kind != families.KindString {
			return b, nil
		}
		if found == nil {
			found = b
		}
	}
	switch {
	case found != nil:
		return found, nil
	case was != nil && len(was.bytes) <= 8 && x.Shape != List && x.Shape != Object:
		if n, err := parseNumber(x.Text); err == nil && fits(n, len(was.bytes), false) {
			b := make([]byte, len(was.bytes))
			putUint(b, n, true)
			return b, nil
		}
	}
	return nil, fmt.Errorf("no datatype of a set has the value %s", shapeName(x))
}

// parts returns the values that the payload of an attribute was made of, nil
// unless there are n.
func (p *tmpl) parts(n int) []part {
	if p == nil || p.attr < 0 {
		return nil
	}
	a := &p.t.tree.Nodes[p.attr]
	from, to := int(a.Off)+nlaHdrLen, int(a.Off)+int(dissect.Uint(p.t.tree.Data[a.Off:a.Off+2], p.t.tree.Big))
	var out []part
	for _, x := range items(p.t.nodes) {
		off, err1 := parseNumber(textOf(x.Get("offset")))
		size, err2 := parseNumber(textOf(x.Get("length")))
		if err1 != nil || err2 != nil || textOf(x.Get("type")) != "value" {
			continue
		}
		start := int(off) + cookedLen
		if start < from || start >= to || start+int(size) > to {
			continue
		}
		out = append(out, part{p.t.tree.Data[start : start+int(size)], textOf(x.Get("value"))})
	}
	if len(out) != n {
		return nil
	}
	return out
}
