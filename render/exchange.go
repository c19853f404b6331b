package render

import (
	"strconv"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/flow"
	"github.com/nlsniff/nlsniff/internal/phrase"
)

// Exchanges prints a line for each exchange: what was asked, what came of it,
// and how long that took.
type Exchanges struct {
	base
	x     *flow.Explainer
	parts flow.Explained
	own   Event
}

// NewExchanges returns a printer of exchanges.
func NewExchanges(o Options, db *families.DB) *Exchanges {
	p := &Exchanges{base: base{Options: o}, x: flow.NewExplainer(db)}
	p.x.Again = o.Again
	return p
}

// Exchange appends the line of an exchange that was tracked with
// flow.Options.Keep. first is the time of the capture's first frame.
func (p *Exchanges) Exchange(dst []byte, e *flow.Exchange, first int64) []byte {
	p.explain(e, first)
	dst = p.line(dst, e)
	return append(dst, '\n')
}

// Shrink lets go of the memory that a large exchange took.
func (p *Exchanges) Shrink() {
	p.x.Shrink()
	p.parts, p.own, p.t = flow.Explained{}, Event{}, nil
}

// explain decodes an exchange. What is appended next is about its request.
func (p *Exchanges) explain(e *flow.Exchange, first int64) {
	p.parts = p.x.Explain(e)
	start := e.Start
	if start == 0 {
		start = e.FirstTime
	}
	p.own = Event{
		Number: e.Request.Frame, Time: start, Since: start - first, Process: capture.Process(e.Process),
		Links: e.Links, Socket: e.PortID,
	}
	p.about(p.parts.Request, e.Request)
}

// about turns to one of the exchange's messages.
func (p *Exchanges) about(t *dissect.Tree, at flow.MsgRef) *dissect.Msg {
	p.own.Tree, p.own.Number = t, at.Frame
	p.ev, p.t = &p.own, t
	if t == nil || len(t.Msgs) == 0 {
		return nil
	}
	return &t.Msgs[0]
}

func (p *Exchanges) line(dst []byte, e *flow.Exchange) []byte {
	dst = p.exchangeHead(dst, e)
	dst = p.sign(dst, e)
	dst = p.asker(dst, e)
	dst = append(dst, ' ')
	dst = p.asked(dst, e)
	dst = append(dst, " → "...)
	dst = p.outcome(dst, e)
	dst = p.took(dst, e)
	return p.trouble(dst, e)
}

// exchangeHead appends the exchange's number and the time of its request.
func (p *Exchanges) exchangeHead(dst []byte, e *flow.Exchange) []byte {
	dst = p.style(dst, styleDim)
	mark := len(dst)
	dst = append(dst, '#')
	dst = strconv.AppendUint(dst, e.ID, 10)
	dst = rightAlign(dst, mark, 6)
	dst = append(dst, ' ')
	dst = p.time(dst)
	dst = p.style(dst, styleOff)
	return append(dst, ' ')
}

// sign appends a mark for how it ended.
func (p *Exchanges) sign(dst []byte, e *flow.Exchange) []byte {
	st, mark := styleWarn, "! "
	switch {
	case e.Refused():
		st, mark = styleError, "✗ "
	case e.State == flow.Orphan:
		st, mark = styleDim, "? "
	case e.OK():
		st, mark = styleOK, "✓ "
	}
	dst = p.style(dst, st)
	dst = append(dst, mark...)
	return p.style(dst, styleOff)
}

// asker appends who sent the request.
func (p *Exchanges) asker(dst []byte, e *flow.Exchange) []byte {
	return p.user(dst, &dissect.Msg{PortID: e.PortID, Dir: dissect.DirToKernel})
}

// asked appends the request's operation and summary.
func (p *Exchanges) asked(dst []byte, e *flow.Exchange) []byte {
	m := p.about(p.parts.Request, e.Request)
	switch {
	case m == nil: // an orphan: what it was may be told by the answers
		return p.orphanAsked(dst, e)
	case e.Batch:
		return p.batch(dst, e)
	}
	dst = p.style(dst, styleType)
	dst = appendOp(dst, m)
	dst = p.style(dst, styleOff)
	dst = p.summary(dst, m)
	if e.Dump {
		dst = append(dst, " dump"...)
	}
	return dst
}

