package tui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/render"
	"github.com/nlsniff/nlsniff/tui/store"
)

// rowsMsg brings rows of the list.
type rowsMsg struct {
	view      view
	gen, from int
	rows      []store.Row
}

// detailMsg brings a message.
type detailMsg struct {
	row    int
	detail *store.Detail
	err    error
}

// doneMsg says how a command ended.
type doneMsg struct {
	text string
	bad  bool
}

// want returns the commands that fetch what is on the screen, or will be after
// the next page, and is not there yet. One of each kind runs at a time.
func (m *Model) want() tea.Cmd {
	return tea.Batch(m.wantOrder(), m.wantRows(), m.wantDetail(), m.wantLadder(), m.wantStats(), m.wantFound())
}

func (m *Model) wantRows() tea.Cmd {
	c := &m.list().cache
	if c.busy || m.view == viewStats {
		return nil
	}
	first, end := m.span()
	if m.view == viewExchanges && m.lacksReasons() {
		c.clear()
	}
	from, to := c.missing(max(m.list().top, first), min(m.list().top+m.list().height, end), end)
	if from == to { // what is on the screen is there: the pages around it
		h := m.list().height
		if from, to = c.missing(max(m.list().top-h, first), min(m.list().top+2*h, end), end); from == to || m.list().follow {
			return nil
		}
	}
	c.busy = true
	numbers := make([]int, 0, to-from)
	var exchanges []int
	for pos := from; pos < to; pos++ {
		numbers = append(numbers, m.rowAt(pos))
		if m.view == viewExchanges {
			exchanges = append(exchanges, m.exchangeAt(pos))
		}
	}
	s, gen, v := m.store, c.gen, m.view
	return func() tea.Msg {
		d := s.NewDecoder()
		rows := d.Rows(numbers)
		if v == viewExchanges {
			d.Reasons(rows, exchanges)
		}
		return rowsMsg{v, gen, from, rows}
	}
}

// lacksReasons says whether an exchange on the screen has failed since its row was
// loaded.
func (m *Model) lacksReasons() bool {
	l := m.list()
	for pos := l.top; pos < l.top+l.height; pos++ {
		if r := l.cache.get(pos); r != nil && r.Errno == "" && r.Err == nil {
			if e, ok := m.store.Exchange(m.exchangeAt(pos)); ok && e.Refused() {
				return true
			}
		}
	}
	return false
}

func (m *Model) gotRows(msg rowsMsg) {
	c := &m.lists[msg.view].cache
	c.busy = false
	if msg.gen == c.gen {
		c.put(msg.from, msg.rows)
	}
}

// wantDetail fetches the message under the cursor.
func (m *Model) wantDetail() tea.Cmd {
	first, end := m.span()
	if first == end && m.filtered() {
		m.clearPanes()
	}
	if m.detailBusy || first == end || m.view == viewStats {
		return nil
	}
	row := m.rowAt(m.list().cursor)
	if d := m.detail.tree.d; d != nil && d.Row == row && !m.detail.stale {
		return nil
	}
	m.detailBusy, m.detail.stale = true, false
	s := m.store
	return func() tea.Msg {
		d, err := s.NewDecoder().Detail(row)
		return detailMsg{row, d, err}
	}
}

// clearPanes empties the panes of one message: there is none.
func (m *Model) clearPanes() {
	if m.view == viewExchanges {
		m.ladder.rows, m.ladder.found, m.ladder.why, m.ladder.more, m.ladder.id = nil, nil, nil, false, 0
	}
	if m.detail.tree.d != nil && m.view != viewStats {
		m.detail.tree.d = nil
		m.detail.rebuild()
	}
	m.place()
}

func (m *Model) gotDetail(msg detailMsg) {
	m.detailBusy = false
	if first, end := m.span(); first == end {
		return // it came late
	}
	if msg.err != nil {
		nothing := &dissect.Tree{}
		m.detail.tree.d = &store.Detail{Row: msg.row, Message: -1, Tree: nothing, Event: render.Event{Tree: nothing}}
		m.detail.rebuild()
		if m.st.Err == nil { // which says why
			m.complain(render.Escape(msg.err.Error()))
		}
		return
	}
	m.detail.tree.d = msg.detail
	m.detail.rebuild()
	m.showSelection()
}

// showSelection scrolls the bytes to the chosen field.
func (m *Model) showSelection() {
	if m.detail.tree.d == nil {
		return
	}
	from, to := m.detail.selection()
	if from == to {
		from, to = m.ownBytes()
		to = min(to, from+1)
	}
	m.bytes.show(from, to)
	if m.focus != paneBytes {
		m.bytes.cursor = from
	}
}
