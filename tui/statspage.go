package tui

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/render"
	"github.com/nlsniff/nlsniff/tui/store"
)

// statsPage is the view of counts.
type statsPage struct {
	stats   store.Stats
	counter *store.Counter // of what the filter lets through, nil without one
	order   statsOrder
	items   []statsItem    // the rows that can be chosen, as they were drawn last
	cursor  int            // of items
	names   [3][]store.Row // of operations, processes and errors: a message of each
	have    bool
	busy    bool
	stale   bool
	seen    int // messages when the counts were taken
	top     int
	lines   int
}

// twoColumns is the width from which tables stand beside each other.
const twoColumns = 110

// statsTop is how many of a kind are shown.
const statsTop = 40

// statsMsg brings counts.
type statsMsg struct {
	stats store.Stats
	names [3][]store.Row
	seen  int
	run   *store.Matches
}

// wantStats fetches the counts if there are new messages.
func (m *Model) wantStats() tea.Cmd {
	p := &m.stats
	seen, run := m.st.End, m.filter.run
	if run != nil {
		_, seen = run.Span()
	}
	if m.view != viewStats || p.busy || p.have && !p.stale && p.seen == seen {
		return nil
	}
	if run != nil && p.counter == nil {
		p.counter = run.NewCounter()
	}
	p.busy, p.stale = true, false
	s, counter := m.store, p.counter
	return func() tea.Msg {
		msg := statsMsg{seen: seen, run: run}
		more := false
		if run == nil {
			msg.stats = s.Stats()
		} else if msg.stats, more = counter.Count(countRows); more {
			msg.seen = -1
		}
		d := s.NewDecoder()
		for i, list := range [][]store.Count{msg.stats.Ops, msg.stats.Processes, msg.stats.Errors} {
			var rows []int
			if i > 0 { // of all operations, for the families that they are of
				list = list[:min(len(list), statsTop)]
			}
			for _, c := range list {
				rows = append(rows, c.Row)
			}
			msg.names[i] = d.Rows(rows)
		}
		msg.stats.Ops, msg.names[0] = joinedOps(msg.stats.Ops, msg.names[0])
		return msg
	}
}

// countRows is how many matching messages are counted in one go.
const countRows = 50_000

func (m *Model) gotStats(msg statsMsg) {
	p := &m.stats
	p.busy = false
	if msg.run != m.filter.run {
		return // of another filter
	}
	p.stats, p.names, p.seen, p.have = msg.stats, msg.names, msg.seen, true
}

// drawStats returns the part of the page that is on the screen.
func (m *Model) drawStats(w, h int) []string {
	if !m.stats.have {
		return m.empty(w, h, m.gl.more)
	}
	page := m.statsLines(w)
	m.stats.lines = len(page)
	m.stats.top = max(min(m.stats.top, len(page)-h), 0)
	out := page[m.stats.top:min(m.stats.top+h, len(page))]
	for len(out) < h {
		out = append(out, m.line(w).end())
	}
	return out
}

// statsLines is the whole page: the rate over all of its width, and tables
// beside each other where there is room for two.
func (m *Model) statsLines(w int) []string {
	out := append(m.rateGraph(w), m.troubleLines(w)...)
	m.stats.items = m.stats.items[:0]
	half := w
	if w >= twoColumns {
		half = (w - 3) / 2
	}
	s := &m.stats.stats
	sums, of := byFamily(s.Ops, m.stats.names[0])
	ops := func() []string {
		return m.countTable("Operations", s.Ops, m.stats.names[0], half, operationName, operationFilter)
	}
	errs := func() []string {
		return m.countTable("Errors by reason", s.Errors, m.stats.names[2], half, m.errorName, m.errorFilter)
	}
	procs := func() []string {
		return m.countTable("Processes and sockets", s.Processes, m.stats.names[1], half, processName, processFilter)
	}
	fams := func() []string { return m.countTable("Families", sums, of, half, familyName, familyFilter) }
	latency := func() []string { return m.latencyTable(half) }
	states := func() []string { return m.statesTable(half) }
	stack := func(column int, tables ...func() []string) (lines []string) {
		for i, t := range tables {
			if i > 0 {
				lines = append(lines, m.line(half).end())
			}
			from := len(m.stats.items)
			part := t()
			for k := from; k < len(m.stats.items); k++ {
				m.stats.items[k].line += len(out) + len(lines)
				m.stats.items[k].column = column
			}
			lines = append(lines, part...)
		}
		return lines
	}
	if half == w {
		return append(out, stack(0, ops, errs, procs, fams, latency, states)...)
	}
	left, right := stack(0, ops, procs), stack(1, fams, errs, latency, states)
	for i := range max(len(left), len(right)) {
		a, b := m.line(half).end(), m.line(w-half-3).end()
		if i < len(left) {
			a = left[i]
		}
		if i < len(right) {
			b = right[i]
			if w-half-3 > half {
				b += " "
			}
		}
		out = append(out, a+"   "+b)
	}
	return out
}

// troubleLines say what was lost and what was not seen, if anything.
func (m *Model) troubleLines(w int) (out []string) {
	for _, s := range render.Troubles(&m.stats.stats.Troubles) {
		l := m.line(w)
		l.put(stError, "  ! "+s)
		out = append(out, l.end())
	}
	if len(out) > 0 {
		out = append(out, m.line(w).end())
	}
	return out
}

