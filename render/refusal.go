package render

import (
	"strings"

	"github.com/nlsniff/nlsniff/flow"
)

// Refusal is why the kernel refused a request, in words. All text is escaped.
type Refusal struct {
	Errno  string // its name
	Words  string // what the kernel says, and where: "bad" at IFLA_MTU
	About  string // of a batch: the message that it is about
	Causes []flow.Cause
	// Message is which message of the request it is about, counted from 0, and -1
	// if that is not known.
	Message int
	// Mark is the row to mark in the request, as an offset from its nlmsghdr; 0: the
	// message itself. Note is what stands there.
	Mark uint32
	Note string
}

// Refusal says why an exchange failed that was tracked with flow.Options.Keep.
func (p *ExchangeTexts) Refusal(e *flow.Exchange) Refusal {
	v := &p.view
	v.explain(e, 0)
	r := Refusal{Message: -1, Errno: string(appendErrnoName(nil, e.Errno))}
	r.Causes = flow.Why(e, v.parts)
	ack := v.about(v.parts.Answer, e.Answer)
	if ack == nil || !ack.HasErrno {
		return r
	}
	if name := errnoName(v.errnoOf(ack), ack.Errno); name != "" {
		r.Errno = name
	}
	if e.Batch && ack.Echo >= 0 {
		r.About = string(v.summary(appendOp(nil, &v.t.Msgs[ack.Echo]), &v.t.Msgs[ack.Echo]))
	}
	r.Words = strings.TrimSpace(string(v.extAck(nil, ack)))
	if r.Words != "" && len(r.Causes) > 0 && r.Causes[0].Text == flow.Meaning(e.Errno) {
		r.Causes = r.Causes[1:] // the kernel says more
	}
	first := v.about(v.parts.Request, e.Request)
	if first == nil {
		return r
	}
	target, no := v.point(e, first), 0
	for m := range v.t.Own() {
		if m == target {
			r.Message = no
		}
		no++
	}
	if target == nil {
		return r
	}
	v.tree.mark, v.tree.note = 0, ""
	v.setMark(target)
	r.Note = v.tree.note
	if v.tree.mark > 0 {
		r.Mark = uint32(v.t.Nodes[v.tree.mark].Off - target.Off)
	}
	return r
}

// Line is the reason in one line: the kernel's words, and what is inferred; where
// there is neither, what the errno means.
func (r *Refusal) Line() string {
	var parts, meaning []string
	if r.Words != "" {
		parts = append(parts, r.Words)
	}
	if r.About != "" {
		parts = append(parts, "of "+r.About)
	}
	said := r.Words != ""
	for _, c := range r.Causes {
		text := string(appendEscaped(nil, []byte(c.Text), 0))
		switch {
		case !c.Inferred:
			meaning = append(meaning, text)
			continue
		case c.Likely:
			text = "likely: " + text
		default:
			text = "inferred: " + text
		}
		parts, said = append(parts, text), true
	}
	if !said {
		parts = append(parts, meaning...)
	}
	return strings.Join(parts, " ")
}

// CauseText says a cause, and whether it is the kernel's word or ours.
func CauseText(c *flow.Cause) string {
	text := string(appendEscaped(nil, []byte(c.Text), 0))
	switch {
	case c.Likely:
		return "(inferred, likely) " + text
	case c.Inferred:
		return "(inferred) " + text
	}
	return text
}
