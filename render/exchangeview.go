package render

import (
	"bytes"
	"strconv"
	"unicode/utf8"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/flow"
)

// ExchangeView prints each exchange opened: its line, the request and the
// answer side by side with the attribute that failed marked, and what is to be
// said of it.
type ExchangeView struct {
	Exchanges
	tree        Tree
	width       int
	left, right []byte
}

// minColumns is the width from which two trees stand side by side.
const minColumns = 100

// NewExchangeView returns a printer of opened exchanges for a terminal of so
// many columns.
func NewExchangeView(o Options, db *families.DB, width int) *ExchangeView {
	return &ExchangeView{Exchanges: *NewExchanges(o, db), tree: Tree{base: base{Options: o}}, width: width}
}

// Shrink lets go of the memory that a large exchange took.
func (p *ExchangeView) Shrink() {
	p.Exchanges.Shrink()
	p.left, p.right = nil, nil
}

// Exchange appends an exchange.
func (p *ExchangeView) Exchange(dst []byte, e *flow.Exchange, first int64) []byte {
	p.explain(e, first)
	dst = append(p.line(dst, e), '\n')
	p.left, p.right = p.asks(p.left[:0], e), p.answers(p.right[:0], e)
	if p.width >= minColumns && len(p.left) > 0 && len(p.right) > 0 {
		dst = beside(dst, p.left, p.right, p.width)
	} else {
		dst = append(append(dst, p.left...), p.right...)
	}
	return p.remarks(dst, e)
}

// asks appends the request, with a mark at what the kernel pointed at.
func (p *ExchangeView) asks(dst []byte, e *flow.Exchange) []byte {
	m := p.about(p.parts.Request, e.Request)
	if m == nil {
		return dst
	}
	p.tree.noEcho = false
	target := p.point(e, m)
	for m := range p.t.Own() {
		p.tree.mark, p.tree.note = 0, ""
		if m == target {
			p.setMark(m)
		}
		dst = p.title(dst, "request", e.Request)
		dst = p.style(dst, styleType)
		dst = appendOp(dst, m)
		dst = p.style(dst, styleOff)
		if m == target && p.tree.mark == 0 && p.tree.note != "" {
			dst = p.style(append(dst, ' '), styleError)
			dst = append(append(dst, "◀ "...), p.tree.note...)
			dst = p.style(dst, styleOff)
		}
		dst = append(dst, '\n')
		dst = p.treeOf(dst, m)
	}
	dst = p.tree.outside(dst)
	dst = p.socket(dst, e)
	return p.tree.comment(dst, e.RequestComment)
}

// socket appends what the program has asked for of its socket.
func (p *ExchangeView) socket(dst []byte, e *flow.Exchange) []byte {
	s := &e.Socket
	if !s.Known {
		return dst
	}
	dst = p.tree.name(dst, 2, "socket")
	for i, o := range [...]struct {
		name string
		on   bool
	}{{"NETLINK_EXT_ACK", s.ExtAck}, {"NETLINK_CAP_ACK", s.CapAck}, {"NETLINK_GET_STRICT_CHK", s.Strict}} {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		dst = append(append(dst, o.name...), " off"...)
		if o.on {
			dst = append(dst[:len(dst)-2], 'n')
		}
	}
	return append(dst, '\n')
}

// point finds the message that the kernel's answer is about.
func (p *ExchangeView) point(e *flow.Exchange, first *dissect.Msg) *dissect.Msg {
	a := p.parts.Answer
	if a == nil || len(a.Msgs) == 0 || e.Errors == 0 && !e.AckTLVs {
		return nil
	}
	if !e.Batch || a.Msgs[0].Echo < 0 {
		return first
	}
	echo := &a.Msgs[a.Msgs[0].Echo]
	for m := range p.t.Own() {
		if m.Seq == echo.Seq && m.Type == echo.Type {
			return m
		}
	}
	return nil
}

// setMark says which row of a request failed, and what to write there.
func (p *ExchangeView) setMark(m *dissect.Msg) {
	ack := &p.parts.Answer.Msgs[0]
	x := &ack.ExtAck
	switch {
	case x.HasOffs:
		p.tree.mark = max(dissect.RowAt(p.t, m, x.Offs), 0)
	case x.HasNest:
		p.tree.mark = max(dissect.RowAt(p.t, m, x.MissNest), 0)
	}
	note := []byte(nil)
	if name := errnoName(p.errnoOf(ack), ack.Errno); name != "" {
		note = append(note, name...)
	}
	if len(x.Miss) > 0 {
		note = append(note, " lacks "...)
		note = appendSteps(note, x.Miss[len(x.Miss)-1:])
	}
	p.tree.note = string(note)
}

// errnoOf finds the names of errno values in the answer.
func (p *ExchangeView) errnoOf(ack *dissect.Msg) *families.Enum {
	b := base{ev: p.ev, t: p.parts.Answer}
	return b.errnoEnum(ack)
}

