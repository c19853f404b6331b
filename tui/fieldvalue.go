package tui

import (
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/render"
)

const (
	// maxElements is how many elements of an array a filter asks for: more nobody
	// wants to read.
	maxElements = 8
	// maxCompared is how many bytes of a text or of bytes a filter asks for.
	maxCompared = 200
)

// comparables are forms of the value of a leaf as filters have them, the one that
// says the most first. An array has several values.
func (m *Model) comparables(n *dissect.Node) (list [][]string) {
	t := n.Type
	if t == nil || m.detail.tree.hidden(n) {
		return nil
	}
	b := m.detail.tree.d.Tree.Bytes(n)
	add := func(s string) { list = append(list, []string{s}) }
	switch t.Kind {
	case families.KindUint, families.KindSint:
		for _, s := range m.numbers(n, t, b) {
			add(s)
		}
	case families.KindBitfield32:
		if len(b) >= 4 {
			add("0x" + strconv.FormatUint(dissect.Uint(b[:4], n.Big), 16))
		}
	case families.KindArray:
		if v := m.elements(n, t, b); v != nil {
			list = append(list, v)
		}
	case families.KindString, families.KindStrings:
		s, _, _ := strings.Cut(strings.TrimRight(string(b), "\x00"), "\x00")
		if len(s) <= maxCompared {
			add(strconv.Quote(s))
		}
	default:
		if t.Hint != families.HintNone && t.Hint != families.HintHex {
			add(string(render.AppendValue(nil, m.renderOptions(), &m.detail.tree.d.Event, n)))
		}
		if len(b) > 0 && len(b) <= maxCompared {
			add(colons(b))
		}
	}
	return list
}

// numbers are the forms of a number: by its name, in the base that it is shown in,
// and plain, as a name can be unknown to a filter.
func (m *Model) numbers(n *dissect.Node, t *families.Type, b []byte) (list []string) {
	switch t.Hint {
	case families.HintIPv4, families.HintIPv6, families.HintIP:
		return []string{string(render.AppendValue(nil, m.renderOptions(), &m.detail.tree.d.Event, n))}
	}
	v := dissect.Uint(b, n.Big)
	switch {
	case t.Hint == families.HintErrno:
		return []string{m.errnoValue(int32(dissect.Int(v, len(b))))}
	case t.Kind == families.KindSint:
		return []string{strconv.FormatInt(dissect.Int(v, len(b)), 10)}
	case t.Enum != nil && t.Enum.Kind == families.EnumValues && t.Enum.ValueName(v) != "":
		list = append(list, t.Enum.ValueName(v))
	case t.Hint == families.HintHex || t.Enum != nil && t.Enum.Kind == families.EnumFlags:
		list = append(list, "0x"+strconv.FormatUint(v, 16))
	}
	return append(list, strconv.FormatUint(v, 10))
}

// elements are the first different values of an array of numbers, nil if it is none.
func (m *Model) elements(n *dissect.Node, t *families.Type, b []byte) (list []string) {
	e := t.Elem
	size := e.FixedSize()
	if e.Kind != families.KindUint && e.Kind != families.KindSint || size < 1 || size > 8 || len(b)%size != 0 {
		return nil
	}
	seen := map[string]bool{}
	for ; len(b) > 0; b = b[size:] {
		part := *n
		part.Type = e
		s := m.numbers(&part, e, b[:size])[0]
		if !seen[s] {
			seen[s] = true
			list = append(list, s)
		}
	}
	return list[:min(len(list), maxElements)]
}

// colons writes bytes as filters have them.
func colons(b []byte) string {
	var out []byte
	for i, c := range b {
		if i > 0 {
			out = append(out, ':')
		}
		out = hex.AppendEncode(out, []byte{c})
	}
	return string(out)
}
