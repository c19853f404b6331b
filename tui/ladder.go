package tui

import (
	"strconv"

	tea "charm.land/bubbletea/v2"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/flow"
	"github.com/nlsniff/nlsniff/render"
	"github.com/nlsniff/nlsniff/tui/store"
)

// ladder is the pane of one exchange: its messages between process and kernel.
type ladder struct {
	id     int
	ex     store.Exchange
	rows   []store.Row
	roles  []flow.Role
	more   bool
	found  []flow.Finding
	why    *store.Refusal
	above  []said // the reason, on the screen
	notes  []said // what stands below the messages
	cursor int
	top    int
	shift  int // cells that the messages are moved to the left
	height int
	busy   bool
	stale  bool
}

// maxRungs is how many messages of an exchange are shown.
const maxRungs = 1000

// ladderMsg brings an exchange.
type ladderMsg struct {
	id    int
	ex    store.Exchange
	rows  []store.Row
	roles []flow.Role
	more  bool
	found []flow.Finding
	why   *store.Refusal
}

// wantLadder fetches the exchange under the cursor, and again when it has got
// more messages.
func (m *Model) wantLadder() tea.Cmd {
	l := &m.ladder
	first, end := m.span()
	if m.view != viewExchanges || l.busy || first == end {
		return nil
	}
	id := m.exchangeAt(m.list().cursor)
	ex, ok := m.store.Exchange(id)
	if !ok || l.id == id && l.ex == ex && !l.stale {
		return nil
	}
	l.busy, l.stale = true, false
	s := m.store
	return func() tea.Msg {
		msg := ladderMsg{id: id, ex: ex, found: s.Findings(id)}
		var rows []int
		rows, msg.more = s.Members(id)
		if len(rows) > maxRungs {
			rows, msg.more = rows[:maxRungs], true
		}
		d := s.NewDecoder()
		msg.rows = d.Rows(rows)
		msg.why = d.Refusal(id)
		for _, row := range rows {
			_, role := s.Ref(row)
			msg.roles = append(msg.roles, role)
		}
		return msg
	}
}

func (m *Model) gotLadder(msg ladderMsg) {
	l := &m.ladder
	l.busy = false
	if l.id != msg.id {
		l.cursor, l.top, l.shift = 0, 0, 0
	}
	l.id, l.ex, l.rows, l.roles, l.more, l.found, l.why = msg.id, msg.ex, msg.rows, msg.roles, msg.more, msg.found, msg.why
	l.clamp()
}

// lines is how many lines there are: the messages, and remarks.
func (l *ladder) lines() int { return len(l.rows) + len(l.notes) }

// placeLadder fits the exchange to the place that it has.
func (m *Model) placeLadder(q rect) {
	l := &m.ladder
	l.notes = l.notes[:0]
	if l.more {
		l.notes = append(l.notes, said{spaces(17) + "there are more messages", stDim})
	}
	for _, f := range l.found {
		if f.Code != flow.FindError || l.why == nil { // said above
			l.notes = m.wrapped(l.notes, "! "+f.Severity().String()+" "+f.Name()+": "+m.store.FindingText(f), severityStyle(f.Severity()), q.w)
		}
	}
	l.above = m.fitted(m.reasons(l.why, q.w), max(q.h-1-l.lines(), q.h/2))
	l.height = q.h - 1 - len(l.above)
	l.clamp()
}

func (l *ladder) clamp() {
	l.cursor = max(min(l.cursor, l.lines()-1), 0)
	h := max(l.height, 1)
	if l.cursor < l.top {
		l.top = l.cursor
	}
	if l.cursor >= l.top+h {
		l.top = l.cursor - h + 1
	}
	l.top = max(min(l.top, l.lines()-h), 0)
}

// sides are the columns of the two lifelines.
func sides(w int) (left, right int) { return 17, w - 3 }

func (m *Model) drawLadder(w, h int) []string {
	l := &m.ladder
	var out []string
	if len(l.rows) == 0 {
		return m.empty(w, h, m.whyNoDetail())
	}
	out = append(m.drawSaid(out, l.above, w), m.ladderHead(w))
	for i := l.top; len(out) < h; i++ {
		ln := m.line(w)
		if i == l.cursor && i < l.lines() {
			ln.over = stCursorIn
			if m.focus == paneLadder {
				ln.over = stCursor
			}
		}
		switch k := i - len(l.rows); {
		case k < 0:
			m.rung(ln, i)
		case k < len(l.notes):
			ln.put(l.notes[k].st, l.notes[k].text)
		}
		ln.to(stText, w)
		out = append(out, ln.end())
	}
	return out[:max(h, 0)]
}

// ladderHead names both ends.
func (m *Model) ladderHead(w int) string {
	left, right := sides(w)
	r := &m.ladder.rows[0]
	ln := m.line(w)
	who := r.Process
	if r.PortID != 0 && who != strconv.Itoa(int(r.PortID)) {
		who += " portid " + strconv.Itoa(int(r.PortID))
	}
	ln.to(stText, max(left-width(who)/2, 1))
	ln.put(stTo, who)
	ln.to(stText, max(right-4, ln.w+1))
	ln.put(stFrom, "kernel")
	return ln.end()
}

