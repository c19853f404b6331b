package tui

import (
	"strconv"

	tea "charm.land/bubbletea/v2"

	"github.com/nlsniff/nlsniff/flow"
	"github.com/nlsniff/nlsniff/render"
)

// Replay is how an exchange of what is shown is replayed. It returns what would
// be sent, a line a request, and what sends it.
type Replay func(exchange int) (plan []string, send func() (ReplayResult, error), err error)

// ReplayResult is what the kernel said then and now, beside each other.
type ReplayResult struct {
	Title string // where it was replayed
	Rows  []ReplayRow
}

// ReplayRow is one thing that was said.
type ReplayRow struct {
	Depth     int
	Then, Now string
	Differs   bool
}

// asking is a plan that waits for a yes.
type asking struct {
	exchange int
	send     func() (ReplayResult, error)
}

// plannedMsg brings a plan, replayedMsg what came of it.
type (
	plannedMsg struct {
		plan []string
		asking
		err error
	}
	replayedMsg struct {
		exchange int
		result   ReplayResult
		err      error
	}
)

// startReplay shows what a replay of the exchange at hand would send.
func (m *Model) startReplay() tea.Cmd {
	if m.opt.Replay == nil {
		return m.complain("only the exchanges of a file can be replayed")
	}
	id := 0
	if m.view == viewExchanges {
		id = m.exchangeAt(m.list().cursor)
	} else if ref, role := m.store.Ref(m.rowAt(m.list().cursor)); role != flow.NoRole {
		id = ref
	}
	if id <= 0 {
		return m.complain("this is in no exchange")
	}
	replay := m.opt.Replay
	m.say("planning…")
	return func() tea.Msg {
		plan, send, err := replay(id)
		return plannedMsg{plan, asking{id, send}, err}
	}
}

// maxPlan is how many lines of a plan the question has.
const maxPlan = 12

// planned asks.
func (m *Model) planned(msg plannedMsg) tea.Cmd {
	if msg.err != nil {
		return m.complain(render.Escape(msg.err.Error()))
	}
	m.note = note{}
	plan := msg.plan
	m.notice = []string{"Exchange " + strconv.Itoa(msg.exchange) + " again, in a network namespace of its own:", ""}
	if n := len(plan); n > maxPlan {
		m.notice = append(m.notice, strconv.Itoa(n-maxPlan)+" requests before, and")
		plan = plan[n-maxPlan:]
	}
	m.notice = append(append(m.notice, plan...), "", "y sends this, any other key goes back.")
	m.asking = &msg.asking
	return nil
}

// askedKey takes the answer.
func (m *Model) askedKey(key string) tea.Cmd {
	a := m.asking
	m.asking, m.notice = nil, nil
	if key != "y" {
		return m.say("nothing was sent")
	}
	m.say("replaying…")
	return func() tea.Msg {
		result, err := a.send()
		return replayedMsg{a.exchange, result, err}
	}
}

// replayed shows both sides.
func (m *Model) replayed(msg replayedMsg) tea.Cmd {
	if msg.err != nil {
		return m.complain(render.Escape(msg.err.Error()))
	}
	m.note = note{}
	c := &compare{title: " Exchange " + strconv.Itoa(msg.exchange) + " then, and " + render.Escape(msg.result.Title) + " "}
	for _, r := range msg.result.Rows {
		c.rows = append(c.rows, compareRow{r.Depth, r.Then, r.Now, r.Differs})
	}
	m.compare = c
	return nil
}
