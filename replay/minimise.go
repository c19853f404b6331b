package replay

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/flow"
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

// dropAttrs leaves out attributes, the outer ones first, from the last request
// to the first.
func (m *minimiser) dropAttrs() error {
	for i := len(m.best.Requests) - 1; i >= 0; i-- {
		for at := 0; ; {
			t := m.tree(&m.best.Requests[i])
			rows := attrRows(t)
			if at >= len(rows) {
				break
			}
			row := rows[len(rows)-1-at]
			p := m.edit(i, func(q *Request) bool { return cut(q, t, row) })
			if p == nil {
				at++
				continue
			}
			ok, err := m.try(p)
			if err != nil {
				return err
			}
			if ok {
				m.attrs++
			} else {
				at++
			}
		}
	}
	return nil
}

// attrRows are the rows that are attributes, parents after their children so
// that, read from the end, the outer ones come first.
func attrRows(t *dissect.Tree) []int32 {
	var out []int32
	for i := range t.Nodes {
		if t.Nodes[i].Kind == dissect.KindAttr || t.Nodes[i].Kind == dissect.KindElem && isAttr(t, int32(i)) {
			out = append(out, int32(i))
		}
	}
	slices.SortStableFunc(out, func(a, b int32) int { return int(t.Nodes[b].Depth) - int(t.Nodes[a].Depth) })
	return out
}

// isAttr says that a row has the header of an attribute.
func isAttr(t *dissect.Tree, i int32) bool {
	n := &t.Nodes[i]
	return i+1 < n.End && t.Nodes[i+1].Kind == dissect.KindLen && t.Nodes[i+1].Len == 2 && t.Nodes[i+1].Off == n.Off
}

// cut takes a row out of a request: what holds it becomes shorter, and what
// stands behind it moves.
func cut(q *Request, t *dissect.Tree, row int32) bool {
	n := &t.Nodes[row]
	from, to := int(n.Off)-capture.CookedLen, int(n.Off+n.Len)-capture.CookedLen
	return remove(q, t, row, from, to)
}

// remove takes bytes out of a request; all rows around them become shorter.
func remove(q *Request, t *dissect.Tree, row int32, from, to int) bool {
	if from < hdrLen || to > len(q.Data) || from >= to {
		return false
	}
	gone := to - from
	for p := t.Nodes[row].Parent; p >= 0; p = t.Nodes[p].Parent {
		at := int(t.Nodes[p].Off) - capture.CookedLen
		switch {
		case t.Nodes[p].Kind == dissect.KindMessage:
			l := int(binary.NativeEndian.Uint32(q.Data[at:]))
			if l-gone < hdrLen {
				return false
			}
			binary.NativeEndian.PutUint32(q.Data[at:], uint32(l-gone))
		case isAttr(t, p):
			l := int(binary.NativeEndian.Uint16(q.Data[at:]))
			if l-gone < 4 {
				return false
			}
			binary.NativeEndian.PutUint16(q.Data[at:], uint16(l-gone))
		}
	}
	q.Data = slices.Delete(q.Data, from, to)
	q.Rewrites = slices.DeleteFunc(q.Rewrites, func(w Rewrite) bool { return w.Off < to && w.Off+w.Size > from })
	for i := range q.Rewrites {
		if q.Rewrites[i].Off >= to {
			q.Rewrites[i].Off -= gone
		}
	}
	return true
}

// dropBytes makes the values of attributes shorter, by half first, and zeroes
// those that are left.
func (m *minimiser) dropBytes() error {
	for i := len(m.best.Requests) - 1; i >= 0; i-- {
		for at := 0; ; {
			t := m.tree(&m.best.Requests[i])
			rows := leaves(t)
			if at >= len(rows) {
				break
			}
			row := rows[at]
			p := m.edit(i, func(q *Request) bool { return shorten(q, t, row) })
			if p != nil {
				ok, err := m.try(p)
				if err != nil {
					return err
				}
				if ok {
					continue // once more
				}
			}
			p = m.edit(i, func(q *Request) bool { return zero(q, t, row) })
			if p != nil {
				if _, err := m.try(p); err != nil {
					return err
				}
			}
			at++
		}
	}
	return nil
}

// leaves are the values of attributes.
func leaves(t *dissect.Tree) []int32 {
	var out []int32
	for i := range t.Nodes {
		switch n := &t.Nodes[i]; n.Kind {
		case dissect.KindValue, dissect.KindUnknown:
			if n.Parent >= 0 && n.Len > 0 && isAttr(t, n.Parent) {
				out = append(out, int32(i))
			}
		}
	}
	return out
}

// shorten takes the second half of a string or of bytes away, in whole words,
// so that nothing has to be padded anew.
func shorten(q *Request, t *dissect.Tree, row int32) bool {
	n := &t.Nodes[row]
	if n.Type != nil && n.Type.Kind != families.KindBinary && n.Type.Kind != families.KindString || n.Len < 8 {
		return false
	}
	keep := int(n.Len/2) &^ 3
	gone := (int(n.Len) - keep) &^ 3
	if gone == 0 {
		return false
	}
	from := int(n.Off) - capture.CookedLen + keep
	return remove(q, t, row, from, from+gone)
}

// zero makes a value zero.
func zero(q *Request, t *dissect.Tree, row int32) bool {
	n := &t.Nodes[row]
	p := q.Data[n.Off-capture.CookedLen:][:n.Len]
	if !slices.ContainsFunc(p, func(b byte) bool { return b != 0 }) {
		return false
	}
	clear(p)
	from, to := int(n.Off)-capture.CookedLen, int(n.Off+n.Len)-capture.CookedLen
	q.Rewrites = slices.DeleteFunc(q.Rewrites, func(w Rewrite) bool { return w.Off >= from && w.Off < to })
	return true
}

// Answers says what each request of a plan came to: to the first of its
// messages that was refused, if one was.
func (r *Result) Answers(p *Plan, db *families.DB) ([]Answer, error) {
	c, err := r.load(db)
	if err != nil {
		return nil, err
	}
	s := side{c: c}
	out := make([]Answer, len(p.Requests))
	for i := range out {
		out[i] = Answer{Outcome: "not sent"}
		if i >= len(r.Sent) || r.Sent[i].Frame == 0 {
			continue
		}
		out[i].Outcome = "unanswered"
		for _, ref := range c.Frames[r.Sent[i].Frame-1].Refs {
			if e := c.Exchange(ref.Exchange); e != nil && ref.Role == flow.Request {
				a := s.answer(e)
				if out[i].Errno == 0 {
					out[i] = a
				}
			}
		}
	}
	return out, nil
}

// Without drops what the replay itself asked from a result, but for what names
// something in the requests.
func (r *Result) Without(p *Plan) {
	named := map[RewriteKind]bool{}
	for i := range p.Requests {
		for _, w := range p.Requests[i].Rewrites {
			named[w.Kind] = true
		}
	}
	seen := map[uint32]bool{}
	out := r.Frames[:0]
	for _, f := range r.Frames {
		if f.Request < 0 {
			switch f.Proto {
			case families.ProtoRoute:
				if !named[RewriteIndex] || !f.Received && seen[f.PortID] {
					continue
				}
				seen[f.PortID] = seen[f.PortID] || !f.Received
			case families.ProtoGeneric:
				if !named[RewriteFamily] {
					continue
				}
			default:
				continue
			}
		}
		out = append(out, f)
	}
	r.Frames = out
	r.Sent = nil // its frames count what is gone
}