func (p *Exchanges) orphanAsked(dst []byte, e *flow.Exchange) []byte {
	if m := p.about(p.parts.Answer, e.Answer); m != nil && m.Echo >= 0 {
		req := &p.t.Msgs[m.Echo]
		dst = p.style(dst, styleType)
		dst = appendOp(dst, req)
		dst = p.style(dst, styleOff)
		return p.summary(dst, req)
	}
	if m := p.about(p.parts.Reply, e.First); m != nil {
		dst = append(dst, "? of "...)
		return appendOp(dst, m)
	}
	dst = append(dst, '?')
	dst = append(dst, ' ')
	return append(dst, protocolName(e.Proto)...)
}

// maxBatch is how many messages of a batch its line names.
const maxBatch = 3

// batch appends what the messages of a batch do, without its frame.
func (p *Exchanges) batch(dst []byte, e *flow.Exchange) []byte {
	dst = p.style(dst, styleType)
	dst = append(dst, "batch"...)
	dst = p.style(dst, styleOff)
	shown, inner := 0, e.Messages
	for m := range p.t.Own() {
		if m.Type>>8 == 0 { // BATCH_BEGIN, BATCH_END
			inner--
			continue
		}
		if shown == maxBatch {
			continue
		}
		sep := ", "
		if shown == 0 {
			sep = " "
		}
		dst = append(dst, sep...)
		dst = appendOp(dst, m)
		dst = p.summary(dst, m)
		shown++
	}
	if shown < inner {
		dst = append(dst, " +"...)
		dst = strconv.AppendInt(dst, int64(inner-shown), 10)
	}
	return dst
}

// outcome appends what came of the request.
func (p *Exchanges) outcome(dst []byte, e *flow.Exchange) []byte {
	m := p.about(p.parts.Answer, e.Answer)
	switch {
	case e.Errors > 0 && m != nil:
		dst = p.refused(dst, e, m)
		if e.Reason == flow.Probe {
			dst = append(dst, " ("...)
			dst = append(dst, e.Reason.String()...)
			dst = append(dst, ')')
		}
		return dst
	case e.Errno < 0 && e.Answer.Frame == 0:
		dst = appendErrnoName(p.style(dst, styleError), e.Errno)
		dst = append(p.style(dst, styleOff), " ("...)
		return append(append(dst, e.Reason.String()...), ')')
	case e.State == flow.Unanswered:
		dst = p.noAnswer(dst, e)
		if e.Notified+e.Copies > 0 {
			dst = p.counts(append(dst, ','), e)
		}
		return dst
	}
	switch e.State {
	case flow.Interrupted, flow.Truncated, flow.Open:
		dst = p.style(dst, styleWarn)
		dst = append(dst, e.State.String()...)
		dst = p.style(dst, styleOff)
		if e.Reason != flow.NoReason {
			dst = append(dst, " ("...)
			dst = append(dst, e.Reason.String()...)
			dst = append(dst, ')')
		}
		dst = append(dst, ", "...)
	}
	if (e.Replies == 1 || e.Errors > 0) && !e.Dump { // NETLINK_ISCSI has its errors in its answers
		if r := p.about(p.parts.Reply, e.First); r != nil {
			dst = appendOp(dst, r)
			return p.extraWords(p.summary(dst, r), m)
		}
	}
	if e.Replies == 0 && !e.Dump {
		dst = p.style(dst, styleOK)
		dst = append(dst, "ACK"...)
		dst = p.style(dst, styleOff)
	}
	dst = p.counts(dst, e)
	if e.Reason == flow.Discarded || e.Reason == flow.AckLost {
		dst = append(dst, " ("...)
		dst = append(dst, e.Reason.String()...)
		dst = append(dst, ')')
	}
	return p.extraWords(dst, m)
}

// extraWords appends what the kernel says with a success.
func (p *Exchanges) extraWords(dst []byte, m *dissect.Msg) []byte {
	if m == nil || !m.HasErrno {
		return dst
	}
	p.set(p.ev)
	p.t = p.parts.Answer
	return p.extAck(dst, m)
}

