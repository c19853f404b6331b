package replay

import (
	"fmt"
	"strings"

	"github.com/nlsniff/nlsniff/capture/ebpf/why"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/flow"
	"github.com/nlsniff/nlsniff/internal/phrase"
	"github.com/nlsniff/nlsniff/render"
)

// Answer is what the kernel said to a request.
type Answer struct {
	Outcome string `json:"outcome"` // ok, error, unanswered, not sent
	Errno   int32  `json:"errno,omitempty"`
	Error   string `json:"error,omitempty"` // the errno's name
	Text    string `json:"text,omitempty"`  // the kernel's words
	Attr    string `json:"attr,omitempty"`  // the attribute or member that they are about
	Replies int    `json:"replies"`
	// Refused is where in the kernel it was refused, if that was asked.
	Refused *why.Data `json:"refused,omitempty"`
	// Inferred says that no answer tells so: what came after it does.
	Inferred bool `json:"inferred,omitempty"`
}

// String is one line.
func (a Answer) String() string {
	s := a.Outcome
	if a.Errno != 0 {
		s = a.Error
	}
	if a.Text != "" {
		s += fmt.Sprintf(" %q", a.Text)
	}
	if a.Attr != "" {
		s += " (" + a.Attr + ")"
	}
	switch {
	case a.Replies == 1:
		s += ", 1 reply"
	case a.Replies > 1:
		s += fmt.Sprintf(", %s", phrase.Count(a.Replies, "reply"))
	}
	return s
}

// operation names what an exchange asks for, and of which family.
func (s side) operation(e *flow.Exchange) (op, family string) {
	i := e.Request.Frame - 1
	if i < 0 || i >= len(s.c.Frames) {
		return "?", "?"
	}
	i = s.index(e.Request.Frame)
	t := s.c.Tree(i)
	no := int32(0)
	for m := range t.Own() {
		if no >= e.Request.Msg && (!e.Batch || !isBatchMark(m) && m.Message != nil || e.Messages == 1) {
			return string(render.AppendOp(nil, m)), familyOf(m)
		}
		no++
	}
	for m := range t.Own() {
		return string(render.AppendOp(nil, m)), familyOf(m)
	}
	return "?", "?"
}

// familyOf names a message's family, or else its protocol.
func familyOf(m *dissect.Msg) string {
	if s := render.FamilyName(m); s != "" {
		return s
	}
	return families.ProtocolName(m.Proto)
}

// answer sums up what the kernel said.
func (s side) answer(e *flow.Exchange) Answer {
	a := Answer{Outcome: "ok", Errno: e.Errno, Replies: e.Replies}
	a.Inferred = e.State == flow.Unanswered && e.OK() && e.Errno == 0
	switch {
	case e.Errno != 0:
		a.Outcome = "error"
	case e.State == flow.Unanswered && !e.OK():
		a.Outcome = "unanswered"
	}
	if e.Errno == 0 && !e.AckTLVs {
		return a
	}
	for _, ref := range s.c.answers[e.ID] {
		t, m := s.c.Message(ref)
		if m == nil {
			continue
		}
		if !m.HasErrno && e.Errno != 0 { // an answer of the protocol's own tells it
			like := *m
			like.Errno = e.Errno
			a.Error = render.ErrnoName(t, &like)
		}
		if !m.HasErrno || m.Errno != e.Errno {
			continue
		}
		if m.Errno != 0 {
			a.Error = render.ErrnoName(t, m)
		}
		if m.ExtAck.Text >= 0 {
			a.Text = strings.TrimRight(string(t.Bytes(&t.Nodes[m.ExtAck.Text])), "\x00")
		}
		a.Attr = extAckPath(&m.ExtAck)
		a.Refused = s.refused[refusal{ref.Frame, m.Seq}]
		return a
	}
	return a
}

// extAckPath is what the kernel's words are about.
func extAckPath(x *dissect.ExtAck) string {
	switch {
	case x.HasMiss:
		if len(x.Miss) > 0 {
			return "missing " + steps(x.Miss)
		}
		return fmt.Sprintf("missing attribute %d", x.MissType)
	case x.HasOffs:
		if len(x.Path) > 0 {
			return steps(x.Path)
		}
		return fmt.Sprintf("offset %d", x.Offs)
	}
	return ""
}

func steps(path []dissect.Step) string {
	var b strings.Builder
	for i, s := range path {
		if i > 0 {
			b.WriteByte('/')
		}
		if s.Field != nil {
			b.WriteString(s.Field.Name)
		} else {
			fmt.Fprintf(&b, "%d", s.ID)
		}
	}
	return b.String()
}

func errorOf(a *Answer) string {
	if a.Errno == 0 {
		return ""
	}
	s := " " + a.Error
	if a.Text != "" {
		s += fmt.Sprintf(" %q", a.Text)
	}
	return s
}
