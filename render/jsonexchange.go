package render

import (
	"strconv"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/flow"
)

// ExchangeJSON prints an object an exchange; docs/json.md and
// docs/nlsniff.schema.json describe it.
type ExchangeJSON struct {
	Exchanges
	json JSON
}

// NewExchangeJSON returns a printer of exchanges as JSON: one array around
// everything, or one object a line.
func NewExchangeJSON(o Options, db *families.DB, array bool) *ExchangeJSON {
	return &ExchangeJSON{Exchanges: *NewExchanges(o, db), json: JSON{base: base{Options: o}, array: array}}
}

// Exchange appends an exchange.
func (p *ExchangeJSON) Exchange(dst []byte, e *flow.Exchange, first int64) []byte {
	p.explain(e, first)
	dst = append(dst, `{"exchange":`...)
	dst = strconv.AppendUint(dst, e.ID, 10)
	dst = text(dst, "state", e.State.String())
	if e.Reason != flow.NoReason {
		dst = text(dst, "reason", e.Reason.String())
	}
	dst = strconv.AppendBool(key(dst, "ok"), e.OK())
	dst = append(key(dst, "time"), '"')
	dst = append(appendRFC3339(dst, p.own.Time), '"')
	dst = text(dst, "protocol", protocolName(e.Proto))
	if e.Process != (flow.Process{}) {
		p.json.ev = &p.own
		dst = p.json.process(dst)
	}
	if s := &e.Socket; s.Known {
		dst = append(key(dst, "options"), `{"ext_ack":`...)
		dst = strconv.AppendBool(dst, s.ExtAck)
		dst = strconv.AppendBool(key(dst, "cap_ack"), s.CapAck)
		dst = strconv.AppendBool(key(dst, "strict"), s.Strict)
		dst = append(dst, '}')
	}
	if e.PortID != 0 {
		dst = number(dst, "portid", int64(e.PortID))
	}
	dst = number(dst, "seq", int64(e.Seq))
	dst = p.op(dst, e)
	if e.Dump {
		dst = append(key(dst, "dump"), "true"...)
	}
	if e.Cut != 0 {
		dst = append(key(dst, "cut"), '[')
		for i, name := range e.Cut.Names() {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(append(append(dst, '"'), name...), '"')
		}
		dst = append(dst, ']')
	}
	dst = p.requestJSON(dst, e)
	dst = p.answerJSON(dst, e)
	if e.Errors > 1 {
		dst = number(dst, "errors", int64(e.Errors))
	}
	dst = p.repliesJSON(dst, e)
	if d, ok := e.Latency(); ok {
		dst = number(dst, "latency_ns", d)
	}
	if d, ok := e.Duration(); ok {
		dst = number(dst, "duration_ns", d)
	}
	dst = p.causesJSON(dst, e)
	dst = exchangeFindings(dst, e)
	return p.json.closeObject(dst)
}

// op appends what the exchange is about.
func (p *ExchangeJSON) op(dst []byte, e *flow.Exchange) []byte {
	m := p.about(p.parts.Request, e.Request)
	switch {
	case e.Batch:
		return text(dst, "op", "batch")
	case m != nil:
	case e.State == flow.Orphan:
		if m = p.about(p.parts.Answer, e.Answer); m != nil && m.Echo >= 0 {
			m = &p.t.Msgs[m.Echo]
		} else if m = p.about(p.parts.Reply, e.First); m == nil {
			return dst
		}
	default:
		return dst
	}
	dst = append(key(dst, "op"), '"')
	return append(appendOp(dst, m), '"')
}

// place appends where a message stands.
func place(dst []byte, name string, at flow.MsgRef) []byte {
	dst = append(key(dst, name), `{"frame":`...)
	dst = strconv.AppendInt(dst, int64(at.Frame), 10)
	return number(dst, "msg", int64(at.Msg))
}

func (p *ExchangeJSON) requestJSON(dst []byte, e *flow.Exchange) []byte {
	if e.Request.Frame == 0 {
		return dst
	}
	dst = place(dst, "request", e.Request)
	dst = number(dst, "bytes", int64(e.Length))
	m := p.about(p.parts.Request, e.Request)
	switch {
	case m == nil:
	case e.Batch:
		dst = append(key(dst, "messages"), '[')
		for i := range p.t.Msgs {
			if p.t.Msgs[i].EchoOf >= 0 {
				continue
			}
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = p.carried(dst, &p.t.Msgs[i])
		}
		dst = append(dst, ']')
	default:
		dst = p.members(dst, m)
	}
	if m != nil {
		dst = p.json.frameFindings(dst, p.t.Findings, p.t.Nodes[m.Node].Off)
	}
	dst = remark(dst, e.RequestComment)
	return append(dst, '}')
}

