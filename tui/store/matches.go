package store

import (
	"runtime"
	"slices"
	"sort"
	"sync"
	"time"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/filter"
	"github.com/nlsniff/nlsniff/flow"
	"github.com/nlsniff/nlsniff/render"
)

// Matches are the rows that a filter lets through. A goroutine looks at all
// that the store has, in order, and then at what comes.
type Matches struct {
	s    *Store
	f    *filter.Filter
	stop chan struct{}

	mu   sync.Mutex
	rows []int
	gone int // rows at the start that were let go
	next int // the frame to look at next
	done bool
	// The exchanges of these rows in the order of their numbers, how many of
	// the first were let go, and how many were not added at the end.
	ids     []int
	idsGone int
	shifts  int
}

// batchFrames is how many frames a goroutine asks the filter of in one go.
const batchFrames = 512

// Match starts to ask a filter of all messages.
func (s *Store) Match(f *filter.Filter) *Matches {
	m := &Matches{s: s, f: f, stop: make(chan struct{})}
	s.start(m.run)
	return m
}

// Close ends the search.
func (m *Matches) Close() { close(m.stop) }

// Span returns the range of places of the rows that match. Like rows, places
// keep their numbers.
func (m *Matches) Span() (first, end int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.gone, m.gone + len(m.rows)
}

// Row returns the row at a place, -1 if there is none.
func (m *Matches) Row(pos int) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	if pos < m.gone || pos >= m.gone+len(m.rows) {
		return -1
	}
	return m.rows[pos-m.gone]
}

// Pos returns the place of a row, or of the first behind it that matches.
func (m *Matches) Pos(row int) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.gone + sort.SearchInts(m.rows, row)
}

// Looked returns how many frames were looked at, and whether those are all
// that there will be.
func (m *Matches) Looked() (frames int, all bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.next, m.done
}

func (m *Matches) run() {
	workers := make([]*asker, runtime.GOMAXPROCS(0))
	for i := range workers {
		workers[i] = &asker{m: m.f.Matcher()}
	}
	for {
		select {
		case <-m.stop:
			return
		case <-m.s.stop:
			return
		default:
		}
		from, frames, done, gen := m.s.reach()
		at := max(m.next, from)
		if at >= frames || m.f.Needs() == filter.NeedExchange && !done && !m.s.state.Live {
			if done && at >= frames {
				m.mu.Lock()
				m.done = true
				m.mu.Unlock()
				return
			}
			time.Sleep(waitForMore)
			continue
		}
		next := at
		var wg sync.WaitGroup
		for _, w := range workers {
			if w.d == nil || w.gen != gen {
				w.d, w.gen = m.s.NewDecoder(), gen
				w.d.exact = true
				w.d.inRow()
			}
			w.from, w.to = next, min(next+batchFrames, frames)
			next = w.to
			wg.Add(1)
			m.s.spawn(func() { defer wg.Done(); w.ask() })
		}
		wg.Wait()
		m.take(workers, next)
	}
}

// take adds what the workers found, and lets go of what the store has let go.
func (m *Matches) take(workers []*asker, next int) {
	st := m.s.State()
	first := st.First
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, w := range workers {
		m.rows = append(m.rows, w.rows...)
		for _, row := range w.rows {
			if id, _ := m.s.Ref(row); id != 0 {
				m.addExchange(id)
			}
		}
	}
	if k := sort.SearchInts(m.ids, st.FirstExchange); k > 0 {
		m.ids = m.ids[k:]
		m.idsGone += k
	}
	m.next = next
	if k := sort.SearchInts(m.rows, first); k > 0 {
		m.rows = m.rows[k:]
		m.gone += k
	}
}

// addExchange adds an exchange if it is not there. Most come in order.
func (m *Matches) addExchange(id int) {
	n := len(m.ids)
	if n == 0 || m.ids[n-1] < id {
		m.ids = append(m.ids, id)
		return
	}
	if i := sort.SearchInts(m.ids, id); m.ids[i] != id {
		m.ids = slices.Insert(m.ids, i, id)
		m.shifts++
	}
}

// Exchanges returns the range of places of the exchanges that have a row that
// matches, and a number that changes when some of them moved.
func (m *Matches) Exchanges() (first, end, shifts int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.idsGone, m.idsGone + len(m.ids), m.shifts
}

// Found returns which of some findings are about messages that match, or about
// exchanges that have one.
func (m *Matches) Found(list []Found, dst []int) []int {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i := range list {
		sorted, what := m.rows, list[i].Row
		if list[i].Exchange != 0 {
			sorted, what = m.ids, list[i].Exchange
		}
		if _, ok := slices.BinarySearch(sorted, what); ok {
			dst = append(dst, i)
		}
	}
	return dst
}

// Exchange returns the number of the exchange at a place, 0 if there is none.
func (m *Matches) Exchange(pos int) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	if pos < m.idsGone || pos >= m.idsGone+len(m.ids) {
		return 0
	}
	return m.ids[pos-m.idsGone]
}

// ExchangePos returns the place of an exchange, or of the next that is there.
func (m *Matches) ExchangePos(id int) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.idsGone + sort.SearchInts(m.ids, id)
}

// reach says which frames there are, whether more will come, and the
// generation of names.
func (s *Store) reach() (from, to int, done bool, gen int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.rows.dropped, s.rows.frames, s.state.Done, s.state.Gen
}

