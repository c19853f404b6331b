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
		if e.closed && e.timer != nil && e.timer != &t.linger {
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
	batches := 0
	for _, e := range t.batches {
		if e == nil {
			continue
		}
		if !alive[e] {
			return fmt.Errorf("a batch is forgotten, but found")
		}
		if !e.closed {
			batches++
		}
	}
	if batches != t.openBatches {
		return fmt.Errorf("%d batches are open, not %d", batches, t.openBatches)
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
