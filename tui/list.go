package tui

import (
	"strconv"

	"github.com/nlsniff/nlsniff/dissect"
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

// columns say which parts of a message have a place of their own, and how many
// cells.
type columns struct {
	number, time, process, outcome, family, op, flags, seq int
	cutTime                                                bool // to milliseconds
}

// columnsFor chooses the columns for a width. What has no column is left out,
// but for the outcome and the operation, which then stand in the summary.
func columnsFor(w, lastFrame int, mode render.TimeMode) columns {
	c := columns{number: max(len(strconv.Itoa(lastFrame)), 5), time: mode.Width(), process: 18}
	switch {
	case w < 100:
		c.time, c.process, c.cutTime = c.time-len("000"), 13, true
	case w < 120:
		c.outcome = 14
	case w < 160:
		c.outcome, c.family = 16, 11
	default:
		c.outcome, c.family, c.op, c.flags, c.seq = 18, 14, 26, 26, 10
	}
	return c
}

// drawList returns the lines of the list below its title.
func (m *Model) drawList(w, h int) []string {
	var out []string
	cols := columnsFor(w, m.st.Frames, m.renderOptions().Time)
	if m.headed(h) {
		switch m.view {
		case viewExchanges:
			out = append(out, m.exchangeHead(w))
		case viewFindings:
			out = append(out, m.foundHead(w))
		default:
			out = append(out, m.listHead(w, cols))
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

func (m *Model) listHead(w int, c columns) string {
	l := m.line(w)
	l.put(stHead, " ")
	l.right(stHead, "frame", c.number)
	l.put(stHead, " ")
	l.field(stHead, "time", c.time+1)
	l.field(stHead, m.gl.both+" process", c.process+3)
	if c.outcome > 0 {
		l.field(stHead, "outcome", c.outcome+1)
	}
	if c.family > 0 {
		l.field(stHead, "family", c.family+1)
	}
	if c.op > 0 {
		l.field(stHead, "operation", c.op+1)
		l.field(stHead, "summary", w-l.w-c.flags-c.seq-2)
		l.field(stHead, " flags", c.flags+1)
		l.right(stHead, "seq", c.seq+1)
	} else {
		l.put(stHead, "operation, summary")
	}
	l.to(stHead, w)
	return l.end()
}

func (m *Model) drawRow(pos, w int, c columns) string {
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
		m.drawExchange(l, pos, r)
	case viewFindings:
		m.drawFound(l, pos, r)
	default:
		m.cells(l, r, c)
	}
	l.to(stText, w)
	return l.end()
}

// cells appends the columns of a row.
func (m *Model) cells(l *line, r *store.Row, c columns) {
	number, time := strconv.Itoa(r.Frame), r.Time
	if r.Message > 0 {
		number, time = m.gl.lineDown, "" // of the same frame as the row above
	}
	l.right(stDim, number, c.number)
	l.put(stDim, " ")
	if c.cutTime && len(time) > 3 && len(time) > c.time {
		time = time[:len(time)-3]
	}
	l.field(stDim, time, c.time)
	l.put(stText, " ")
	dir := stTo
	if r.Dir == dissect.DirFromKernel {
		dir = stFrom
	}
	l.put(dir, m.gl.arrow(uint8(r.Dir)))
	l.put(stText, " ")
	l.field(dir, r.Process, c.process)
	l.put(stText, " ")
	sign, st := m.outcome(r)
	if sign == "" {
		if sign, st = m.asked(r.Row); c.outcome == 0 { // a sign is all that there is room for
			if st == stOK || st == stDim {
				sign = ""
			} else {
				sign = cut(sign, 1, "")
			}
		}
	}
	if c.outcome > 0 {
		l.field(st, sign, c.outcome)
		l.put(stText, " ")
	}
	if c.family > 0 {
		l.field(stDim, r.Family, c.family)
		l.put(stText, " ")
	}
	if m.th.name != "none" {
		l.paint = r.Colour
	}
	if c.op == 0 {
		m.flow(l, r, c, sign, st)
		l.paint = ""
		return
	}
	l.field(stOp, r.Op, c.op)
	l.put(stText, " ")
	until := l.max - c.flags - c.seq - 2
	n := max(until-l.w, 0)
	part := &line{th: l.th, gl: l.gl, max: n, over: l.over, paint: l.paint}
	m.said(part, r)
	part.to(stText, n)
	l.b.WriteString(part.b.String())
	l.w += n
	l.paint = ""
	l.put(stText, " ")
	l.field(stDim, r.Flags, c.flags)
	l.right(stDim, r.Seq, c.seq+1)
}

// flow appends outcome, operation and summary one behind the other.
func (m *Model) flow(l *line, r *store.Row, c columns, sign string, st style) {
	if c.outcome == 0 && sign != "" {
		l.put(st, sign)
		l.put(stText, " ")
	}
	if m.list().shift > 0 {
		l.put(stDim, m.gl.more)
		l.put(stText, skip(r.Op+" "+r.Summary+" "+r.Flags, m.list().shift))
		return
	}
	l.put(stOp, r.Op)
	l.put(stText, " ")
	m.said(l, r)
}

// said appends the summary and the findings.
func (m *Model) said(l *line, r *store.Row) {
	l.put(stText, skip(r.Summary, m.list().shift))
	if r.Marks == "" {
		return
	}
	st := stWarn
	if r.Worst == dissect.Error {
		st = stError
	}
	l.put(stText, " ")
	l.put(st, r.Marks)
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
