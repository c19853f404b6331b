package tui

import (
	"slices"

	"github.com/nlsniff/nlsniff/render"
)

// span is the range of places in the list.
func (m *Model) span() (first, end int) {
	switch m.view {
	case viewExchanges:
		if m.sorted.ids != nil {
			return 0, len(m.sorted.ids)
		}
		if m.filter.run != nil {
			return m.exFirst, m.exEnd
		}
		return m.st.FirstExchange, m.st.EndExchange
	case viewFindings:
		return 0, m.found.count()
	}
	if m.filter.run != nil {
		return m.first, m.end
	}
	return m.st.First, m.st.End
}

// exchangeAt is the exchange at a place of their list.
func (m *Model) exchangeAt(pos int) int {
	if ids := m.sorted.ids; ids != nil {
		if pos < 0 || pos >= len(ids) {
			return 0
		}
		return ids[pos]
	}
	if m.filter.run != nil {
		return m.filter.run.Exchange(pos)
	}
	return pos
}

// exchangePos is the place of an exchange in their list.
func (m *Model) exchangePos(id int) int {
	if ids := m.sorted.ids; ids != nil {
		return slices.Index(ids, id)
	}
	if m.filter.run != nil {
		return m.filter.run.ExchangePos(id)
	}
	return id
}

// rowAt is the store's row at a place in the list.
func (m *Model) rowAt(pos int) int {
	switch m.view {
	case viewExchanges:
		e, _ := m.store.Exchange(m.exchangeAt(pos))
		if e.Batch && e.Last > e.First { // the first says only that a batch begins
			return e.First + 1
		}
		return e.First
	case viewFindings:
		if f := m.found.at(pos); f != nil {
			return f.Row
		}
		return 0
	}
	if m.filter.run != nil {
		return m.filter.run.Row(pos)
	}
	return pos
}

// posOf is the place of a row of the store, or of the next one that is shown.
func (m *Model) posOf(row int) int {
	switch m.view {
	case viewExchanges:
		id, _ := m.store.Ref(row)
		return m.exchangePos(id)
	case viewFindings:
		for i := range m.found.count() {
			if m.found.at(i).Row >= row {
				return i
			}
		}
		return m.found.count() - 1
	}
	if m.filter.run != nil {
		return m.filter.run.Pos(row)
	}
	return row
}

// markAt is the mark on a row of the store, 0 if there is none.
func (m *Model) markAt(row int) rune {
	for name, at := range m.marks {
		if at == row && name != '\'' {
			return name
		}
	}
	return 0
}

func (m *Model) whyEmpty() string {
	switch {
	case m.view == viewMessages && m.filter.run != nil && m.seen:
		return "no message matches; esc shows all of them again"
	case m.view == viewMessages && m.filter.run != nil:
		return "no message matches so far"
	case m.view == viewFindings && m.filter.run != nil:
		return "nothing so far in what the filter lets through; esc, esc shows all of it again"
	case m.view == viewExchanges && m.filter.run != nil:
		return "no exchange has a message that matches"
	case m.view == viewFindings && m.st.End > m.st.First:
		return "nothing so far that is more than a note"
	case m.view == viewExchanges && m.st.Done && m.st.End > m.st.First:
		return "no message here is a request or an answer"
	case m.st.Err != nil:
		return "nothing could be read: " + render.Escape(m.st.Err.Error())
	case m.st.Done:
		return "the capture holds no netlink messages"
	case m.st.Live:
		return "waiting for the first message"
	}
	return "reading"
}

func (m *Model) whyNoDetail() string {
	if first, end := m.span(); first == end {
		return ""
	}
	return m.gl.more
}
