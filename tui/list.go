package tui

import (
	"github.com/nlsniff/nlsniff/render"
	"github.com/nlsniff/nlsniff/tui/store"
)

// list is the pane of messages. It knows rows by their place among those that
// are shown: the store's rows, or those that the filter lets through.
type list struct {
	cursor, top int
	height      int // rows on the screen
	follow      bool
	shift       int // cells that the summary is moved to the left
	cache       rowCache
}

// clamp keeps cursor and top where there are rows.
func (l *list) clamp(first, end int) {
	l.cursor = max(min(l.cursor, end-1), first)
	h := max(l.height, 1)
	if l.cursor < l.top {
		l.top = l.cursor
	}
	if l.cursor >= l.top+h {
		l.top = l.cursor - h + 1
	}
	l.top = max(min(l.top, end-h), first)
}

// drawList returns the lines of the list below its title.
func (m *Model) drawList(w, h int) []string {
	var out []string
	cols := m.columns(m.view, w)
	if m.headed(h) {
		if m.view == viewFindings {
			out = append(out, m.foundHead(w))
		} else {
			out = append(out, m.columnsHead(m.view, w))
		}
	}
	first, end := m.span()
	for pos := m.list().top; len(out) < h; pos++ {
		switch {
		case end == first && len(out) == min(2, h-1):
			l := m.line(w)
			l.put(stDim, "  "+m.whyEmpty())
			out = append(out, l.end())
		case pos < first || pos >= end:
			out = append(out, m.line(w).end())
		default:
			out = append(out, m.drawRow(pos, w, cols))
		}
	}
	return out
}

// headed says whether a list of so many lines has room for column names.
func (m *Model) headed(h int) bool { return h >= 12 }

func (m *Model) drawRow(pos, w int, cols []column) string {
	l := m.line(w)
	if pos == m.list().cursor {
		l.over = stCursorIn
		if m.focus == paneList {
			l.over = stCursor
		}
	}
	mark := " "
	if pos == m.list().cursor {
		mark = m.gl.cursor
	}
	if name := m.markAt(m.rowAt(pos)); name != 0 && pos != m.list().cursor {
		mark = string(name)
	}
	l.put(stKey, mark)
	r := m.list().cache.get(pos)
	switch {
	case r == nil:
		l.put(stDim, " …")
		l.to(stDim, w)
		return l.end()
	case r.Err != nil:
		l.put(stError, " "+render.Escape(r.Err.Error()))
		l.to(stText, w)
		return l.end()
	}
	switch m.view {
	case viewExchanges:
		m.drawExchange(l, pos, r, cols)
	case viewFindings:
		m.drawFound(l, pos, r)
	default:
		x := rowContext{cols: cols}
		if x.sign, x.st = m.outcome(r); x.sign == "" {
			x.sign, x.st = m.asked(r.Row)
		}
		m.cells(l, viewMessages, r, &x)
	}
	l.to(stText, w)
	return l.end()
}

// outcome returns what a row says of how a request went.
func (m *Model) outcome(r *store.Row) (string, style) {
	switch r.Result {
	case render.ResultFailed:
		return m.gl.failed + " " + r.Outcome, stError
	case render.ResultOK, render.ResultDone:
		return m.gl.ok + " " + r.Outcome, stOK
	case render.ResultPart:
		return m.gl.part + " " + r.Outcome, stDim
	}
	switch {
	case r.Short:
		return "! cut", stError
	case r.Overrun:
		return "! after a loss", stWarn
	}
	return "", stText
}

// pageRows is how many rows are loaded together.
const pageRows = 64

// maxPages is how many pages are kept.
const maxPages = 48

// rowCache keeps the rows around those on the screen.
type rowCache struct {
	pages map[int][]store.Row
	gen   int // of what the pages hold; rows of another are not taken
	busy  bool
}

func (c *rowCache) get(pos int) *store.Row {
	p := c.pages[pos/pageRows]
	if i := pos % pageRows; pos >= 0 && i < len(p) {
		return &p[i]
	}
	return nil
}

// clear forgets all rows: they would look different now.
func (c *rowCache) clear() {
	c.pages = nil
	c.gen++
}

// put takes in the rows from a page's first on.
func (c *rowCache) put(from int, rows []store.Row) {
	if c.pages == nil {
		c.pages = map[int][]store.Row{}
	}
	for i := 0; i < len(rows); i += pageRows {
		c.pages[(from+i)/pageRows] = rows[i:min(i+pageRows, len(rows))]
	}
	near := from / pageRows
	for len(c.pages) > maxPages {
		far := near
		for p := range c.pages {
			if dist(p, near) > dist(far, near) {
				far = p
			}
		}
		delete(c.pages, far)
	}
}

func dist(a, b int) int { return max(a-b, b-a) }

// missing returns the first and the last place of the pages that lack a row of
// from…to, from == to if none does.
func (c *rowCache) missing(from, to, end int) (int, int) {
	const most = 4
	first := -1
	for p := from / pageRows; p*pageRows < to; p++ {
		want := min((p+1)*pageRows, end) - p*pageRows
		have := len(c.pages[p])
		if have >= want || have > 0 && p*pageRows+have >= to {
			if first >= 0 {
				return first * pageRows, p * pageRows
			}
			continue
		}
		if first < 0 {
			first = p
		}
		if p-first+1 >= most {
			return first * pageRows, min((p+1)*pageRows, end)
		}
	}
	if first < 0 {
		return 0, 0
	}
	return first * pageRows, min((to+pageRows-1)/pageRows*pageRows, end)
}
