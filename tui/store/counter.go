package store

import (
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/flow"
)

// Counter counts what a filter lets through, and goes on when that has become more.
// It is for one goroutine at a time.
type Counter struct {
	m     *Matches
	d     *Decoder
	next  int // the place of the row to count next
	stats stats
}

// NewCounter returns a Counter that has counted nothing.
func (m *Matches) NewCounter() *Counter {
	c := &Counter{m: m, d: m.s.NewDecoder(), stats: newStats()}
	c.stats.latest = true
	c.d.inRow()
	return c
}

// Count counts at most so many further rows, and says whether there are more now.
func (c *Counter) Count(most int) (counts Stats, more bool) {
	first, end := c.m.Span()
	c.next = max(c.next, first)
	to := min(c.next+most, end)
	at := -1
	var failed bool
	for ; c.next < to; c.next++ {
		row := c.m.Row(c.next)
		frame, msg, ok := c.d.find(row)
		if !ok || frame != at && c.d.load(frame) != nil {
			continue
		}
		at = frame
		walk := dissect.Scan(&c.d.l.input)
		var h dissect.Header
		_, role := c.m.s.Ref(row)
		n := 0
		for i := 0; walk.Next(&h); i++ {
			if i == msg {
				n = 1
				break
			}
		}
		if walk.Datagram() {
			h, n = datagram(&c.d.l.input), 1
		}
		if n > 0 {
			failed = c.stats.message(&c.d.l, &h, row, fromKernel(&c.d.l.input, &h, role))
		}
		if n > 0 {
			c.stats.rate(c.d.l.frame.Time, 1, map[bool]int{true: 1}[failed])
		}
	}
	c.exchanges()
	return c.stats.copy(), to < end
}

// exchanges counts the exchanges of what matches anew: how one ends is known late.
func (c *Counter) exchanges() {
	t := &c.stats.total
	t.States, t.Latency, t.Slowest = [8]int64{}, [40]int64{}, 0
	first, end, _ := c.m.Exchanges()
	for pos := first; pos < end; pos++ {
		if e, ok := c.m.s.Exchange(c.m.Exchange(pos)); ok && e.State != flow.Open {
			c.stats.exchange(e.State, e.Latency, e.Latency >= 0)
		}
	}
}
