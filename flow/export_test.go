package flow

import "fmt"

// Check looks for contradictions among the tracker's lists.
func (t *Tracker) Check() error {
	if n := t.open.n; n > t.opt.MaxOpen {
		return fmt.Errorf("%d exchanges are open", n)
	}
	if n := t.kept.n; n > t.opt.MaxKept {
		return fmt.Errorf("%d exchanges are kept", n)
	}
	alive := map[*entry]bool{}
	for _, l := range []*list{&t.open, &t.kept} {
		n := 0
		for e := l.head; e != nil; e = e.in[byAge].next {
			if alive[e] || e.closed != (l == &t.kept) {
				return fmt.Errorf("exchange %d is in a wrong list", e.ex.ID)
			}
			alive[e] = true
			n++
		}
		if n != l.n {
			return fmt.Errorf("a list of %d says %d", n, l.n)
		}
	}
	numbered := 0
	for _, table := range []*table{t.waiting, t.bound, t.past} {
		n := 0
		for i := range table.buckets {
			for e := table.buckets[i].head; e != nil; e = e.inNumber.next {
				if !alive[e] || e.among != table || e.closed != (table == t.past) || !e.closed && e.bound != (table == t.bound) || table.hash(e.numbers()) != e.key {
					return fmt.Errorf("exchange %d is found where it is not", e.ex.ID)
				}
				n++
			}
		}
		if n != table.n {
			return fmt.Errorf("a table of %d says %d", n, table.n)
		}
		numbered += n
	}
	for e := range alive {
		if e.among != nil {
			numbered--
		}
		if e.closed && e.timer != nil && e.timer != &t.linger || !e.closed && e.timer == &t.linger {
			return fmt.Errorf("exchange %d has ended, and waits", e.ex.ID)
		}
	}
	if numbered != 0 {
		return fmt.Errorf("%d exchanges too many are found", numbered)
	}
	held := 0
	for e := range alive {
		for _, b := range e.kept {
			held += cap(b)
		}
	}
	if held != t.held {
		return fmt.Errorf("%d bytes are held, not %d", held, t.held)
	}
	n := 0
	for e := t.running.head; e != nil; e = e.in[byDump].next {
		if !alive[e] || e.closed || !e.runs || !e.bound {
			return fmt.Errorf("exchange %d is no dump that runs", e.ex.ID)
		}
		n++
	}
	if n != t.running.n {
		return fmt.Errorf("%d dumps run, not %d", n, t.running.n)
	}
	n = 0
	for e := t.batches.head; e != nil; e = e.in[byBatch].next {
		if !alive[e] || !e.ex.Batch {
			return fmt.Errorf("exchange %d is no batch that is known", e.ex.ID)
		}
		n++
	}
	if n != t.batches.n {
		return fmt.Errorf("%d batches are known, not %d", n, t.batches.n)
	}
	for _, s := range t.sockets.order {
		last, n := uint64(0), 0
		for e := s.open.head; e != nil; e = e.in[bySocket].next {
			if !alive[e] || e.closed || e.socket != s || e.bound && e.ex.PortID != s.key.portid {
				return fmt.Errorf("exchange %d is not socket %d's", e.ex.ID, s.key.portid)
			}
			if e.ex.ID <= last && s.open.n <= maxScan {
				return fmt.Errorf("exchange %d stands behind %d", e.ex.ID, last)
			}
			last = e.ex.ID
			n++
		}
		if n != s.open.n {
			return fmt.Errorf("socket %d has %d exchanges, not %d", s.key.portid, n, s.open.n)
		}
	}
	if t.latest != nil && !alive[t.latest] {
		return fmt.Errorf("the latest exchange is forgotten")
	}
	return nil
}

// Held says how many bytes exchanges hold.
func (t *Tracker) Held() int { return t.held }

// Asks is asks.
func Asks(proto uint8) bool { return asks(proto) }

// RuleNames are the rules that explain refusals: messages, errno, number.
func RuleNames() []string {
	var out []string
	for i := range rules {
		out = append(out, fmt.Sprintf("%d (%s: %s)", i, rules[i].errno, rules[i].message))
	}
	return out
}

// Rules returns the numbers of the rules that explain a refusal.
func Rules(e *Exchange, x Explained) (out []int) {
	t, m := refusedMessage(e, x, nil)
	for i := range rules {
		if t != nil && rules[i].says(e.Errno, t, m) != "" {
			out = append(out, i)
		}
	}
	return out
}

// NewRough returns a histogram of few classes.
func NewRough() *Histogram { return &Histogram{rough: true} }

// MaxFew is how many these are.
const MaxFew = maxFew
