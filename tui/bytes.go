package tui

import (
	"github.com/nlsniff/nlsniff/dissect"
)

// bytesPane is the pane of a frame's bytes.
type bytesPane struct {
	top    int // first line
	height int
	perRow int
	cursor int // the byte the keys act on
}

// rowBytes is how many bytes fit into a row of so many cells: four digits of
// offset, three cells and a letter for each, and a blank after every eight.
func rowBytes(w int) int {
	for _, n := range []int{32, 16, 8, 4} {
		if hexWidth(n) <= w {
			return n
		}
	}
	return 2
}

func hexWidth(n int) int { return 6 + 3*n + (n-1)/8 + 1 + n }

// show scrolls so that bytes from…to can be seen, their start at least.
func (b *bytesPane) show(from, to int) {
	n, h := max(b.perRow, 1), max(b.height, 1)
	first, last := from/n, max(to-1, from)/n
	if last >= b.top+h {
		b.top = last - h + 1
	}
	if first < b.top || first >= b.top+h {
		b.top = first
	}
	b.top = max(b.top, 0)
}

func (m *Model) drawBytes(w, h int) []string {
	b := &m.bytes
	var out []string
	d := m.detail.tree.d
	if d == nil {
		return m.empty(w, h, "")
	}
	data := d.Tree.Data
	from, to := m.detail.selection()
	ownFrom, ownTo := m.ownBytes()
	for row := b.top; len(out) < h; row++ {
		l := m.line(w)
		if at := row * b.perRow; at < len(data) || at == 0 {
			m.hexRow(l, data, at, [4]int{from, to, ownFrom, ownTo})
		}
		out = append(out, l.end())
	}
	return out
}

const hexDigits = "0123456789abcdef"

// hexRow appends the bytes of one row; marks are the chosen field's and the
// message's.
func (m *Model) hexRow(l *line, data []byte, at int, marks [4]int) {
	n := m.bytes.perRow
	l.put(stDim, string([]byte{hexDigits[at>>12&15], hexDigits[at>>8&15], hexDigits[at>>4&15], hexDigits[at&15]}))
	l.put(stText, " ")
	kind := func(i int) style {
		switch {
		case i == m.bytes.cursor && m.focus == paneBytes:
			return stCursor
		case i >= marks[0] && i < marks[1]:
			return stLit
		case i >= marks[2] && i < marks[3]:
			return stOwn
		}
		return stDim
	}
	// Runs of one style are put together, so that a row needs few escapes.
	run, last := []byte(nil), stText
	flush := func(st style) {
		if st != last {
			l.put(last, string(run))
			run, last = run[:0], st
		}
	}
	for i := at; i < at+n; i++ {
		st := stText
		if i < len(data) && i > at && kind(i) == kind(i-1) {
			st = kind(i)
		}
		flush(st)
		run = append(run, ' ')
		if i > at && (i-at)%8 == 0 {
			run = append(run, ' ')
		}
		if i >= len(data) {
			run = append(run, "  "...)
			continue
		}
		flush(kind(i))
		if m.isHidden(i) {
			run = append(run, "**"...)
		} else {
			run = append(run, hexDigits[data[i]>>4], hexDigits[data[i]&15])
		}
	}
	flush(stText)
	run = append(run, "  "...)
	for i := at; i < min(at+n, len(data)); i++ {
		flush(kind(i))
		c := data[i]
		switch {
		case m.isHidden(i):
			c = '*'
		case c < 0x20 || c >= 0x7f:
			c = '.'
		}
		run = append(run, c)
	}
	flush(numStyles)
}

// isHidden says whether a byte is key material.
func (m *Model) isHidden(i int) bool {
	for _, s := range m.detail.tree.d.Hidden {
		if i >= s.From && i < s.To {
			return true
		}
	}
	return false
}

// ownBytes are those of the message that is shown.
func (m *Model) ownBytes() (from, to int) {
	d := m.detail.tree.d
	if d.Message < 0 {
		return 0, len(d.Tree.Data)
	}
	n := &d.Tree.Nodes[d.Tree.Msgs[d.Message].Node]
	return int(n.Off), int(n.Off + n.Len)
}

// byteAt is the byte at a cell of the pane, -1 if there is none.
func (m *Model) byteAt(x, y int) int {
	d := m.detail.tree.d
	if d == nil || y < 0 || x < 4 {
		return -1
	}
	n := m.bytes.perRow
	col := -1
	if letters := 5 + 3*n + (n-1)/8 + 2; x >= letters {
		col = x - letters
	} else {
		for i := range n {
			if at := 5 + 3*i + i/8; x >= at && x <= at+2 {
				col = i
			}
		}
	}
	i := (m.bytes.top+y)*n + col
	if col < 0 || col >= n || i >= len(d.Tree.Data) {
		return -1
	}
	return i
}

// nodeAt is the leaf that a byte belongs to, -1 if there is none.
func nodeAt(t *dissect.Tree, off int) int32 {
	for i := range t.Nodes {
		n := &t.Nodes[i]
		if n.Kind.Leaf() && off >= int(n.Off) && off < int(n.Off+n.Len) {
			return int32(i)
		}
	}
	return -1
}

// empty is a pane with nothing but a remark.
func (m *Model) empty(w, h int, why string) []string {
	out := make([]string, 0, h)
	for i := range h {
		l := m.line(w)
		if i == 0 {
			l.put(stDim, " "+why)
		}
		out = append(out, l.end())
	}
	return out
}
