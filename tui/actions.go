package tui

import (
	"strconv"

	tea "charm.land/bubbletea/v2"

	"github.com/nlsniff/nlsniff/render"
)

// page is how many rows the pane with the keys shows.
func (m *Model) page() int {
	switch m.focus {
	case paneDetail:
		return max(m.detail.height, 1)
	case paneBytes:
		return max(m.bytes.height, 1)
	case paneLadder:
		return max(m.ladder.height, 1)
	}
	return max(m.list().height, 1)
}

// move goes so many rows down in the pane with the keys.
func (m *Model) move(n int) tea.Cmd {
	switch m.focus {
	case paneDetail:
		m.detail.move(m.detail.cursor + n)
		m.showSelection()
		return nil
	case paneBytes:
		return m.moveByte(n * m.bytes.perRow)
	case paneLadder:
		m.ladder.cursor += n
		m.ladder.clamp()
		return nil
	}
	if m.view == viewStats {
		return m.moveStats(n)
	}
	return m.moveList(n)
}

// moveList goes so many rows down in the list.
func (m *Model) moveList(n int) tea.Cmd {
	first, end := m.span()
	if first == end {
		return m.complain("there are no messages")
	}
	was := m.list().cursor
	m.list().cursor += n
	m.list().clamp(first, end)
	switch {
	case m.list().cursor == was && n > 0:
		m.say("this is the last message")
	case m.list().cursor == was && n < 0:
		m.say("this is the first message")
	}
	if m.list().follow && n < 0 {
		m.list().follow = false
		m.say("no longer following; End does again")
	}
	return nil
}

// jump goes to a place in the list and remembers where it came from.
func (m *Model) jump(pos int) {
	first, end := m.span()
	if first == end {
		return
	}
	m.marks['\''] = m.rowAt(m.list().cursor)
	m.list().follow = false
	m.list().cursor = max(min(pos, end-1), first)
	h := m.list().height
	if m.list().cursor < m.list().top || m.list().cursor >= m.list().top+h {
		m.list().top = m.list().cursor - h/3
	}
	m.list().clamp(first, end)
}

func (m *Model) top() tea.Cmd {
	switch m.focus {
	case paneDetail:
		m.detail.move(0)
		m.showSelection()
	case paneBytes:
		return m.moveByte(-1 << 30)
	case paneLadder:
		m.ladder.cursor = 0
		m.ladder.clamp()
	default:
		m.stats.top, m.stats.cursor = 0, 0
		first, _ := m.span()
		m.jump(first)
	}
	return nil
}

func (m *Model) bottom() tea.Cmd {
	switch m.focus {
	case paneDetail:
		m.detail.move(1 << 30)
		m.showSelection()
	case paneBytes:
		return m.moveByte(1 << 30)
	case paneLadder:
		m.ladder.cursor = 1 << 30
		m.ladder.clamp()
	default:
		if m.view == viewStats {
			m.stats.top, m.stats.cursor = m.stats.lines, max(len(m.stats.items)-1, 0)
			return nil
		}
		_, end := m.span()
		m.jump(end - 1)
		if !m.st.Done && !m.paused {
			m.list().follow = true
			if !m.st.Live {
				m.say("following the end while the file is read")
			}
		}
	}
	return nil
}

// moveByte goes so many bytes on and shows whose they are.
func (m *Model) moveByte(n int) tea.Cmd {
	d := m.detail.tree.d
	if d == nil || len(d.Tree.Data) == 0 {
		return m.complain("there are no bytes")
	}
	m.toByte(max(min(m.bytes.cursor+n, len(d.Tree.Data)-1), 0))
	return nil
}

// toByte puts the byte cursor on a byte and the other on its field; a byte of
// another message of the frame opens that.
func (m *Model) toByte(off int) {
	d := m.detail.tree.d
	m.bytes.cursor = off
	m.bytes.show(off, off+1)
	node := nodeAt(d.Tree, off)
	if node < 0 {
		return
	}
	if d.Message >= 0 {
		own := 0
		for i := range d.Tree.Msgs {
			o := &d.Tree.Msgs[i]
			if o.EchoOf >= 0 {
				continue
			}
			if n := &d.Tree.Nodes[o.Node]; node >= o.Node && node < n.End && i != d.Message {
				m.sibling(own)
				return
			}
			own++
		}
	}
	m.detail.reveal(node)
}

// sibling goes to another message of the same frame.
func (m *Model) sibling(own int) {
	r := m.list().cache.get(m.list().cursor)
	if r == nil {
		return
	}
	pos := m.posOf(r.Row + own - r.Message)
	if m.rowAt(pos) == r.Row+own-r.Message {
		m.jump(pos)
	}
}

func (m *Model) shift(n int) tea.Cmd {
	m.list().shift = max(m.list().shift+n, 0)
	if m.list().shift == 0 && n < 0 {
		return m.say("the summaries start here")
	}
	return nil
}

func (m *Model) pause() tea.Cmd {
	if !m.st.Live {
		return m.complain("space stops the display of a live capture; this is a file")
	}
	m.paused = !m.paused
	if m.paused {
		return m.say("the display stands still, the capture goes on; space again to catch up")
	}
	m.refresh()
	return nil
}

