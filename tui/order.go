package tui

import (
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/nlsniff/nlsniff/tui/store"
)

// ordering is how the exchanges are sorted. Sorted, they are a list of numbers that
// is made anew when there are others, at most once a second.
type ordering struct {
	by        store.Order
	backwards bool
	ids       []int // nil: in the order in which they began
	stamp     orderStamp
	at        time.Time
	busy      bool
}

// orderStamp is what a list of numbers was made of.
type orderStamp struct {
	by         store.Order
	backwards  bool
	first, end int
	run        *store.Matches
	matched    int
	done       bool
	incomplete int // a number that changes while exchanges may still end
}

var orderNames = [store.NumOrders]string{"number", "time taken", "time to the first answer", "size of the answers", "how they ended"}

// sortMenu asks by what to sort.
func (m *Model) sortMenu() tea.Cmd {
	keys := [store.NumOrders]string{"n", "t", "l", "s", "e"}
	var items []menuItem
	for by := store.Order(0); by < store.NumOrders; by++ {
		text := orderNames[by]
		if by == m.sorted.by {
			text += ", the other way round"
		}
		items = append(items, menuItem{keys[by], text, func(m *Model) tea.Cmd { return m.sortBy(by) }})
	}
	m.menu = &menu{title: "Sort by", items: items, cursor: int(m.sorted.by)}
	return nil
}

func (m *Model) sortBy(by store.Order) tea.Cmd {
	o := &m.sorted
	o.backwards = by == o.by && !o.backwards
	o.by = by
	if by == store.ByNumber && !o.backwards {
		id := m.exchangeAt(m.list().cursor)
		*o = ordering{busy: o.busy}
		m.list().cache.clear()
		m.jump(m.exchangePos(id))
		return m.say("in the order in which they began")
	}
	how := ""
	if o.backwards {
		how = ", the other way round"
	}
	return m.say("sorted by " + orderNames[by] + how + "; o, n sorts as before")
}

// orderedMsg brings the exchanges in order.
type orderedMsg struct {
	stamp orderStamp
	ids   []int
}

// wantOrder sorts the exchanges if there are others than were sorted.
func (m *Model) wantOrder() tea.Cmd {
	o := &m.sorted
	if o.by == store.ByNumber && !o.backwards || o.busy || m.view != viewExchanges {
		return nil
	}
	now := orderStamp{by: o.by, backwards: o.backwards, first: m.st.FirstExchange, end: m.st.EndExchange, run: m.filter.run, matched: m.exEnd + m.exShifts, done: m.st.Done}
	if !m.st.Done && !m.paused {
		now.incomplete = m.st.End
	}
	if now == o.stamp {
		return nil
	}
	if now.by == o.stamp.by && now.backwards == o.stamp.backwards && now.run == o.stamp.run && !now.done && time.Since(o.at) < time.Second {
		return nil
	}
	o.busy = true
	s := m.store
	return func() tea.Msg { return orderedMsg{now, s.Ordered(now.run, now.by, now.backwards)} }
}

func (m *Model) gotOrder(msg orderedMsg) {
	o := &m.sorted
	o.busy = false
	if msg.stamp.by != o.by || msg.stamp.backwards != o.backwards || msg.stamp.run != m.filter.run {
		return
	}
	same := o.ids != nil && o.stamp.by == msg.stamp.by && o.stamp.backwards == msg.stamp.backwards
	l := &m.lists[viewExchanges]
	id := m.exchangeAt(l.cursor)
	o.ids, o.stamp, o.at = msg.ids, msg.stamp, time.Now()
	l.cache.clear()
	l.follow = false
	l.cursor, l.top = 0, 0
	if at := slices.Index(o.ids, id); same && at >= 0 {
		l.cursor, l.top = at, at-l.height/2
	}
}
