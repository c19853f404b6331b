package replay

import (
	"context"
	"fmt"
	"slices"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
)

// Minimised is a smallest plan that still comes to the same end.
type Minimised struct {
	Plan *Plan
	// Results and Answers have an element a place. Answers are to the request
	// that counts, which is the plan's last.
	Results []*Result
	Answers []Answer
	Runs    int // how many were needed, all places together
	// What was there and what is left.
	Requests, RequestsLeft int
	Bytes, BytesLeft       int
	Attrs                  int // dropped
}

// ErrUnsteady says that the same plan came to different ends.
type ErrUnsteady struct{ First, Second Answer }

func (e *ErrUnsteady) Error() string {
	return fmt.Sprintf("two runs of the same requests differ: %s, then %s", e.First, e.Second)
}

// Minimise drops requests, then attributes, then bytes of the values that are
// left, as long as each of the places says the same to the last request on which
// they differ, else to the last that was refused, else to the last one. Each run
// starts from a clean state if the place does that.
func Minimise(ctx context.Context, p *Plan, db *families.DB, places ...Place) (*Minimised, error) {
	m := &minimiser{ctx: ctx, places: places, db: db, d: dissect.New(db)}
	_, all, err := m.answers(p)
	if err != nil {
		return nil, err
	}
	target := counts(p, all)
	best := *p
	best.Requests = slices.Clone(p.Requests[:target+1])
	m.best = &best
	out := &Minimised{Requests: len(p.Requests), Bytes: size(p)}
	for i := range places {
		out.Answers = append(out.Answers, all[i][target])
		m.want = append(m.want, outcome(all[i][target]))
	}
	_, again, err := m.answers(&best)
	if err != nil {
		return nil, err
	}
	for i := range places {
		if now := again[i][target]; outcome(now) != m.want[i] {
			return nil, &ErrUnsteady{all[i][target], now}
		}
	}
	for _, step := range []func() error{m.dropRequests, m.dropLinks, m.dropAttrs, m.dropBytes} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	out.Plan, out.Attrs = m.best, m.attrs
	out.RequestsLeft, out.BytesLeft = len(m.best.Requests), size(m.best)
	if out.Results, _, err = m.answers(m.best); err != nil {
		return nil, err
	}
	out.Runs = m.runs
	return out, nil
}

func size(p *Plan) (n int) {
	for i := range p.Requests {
		n += len(p.Requests[i].Data)
	}
	return n
}

// outcome is what has to stay.
func outcome(a Answer) string { return fmt.Sprint(a.Outcome, a.Errno, a.Text) }

// minimiser looks for a smaller plan.
type minimiser struct {
	ctx    context.Context
	places []Place
	db     *families.DB
	d      *dissect.Dissector
	best   *Plan
	want   []string // of the last request, for each place
	runs   int
	attrs  int
}

// counts is the index of the request that counts. all has for each place what
// each request came to.
func counts(p *Plan, all [][]Answer) int {
	refused := -1
	for i := len(p.Requests) - 1; i >= 0; i-- {
		if p.Requests[i].Prepares {
			continue
		}
		for _, place := range all {
			if outcome(place[i]) != outcome(all[0][i]) {
				return i
			}
			if place[i].Errno != 0 && refused < 0 {
				refused = i
			}
		}
	}
	if refused >= 0 {
		return refused
	}
	return len(p.Requests) - 1
}

// run returns what a plan comes to in one of the places.
func (m *minimiser) run(place Place, p *Plan) (*Result, []Answer, error) {
	m.runs++
	r, err := place.Run(m.ctx, p)
	if err != nil {
		return nil, nil, err
	}
	all, err := r.Answers(p, m.db)
	return r, all, err
}

// answers returns what a plan comes to in all places.
func (m *minimiser) answers(p *Plan) (results []*Result, all [][]Answer, err error) {
	for _, place := range m.places {
		r, a, err := m.run(place, p)
		if err != nil {
			return nil, nil, err
		}
		results, all = append(results, r), append(all, a)
	}
	return results, all, nil
}

// try takes a smaller plan if it comes to the same.
func (m *minimiser) try(p *Plan) (bool, error) {
	for i, place := range m.places {
		_, all, err := m.run(place, p)
		if err != nil || outcome(all[len(all)-1]) != m.want[i] {
			return false, err
		}
	}
	m.best = p
	return true, nil
}

// drop is delta debugging: it tries to leave out parts of n things, half of
// them first, then ever smaller parts. without makes a plan that lacks from…to.
func (m *minimiser) drop(n int, without func(from, to int) *Plan) error {
	for part := max(n/2, 1); n > 0; part /= 2 {
		for from := max(n-part, 0); ; from -= part {
			lo, hi := max(from, 0), min(from+part, n)
			if hi > lo {
				if p := without(lo, hi); p != nil {
					ok, err := m.try(p)
					if err != nil {
						return err
					}
					if ok {
						n -= hi - lo
					}
				}
			}
			if from <= 0 {
				break
			}
		}
		if part <= 1 {
			return nil
		}
	}
	return nil
}

// dropRequests leaves out requests before the last.
func (m *minimiser) dropRequests() error {
	return m.drop(len(m.best.Requests)-1, func(from, to int) *Plan {
		p := *m.best
		p.Requests = slices.Delete(slices.Clone(p.Requests), from, to)
		return &p
	})
}

// dropLinks leaves out dummies.
func (m *minimiser) dropLinks() error {
	return m.drop(len(m.best.Links), func(from, to int) *Plan {
		p := *m.best
		p.Links = slices.Delete(slices.Clone(p.Links), from, to)
		return &p
	})
}

// edit returns the plan with one request's data changed.
func (m *minimiser) edit(i int, change func(*Request) bool) *Plan {
	p := *m.best
	p.Requests = slices.Clone(p.Requests)
	q := &p.Requests[i]
	q.Data, q.Rewrites = slices.Clone(q.Data), slices.Clone(q.Rewrites)
	if !change(q) {
		return nil
	}
	return &p
}

// tree decodes a request of the plan. Generic families are named by its
// rewrites.
func (m *minimiser) tree(q *Request) *dissect.Tree {
	x := Frame{Proto: m.best.Sockets[q.Socket].Proto, Data: q.Data}
	f := x.Frame(1)
	ids := new(families.Registry)
	for _, w := range q.Rewrites {
		if w.Kind == RewriteFamily && w.Name != "" {
			ids.LearnAs(1, uint16(w.Value), w.Name, families.Vouched)
		}
	}
	in := dissect.Input{Number: 1, Data: f.Data, OrigLen: f.OrigLen, Dir: dissect.DirToKernel, Big: bigHost, IDs: ids, Links: new(dissect.Links), Sets: new(dissect.Sets)}
	return m.d.Frame(&in)
}
