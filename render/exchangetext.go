package render

import (
	"bytes"
	"strings"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/flow"
)

// ExchangeText is an exchange in words that can be compared with those of
// another capture: numbers that differ from run to run (sequence numbers,
// portids, times) are left out of all but Who and Took.
type ExchangeText struct {
	ID      uint64
	Op      string // the operation alone
	Asked   string // with a summary of the request
	Who     string
	Outcome string
	Took    string
	OK      bool
	Replies int
	Cut     flow.Parts // what cannot be compared, as not all of it is there
	// The rows of the request and of the first reply.
	Request, Reply []string
}

// ExchangeTexts makes texts of exchanges.
type ExchangeTexts struct{ view ExchangeView }

// NewExchangeTexts returns a maker of texts.
func NewExchangeTexts(o Options, db *families.DB) *ExchangeTexts {
	o.Color = false
	return &ExchangeTexts{*NewExchangeView(o, db, 0)}
}

// Shrink lets go of the memory that a large exchange took.
func (p *ExchangeTexts) Shrink() { p.view.Shrink() }

// Text describes an exchange that was tracked with flow.Options.Keep.
func (p *ExchangeTexts) Text(e *flow.Exchange) ExchangeText {
	v := &p.view
	v.explain(e, 0)
	t := ExchangeText{ID: e.ID, OK: e.OK(), Replies: e.Replies}
	t.Who = string(v.asker(nil, e))
	t.Asked = string(v.asked(nil, e))
	t.Op, _, _ = strings.Cut(t.Asked, " ")
	t.Took = strings.TrimSpace(string(v.took(nil, e)))
	switch {
	case e.Errors == 0 && e.OK() && e.Replies == 0 && !e.Dump:
		t.Outcome = "ok"
	case e.Errors == 0 && e.OK():
		t.Outcome = "answered"
	default:
		t.Outcome = string(v.outcome(nil, e))
	}
	if e.AckTLVs && e.Errors == 0 {
		if m := v.about(v.parts.Answer, e.Answer); m != nil {
			t.Outcome += string(v.extAck(nil, m))
		}
	}
	t.Cut = e.Cut
	t.Request = v.lines(v.parts.Request, e.Request)
	t.Reply = v.lines(v.parts.Reply, e.First)
	return t
}

// nfnlBatchBegin is NFNL_MSG_BATCH_BEGIN of linux/netfilter/nfnetlink.h.
const nfnlBatchBegin = 0x10

// lines returns the rows of the messages of a tree, without their headers.
func (p *ExchangeView) lines(t *dissect.Tree, at flow.MsgRef) []string {
	if p.about(t, at) == nil {
		return nil
	}
	p.tree.mark, p.tree.noEcho = 0, false
	p.tree.set(p.ev)
	var b []byte
	several := len(t.Msgs) > 1 && t.Msgs[0].Type == nfnlBatchBegin && t.Msgs[0].Proto == families.ProtoNetfilter
	for m := range t.Own() {
		if b = appendOp(b, m); several { // which of them a difference is in
			b = p.summary(b, m)
		}
		b = append(b, '\n')
		b = p.tree.body(b, m, 0)
	}
	var out []string
	for line := range bytes.Lines(b) {
		out = append(out, string(bytes.TrimSuffix(line, []byte{'\n'})))
	}
	return out
}