// toggle folds or unfolds the row under the cursor.
func (m *Model) toggle() tea.Cmd {
	r := m.detail.row()
	switch {
	case r == nil:
		return m.complain("there is no field")
	case r.request > 0:
		return m.toFrame(int(r.request))
	case !r.kids:
		return m.complain("there is nothing to unfold")
	}
	m.detail.fold(!r.open)
	m.showSelection()
	return nil
}

func (m *Model) unfold() tea.Cmd {
	r := m.detail.row()
	switch {
	case r == nil || !r.kids:
		return m.complain("there is nothing to unfold")
	case r.open:
		m.detail.move(m.detail.cursor + 1)
	default:
		m.detail.fold(true)
	}
	m.showSelection()
	return nil
}

func (m *Model) foldOrUp() tea.Cmd {
	r := m.detail.row()
	switch {
	case r != nil && r.kids && r.open:
		m.detail.fold(false)
	case m.detail.parent() >= 0:
		m.detail.move(m.detail.parent())
	default:
		return m.say("this is the top; esc goes to the list")
	}
	m.showSelection()
	return nil
}

// showLayout shows or hides the rows of lengths, types and padding.
func (m *Model) showLayout() tea.Cmd {
	m.detail.tree.layout = !m.detail.tree.layout
	m.detail.rebuild()
	m.showSelection()
	return nil
}

// toPointed goes to what the error is about.
func (m *Model) toPointed() tea.Cmd {
	if i := m.detail.tree.pointedNode; i >= 0 && m.detail.tree.d != nil {
		m.detail.reveal(i)
	}
	for i := range m.detail.tree.rows {
		if m.detail.tree.rows[i].pointed {
			m.detail.move(i)
			m.showSelection()
			return nil
		}
	}
	for i := range m.detail.tree.rows {
		if r := &m.detail.tree.rows[i]; r.request > 0 {
			m.detail.move(i)
			return m.say("the request is not in the error but in frame " + strconv.Itoa(int(r.request)))
		}
	}
	return m.complain("the kernel points at nothing here")
}

// fromExchange shows the request of the chosen exchange among the messages.
func (m *Model) fromExchange() tea.Cmd {
	first, end := m.span()
	if first == end {
		return m.complain("there is no exchange")
	}
	return m.toMessage(m.rowAt(m.list().cursor))
}

// fromFinding shows the message of the chosen finding.
func (m *Model) fromFinding() tea.Cmd {
	first, end := m.span()
	if first == end {
		return m.complain("there is no finding")
	}
	m.toMessage(m.rowAt(m.list().cursor))
	return m.goTo(paneDetail)
}

// nextFailed goes to the next exchange that failed.
func (m *Model) nextFailed(step int) tea.Cmd {
	first, end := m.span()
	for pos := m.list().cursor + step; pos >= first && pos < end; pos += step {
		if e, ok := m.store.Exchange(m.exchangeAt(pos)); ok && e.Refused() {
			m.jump(pos)
			return nil
		}
	}
	return m.complain("no further exchange failed that way")
}

// uncover takes the filter away if it hides a row that is to be shown.
func (m *Model) uncover(row int) {
	if m.view == viewMessages && m.filter.run != nil && m.rowAt(m.posOf(row)) != row {
		m.setFilter("", nil)
		m.say("the filter hid this message, and is gone; \\ and up bring it back")
	}
}

func (m *Model) setMark(name rune) tea.Cmd {
	first, end := m.span()
	if first == end {
		return m.complain("there is no message to mark")
	}
	m.marks[name] = m.rowAt(m.list().cursor)
	return m.say("marked; '" + string(name) + " comes back here")
}

func (m *Model) toMark(name rune) tea.Cmd {
	row, ok := m.marks[name]
	switch {
	case !ok && name == '\'':
		return m.complain("there was no jump to come back from")
	case !ok:
		return m.complain("there is no mark " + render.Escape(string(name)) + "; m" + render.Escape(string(name)) + " sets it")
	case row < m.st.First:
		return m.complain("the marked message is no longer kept")
	case m.view == viewStats:
		m.show(viewMessages)
	}
	m.uncover(row)
	m.jump(m.posOf(row))
	return nil
}

// frameMsg brings the row of a frame that was asked for.
type frameMsg struct {
	row  int
	ok   bool
	what string // there is not, if not
}

// toFrame goes to the frame with a number.
func (m *Model) toFrame(number int) tea.Cmd {
	s := m.store
	return func() tea.Msg {
		row, ok := s.RowOf(number)
		return frameMsg{row, ok, "frame " + strconv.Itoa(number)}
	}
}

func (m *Model) gotFrame(msg frameMsg) {
	if !msg.ok {
		m.complain("there is no " + msg.what + " so far")
		return
	}
	if m.view == viewStats {
		m.show(viewMessages)
	}
	if m.view == viewExchanges {
		msg.row = m.inExchange(msg.row)
	}
	m.uncover(msg.row)
	m.jump(m.posOf(msg.row))
}

// inExchange is the next row that is in an exchange.
func (m *Model) inExchange(row int) int {
	const most = 10_000
	for at := row; at < min(row+most, m.st.End); at++ {
		if id, _ := m.store.Ref(at); id != 0 {
			return at
		}
	}
	return row
}