// byFamily sums the counts of operations up by the families that they are of.
// The first row of each says which that is.
func byFamily(ops []store.Count, rows []store.Row) ([]store.Count, []store.Row) {
	var list []store.Count
	var of []store.Row
	at := map[string]int{}
	for i := range rows {
		name := familyName(nil, &rows[i])
		k, have := at[name]
		if !have {
			k = len(list)
			at[name] = k
			list, of = append(list, store.Count{Row: ops[i].Row}), append(of, rows[i])
		}
		list[k].Messages += ops[i].Messages
		list[k].Bytes += ops[i].Bytes
	}
	order := make([]int, len(list))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(list[b].Messages, list[a].Messages) })
	sorted, sortedOf := make([]store.Count, len(list)), make([]store.Row, len(list))
	for i, k := range order {
		sorted[i], sortedOf[i] = list[k], of[k]
	}
	return sorted, sortedOf
}

// familyName is the family of an operation. What answers is of its protocol.
func familyName(_ *store.Count, r *store.Row) string {
	switch {
	case answers(r) != "":
		return "errors, ACKs and DONEs of " + families.ProtocolName(r.Proto)
	case r.Family != "":
		return r.Family
	}
	return families.ProtocolName(r.Proto)
}

// rateGraph draws messages a second over the time of the capture.
func (m *Model) rateGraph(w int) []string {
	s := &m.stats.stats
	const height, axis = 6, 9
	n := w - axis - 1
	cols, failed := squeeze(s.Rate, n), squeeze(s.Failed, n)
	per := float64(s.Width) / 1e9 * float64(max(len(s.Rate), 1)) / float64(max(len(cols), 1))
	most := 0.0
	for _, v := range cols {
		most = max(most, v/per)
	}
	head := m.line(w)
	head.put(stTitle, "Messages a second")
	of := ""
	if m.filter.run != nil {
		of = " of " + thousands(m.st.End-m.st.First)
	}
	head.put(stDim, "  "+plural(int(s.Messages), "message")+of+", "+bytesText(s.Bytes)+", in "+span(s.Width*int64(len(s.Rate)))+"; lost "+thousands(int(m.st.Lost)))
	out := []string{head.end()}
	for y := height - 1; y >= 0; y-- {
		l := m.line(w)
		switch y {
		case height - 1:
			l.right(stDim, number(most), axis-2)
		case 0:
			l.right(stDim, "0", axis-2)
		}
		l.to(stText, axis-1)
		l.put(stRule, m.gl.bar)
		for i, v := range cols {
			level := 0.0
			if most > 0 {
				level = v / per / most * float64(height*8)
			}
			st := stTo
			if failed[i] > 0 {
				st = stError
			}
			l.put(st, m.block(level-float64(8*y), y == 0 && v > 0))
		}
		out = append(out, l.end())
	}
	foot := m.line(w)
	foot.to(stText, axis-1)
	foot.put(stDim, "+0 s")
	end := span(s.Width * int64(len(s.Rate)))
	foot.to(stText, min(axis+len(cols)-width(end), w-width(end)))
	foot.put(stDim, end)
	if positive(failed) {
		foot.put(stText, "  ")
	}
	out = append(out, foot.end())
	if positive(failed) {
		note := m.line(w)
		note.to(stText, axis)
		note.put(stError, m.gl.spark[7])
		note.put(stDim, " with errors")
		out = append(out, note.end())
	}
	return append(out, m.line(w).end())
}

func positive(list []float64) bool {
	for _, v := range list {
		if v > 0 {
			return true
		}
	}
	return false
}

// block is the sign for so many eighths of a line.
func (m *Model) block(eighths float64, some bool) string {
	switch {
	case eighths >= 8:
		return m.gl.spark[7]
	case eighths >= 1:
		return m.gl.spark[int(eighths)-1]
	case some:
		return m.gl.spark[0]
	}
	return " "
}

// squeeze sums counts up into at most n columns.
func squeeze(counts []int32, n int) []float64 {
	if n <= 0 || len(counts) == 0 {
		return nil
	}
	out := make([]float64, min(n, len(counts)))
	for i, c := range counts {
		out[i*len(out)/len(counts)] += float64(c)
	}
	return out
}

// span writes a time with its unit.
func span(ns int64) string {
	switch {
	case ns >= 100e9:
		return (time.Duration(ns) / time.Second * time.Second).String()
	case ns >= 1e9:
		return strconv.FormatFloat(float64(ns)/1e9, 'f', 1, 64) + " s"
	case ns >= 1e6:
		return strconv.FormatFloat(float64(ns)/1e6, 'f', 0, 64) + " ms"
	}
	return strconv.FormatInt(ns/1000, 10) + " us"
}

// number writes a rate.
func number(v float64) string {
	switch {
	case v >= 1e6:
		return strconv.FormatFloat(v/1e6, 'f', 1, 64) + "M"
	case v >= 1e4:
		return strconv.FormatFloat(v/1e3, 'f', 0, 64) + "k"
	}
	return strconv.FormatFloat(v, 'f', 0, 64)
}

// bytesText writes a number of bytes.
func bytesText(n int64) string {
	switch {
	case n >= 10<<20:
		return strconv.FormatInt(n>>20, 10) + " MiB"
	case n >= 10<<10:
		return strconv.FormatInt(n>>10, 10) + " KiB"
	}
	return plural(int(n), "byte")
}
