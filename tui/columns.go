package tui

import (
	"strconv"
	"strings"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/render"
	"github.com/nlsniff/nlsniff/tui/store"
)

// column is a part of a message or an exchange that has a place of its own in the
// list, and how many cells that has; 0: what the others leave. What has no column
// of its own stands in the one that takes what is left.
type column struct {
	name  string
	cells int
}

// columnKind says how a column is headed and drawn.
type columnKind struct {
	name, head string
	cells      int // unless the width of the screen says otherwise
	draw       func(m *Model, l *line, r *store.Row, x *rowContext)
}

// rowContext is what the columns of one row share.
type rowContext struct {
	cols []column
	sign string // how the request went
	st   style
	ex   store.Exchange
}

// has says whether a row has a column of a name.
func (x *rowContext) has(name string) bool { return hasColumn(x.cols, name) }

func hasColumn(cols []column, name string) bool {
	for _, c := range cols {
		if c.name == name {
			return true
		}
	}
	return false
}

// columnKinds are the columns that the views with messages and exchanges can have.
var columnKinds = [numViews][]columnKind{
	viewMessages: {
		{"frame", "frame", 5, drawFrameNumber}, {"time", "time", 15, drawTime}, {"process", "process", 20, drawProcess},
		{"outcome", "outcome", 16, drawOutcome}, {"family", "family", 14, drawFamily}, {"operation", "operation", 26, drawOperation},
		{"summary", "summary", 0, drawSummary}, {"flags", "flags", 26, drawFlags}, {"seq", "seq", 10, drawSeq},
	},
	viewExchanges: {
		{"number", "#", 7, drawExchangeNumber}, {"time", "time", 15, drawExchangeTime}, {"process", "process", 18, drawAsker},
		{"outcome", "outcome", 16, drawWent}, {"took", "took", 10, drawTook}, {"answers", "answers", 13, drawAnswers},
		{"size", "size", 10, drawSize}, {"request", "request", 0, drawRequest}, {"why", "why it failed", 0, drawWhy},
	},
}

// kindOf is a column of a view, nil if it has none of that name.
func kindOf(v view, name string) *columnKind {
	for i := range columnKinds[v] {
		if k := &columnKinds[v][i]; k.name == name {
			return k
		}
	}
	return nil
}

// columns are those of a view on so many cells: the user's, or what the width has
// room for.
func (m *Model) columns(v view, w int) []column {
	if columnKinds[v] == nil {
		return nil
	}
	own := m.chosenColumns[v]
	auto := len(own) == 0
	if auto {
		own = usualColumns(v, w)
	}
	out := make([]column, len(own))
	for i, name := range own {
		c := column{name, kindOf(v, name).cells}
		switch {
		case name == "frame":
			c.cells = max(len(strconv.Itoa(m.st.Frames)), 5)
		case name == "time":
			c.cells = m.timeCells(w)
		case name == "process" && (w < 100 || w < 160 && v == viewExchanges):
			c.cells -= 5
		case w < 100 && name == "outcome" || w < 120 && v == viewMessages && name == "outcome":
			c.cells = 14
		case w >= 160 && name == "outcome":
			c.cells = 18
		case w < 160 && name == "family":
			c.cells = 11
		}
		out[i] = c
	}
	return out
}

// usualColumns are the columns that a width has room for.
func usualColumns(v view, w int) []string {
	switch {
	case v == viewExchanges && w < 100:
		return []string{"number", "process", "outcome", "request", "why"}
	case v == viewExchanges && w < 120:
		return []string{"number", "process", "outcome", "took", "request", "why"}
	case v == viewExchanges && w < 160:
		return []string{"number", "time", "process", "outcome", "took", "request", "why"}
	case v == viewExchanges:
		return []string{"number", "time", "process", "outcome", "took", "answers", "request", "why"}
	case w < 100:
		return []string{"frame", "time", "process", "summary"}
	case w < 120:
		return []string{"frame", "time", "process", "outcome", "summary"}
	case w < 160:
		return []string{"frame", "time", "process", "outcome", "family", "summary"}
	}
	return []string{"frame", "time", "process", "outcome", "family", "operation", "summary", "flags", "seq"}
}

// timeCells is how many cells a time takes.
func (m *Model) timeCells(w int) int {
	n := m.renderOptions().Time.Width()
	if w < 100 {
		n -= 3 // to milliseconds
	}
	return n
}

