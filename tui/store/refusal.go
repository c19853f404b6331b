package store

import (
	"slices"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/flow"
	"github.com/nlsniff/nlsniff/render"
)

// Refusal is why the kernel refused a request.
type Refusal struct {
	render.Refusal
	Request []int // the rows of the request: of a batch there are several
	Row     int   // the row that says so, -1 if there is none
}

// Refused says whether an exchange failed in a way that somebody wants explained.
func (e *Exchange) Refused() bool { return e.Errno < 0 && !e.OK() }

// Refusal explains why an exchange failed, nil if it did not. It reads its request
// and the error again.
func (d *Decoder) Refusal(id int) *Refusal {
	d.s.mu.Lock()
	e, ok := d.s.exchange(id)
	if !ok || !e.Refused() {
		d.s.mu.Unlock()
		return nil
	}
	out := &Refusal{Row: -1}
	d.s.rows.each(e.First, e.Last+1, func(row, of int) bool {
		if of != id {
			return true
		}
		switch _, role := d.s.rows.ref(row); role {
		case flow.Request:
			out.Request = append(out.Request, row)
		case flow.Failure:
			out.Row = row
		}
		return out.Row < 0 && len(out.Request) < maxMembers
	})
	d.s.mu.Unlock()
	x := d.s.asFlow(uint64(id))
	x.Errors, x.Messages = 1, max(len(out.Request), 1)
	w := d.explainer()
	clear(w.frames)
	if out.Row >= 0 {
		if x.Answer = w.place(out.Row, x); x.Answer.Frame > 0 {
			x.Cut |= flow.PartAnswer
		}
	}
	if len(out.Request) > 0 {
		if x.Request = w.place(out.Request[0], x); x.Request.Frame > 0 {
			x.Cut |= flow.PartRequest
		}
	}
	out.Refusal = w.texts.Refusal(x)
	return out
}

// explainer reads the messages of an exchange again, beside what a Decoder is
// reading.
type explainer struct {
	s       *Store
	session *dissect.Session
	texts   *render.ExchangeTexts
	frames  map[int]int // numbers of frames, and which they are here
	l       loaded
}

func (d *Decoder) explainer() *explainer {
	if d.why == nil {
		w := &explainer{s: d.s, session: d.s.NewDecoder().session, frames: map[int]int{}}
		o := d.opt.Render
		o.Again = w.again
		w.texts = render.NewExchangeTexts(o, d.s.opt.DB)
		d.why = w
	}
	return d.why
}

// place is where the message of a row stands, and sets what an exchange needs to
// know to have it decoded; zero if it cannot be read.
func (w *explainer) place(row int, x *flow.Exchange) flow.MsgRef {
	w.s.mu.Lock()
	frame, msg, ok := w.s.rows.find(row)
	w.s.mu.Unlock()
	l := &w.l
	if !ok || w.s.backing.load(frame, w.session, nil, l) != nil || l.frame.Event != nil || len(l.input.Data) < cookedLen {
		return flow.MsgRef{}
	}
	x.Proto, x.Big = l.input.Data[cookedLen-1], l.input.Big
	x.IDs, x.Links, x.Sets = l.input.IDs, l.input.Links, l.input.Sets
	w.frames[l.frame.Number] = frame
	return flow.MsgRef{Frame: l.frame.Number, Msg: int32(msg)}
}

// again reads a frame for a flow.Explainer.
func (w *explainer) again(number int, buf []byte) ([]byte, int, bool) {
	i, ok := w.frames[number]
	if !ok || w.s.backing.load(i, w.session, nil, &w.l) != nil {
		return buf, 0, false
	}
	return append(buf[:0], w.l.frame.Data...), w.l.frame.OrigLen, true
}

// cookedLen is the header that frames have before their messages.
const cookedLen = 16

// Reasons sets why exchanges failed, in the rows that stand for them in a list.
func (d *Decoder) Reasons(rows []Row, exchanges []int) {
	for i := range rows {
		if x := d.Refusal(exchanges[i]); x != nil && rows[i].Err == nil {
			rows[i].Errno, rows[i].Why = x.Errno, x.Line()
		}
	}
}

// Is says which message of a refused request a row is: the one that the refusal is
// about, or another.
func (r *Refusal) Is(row int) (about, asked bool) {
	i := slices.Index(r.Request, row)
	return i >= 0 && i == r.Message, i >= 0
}
