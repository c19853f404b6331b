package replay

import (
	"slices"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/capture/ebpf/why"
	"github.com/nlsniff/nlsniff/render"
)

// Report is what a replay found, in the order of the plan.
type Report struct {
	Captured Kernel     `json:"captured"` // zero if the capture does not say
	Kernel   Kernel     `json:"kernel"`
	Outcomes []Compared `json:"exchanges"`
	Same     int        `json:"same"`
	// Differ counts exchanges that differ, Outcome those whose outcome does:
	// errno, or whether there was an answer.
	Differ  int `json:"different"`
	Outcome int `json:"different_outcome"`
	// Unknown counts those that the capture has no answer to: nothing can be
	// said of them.
	Unknown int `json:"unknown,omitempty"`
	// Prepared counts requests that were sent because others need them.
	Prepared int     `json:"prepared,omitempty"`
	Shares   []Share `json:"families,omitempty"`
}

// Compared is an exchange of the capture beside that of the replay.
type Compared struct {
	Exchange uint64 `json:"exchange"` // in the capture
	Frame    int    `json:"frame"`    // of its request in the capture
	Family   string `json:"family"`
	Op       string `json:"op"`
	Expected Answer `json:"expected"`
	Got      Answer `json:"got"`
	Same     bool   `json:"same"`
	// Unknown says that the capture has no answer.
	Unknown bool         `json:"unknown,omitempty"`
	Differs []Difference `json:"differences,omitempty"`
	// Why explains a different outcome, where that is known.
	Why   string   `json:"why,omitempty"`
	Notes []string `json:"notes,omitempty"`
	// Prepares says that the request is there only because others need it.
	Prepares bool `json:"prepares,omitempty"`
	// Now is the number of the exchange among those of the replay.
	Now uint64 `json:"-"`
}

// Difference is one thing that is not as it was.
type Difference struct {
	// What is outcome, errno, text, attr, replies (their number), reply (one
	// that only one side has), or value.
	What  string `json:"what"`
	Reply int    `json:"reply,omitempty"` // which one, counted from 1
	Path  string `json:"path,omitempty"`  // of the attribute or member
	Then  string `json:"then"`
	Now   string `json:"now"`
}

// side is one of the two captures that are compared.
type side struct {
	c       *Capture
	opt     render.Options
	refused map[refusal]*why.Data
}

// Compare sets a result beside the capture that its plan was made of.
func Compare(c *Capture, p *Plan, r *Result, opt render.Options) (*Report, error) {
	now, err := r.load(c.DB)
	if err != nil {
		return nil, err
	}
	rep := &Report{Captured: c.Kernel, Kernel: r.Kernel}
	then, here := side{c: c, opt: opt}, side{c: now, opt: opt, refused: r.refusals()}
	for i := range p.Requests {
		q := &p.Requests[i]
		var s Sent
		if i < len(r.Sent) {
			s = r.Sent[i]
		}
		var seen []uint64
		for no, id := range q.Exchanges {
			e := c.Exchange(id)
			if e == nil || slices.Contains(seen, id) {
				continue
			}
			seen = append(seen, id)
			x := Compared{Exchange: id, Frame: q.Frame, Op: q.Op, Notes: s.Notes, Prepares: q.Prepares}
			x.Op, x.Family = then.operation(e)
			x.Expected = then.answer(e)
			if s.Frame == 0 {
				x.Got = Answer{Outcome: "not sent"}
				x.Why = s.Skipped
			} else {
				f := &now.Frames[s.Frame-1]
				if no < len(f.Refs) {
					x.Now = f.Refs[no].Exchange
				}
				if e2 := now.Exchange(x.Now); e2 != nil {
					x.Got = here.answer(e2)
				} else {
					x.Got = Answer{Outcome: "unanswered"}
				}
			}
			x.compare(then, here, q)
			if x.Why == "" && len(x.Differs) > 0 {
				x.Why = because(&x)
			}
			rep.add(x)
		}
	}
	follow(c, rep.Outcomes)
	rep.Shares = shares(rep.Outcomes)
	return rep, nil
}

func (r *Report) add(x Compared) {
	x.Unknown = x.Expected.Outcome == "unanswered"
	x.Same = !x.Unknown && len(x.Differs) == 0
	switch {
	case x.Prepares:
		r.Prepared++
	case x.Unknown:
		r.Unknown++
	case x.Same:
		r.Same++
	default:
		r.Differ++
		if x.OtherOutcome() {
			r.Outcome++
		}
	}
	r.Outcomes = append(r.Outcomes, x)
}

// OtherOutcome says that the kernel did something else, and not only said it
// otherwise.
func (x *Compared) OtherOutcome() bool {
	return slices.ContainsFunc(x.Differs, func(d Difference) bool { return d.What == "outcome" || d.What == "errno" })
}

// index finds a frame by its number.
func (s side) index(number int) int {
	i, _ := slices.BinarySearchFunc(s.c.Frames, number, func(f Loaded, n int) int { return f.Number - n })
	return min(i, len(s.c.Frames)-1)
}

// compare notes what differs.
func (x *Compared) compare(then, now side, q *Request) {
	a, b := &x.Expected, &x.Got
	differ := func(what, then, now string) {
		x.Differs = append(x.Differs, Difference{What: what, Then: then, Now: now})
	}
	if a.Outcome == "unanswered" {
		return // of what the capture lacks nothing can be said
	}
	if a.Outcome != b.Outcome {
		differ("outcome", a.Outcome+errorOf(a), b.Outcome+errorOf(b))
		return
	}
	if a.Errno != b.Errno {
		differ("errno", a.Error, b.Error)
		return
	}
	// Words that the captured socket did not ask for are no difference.
	e := then.c.Exchange(x.Exchange)
	asked := q.Options&capture.OptExtAck != 0
	if asked && (e.AckTLVs || e.Socket.Known) {
		if a.Text != b.Text {
			differ("text", a.Text, b.Text)
		}
		if a.Attr != b.Attr {
			differ("attr", a.Attr, b.Attr)
		}
	}
	x.Differs = append(x.Differs, compareReplies(then, now, x.Exchange, x.Now)...)
}