// answers appends the first reply and what ended the exchange.
func (p *ExchangeView) answers(dst []byte, e *flow.Exchange) []byte {
	p.tree.mark = 0
	p.tree.noEcho = p.parts.Request != nil
	if m := p.about(p.parts.Reply, e.First); m != nil {
		name := "reply"
		if e.Replies > 1 {
			name = "first of " + strconv.Itoa(e.Replies) + " replies"
		}
		dst = p.title(dst, name, e.First)
		dst = p.style(dst, styleType)
		dst = appendOp(dst, m)
		dst = append(p.style(dst, styleOff), '\n')
		dst = p.treeOf(dst, m)
	}
	if m := p.about(p.parts.Answer, e.Answer); m != nil {
		dst = p.title(dst, "answer", e.Answer)
		dst = append(p.what(dst, m), '\n')
		dst = p.treeOf(dst, m)
		dst = p.tree.comment(dst, e.AnswerComment)
	}
	return dst
}

// title starts the column of a message.
func (p *ExchangeView) title(dst []byte, name string, at flow.MsgRef) []byte {
	dst = append(dst, "    "...)
	dst = p.style(dst, styleDim)
	dst = append(dst, name...)
	dst = append(dst, ", frame "...)
	dst = strconv.AppendInt(dst, int64(at.Frame), 10)
	return append(p.style(dst, styleOff), ": "...)
}

func (p *ExchangeView) treeOf(dst []byte, m *dissect.Msg) []byte {
	p.tree.set(p.ev)
	p.tree.t = p.t
	return p.tree.tree(dst, m)
}

// remarks appends why it failed, what was found, and what followed.
func (p *ExchangeView) remarks(dst []byte, e *flow.Exchange) []byte {
	for _, c := range flow.Why(e, p.parts) {
		dst = p.name(dst, 0, "why")
		switch {
		case c.Likely:
			dst = append(dst, "(inferred, likely) "...)
		case c.Inferred:
			dst = append(dst, "(inferred) "...)
		}
		dst = appendEscaped(dst, []byte(c.Text), 0)
		dst = append(dst, '\n')
	}
	if m := p.about(p.parts.Answer, e.Answer); m != nil && m.Echo >= 0 {
		dst = p.echoed(dst, m)
	}
	if e.Notified > 0 {
		dst = p.name(dst, 0, "notifications")
		for i := 0; i < min(e.Notified, len(e.Effects)); i++ {
			if i > 0 {
				dst = append(dst, ", "...)
			}
			dst = append(dst, "frame "...)
			dst = strconv.AppendInt(dst, int64(e.Effects[i].Frame), 10)
		}
		if n := e.Notified - len(e.Effects); n > 0 {
			dst = append(dst, " and "...)
			dst = strconv.AppendInt(dst, int64(n), 10)
			dst = append(dst, " more"...)
		}
		dst = append(dst, '\n')
	}
	for _, f := range e.Findings {
		if f.Code == flow.FindError {
			continue // said above
		}
		dst = appendIndent(dst, 0)
		dst = append(dst, "! "...)
		dst = append(dst, f.Severity().String()...)
		dst = append(dst, ' ')
		dst = append(dst, f.Name()...)
		dst = append(dst, ": "...)
		dst = f.AppendText(dst)
		dst = append(dst, '\n')
	}
	return dst
}

// echoed appends how much of the request the kernel sent back.
func (p *ExchangeView) echoed(dst []byte, m *dissect.Msg) []byte {
	if m.Errno == 0 {
		return dst
	}
	req := &p.t.Msgs[m.Echo]
	dst = p.name(dst, 0, "echo")
	if n := p.t.Nodes[req.Node].Len; n < req.Len {
		return append(dst, "the request's header only\n"...)
	}
	return append(dst, "the whole request\n"...)
}

// beside appends two texts in columns; a line that is too long for its column
// is cut.
func beside(dst, left, right []byte, width int) []byte {
	half := (width - 3) / 2
	for len(left) > 0 || len(right) > 0 {
		var a, b []byte
		a, left, _ = bytes.Cut(left, []byte{'\n'})
		b, right, _ = bytes.Cut(right, []byte{'\n'})
		mark := len(dst)
		var n int
		dst, n = cutTo(dst, a, half)
		if len(b) > 0 {
			for ; n < half; n++ {
				dst = append(dst, ' ')
			}
			dst = append(dst, " │ "...)
			dst, _ = cutTo(dst, bytes.TrimPrefix(b, []byte("    ")), half)
		}
		dst = append(dst[:mark], bytes.TrimRight(dst[mark:], " ")...)
		dst = append(dst, '\n')
	}
	return dst
}

// cutTo appends a line cut to a width, and returns how much of it is used.
// Escape sequences, which are our own, take no room.
func cutTo(dst, line []byte, width int) ([]byte, int) {
	n, cut := 0, false
	for i := 0; i < len(line); {
		if line[i] == '\x1b' {
			end := bytes.IndexByte(line[i:], 'm') + 1
			dst = append(dst, line[i:i+max(end, 1)]...)
			i += max(end, 1)
			continue
		}
		_, size := utf8.DecodeRune(line[i:])
		switch {
		case cut:
		case n == width-1 && visible(line[i+size:]) > 0:
			dst = append(dst, "…"...)
			n, cut = n+1, true
		default:
			dst = append(dst, line[i:i+size]...)
			n++
		}
		i += size
	}
	return dst, n
}

// visible counts the characters of a line that take room.
func visible(line []byte) int {
	n := 0
	for i := 0; i < len(line); {
		if line[i] == '\x1b' {
			i += max(bytes.IndexByte(line[i:], 'm')+1, 1)
			continue
		}
		_, size := utf8.DecodeRune(line[i:])
		i += size
		n++
	}
	return n
}