// remark appends what the capture has written beside a frame.
func remark(dst []byte, s string) []byte {
	if s == "" {
		return dst
	}
	return appendJSONString(key(dst, "comment"), []byte(s))
}

// carried appends a message as an object.
func (p *ExchangeJSON) carried(dst []byte, m *dissect.Msg) []byte {
	dst = append(dst, '{')
	mark := len(dst)
	dst = p.members(dst, m)
	dst = append(dst[:mark], dst[mark+1:]...) // the first key's comma
	return append(dst, '}')
}

// members appends what a message says, each key with a comma before it.
func (p *ExchangeJSON) members(dst []byte, m *dissect.Msg) []byte {
	p.json.set(p.ev)
	return p.json.message(dst, m)
}

// answerJSON appends the message that ended the exchange.
func (p *ExchangeJSON) answerJSON(dst []byte, e *flow.Exchange) []byte {
	if e.Answer.Frame == 0 {
		if e.Errno < 0 { // that nobody has read, or of the call that sends
			dst = errnoJSON(dst, e.Errno)
		}
		return dst
	}
	dst = place(dst, "answer", e.Answer)
	p.json.noEcho = p.parts.Request != nil
	if m := p.about(p.parts.Answer, e.Answer); m != nil {
		dst = p.members(dst, m)
	} else if m := p.about(p.parts.Reply, e.First); m != nil && e.Errors > 0 {
		// NETLINK_ISCSI has its errors in its answers.
		dst = append(key(dst, "error"), `{"errno":`...)
		dst = strconv.AppendInt(dst, int64(e.Errno), 10)
		if name := errnoName(p.errnoEnum(m), e.Errno); name != "" {
			dst = text(dst, "name", name)
		}
		dst = append(dst, '}')
	}
	dst = remark(dst, e.AnswerComment)
	return append(dst, '}')
}

func (p *ExchangeJSON) repliesJSON(dst []byte, e *flow.Exchange) []byte {
	if e.Replies > 0 {
		dst = place(dst, "replies", e.First)
		dst = number(dst, "messages", int64(e.Replies))
		dst = number(dst, "bytes", int64(e.ReplyBytes))
		if m := p.about(p.parts.Reply, e.First); m != nil {
			dst = p.carried(key(dst, "first"), m)
		}
		dst = append(dst, '}')
	}
	if e.Notified+e.Copies > 0 {
		dst = append(key(dst, "notifications"), `{"messages":`...)
		dst = strconv.AppendInt(dst, int64(e.Notified), 10)
		dst = number(dst, "bytes", int64(e.NotifiedSize))
		if e.Copies > 0 {
			dst = number(dst, "copies", int64(e.Copies))
		}
		dst = append(key(dst, "first"), '[')
		for i := 0; i < min(e.Notified, len(e.Effects)); i++ {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(dst, `{"frame":`...)
			dst = strconv.AppendInt(dst, int64(e.Effects[i].Frame), 10)
			dst = append(number(dst, "msg", int64(e.Effects[i].Msg)), '}')
		}
		dst = append(dst, "]}"...)
	}
	return dst
}

func (p *ExchangeJSON) causesJSON(dst []byte, e *flow.Exchange) []byte {
	causes := flow.Why(e, p.parts)
	if len(causes) == 0 {
		return dst
	}
	dst = append(key(dst, "why"), '[')
	for i, c := range causes {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, `{"text":`...)
		dst = appendJSONString(dst, []byte(c.Text))
		if c.Inferred {
			dst = append(key(dst, "inferred"), "true"...)
		}
		if c.Likely {
			dst = append(key(dst, "likely"), "true"...)
		}
		dst = append(dst, '}')
	}
	return append(dst, ']')
}

func exchangeFindings(dst []byte, e *flow.Exchange) []byte {
	if len(e.Findings) == 0 {
		return dst
	}
	dst = append(key(dst, "findings"), '[')
	for i, f := range e.Findings {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, `{"severity":"`...)
		dst = append(dst, f.Severity().String()...)
		dst = append(dst, `","code":"`...)
		dst = append(dst, f.Name()...)
		dst = append(dst, `","text":"`...)
		dst = f.AppendText(dst)
		dst = append(dst, `"}`...)
	}
	return append(dst, ']')
}

// text appends a string member that needs no escapes.
func text(dst []byte, name, value string) []byte {
	dst = append(key(dst, name), '"')
	return append(append(dst, value...), '"')
}

func number(dst []byte, name string, value int64) []byte {
	return strconv.AppendInt(key(dst, name), value, 10)
}