// refused appends the error with the kernel's reason. In a batch, the message
// that it is about stands before it.
func (p *Exchanges) refused(dst []byte, e *flow.Exchange, m *dissect.Msg) []byte {
	dst = p.errnoText(dst, m)
	if e.Batch && m.Echo >= 0 {
		dst = append(dst, " of "...)
		dst = appendOp(dst, &p.t.Msgs[m.Echo])
		dst = p.summary(dst, &p.t.Msgs[m.Echo])
		if e.Errors > 1 {
			dst = append(dst, ", +"...)
			dst = strconv.AppendInt(dst, int64(e.Errors-1), 10)
			dst = append(dst, " more"...)
		}
	}
	return p.extAck(dst, m)
}

func (p *Exchanges) noAnswer(dst []byte, e *flow.Exchange) []byte {
	if e.OK() {
		dst = p.style(dst, styleDim)
		dst = append(dst, e.Reason.String()...)
		return p.style(dst, styleOff)
	}
	dst = p.style(dst, styleWarn)
	dst = append(dst, "no answer ("...)
	dst = append(dst, e.Reason.String()...)
	dst = append(dst, ')')
	return p.style(dst, styleOff)
}

// counts appends how many messages came and how large they were.
func (p *Exchanges) counts(dst []byte, e *flow.Exchange) []byte {
	if e.Replies > 0 || e.Dump {
		dst = append(dst, phrase.Count(e.Replies, "message")...)
		dst = append(dst, ", "...)
		dst = appendBytes(dst, e.ReplyBytes)
	}
	if e.Notified > 0 {
		dst = append(dst, " +"...)
		dst = strconv.AppendInt(dst, int64(e.Notified), 10)
		dst = append(dst, " notifications"...)
		if e.Notified == 1 {
			dst = dst[:len(dst)-1]
		}
	}
	if e.Copies > 0 {
		dst = append(dst, " +"...)
		dst = strconv.AppendInt(dst, int64(e.Copies), 10)
		dst = append(dst, " copies"...)
		if e.Copies == 1 {
			dst = append(dst[:len(dst)-len("ies")], 'y')
		}
	}
	return dst
}

// appendBytes appends a size: bytes up to 9999, then KiB and MiB.
func appendBytes(dst []byte, n int) []byte {
	switch {
	case n < 10000:
		return append(strconv.AppendInt(dst, int64(n), 10), " B"...)
	case n < 10000<<10:
		return append(strconv.AppendInt(dst, int64((n+512)>>10), 10), " KiB"...)
	}
	return append(strconv.AppendInt(dst, int64((n+512<<10)>>20), 10), " MiB"...)
}

// took appends the time to the last answer, and to the first if that is
// another.
func (p *Exchanges) took(dst []byte, e *flow.Exchange) []byte {
	d, ok := e.Duration()
	if !ok {
		return dst
	}
	dst = append(dst, "  "...)
	dst = p.style(dst, styleDim)
	dst = appendMillis(dst, d)
	if l, _ := e.Latency(); l != d {
		dst = append(dst, " (first "...)
		dst = appendMillis(dst, l)
		dst = append(dst, ')')
	}
	return p.style(dst, styleOff)
}

// appendMillis appends nanoseconds as milliseconds with two decimals.
func appendMillis(dst []byte, ns int64) []byte {
	dst = strconv.AppendFloat(dst, float64(ns)/1e6, 'f', 2, 64)
	return append(dst, " ms"...)
}

// trouble appends the codes of those findings that the line does not say
// anyway.
func (p *Exchanges) trouble(dst []byte, e *flow.Exchange) []byte {
	for _, f := range e.Findings {
		switch f.Code {
		case flow.FindError, flow.FindWarning, flow.FindUnanswered:
			continue
		case flow.FindSlow, flow.FindRetried, flow.FindResync, flow.FindSilent:
		default:
			if f.Severity() == dissect.Note {
				continue // -V tells
			}
		}
		dst = append(dst, ' ')
		st := styleWarn
		if f.Severity() == dissect.Error {
			st = styleError
		} else if f.Severity() == dissect.Note {
			st = styleDim
		}
		dst = p.style(dst, st)
		dst = append(dst, '!')
		dst = append(dst, f.Name()...)
		dst = p.style(dst, styleOff)
	}
	return dst
}
