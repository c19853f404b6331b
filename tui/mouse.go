package tui

import tea "charm.land/bubbletea/v2"

var mouseHelp = [][2]string{
	{"click", "chooses a message, a field, or the field of a byte"},
	{"click again", "opens the message or the row of the statistics, folds or unfolds the field"},
	{"wheel", "scrolls the pane under the pointer"},
	{"drag a border", "resizes the panes beside it"},
}

// drag is the border that is being moved.
type drag struct {
	on       bool
	vertical bool // the one between detail and bytes
}

// clicked acts on a click.
func (m *Model) clicked(at tea.Mouse) tea.Cmd {
	if at.Button != tea.MouseLeft {
		return nil
	}
	m.note = note{}
	switch {
	case m.help != nil || m.compare != nil:
		return nil
	case m.menu != nil:
		i := at.Y - (m.height - 1 - len(m.menu.items))
		if i >= 0 && i < len(m.menu.items) {
			return m.chosen(i)
		}
		m.menu = nil
		return nil
	}
	if at.Y == 0 {
		m.clickTab(at.X)
		return nil
	}
	r := m.layout()
	if m.startDrag(r, at) {
		return nil
	}
	for p := range numPanes {
		if !r[p].holds(at.X, at.Y) {
			continue
		}
		was := m.focus
		m.focus = p
		in := r[p].inner()
		x, y := at.X-in.x, at.Y-in.y
		if y < 0 {
			return nil // the title
		}
		switch p {
		case paneList:
			if m.view == viewStats {
				return m.clickStats(x, y)
			}
			return m.clickList(y, was == p)
		case paneDetail:
			return m.clickDetail(x, y, was == p)
		case paneLadder:
			return m.clickLadder(y, was == p)
		default:
			if i := m.byteAt(x, y); i >= 0 {
				m.toByte(i)
			}
		}
	}
	return nil
}

// clickTab shows the view whose name is at a place of the top line.
func (m *Model) clickTab(x int) {
	at := width(" nlsniff ")
	for v := range numViews {
		w := 3
		if m.width >= 100 || v == m.view {
			w += width(viewNames[v]) + 1
		}
		if x >= at && x < at+w {
			m.show(v)
			return
		}
		at += w
	}
}

func (m *Model) clickLadder(y int, again bool) tea.Cmd {
	y -= len(m.ladder.above)
	i := m.ladder.top + y - 1
	if y < 1 || i >= m.ladder.lines() {
		return nil
	}
	if again && i == m.ladder.cursor {
		return m.fromLadder()
	}
	m.ladder.cursor = i
	return nil
}

// clickStats chooses a row of the statistics; a second click opens it.
func (m *Model) clickStats(x, y int) tea.Cmd {
	p := &m.stats
	column := 0
	if m.width >= twoColumns && x > (m.width-3)/2 {
		column = 1
	}
	for i, it := range p.items {
		if it.line != p.top+y || it.column != column {
			continue
		}
		if i == p.cursor {
			return m.openStats()
		}
		p.cursor = i
	}
	return nil
}

func (m *Model) clickList(y int, again bool) tea.Cmd {
	if m.headed(m.list().height + 1) {
		y--
	}
	pos := m.list().top + y
	first, end := m.span()
	if y < 0 || pos < first || pos >= end {
		return nil
	}
	if again && pos == m.list().cursor {
		return m.goTo(panesOf[m.view][1])
	}
	m.list().follow = false
	m.list().cursor = pos
	return nil
}

func (m *Model) clickDetail(x, y int, again bool) tea.Cmd {
	d := &m.detail
	y -= len(d.above)
	i := d.top + y
	if y < 0 || y >= d.height || i >= len(d.tree.rows) {
		return nil
	}
	same := i == d.cursor
	d.move(i)
	m.showSelection()
	r := d.row()
	if r.kids && (again && same || x <= 2*r.depth+2) {
		return m.toggle()
	}
	if again && same && r.request > 0 {
		return m.toggle()
	}
	return nil
}

// wheel scrolls the pane under the pointer, whoever has the keys.
func (m *Model) wheel(at tea.Mouse) {
	n := 3
	switch at.Button {
	case tea.MouseWheelUp:
		n = -3
	case tea.MouseWheelDown:
	default:
		return
	}
	if m.help != nil {
		m.help.top = max(min(m.help.top+n, len(m.helpLines())-m.height+3), 0)
		return
	}
	if m.compare != nil {
		m.compare.top = max(min(m.compare.top+n, len(m.compare.rows)-m.height+3), 0)
		return
	}
	r := m.layout()
	switch {
	case m.view == viewStats:
		m.stats.top = max(m.stats.top+n, 0)
	case r[paneLadder].holds(at.X, at.Y):
		l := &m.ladder
		l.top = max(min(l.top+n, l.lines()-l.height), 0)
		l.cursor = max(min(l.cursor, l.top+l.height-1), l.top)
	case r[paneList].holds(at.X, at.Y):
		first, end := m.span()
		l := m.list()
		l.top = max(min(l.top+n, end-l.height), first)
		if n < 0 {
			l.follow = false
		}
		l.cursor = max(min(l.cursor, l.top+l.height-1), l.top)
	case r[paneDetail].holds(at.X, at.Y):
		d := &m.detail
		d.top = max(min(d.top+n, len(d.tree.rows)-d.height), 0)
		d.move(max(min(d.cursor, d.top+d.height-1), d.top))
	case r[paneBytes].holds(at.X, at.Y) && m.detail.tree.d != nil:
		rows := (len(m.detail.tree.d.Tree.Data) + m.bytes.perRow - 1) / max(m.bytes.perRow, 1)
		m.bytes.top = max(min(m.bytes.top+n, rows-m.bytes.height), 0)
	}
}

// startDrag takes hold of a border if there is one under the pointer.
func (m *Model) startDrag(r [numPanes]rect, at tea.Mouse) bool {
	d, b := r[paneDetail], r[paneBytes]
	switch {
	case r[paneList].h > 0 && r[paneLadder].h > 0 && at.Y == r[paneLadder].y:
		m.drag, m.focus = drag{true, false}, paneLadder
	case d.h > 0 && b.h > 0 && at.X == d.w && at.Y > d.y:
		m.drag = drag{true, true}
	case r[paneList].h > 0 && (d.h > 0 && at.Y == d.y || b.h > 0 && at.Y == b.y):
		m.drag = drag{true, false}
	default:
		return false
	}
	return true
}

// dragged moves the border that was taken hold of.
func (m *Model) dragged(at tea.Mouse) {
	if !m.drag.on {
		return
	}
	if m.drag.vertical {
		m.sizes.Detail = max(min((at.X*100+m.width/2)/max(m.width, 1), 80), 20)
	} else {
		body := max(m.height-2, 1)
		m.sizes.List = max(min(((at.Y-1)*100+body/2)/body, 85), 15)
	}
	m.place()
	m.showSelection()
}
