package render

import (
	"strconv"
	"strings"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/internal/phrase"
)

// Cells are the parts of a message's line, for who lays them out himself. All
// text is escaped.
type Cells struct {
	Time    string
	Dir     dissect.Dir
	Process string // who is at the other end of the kernel
	Family  string
	Op      string // RTM_NEWLINK; of an answer, what was asked
	Words   string // of an error or ACK: the kernel's words, and where
	Summary string // what it says
	Flags   string
	Seq     string
	Outcome string // ACK, DONE, an errno's name
	Result  Result
	Marks   string // findings that are more than notes
	Worst   dissect.Severity
}

// Result is what kind of outcome a message reports.
type Result uint8

// The results.
const (
	ResultNone   Result = iota // it reports nothing
	ResultPart                 // one part of several
	ResultDone                 // the last part
	ResultOK                   // an ACK
	ResultFailed               // an error
)

// CellPrinter makes Cells.
type CellPrinter struct {
	base
	buf []byte
}

// NewCells returns a CellPrinter. It makes no use of o.Color.
func NewCells(o Options) *CellPrinter {
	o.Color = false
	return &CellPrinter{base: base{Options: o}}
}

// Cells returns the parts of the line of m, or of the frame where it holds no
// message and m is nil.
func (p *CellPrinter) Cells(ev *Event, m *dissect.Msg) Cells {
	p.set(ev)
	c := Cells{Time: p.text(p.time)}
	if e := ev.Happened; e != nil {
		c.Process = p.text(p.whose)
		c.Op = "*" // as in lines
		c.Summary = p.text(func(b []byte) []byte { return appendHappened(b, e) })
		if e.HasProto {
			c.Family = protocolName(e.Proto)
		}
		if e.Trouble() {
			c.Op = "!"
			c.Marks, c.Worst = "event."+e.Kind.String(), dissect.Warning
		}
		return c
	}
	if m == nil {
		c.Op = protocolName(p.t.Proto)
		c.Summary = phrase.Count(len(p.t.Data), "byte")
		c.Process = p.text(func(b []byte) []byte { return p.user(b, &dissect.Msg{}) })
		c.Marks, c.Worst = p.found(p.t.Findings)
		return c
	}
	c.Dir = m.Dir
	c.Process = p.text(func(b []byte) []byte { return p.user(b, m) })
	c.Family = p.text(func(b []byte) []byte { return appendEscaped(b, []byte(family(m)), 0) })
	c.Marks, c.Worst = p.text(func(b []byte) []byte { return p.marks(b, m) }), p.worst(m)
	if c.Marks != "" {
		c.Marks = c.Marks[1:]
	}
	switch about := p.about(m); {
	case about == nil:
		c.Op = ""
	default:
		c.Op = p.text(func(b []byte) []byte { return appendOp(b, about) })
		if !m.HasErrno || m.Errno != 0 {
			c.Summary = p.text(func(b []byte) []byte { return p.summary(b, about) })
		}
		if c.Family == "" {
			c.Family = p.text(func(b []byte) []byte { return appendEscaped(b, []byte(family(about)), 0) })
		}
	}
	if m.HasErrno {
		c.Words = strings.TrimSpace(p.text(func(b []byte) []byte { return p.extAck(b, m) }))
	}
	if c.Summary != "" && c.Summary[0] == ' ' {
		c.Summary = c.Summary[1:]
	}
	if !m.Datagram {
		c.Seq = strconv.FormatUint(uint64(m.Seq), 10)
		if m.Flags != 0 {
			c.Flags = p.text(func(b []byte) []byte { return appendFlags(b, m.FlagSet, uint64(m.Flags)) })
		}
	}
	c.Outcome, c.Result = p.result(m)
	return c
}

// about is the message whose operation a line names: of an answer that echoes
// its request, the request; nil if an answer does not say.
func (p *CellPrinter) about(m *dissect.Msg) *dissect.Msg {
	switch {
	case m.HasErrno && m.Echo >= 0:
		return &p.t.Msgs[m.Echo]
	case m.HasErrno:
		return nil
	}
	return m
}

func (p *CellPrinter) result(m *dissect.Msg) (string, Result) {
	const flagMulti = 0x2 // NLM_F_MULTI
	switch {
	case m.HasErrno && m.Errno < 0:
		return p.text(func(b []byte) []byte { return p.errnoText(b, m) }), ResultFailed
	case m.HasErrno && m.Type == 2:
		return "ACK", ResultOK
	case m.HasErrno:
		return "DONE", ResultDone
	case m.Flags&flagMulti != 0 && m.Dir == dissect.DirFromKernel:
		return "part", ResultPart
	}
	return "", ResultNone
}

// found returns the codes of findings and the severity of the worst.
func (p *CellPrinter) found(list []dissect.Finding) (string, dissect.Severity) {
	worst := dissect.Note
	for i := range list {
		worst = max(worst, list[i].Severity())
	}
	s := p.text(func(b []byte) []byte { return p.codesOf(b, list) })
	if s != "" {
		s = s[1:]
	}
	return s, worst
}

func (p *CellPrinter) worst(m *dissect.Msg) dissect.Severity {
	_, w := p.found(p.t.FindingsOf(m.Node, p.t.Nodes[m.Node].End))
	return w
}

// text runs an appending function in a buffer that is used again.
func (p *CellPrinter) text(fn func([]byte) []byte) string {
	p.buf = fn(p.buf[:0])
	return string(p.buf)
}
