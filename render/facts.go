package render

import (
	"slices"
	"strings"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/flow"
)

// Facts are what an exchange's line says, and more, for programs that keep it
// elsewhere. All text is escaped, and key material is masked.
type Facts struct {
	Op        string // RTM_NEWADDR, or batch
	Family    string // empty if unknown
	Protocol  string
	Line      string // as --exchanges prints it, without number and time
	Errno     string // the name of the error, empty if there was none
	Words     string // the kernel's own about it
	Comm, Exe string // of the process
	Why       []string
	Found     []Found
}

// Found is a finding on an exchange or its messages.
type Found struct {
	Severity   dissect.Severity
	Code, Text string
}

// Facts decodes an exchange that was tracked with flow.Options.Keep. It asks match,
// unless it is nil, about the messages that were kept, until one does.
func (p *Exchanges) Facts(e *flow.Exchange, match func(*Event) bool) (Facts, bool) {
	p.explain(e, e.Start)
	if match != nil && !p.any(e, match) {
		return Facts{}, false
	}
	f := Facts{Protocol: protocolName(e.Proto)}
	str := func(fn func(dst []byte) []byte) string { return strings.TrimSpace(string(fn(nil))) }
	m := p.about(p.parts.Request, e.Request)
	switch {
	case m != nil:
	case p.about(p.parts.Answer, e.Answer) != nil && p.t.Msgs[0].Echo >= 0:
		m = &p.t.Msgs[p.t.Msgs[0].Echo]
	default:
		m = p.about(p.parts.Reply, e.First)
	}
	if m != nil {
		f.Op = str(func(b []byte) []byte { return appendOp(b, m) })
		f.Family = str(func(b []byte) []byte { return appendEscaped(b, []byte(family(m)), 0) })
	}
	f.Comm = str(func(b []byte) []byte { return appendEscaped(b, []byte(e.Process.Comm), 0) })
	f.Exe = str(func(b []byte) []byte { return appendEscaped(b, []byte(e.Process.Exe), 0) })
	if e.Batch {
		f.Op = "batch"
	}
	f.Line = str(func(b []byte) []byte { return p.took(p.outcome(append(p.asked(b, e), " → "...), e), e) })
	if e.Errno < 0 {
		f.Errno = str(func(b []byte) []byte { return appendErrnoName(b, e.Errno) })
	}
	if m := p.about(p.parts.Answer, e.Answer); m != nil && m.HasErrno {
		f.Words = str(func(b []byte) []byte { return p.extAck(b, m) })
	}
	for _, c := range flow.Why(e, p.parts) {
		f.Why = append(f.Why, c.Text)
	}
	for _, x := range e.Findings {
		f.Found = append(f.Found, Found{x.Severity(), x.Name(), string(x.AppendText(nil))})
	}
	for _, t := range []*dissect.Tree{p.parts.Request, p.parts.Reply, p.parts.Answer} {
		if t == nil {
			continue
		}
		for i := range t.Findings {
			x := &t.Findings[i]
			f.Found = append(f.Found, Found{x.Severity(), x.Name(), string(x.AppendText(nil))})
		}
	}
	return f, true
}

// any says whether one of the messages that were kept is wanted.
func (p *Exchanges) any(e *flow.Exchange, match func(*Event) bool) bool {
	for _, part := range []struct {
		t  *dissect.Tree
		at flow.MsgRef
	}{{p.parts.Request, e.Request}, {p.parts.Reply, e.First}, {p.parts.Answer, e.Answer}} {
		if p.about(part.t, part.at) == nil {
			continue
		}
		ev := p.own
		ev.Refs = slices.Repeat([]flow.Ref{{Exchange: e.ID}}, len(part.t.Msgs))
		ev.Exchange = func(uint64) *flow.Exchange { return e }
		if match(&ev) {
			return true
		}
	}
	return false
}
