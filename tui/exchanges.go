package tui

import (
	"strconv"

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
func (m *Model) drawExchange(l *line, pos int, r *store.Row) {
	e, ok := m.store.Exchange(m.exchangeAt(pos))
	if !ok {
		l.put(stDim, " no longer kept")
		return
	}
	l.right(stDim, "#"+strconv.Itoa(e.ID), 7)
	l.put(stText, " ")
	wide := l.max >= 100
	if wide {
		l.field(stDim, r.Time, 15)
		l.put(stText, " ")
	}
	l.field(stTo, r.Process, map[bool]int{true: 18, false: 13}[wide])
	l.put(stText, " ")
	sign, st := m.went(&e)
	l.field(st, sign, 16)
	l.put(stText, " ")
	took := ""
	if e.Took >= 0 {
		took = millis(e.Took)
	}
	l.right(stDim, took, 10)
	l.put(stText, " ")
	if l.max >= 120 {
		n := ""
		if e.Replies > 0 {
			n = plural(int(e.Replies), "reply")
			if e.Replies != 1 {
				n = thousands(int(e.Replies)) + " replies"
			}
		}
		l.right(stDim, n, 13)
		l.put(stText, " ")
	}
	if e.Batch {
		l.put(stDim, "batch ")
	}
	l.put(stOp, r.Op)
	l.put(stText, " ")
	l.put(stText, skip(r.Summary, m.list().shift))
	if e.Dump {
		l.put(stDim, " dump")
	}
	for _, f := range m.store.Findings(e.ID) {
		if f.Code == flow.FindError || f.Code == flow.FindOrphan || f.Code == flow.FindUnanswered {
			continue // the outcome says it
		}
		l.put(stText, " ")
		l.put(severityStyle(f.Severity()), "!"+f.Name())
	}
}

func (m *Model) exchangeHead(w int) string {
	l := m.line(w)
	wide := w >= 100
	l.put(stHead, " ")
	l.right(stHead, "#", 7)
	l.put(stHead, " ")
	if wide {
		l.field(stHead, "time", 16)
	}
	l.field(stHead, "process", map[bool]int{true: 19, false: 14}[wide])
	l.field(stHead, "outcome", 17)
	l.right(stHead, "took", 10)
	l.put(stHead, " ")
	if w >= 120 {
		l.right(stHead, "answers", 13)
		l.put(stHead, " ")
	}
	l.put(stHead, "request")
	l.to(stHead, w)
	return l.end()
}