// rung draws a message as an arrow from one lifeline to the other.
func (m *Model) rung(ln *line, i int) {
	l := &m.ladder
	r := &l.rows[i]
	left, right := sides(ln.max)
	ln.right(stDim, m.since(i), left-1)
	ln.to(stText, left)
	n := right - left - 1
	text, st := skip(m.rungText(r, l.roles[i]), l.shift), stText
	if _, s := m.outcome(r); s != stText {
		st = s
	}
	text = cut(text, max(n-7, 0), m.gl.more)
	fill := n - width(text) - 5
	if fill < 0 {
		return
	}
	dir := stTo
	if r.Dir == dissect.DirFromKernel {
		dir = stFrom
	}
	bar := func(count int) { ln.repeat(dir, m.gl.rule, ln.w+count) }
	ln.put(stRule, m.gl.bar)
	if r.Dir == dissect.DirFromKernel {
		ln.put(dir, m.gl.headLeft)
		bar(fill)
		ln.put(stText, " ")
		ln.put(st, text)
		ln.put(stText, " ")
		bar(2)
	} else {
		bar(2)
		ln.put(stText, " ")
		ln.put(st, text)
		ln.put(stText, " ")
		bar(fill)
		ln.put(dir, m.gl.headRight)
	}
	ln.put(stRule, m.gl.bar)
}

// since says when a message came: the time of the first, and for the others
// how much later.
func (m *Model) since(i int) string {
	r := m.ladder.rows
	if i == 0 {
		return cut(r[0].Time, 15, "")
	}
	return "+" + millis(r[i].When-r[0].When)
}

// millis writes nanoseconds as milliseconds.
func millis(ns int64) string {
	switch {
	case ns >= 10e9:
		return strconv.FormatFloat(float64(ns)/1e9, 'f', 2, 64) + " s"
	case ns >= 100e6:
		return strconv.FormatFloat(float64(ns)/1e6, 'f', 0, 64) + " ms"
	}
	return strconv.FormatFloat(float64(ns)/1e6, 'f', 2, 64) + " ms"
}

// rungText is what a message says on its arrow.
func (m *Model) rungText(r *store.Row, role flow.Role) string {
	if r.Err != nil {
		return render.Escape(r.Err.Error())
	}
	s := r.Op
	if sign, _ := m.outcome(r); sign != "" && r.Result != render.ResultPart {
		s = sign + " " + s
	}
	if r.Words != "" {
		s += " " + r.Words
	}
	if r.Summary != "" {
		s += " " + r.Summary
	}
	switch role {
	case flow.Notification:
		s = "notifies: " + s
	case flow.Copy:
		s = "copy: " + s
	}
	if role == flow.Request && r.Flags != "" {
		s += "  " + r.Flags
	}
	if r.Interrupted {
		s += "  ! DUMP_INTR"
	}
	if r.Short {
		s += "  ! cut off: the receiver's buffer was too small"
	}
	if r.Overrun {
		s += "  ! messages before this one were lost"
	}
	if r.Marks != "" {
		s += "  " + r.Marks
	}
	return s
}

func severityStyle(s dissect.Severity) style {
	switch s {
	case dissect.Error:
		return stError
	case dissect.Warning:
		return stWarn
	}
	return stDim
}

// shiftLadder moves what the messages say to the left.
func (m *Model) shiftLadder(n int) tea.Cmd {
	l := &m.ladder
	l.shift = max(l.shift+n, 0)
	if l.shift == 0 && n < 0 {
		return m.say("the messages start here")
	}
	return nil
}

// fromLadder goes to the chosen message in the list of messages.
func (m *Model) fromLadder() tea.Cmd {
	l := &m.ladder
	if l.cursor >= len(l.rows) {
		return m.complain("this is no message")
	}
	return m.toMessage(l.rows[l.cursor].Row)
}

// toMessage shows a row of the store in the list of messages.
func (m *Model) toMessage(row int) tea.Cmd {
	m.show(viewMessages)
	m.uncover(row)
	m.jump(m.posOf(row))
	return nil
}

// toExchange shows the exchange of the chosen message.
func (m *Model) toExchange() tea.Cmd {
	first, end := m.span()
	if first == end {
		return m.complain("there is no message")
	}
	id, _ := m.store.Ref(m.rowAt(m.list().cursor))
	if id == 0 {
		return m.complain("the message is in no exchange: the kernel says it to everyone, or to nobody's request")
	}
	m.show(viewExchanges)
	if m.sorted.ids != nil && m.exchangePos(id) < 0 {
		m.sorted = ordering{busy: m.sorted.busy}
	}
	if m.exchangeAt(m.exchangePos(id)) != id {
		m.setFilter("", nil)
		m.say("the filter hid this exchange, and is gone; \\ and up bring it back")
	}
	m.jump(m.exchangePos(id))
	return nil
}

// partner goes to the next or the previous message of the same exchange.
func (m *Model) partner(step int) tea.Cmd {
	first, end := m.span()
	if first == end {
		return m.complain("there is no message")
	}
	row := m.rowAt(m.list().cursor)
	id, _ := m.store.Ref(row)
	if id == 0 {
		return m.complain("the message is in no exchange")
	}
	s := m.store
	return func() tea.Msg {
		rows, _ := s.Members(id)
		for i, r := range rows {
			if r == row && i+step >= 0 && i+step < len(rows) {
				return partnerMsg{rows[i+step], true}
			}
		}
		return partnerMsg{}
	}
}

// partnerMsg brings the row of another message of an exchange.
type partnerMsg struct {
	row int
	ok  bool
}

func (m *Model) gotPartner(msg partnerMsg) {
	if !msg.ok {
		m.complain("the exchange has no message further that way")
		return
	}
	m.uncover(msg.row)
	m.jump(m.posOf(msg.row))
}
