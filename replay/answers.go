package replay

import (
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/flow"
)

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