// asker asks the filter of a run of frames.
type asker struct {
	m        *filter.Matcher
	d        *Decoder
	gen      int
	from, to int
	starts   []int
	rows     []int
}

func (a *asker) ask() {
	a.rows = a.rows[:0]
	a.starts = a.d.s.starts(a.from, a.to, a.starts[:0])
	for i := a.from; i < a.to; i++ {
		if len(a.starts) <= i-a.from {
			return // gone meanwhile
		}
		a.frame(i, a.starts[i-a.from])
	}
}

func (a *asker) frame(i, row int) {
	if a.d.load(i) != nil || a.d.l.frame.Event != nil {
		return // a filter asks of messages
	}
	ev := &a.d.event
	if n, known := a.m.Quick(&a.d.l.input, ev); known && n == 0 {
		return
	}
	ev.Tree = a.d.d.Frame(&a.d.l.input)
	n, shown := a.m.Frame(ev)
	if n == 0 {
		return
	}
	if len(ev.Tree.Msgs) == 0 {
		a.rows = append(a.rows, row)
		return
	}
	k := 0
	for j := range ev.Tree.Msgs {
		if ev.Tree.Msgs[j].EchoOf >= 0 {
			continue
		}
		if shown[j] {
			a.rows = append(a.rows, row+k)
		}
		k++
	}
}

// starts appends the first rows of the frames from…to.
func (s *Store) starts(from, to int, dst []int) []int {
	s.mu.Lock()
	defer s.mu.Unlock()
	row, ok := s.rows.row(from)
	if !ok {
		return dst
	}
	for i := from; i < to && i < s.rows.frames; i++ {
		dst = append(dst, row)
		at := i - s.rows.dropped
		c := &s.rows.chunks[at/chunkFrames]
		row += c.size(at%chunkFrames, c.counts[at%chunkFrames])
	}
	return dst
}

// load loads frame i and says what is known of it, but for its tree.
func (d *Decoder) load(i int) error {
	if err := d.s.backing.load(i, d.session, d.run, &d.l); err != nil {
		d.at = -1
		return err
	}
	d.sender(i)
	f := &d.l.frame
	before := f.Time
	switch {
	case i > 0 && d.at == i-1:
		before = d.atTime
	case d.opt.Render.Time == render.TimeDelta || d.exact:
		before = d.timeOf(i-1, before)
	}
	d.at, d.atTime = i, f.Time
	d.event = d.eventOf(&d.l, before)
	if d.exact {
		d.refs = d.s.refs(i, d.refs[:0])
		d.event.Refs, d.event.Exchange = d.refs, d.s.asFlow
	}
	return nil
}

// eventOf is what is known of a frame, but for its tree; before is the time of the
// frame before it.
func (d *Decoder) eventOf(l *loaded, before int64) render.Event {
	f := &l.frame
	return render.Event{
		Number: f.Number, Time: f.Time, Delta: f.Time - before, Since: f.Time - d.start, OrigLen: f.OrigLen,
		Process: f.Process, Namespace: f.Namespace, Comment: f.Comment, Links: l.input.Links, Delivery: f.Delivery, Happened: f.Event,
	}
}

// sender sets who sent frame i, as far as the first pass found that out from
// the frames before it: a datagram has one sender.
func (d *Decoder) sender(i int) {
	in := &d.l.input
	if in.Dir != dissect.DirUnknown {
		return
	}
	d.s.mu.Lock()
	defer d.s.mu.Unlock()
	row, ok := d.s.rows.row(i)
	if !ok {
		return
	}
	switch _, role := d.s.rows.ref(row); role {
	case flow.NoRole:
	case flow.Request:
		in.Dir = dissect.DirToKernel
	default:
		in.Dir = dissect.DirFromKernel
	}
}

// refs appends what the messages of frame i are in which exchanges.
func (s *Store) refs(i int, dst []flow.Ref) []flow.Ref {
	s.mu.Lock()
	defer s.mu.Unlock()
	row, ok := s.rows.row(i)
	if !ok {
		return dst
	}
	at := i - s.rows.dropped
	c := &s.rows.chunks[at/chunkFrames]
	for k := range c.size(at%chunkFrames, c.counts[at%chunkFrames]) {
		id, role := c.unpack(c.refs[row-c.first+k])
		ref := flow.Ref{Exchange: uint64(id), Role: role}
		if role == flow.Copy {
			ref.Copy = 1 // which one is not kept
			if id == 0 {
				ref.Role = flow.NoRole
			}
		}
		dst = append(dst, ref)
	}
	return dst
}

// asFlow is an exchange as the filter asks for it, nil if it is not kept.
func (s *Store) asFlow(id uint64) *flow.Exchange {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, ok := s.exchange(int(id))
	if !ok {
		return nil
	}
	x := &flow.Exchange{ID: id, State: e.State, Reason: e.Reason, Errno: e.Errno, Replies: int(e.Replies), ReplyBytes: int(e.Bytes), Notified: int(e.Notified),
		Dump: e.Dump, Batch: e.Batch, Findings: s.exchanges.findings[int(id)]}
	if e.Latency >= 0 {
		x.Start, x.FirstTime, x.End = 1, 1+e.Latency, 1+e.Took
	}
	return x
}
