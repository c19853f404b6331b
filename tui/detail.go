package tui

import (
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/render"
)

// detail is the pane of one message's fields.
type detail struct {
	tree        tree
	cursor, top int
	height      int
	above       []said // why it was refused, on the screen
	foot        []said // of the field under the cursor; the first is on the rule
	key         string // of the row under the cursor, looked for in the next message
	stale       bool   // what is shown would look different now
}

// rebuild makes the rows anew and keeps the cursor on the same field.
func (d *detail) rebuild() {
	d.tree.build()
	d.cursor = d.find(d.key)
	d.clamp()
}

// find returns the row of a key, or of the nearest thing around it.
func (d *detail) find(key string) int {
	best, length := d.message(), 0
	for i := range d.tree.rows {
		k := d.tree.rows[i].key
		if k == key {
			return i
		}
		if len(k) > length && len(key) > len(k) && key[:len(k)] == k && key[len(k)] == '/' {
			best, length = i, len(k)
		}
	}
	return best
}

// message is the row of the message itself.
func (d *detail) message() int {
	for i := range d.tree.rows {
		if d.tree.rows[i].key == "message" {
			return i
		}
	}
	return 0
}

func (d *detail) clamp() {
	d.cursor = max(min(d.cursor, len(d.tree.rows)-1), 0)
	h := max(d.height, 1)
	if d.cursor < d.top {
		d.top = d.cursor
	}
	if d.cursor >= d.top+h {
		d.top = d.cursor - h + 1
	}
	d.top = max(min(d.top, len(d.tree.rows)-h), 0)
}

// move goes to a row.
func (d *detail) move(to int) {
	d.cursor = to
	d.clamp()
	if d.cursor < len(d.tree.rows) {
		d.key = d.tree.rows[d.cursor].key
	}
}

// row is the row under the cursor, nil if there is none.
func (d *detail) row() *treeRow {
	if d.cursor >= len(d.tree.rows) {
		return nil
	}
	return &d.tree.rows[d.cursor]
}

// fold folds or unfolds the row under the cursor.
func (d *detail) fold(open bool) {
	r := d.row()
	if r == nil || !r.kids {
		return
	}
	if d.tree.folds == nil {
		d.tree.folds = map[string]bool{}
	}
	d.tree.folds[r.key] = open
	d.key = r.key
	d.rebuild()
}

// parent is the row around the one under the cursor, -1 at the top.
func (d *detail) parent() int {
	r := d.row()
	if r == nil {
		return -1
	}
	for i := d.cursor - 1; i >= 0; i-- {
		if d.tree.rows[i].depth < r.depth {
			return i
		}
	}
	return -1
}

// reveal unfolds what is around a node and goes to it.
func (d *detail) reveal(node int32) {
	if d.tree.d == nil {
		return
	}
	for range 64 { // levels
		at, n := -1, &d.tree.d.Tree.Nodes[node]
		for i := range d.tree.rows {
			r := &d.tree.rows[i]
			if r.node < 0 || r.kind != rowNode {
				continue
			}
			o := &d.tree.d.Tree.Nodes[r.node]
			if r.node <= node && node < o.End {
				at = i
			}
		}
		if at < 0 { // in the cooked header
			at = 0
			if n.Parent < 0 && n.Kind != dissect.KindLink && d.tree.rows[0].node != 0 {
				return
			}
		}
		d.move(at)
		r := &d.tree.rows[at]
		if r.node == node || !r.kids || r.open {
			return
		}
		d.fold(true)
	}
}

// selection is the bytes of the field under the cursor.
func (d *detail) selection() (from, to int) {
	r := d.row()
	if r == nil || r.node < 0 || d.tree.d == nil {
		return 0, 0
	}
	n := &d.tree.d.Tree.Nodes[r.node]
	return int(n.Off), int(n.Off + n.Len)
}

// indent is how far to the right a row begins.
func (m *Model) indent(r *treeRow, w int) int {
	if w < 60 {
		return min(r.depth, w/2)
	}
	return min(2*r.depth, w/2)
}

func (m *Model) drawDetail(w, h int) []string {
	d := &m.detail
	out := m.drawSaid(nil, d.above, w)
	for i := d.top; len(out) < h-len(d.foot); i++ {
		l := m.line(w)
		switch {
		case i < len(d.tree.rows):
			m.drawTreeRow(l, i)
		case len(d.tree.rows) == 0 && i == d.top:
			l.put(stDim, " "+m.whyNoDetail())
		}
		out = append(out, l.end())
	}
	for i, s := range d.foot {
		l := m.line(w)
		if i > 0 {
			l.put(s.st, s.text)
		} else {
			l.put(stRule, m.gl.rule+" ")
			l.put(stDim, s.text)
			l.put(stRule, " ")
			l.repeat(stRule, m.gl.rule, w)
		}
		out = append(out, l.end())
	}
	return out[:max(h, 0)]
}

func (m *Model) drawTreeRow(l *line, i int) {
	d := &m.detail
	r := &d.tree.rows[i]
	if i == d.cursor {
		l.over = stCursorIn
		if m.focus == paneDetail {
			l.over = stCursor
		}
	}
	if i == d.cursor {
		l.put(stText, m.gl.cursor)
	} else {
		l.put(stText, " ")
	}
	l.put(stText, spaces(m.indent(r, l.max)))
	switch {
	case r.kids && r.open:
		l.put(stDim, m.gl.open+" ")
	case r.kids:
		l.put(stDim, m.gl.shut+" ")
	default:
		l.put(stText, "  ")
	}
	mark := ""
	if r.pointed {
		mark = " " + m.gl.points + " " + d.tree.pointNote
		if 2*width(mark) > l.max-l.w {
			mark = " " + m.gl.points
		}
	}
	end := l.max
	l.max = max(end-width(mark), l.w)
	m.treeText(l, r)
	l.max = end
	l.put(stError, mark)
	l.to(stText, l.max)
}

// treeText appends what a row says.
func (m *Model) treeText(l *line, r *treeRow) {
	d := &m.detail
	switch r.kind {
	case rowNode:
		l.put(stName, render.NodeName(d.tree.d.Tree, r.node))
		if v := m.nodeValue(r.node); v != "" {
			l.put(stDim, ": ")
			l.put(stText, v)
		}
	case rowFinding:
		l.put(r.style, r.name)
	case rowValue, rowFlag:
		sign, st := m.gl.off, stDim
		if r.on {
			sign, st = m.gl.on, stOK
		}
		if r.kind == rowFlag {
			sign = m.gl.unset
			if r.on {
				sign = m.gl.set
			}
		}
		l.put(st, sign+" "+r.name)
		l.put(stDim, " "+r.value)
	default:
		l.put(stName, r.name)
		l.put(stDim, ": ")
		l.put(stText, r.value)
	}
}

// maxValue is how many bytes of one value are shown in a row.
const maxValue = 4096

// nodeValue is what a node of the message holds.
func (m *Model) nodeValue(i int32) string {
	d := m.detail.tree.d
	m.scratch = render.AppendNode(m.scratch[:0], m.renderOptions(), &d.Event, i)
	if len(m.scratch) > maxValue {
		return string(m.scratch[:maxValue]) + m.gl.more
	}
	return string(m.scratch)
}
