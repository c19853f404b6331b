package tui

import (
	"strconv"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
)

// placeDetail fits the detail to the place that it has.
func (m *Model) placeDetail(q rect) {
	d := &m.detail
	d.above = m.above(q.w, q.h)
	d.foot = nil
	if q.h >= 7 {
		where, says := m.aboutField()
		d.foot = append(d.foot, said{where, stDim})
		text := append(m.wholeRow(q.w), m.wrapped(nil, says, stText, q.w)...)
		d.foot = append(d.foot, m.fitted(text, max((q.h-len(d.above))/2-1, q.h-len(d.above)-len(d.tree.rows)-1, 1))...)
	}
	d.height = q.h - len(d.foot) - len(d.above)
	d.clamp()
}

// wholeRow is what the row under the cursor says, if it is too long for its line.
func (m *Model) wholeRow(w int) []said {
	r := m.detail.row()
	if r == nil || m.focus != paneDetail {
		return nil
	}
	l := &line{th: &theme{}, gl: &m.gl, max: 1 << 16}
	m.treeText(l, r)
	if m.indent(r, w)+3+l.w <= w {
		return nil
	}
	return m.wrapped(nil, l.b.String(), stText, w)
}

// aboutField returns the type and place of the field under the cursor, and
// what its description says.
func (m *Model) aboutField() (where, says string) {
	r := m.detail.row()
	if r == nil || r.node < 0 || m.detail.tree.d == nil {
		return "no field", ""
	}
	t := m.detail.tree.d.Tree
	n := &t.Nodes[r.node]
	where = "offset " + strconv.Itoa(int(n.Off)) + ", " + plural(int(n.Len), "byte")
	if n.Len == 1 {
		where = where[:len(where)-1]
	}
	if msg := m.detail.tree.d.Message; msg >= 0 && n.Off >= t.Msgs[msg].Off {
		where = "message " + signed(int(n.Off)-int(t.Msgs[msg].Off)) + ", " + where
	}
	f, typ := n.Field, n.Type
	if n.Parent >= 0 && f == nil && (n.Kind == dissect.KindLen || n.Kind == dissect.KindType) {
		return "u16, " + where, map[dissect.Kind]string{dissect.KindLen: "length of the attribute, this header included",
			dissect.KindType: "type of the attribute, with NLA_F_NESTED (0x8000) and NLA_F_NET_BYTEORDER (0x4000)"}[n.Kind]
	}
	if typ != nil {
		where = typ.String() + m.order(typ, n) + ", " + where
	}
	if f == nil {
		return where, ""
	}
	says = f.Name
	if n.Kind == dissect.KindAttr {
		says += " = " + strconv.Itoa(int(n.ID))
	}
	if f.Short != "" && f.Short != f.Name {
		says += " (" + f.Short + " in YNL)"
	}
	if f.Since != "" {
		says += ", since Linux " + f.Since
	}
	if f.Until != "" {
		says += ", gone by Linux " + f.Until
	}
	if f.Guess {
		says += ", a guess"
	}
	if f.Doc != "" {
		says += ": " + f.Doc
	}
	return where, says
}

func signed(v int) string { return "+" + strconv.Itoa(v) }

// order says the byte order of a number that is more than a byte.
func (m *Model) order(t *families.Type, n *dissect.Node) string {
	if t.Kind != families.KindUint && t.Kind != families.KindSint || n.Len < 2 {
		return ""
	}
	if n.Big {
		return " big-endian"
	}
	return " little-endian"
}