// columnsHead names the columns.
func (m *Model) columnsHead(v view, w int) string {
	l := m.line(w)
	l.put(stHead, " ")
	cols := m.columns(v, w)
	m.eachColumn(l, cols, true, func(part *line, c column) {
		head := kindOf(v, c.name).head
		switch {
		case c.name == "process" && v == viewMessages:
			head = m.gl.both + " " + head
		case c.name == "summary" && !hasColumn(cols, "operation"):
			head = "operation, summary"
		case c.name == "took" || c.name == "answers" || c.name == "size" || c.name == "seq" || c.name == "frame" || c.name == "number":
			part.right(stHead, head, part.max)
			return
		}
		part.put(stHead, head)
		part.to(stHead, part.max)
	})
	l.to(stHead, w)
	return l.end()
}

// eachColumn calls a function with a line for each column. With why, the reason
// has its place even in a row that has none.
func (m *Model) eachColumn(l *line, cols []column, why bool, draw func(*line, column)) {
	fixed, flexible := 0, 0
	for _, c := range cols {
		fixed += c.cells + 1
		if c.cells == 0 && (why || c.name != "why") {
			flexible++
		}
	}
	left := max(l.max-l.w-fixed+1, 0)
	for i, c := range cols {
		if c.name == "why" && !why {
			continue
		}
		n := c.cells
		switch {
		case n > 0:
		case flexible == 1:
			n = left
		case c.name == "why":
			n = left - left*2/5
		default:
			n = left * 2 / 5
		}
		if i == len(cols)-1 {
			n = max(l.max-l.w, 0)
		}
		part := &line{th: l.th, gl: l.gl, max: min(n, max(l.max-l.w, 0)), over: l.over, paint: l.paint}
		draw(part, c)
		part.to(stText, part.max)
		l.b.WriteString(part.b.String())
		l.w += part.max
		if i < len(cols)-1 {
			l.put(stText, " ")
		}
	}
}

// cells appends the columns of a row.
func (m *Model) cells(l *line, v view, r *store.Row, x *rowContext) {
	m.eachColumn(l, x.cols, r.Why != "", func(part *line, c column) {
		part.paint = ""
		if m.th.name != "none" && (c.name == "operation" || c.name == "summary") {
			part.paint = r.Colour
		}
		kindOf(v, c.name).draw(m, part, r, x)
	})
}

func drawFrameNumber(m *Model, l *line, r *store.Row, _ *rowContext) {
	number := strconv.Itoa(r.Frame)
	if r.Message > 0 {
		number = m.gl.lineDown // of the same frame as the row above
	}
	l.right(stDim, number, l.max)
}

func drawTime(_ *Model, l *line, r *store.Row, x *rowContext) {
	time := r.Time
	if r.Message > 0 && x.cols[0].name == "frame" {
		time = ""
	}
	if over := width(time) - l.max; over > 0 && over <= 3 {
		time = time[:len(time)-3]
	}
	l.put(stDim, time)
}

func drawProcess(m *Model, l *line, r *store.Row, _ *rowContext) {
	dir := stTo
	if r.Dir == dissect.DirFromKernel {
		dir = stFrom
	}
	l.put(dir, m.gl.arrow(uint8(r.Dir)))
	l.put(stText, " ")
	l.put(dir, r.Process)
}

func drawOutcome(_ *Model, l *line, _ *store.Row, x *rowContext) { l.put(x.st, x.sign) }

func drawFamily(_ *Model, l *line, r *store.Row, _ *rowContext) { l.put(stDim, r.Family) }

func drawOperation(_ *Model, l *line, r *store.Row, _ *rowContext) { l.put(stOp, r.Op) }

func drawFlags(_ *Model, l *line, r *store.Row, _ *rowContext) { l.put(stDim, r.Flags) }

func drawSeq(_ *Model, l *line, r *store.Row, _ *rowContext) { l.right(stDim, r.Seq, l.max) }

// drawSummary appends what a message says, and before it what has no column.
func drawSummary(m *Model, l *line, r *store.Row, x *rowContext) {
	if !x.has("outcome") && x.sign != "" && (x.st == stError || x.st == stWarn || r.Result != render.ResultNone) {
		l.put(x.st, x.sign)
		l.put(stText, " ")
	}
	shift := m.list().shift
	if shift > 0 {
		l.put(stDim, m.gl.more)
		text := strings.TrimSpace(r.Words + " " + r.Summary)
		if !x.has("operation") {
			text = r.Op + " " + text
		}
		if !x.has("flags") {
			text += " " + r.Flags
		}
		l.put(stText, skip(text, shift))
		return
	}
	if !x.has("operation") {
		l.put(stOp, r.Op)
		l.put(stText, " ")
	}
	if r.Words != "" {
		l.put(x.st, r.Words)
		l.put(stText, " ")
	}
	l.put(stText, r.Summary)
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
