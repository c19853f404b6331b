package tui

import (
	"strconv"
	"strings"

	"github.com/nlsniff/nlsniff/flow"
	"github.com/nlsniff/nlsniff/tui/store"
)

// went says how an exchange went, in a word.
func (m *Model) went(e *store.Exchange) (string, style) {
	switch e.State {
	case flow.Failed:
		if e.OK() {
			return m.gl.ok + " " + e.Reason.String(), stDim
		}
		if e.Errno == 0 { // not all is known yet
			return m.gl.failed + " failed", stError
		}
		return m.gl.failed + " " + m.store.ErrnoName(e.Errno), stError
	case flow.Answered, flow.Acknowledged:
		if e.Errno < 0 {
			return m.gl.failed + " " + m.store.ErrnoName(e.Errno), stError
		}
		if !e.OK() {
			return "! " + e.Reason.String(), stWarn
		}
		return m.gl.ok + " " + e.State.String(), stOK
	case flow.Open:
		return m.gl.part + " open", stDim
	case flow.Unanswered:
		if e.OK() {
			return m.gl.ok + " " + e.Reason.String(), stDim
		}
		return "! " + e.Reason.String(), stWarn
	case flow.Orphan:
		return "? orphan", stDim
	}
	return "! " + e.State.String(), stWarn
}

// asked says in a row of a request how it went, and of a copy that it is one; ""
// of others.
func (m *Model) asked(row int) (string, style) {
	if _, role := m.store.Ref(row); role == flow.Copy {
		return role.String(), stDim
	}
	e, ok := m.store.Asked(row)
	if !ok {
		return "", stText
	}
	sign, st := m.went(&e)
	switch {
	case st == stOK && e.Latency >= 0:
		return m.gl.ok + " " + millis(e.Latency), stOK
	case st == stOK:
		return "", stText
	}
	return sign, st
}

// drawExchange draws a row of the list of exchanges.
func (m *Model) drawExchange(l *line, pos int, r *store.Row, cols []column) {
	e, ok := m.store.Exchange(m.exchangeAt(pos))
	if !ok {
		l.put(stDim, " no longer kept")
		return
	}
	x := rowContext{cols: cols, ex: e}
	x.sign, x.st = m.went(&e)
	if r.Errno != "" && x.st == stError {
		x.sign = m.gl.failed + " " + r.Errno
	}
	if own := *r; own.Why == "" && !e.OK() && width(x.sign) > outcomeCells(cols) {
		_, own.Why, _ = strings.Cut(x.sign, " ") // which has no room elsewhere
		r = &own
	}
	m.cells(l, viewExchanges, r, &x)
}

func outcomeCells(cols []column) int {
	for _, c := range cols {
		if c.name == "outcome" {
			return c.cells
		}
	}
	return 0
}

func drawExchangeNumber(_ *Model, l *line, _ *store.Row, x *rowContext) {
	l.right(stDim, "#"+strconv.Itoa(x.ex.ID), l.max)
}

func drawExchangeTime(_ *Model, l *line, r *store.Row, _ *rowContext) {
	time := r.Time
	if over := width(time) - l.max; over > 0 && over <= 3 {
		time = time[:len(time)-3]
	}
	l.put(stDim, time)
}

func drawAsker(_ *Model, l *line, r *store.Row, _ *rowContext) { l.put(stTo, r.Process) }

func drawWent(_ *Model, l *line, _ *store.Row, x *rowContext) { l.put(x.st, x.sign) }

func drawTook(_ *Model, l *line, _ *store.Row, x *rowContext) {
	if x.ex.Took >= 0 {
		l.right(stDim, millis(x.ex.Took), l.max)
	}
}

func drawAnswers(_ *Model, l *line, _ *store.Row, x *rowContext) {
	n := int(x.ex.Replies)
	switch {
	case n == 1:
		l.right(stDim, "1 reply", l.max)
	case n > 1:
		l.right(stDim, thousands(n)+" replies", l.max)
	}
}

func drawSize(_ *Model, l *line, _ *store.Row, x *rowContext) {
	if x.ex.Bytes > 0 {
		l.right(stDim, thousands(int(x.ex.Bytes))+" B", l.max)
	}
}

// drawRequest appends what was asked, and what was found of it that the outcome
// does not say.
func drawRequest(m *Model, l *line, r *store.Row, x *rowContext) {
	if x.ex.Batch {
		l.put(stDim, "batch ")
	}
	l.put(stOp, r.Op)
	l.put(stText, " ")
	l.put(stText, skip(r.Summary, m.list().shift))
	if x.ex.Dump {
		l.put(stDim, " dump")
	}
	for _, f := range m.store.Findings(x.ex.ID) {
		if f.Code == flow.FindError || f.Code == flow.FindOrphan || f.Code == flow.FindUnanswered {
			continue
		}
		l.put(stText, " ")
		l.put(severityStyle(f.Severity()), "!"+f.Name())
	}
}

func drawWhy(m *Model, l *line, r *store.Row, x *rowContext) {
	l.put(x.st, skip(r.Why, m.list().shift))
}
