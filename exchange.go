package nlsniff

import (
	"bytes"
	"slices"
	"strings"
	"time"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/flow"
	"github.com/nlsniff/nlsniff/internal/pipeline"
	"github.com/nlsniff/nlsniff/render"
)

// keepBytes bounds what the requests and answers of all exchanges that have not
// ended take together. What does not fit is missing from an Exchange, and
// Joined.Cut says so.
const keepBytes = 16 << 20

// Exchange is a request with what the kernel made of it (docs/exchanges.md).
type Exchange struct {
	// Joined has the numbers: state and reason, sockets and processes, times,
	// how many replies. Its RequestBytes, ReplyData and AnswerBytes belong to
	// the Exchange and stay.
	Joined flow.Exchange

	// Requests are the request's messages: one, or all of an nfnetlink batch;
	// none if the request is not in the capture.
	Requests []Message
	Reply    *Message // the first, nil if none came
	Answer   *Message // the ACK, error or DONE that ended it, nil if none came

	why []flow.Cause
	db  *families.DB
}

// Name is what was asked for: RTM_NEWADDR, CTRL_CMD_GETFAMILY. Of a batch it is
// its first message's that is no frame of the batch, "batch" if there is none.
func (x *Exchange) Name() string {
	for i := range x.Requests {
		if m := &x.Requests[i]; !strings.HasPrefix(m.Name(), "NFNL_MSG_BATCH_") {
			return m.Name()
		}
	}
	if x.Joined.Batch {
		return "batch"
	}
	for _, m := range []*Message{x.Reply, x.Answer} {
		if m != nil {
			return m.Name()
		}
	}
	return ""
}

// OK says whether the kernel did what it was asked, as far as the capture tells.
func (x *Exchange) OK() bool { return x.Joined.OK() }

// Err returns why the kernel refused, as an *Error; nil if it did not. A
// probe's error is none: it is the answer that the program wants.
func (x *Exchange) Err() error {
	if !x.Joined.Refused() {
		return nil
	}
	if x.Answer != nil {
		if err := x.Answer.Err(); err != nil {
			return err
		}
	}
	// A protocol with errors of its own (iSCSI), or a call that failed.
	e := &Error{Errno: -x.Joined.Errno, Name: capture.ErrnoName(x.Joined.Errno), Operation: x.Name()}
	if len(x.Requests) > 0 {
		e.Request = &x.Requests[0]
	}
	return e
}

// Why says in sentences why the kernel refused, the certain ones first; those
// that are nlsniff's own conclusion begin with "likely" or "inferred".
func (x *Exchange) Why() []string {
	var list []string
	for _, c := range x.why {
		switch {
		case c.Likely:
			list = append(list, "likely: "+c.Text)
		case c.Inferred:
			list = append(list, "inferred: "+c.Text)
		default:
			list = append(list, c.Text)
		}
	}
	return list
}

// Start is when the request was sent, the zero Time if it is not in the capture.
func (x *Exchange) Start() time.Time {
	if x.Joined.Start == 0 {
		return time.Time{}
	}
	return time.Unix(0, x.Joined.Start).UTC()
}

// Latency is the time from the request to the first answer; false if one of them
// is missing.
func (x *Exchange) Latency() (time.Duration, bool) {
	n, ok := x.Joined.Latency()
	return time.Duration(n), ok
}

// String returns the line that "nlsniff read --exchanges" prints.
func (x *Exchange) String() string {
	e := x.joined()
	return string(bytes.TrimSuffix(render.NewExchanges(lineOptions, x.db).Exchange(nil, e, 0), []byte("\n")))
}

// AppendJSON appends the exchange as an object on a line, as "nlsniff read
// --exchanges -T jsonl" prints it.
func (x *Exchange) AppendJSON(dst []byte) []byte {
	e := x.joined()
	first := e.Start
	if first == 0 {
		first = e.FirstTime
	}
	return render.NewExchangeJSON(render.Options{}, x.db, false).Exchange(dst, e, first)
}

// joined is a copy for who adds findings to it.
func (x *Exchange) joined() *flow.Exchange {
	e := x.Joined
	e.Findings = slices.Clone(e.Findings)
	return &e
}

// joiner makes exchanges of what a Tracker reports.
type joiner struct {
	db    *families.DB
	t     *flow.Tracker
	x     *flow.Explainer
	ended []*Exchange
}

func newJoiner(db *families.DB) *joiner {
	j := &joiner{db: db, x: flow.NewExplainer(db)}
	j.t = flow.NewTracker(db, flow.Options{Keep: keepBytes, Closed: j.closed})
	return j
}

// observe takes the next frame.
func (j *joiner) observe(f *capture.Frame, in *dissect.Input) []flow.Ref {
	if f.Event != nil {
		pipeline.Happened(f, j.t)
		return nil
	}
	ff := flow.Frame{Input: in}
	pipeline.Tracked(f, &ff)
	return slices.Clone(j.t.Observe(&ff))
}

func (j *joiner) closed(e *flow.Exchange) {
	x := &Exchange{db: j.db}
	e.CopyTo(&x.Joined, nil)
	parts := j.x.Explain(&x.Joined)
	x.why = flow.Why(&x.Joined, parts)
	messages := func(t *dissect.Tree, at flow.MsgRef) []Message {
		if t == nil {
			return nil
		}
		own := t.Clone()
		own.Data = bytes.Clone(t.Data)
		return dissect.AppendMessages(nil, own, &render.Event{
			Number: at.Frame, Time: e.Start, OrigLen: len(own.Data), Process: capture.Process(e.Process),
			Links: e.Links, Socket: e.PortID, Tree: own,
		})
	}
	x.Requests = messages(parts.Request, e.Request)
	x.Reply = firstOf(messages(parts.Reply, e.First))
	x.Answer = firstOf(messages(parts.Answer, e.Answer))
	j.ended = append(j.ended, x)
}

func firstOf(list []Message) *Message {
	if len(list) == 0 {
		return nil
	}
	return &list[0]
}

// take returns the exchanges that ended since the last call.
func (j *joiner) take() []*Exchange {
	list := j.ended
	j.ended = nil
	return list
}
