package tui

import (
	"strconv"
	"strings"

	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/flow"
	"github.com/nlsniff/nlsniff/internal/phrase"
	"github.com/nlsniff/nlsniff/render"
	"github.com/nlsniff/nlsniff/tui/store"
)

// countTable draws counts with bars, those first that the order wants.
func (m *Model) countTable(title string, list []store.Count, rows []store.Row, w int, name func(*store.Count, *store.Row) string, expr func(*store.Count, *store.Row) string) []string {
	order := m.stats.order
	head := m.line(w)
	head.put(stHead, title)
	head.right(stHead, order.unit(), w-head.w)
	out := []string{head.end()}
	most := int64(0)
	places := order.sorted(list[:min(len(list), len(rows))], func(i int) string { return name(&list[i], &rows[i]) })
	for _, i := range places {
		most = max(most, order.of(&list[i]))
	}
	for _, i := range places[:min(len(places), statsTop)] {
		v := order.of(&list[i])
		out = append(out, m.bar(name(&list[i], &rows[i]), expr(&list[i], &rows[i]), int(v), int(most), thousands(int(v)), w, len(out)))
	}
	if len(list) == 0 {
		l := m.line(w)
		l.put(stDim, " none")
		out = append(out, l.end())
	}
	if n := len(list) - min(len(places), statsTop); n > 0 {
		l := m.line(w)
		l.put(stDim, " and "+thousands(n)+" more "+phrase.Word(n, "kind"))
		out = append(out, l.end())
	}
	return out
}

// bar draws a name, a bar and a number on a line of its table. With a filter, it can
// be chosen.
func (m *Model) bar(name, expr string, v, most int, text string, w, line int) string {
	l := m.line(w)
	cells := w / 5
	mark := " "
	if expr != "" {
		if len(m.stats.items) == m.stats.cursor {
			l.over, mark = stCursor, m.gl.cursor
		}
		m.stats.items = append(m.stats.items, statsItem{line: line, expr: expr})
	}
	l.put(stText, mark)
	l.field(stText, name, w-cells-12)
	l.put(stText, " ")
	n := 0
	if most > 0 {
		n = v * cells / most
	}
	l.put(stTo, strings.Repeat(m.gl.full, n))
	if n == 0 && v > 0 {
		l.put(stTo, m.gl.spark[0])
	}
	l.to(stText, w-10)
	l.right(stText, text, 10)
	return l.end()
}

// operationName names an operation by one of its messages.
func operationName(_ *store.Count, r *store.Row) string {
	switch answers(r) {
	case "NLMSG_ERROR":
		return "NLMSG_ERROR  " + families.ProtocolName(r.Proto) + ", ACKs too"
	case "NLMSG_DONE":
		return "NLMSG_DONE  " + families.ProtocolName(r.Proto)
	}
	return strings.TrimSpace(r.Op + "  " + r.Family)
}

func processName(_ *store.Count, r *store.Row) string {
	if r.PID == 0 && r.Comm == "" {
		return "portid " + strconv.Itoa(int(r.PortID))
	}
	return r.Process
}

// errorName names an error by its errno and the kernel's words.
func (m *Model) errorName(c *store.Count, r *store.Row) string {
	s := m.store.ErrnoName(c.Errno)
	if text := strings.TrimRight(c.Text, "\x00"); text != "" {
		s += ": " + render.Escape(text)
	} else if r.Op != "" {
		s += " without a reason, first for " + r.Op
	}
	return s
}

// latencyTable draws how long the first answers took.
func (m *Model) latencyTable(w int) []string {
	s := &m.stats.stats
	head := m.line(w)
	head.put(stHead, "Time to the first answer")
	head.right(stHead, "exchanges", w-head.w)
	out := []string{head.end()}
	first, last, most := -1, -1, int64(0)
	for i, n := range s.Latency {
		if n > 0 {
			if first < 0 {
				first = i
			}
			last = i
			most = max(most, n)
		}
	}
	if first < 0 {
		l := m.line(w)
		l.put(stDim, " none")
		return append(out, l.end())
	}
	for i := first; i <= last; i++ {
		out = append(out, m.bar("below "+span(1000<<i), latencyFilter(i), int(s.Latency[i]), int(most), thousands(int(s.Latency[i])), w, len(out)))
	}
	return out
}

func (m *Model) statesTable(w int) []string {
	head := m.line(w)
	head.put(stHead, "Exchanges by how they ended")
	head.right(stHead, "exchanges", w-head.w)
	out := []string{head.end()}
	most := int64(0)
	for _, n := range m.stats.stats.States {
		most = max(most, n)
	}
	for i, n := range m.stats.stats.States {
		if n > 0 {
			name := flow.State(i).String()
			out = append(out, m.bar(name, "exchange.state == "+name, int(n), int(most), thousands(int(n)), w, len(out)))
		}
	}
	return out
}
