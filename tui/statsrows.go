package tui

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/nlsniff/nlsniff/tui/store"
)

// statsItem is a row of the statistics that can be chosen, and the filter for what
// it counts.
type statsItem struct {
	line, column int
	expr         string
}

// statsOrder is what the rows of the statistics are sorted by, and counted in.
type statsOrder uint8

const (
	byMessages statsOrder = iota
	byBytes
	byName
	numStatsOrders
)

var statsOrderNames = [...]string{byMessages: "the number of messages", byBytes: "bytes", byName: "name"}

func (o statsOrder) unit() string {
	if o == byBytes {
		return "bytes"
	}
	return "messages"
}

func (o statsOrder) of(c *store.Count) int64 {
	if o == byBytes {
		return c.Bytes
	}
	return c.Messages
}

// sorted returns the places of counts in the order that is wanted.
func (o statsOrder) sorted(list []store.Count, name func(int) string) []int {
	places := make([]int, len(list))
	for i := range places {
		places[i] = i
	}
	slices.SortStableFunc(places, func(a, b int) int {
		if o == byName {
			return cmp.Compare(name(a), name(b))
		}
		if d := cmp.Compare(o.of(&list[b]), o.of(&list[a])); d != 0 {
			return d
		}
		return cmp.Compare(list[a].Row, list[b].Row)
	})
	return places
}

// nextStatsOrder sorts the statistics by something else.
func (m *Model) nextStatsOrder() tea.Cmd {
	m.stats.order = (m.stats.order + 1) % numStatsOrders
	return m.say("sorted by " + statsOrderNames[m.stats.order])
}

// moveStats goes so many rows down in the statistics, or to the other column.
func (m *Model) moveStats(n int) tea.Cmd {
	p := &m.stats
	if len(p.items) == 0 {
		p.top = max(p.top+n, 0)
		return nil
	}
	at := p.items[min(p.cursor, len(p.items)-1)]
	to := p.cursor
	for ; n != 0; n -= sign(n) {
		next := to + sign(n)
		if next < 0 || next >= len(p.items) || p.items[next].column != at.column {
			break
		}
		to = next
	}
	if to == p.cursor {
		p.top = max(p.top+n, 0) // what stands above the first and below the last row
	}
	p.cursor = to
	m.showStats()
	return nil
}

func sign(n int) int { return cmp.Compare(n, 0) }

// otherColumn goes to the row beside.
func (m *Model) otherColumn(step int) tea.Cmd {
	p := &m.stats
	if p.cursor >= len(p.items) {
		return nil
	}
	at, best := p.items[p.cursor], -1
	for i, it := range p.items {
		if it.column == at.column+step && (best < 0 || dist(it.line, at.line) < dist(p.items[best].line, at.line)) {
			best = i
		}
	}
	if best < 0 {
		return m.say("there is no column on that side")
	}
	p.cursor = best
	m.showStats()
	return nil
}

// showStats scrolls to the chosen row.
func (m *Model) showStats() {
	p := &m.stats
	if p.cursor >= len(p.items) {
		return
	}
	h := max(m.layout()[paneList].inner().h, 1)
	if line := p.items[p.cursor].line; line < p.top {
		p.top = line
	} else if line >= p.top+h {
		p.top = line - h + 1
	}
}

// statsChosen is the filter for the chosen row, "" if there is none.
func (m *Model) statsChosen() string {
	if p := &m.stats; p.cursor < len(p.items) {
		return p.items[p.cursor].expr
	}
	return ""
}

// openStats shows the messages that the chosen row counts.
func (m *Model) openStats() tea.Cmd {
	expr := m.statsChosen()
	if expr == "" {
		return m.complain("there is no row to open; 1 shows the messages")
	}
	if old := m.filter.text; m.filter.in != nil && old != expr {
		expr = group(old) + " and " + group(expr)
	}
	m.show(viewMessages)
	return m.enterFilter(expr)
}

// filterStats filters by the chosen row, and stays.
func (m *Model) filterStats() tea.Cmd {
	expr := m.statsChosen()
	if expr == "" {
		return m.complain("there is no row to filter by")
	}
	return m.build(expr)
}

// joinedOps puts together what has one name: requests and notifications are
// counted apart.
func joinedOps(ops []store.Count, rows []store.Row) ([]store.Count, []store.Row) {
	at := map[string]int{}
	var list []store.Count
	var of []store.Row
	for i := range rows {
		name := operationName(nil, &rows[i])
		k, have := at[name]
		if !have {
			at[name] = len(list)
			list, of = append(list, ops[i]), append(of, rows[i])
			continue
		}
		list[k].Messages += ops[i].Messages
		list[k].Bytes += ops[i].Bytes
	}
	return list, of
}

// answers says whether a row is an error, an ACK or a DONE, and which type those
// have.
func answers(r *store.Row) string {
	switch r.Control {
	case 2:
		return "NLMSG_ERROR"
	case 3:
		return "NLMSG_DONE"
	}
	return ""
}

func operationFilter(_ *store.Count, r *store.Row) string {
	if typ := answers(r); typ != "" {
		return "proto == " + strconv.Itoa(int(r.Proto)) + " and type == " + map[string]string{"NLMSG_ERROR": "2", "NLMSG_DONE": "3"}[typ]
	}
	if r.Op == "" || r.Err != nil {
		return ""
	}
	return "op == " + strconv.Quote(r.Op) + notAnswers
}

// notAnswers leaves out what answers an operation, which has its name as well.
const notAnswers = " and not errno"

func familyFilter(_ *store.Count, r *store.Row) string {
	proto := "proto == " + strconv.Itoa(int(r.Proto))
	switch {
	case answers(r) != "":
		return proto + " and type in {2 3}"
	case r.Family == "":
		return proto + " and not family and not type in {2 3}"
	}
	return "family == " + strconv.Quote(r.Family) + notAnswers
}

func processFilter(_ *store.Count, r *store.Row) string {
	switch {
	case r.PID != 0:
		return "pid == " + strconv.Itoa(int(r.PID))
	case r.Comm != "":
		return "comm == " + strconv.Quote(r.Comm)
	case r.PortID == 0:
		return "(portid == 0 or not portid)" // uevents have no header to have one in
	}
	return "portid == " + strconv.Itoa(int(r.PortID))
}

// errorFilter is the filter for an error with the kernel's words.
func (m *Model) errorFilter(c *store.Count, _ *store.Row) string {
	expr := "errno == " + m.errnoText(min(c.Errno, -c.Errno))
	if text := strings.TrimRight(c.Text, "\x00"); text != "" {
		return expr + " and extack == " + strconv.Quote(text)
	}
	return expr + " and not extack"
}

// latencyFilter is the filter for exchanges whose first answer took below 2^i
// microseconds, and not below half of that.
func latencyFilter(i int) string {
	us := func(i int) string { return strconv.FormatInt(1<<i, 10) + "us" }
	if i == 0 {
		return "exchange.latency < 1us"
	}
	return "exchange.latency >= " + us(i-1) + " and exchange.latency < " + us(i)
}
