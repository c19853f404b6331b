package render

import (
	"strconv"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
)

// Tree prints every attribute on a line of its own (-V).
type Tree struct {
	base
	noEcho bool  // leave out the request that an error carries
	mark   int32 // a row to point at, 0 for none
	note   string
}

// NewTree returns a printer of trees.
func NewTree(o Options) *Tree { return &Tree{base: base{Options: o}} }

// Frame appends the messages of a frame, each as its line with everything in
// it below.
func (p *Tree) Frame(dst []byte, ev *Event) []byte {
	p.set(ev)
	if len(ev.Tree.Msgs) == 0 {
		dst = p.bare(dst)
		dst = p.findings(dst, 0, int32(len(p.t.Nodes)), 2)
		dst = p.delivery(dst)
	}
	for i, m := range ev.own() {
		dst = p.unpaint(p.message(p.paint(dst, m), m))
		dst = append(dst, '\n')
		if p.Detail != nil && !p.Detail[family(m)] {
			continue
		}
		if i == 0 {
			dst = p.comment(dst, ev.Comment)
		}
		dst = p.tree(dst, m)
		if p.last(p.t.Nodes[m.Node].End) {
			dst = p.delivery(dst)
		}
		if p.Hex {
			n := &p.t.Nodes[m.Node]
			dst = p.hexdump(dst, m.Node, n.End, int(n.Off), int(n.Off+n.Len))
		}
		dst = ev.spill(dst)
	}
	return p.outside(dst)
}

// comment appends what the capture has written beside a frame.
func (p *Tree) comment(dst []byte, s string) []byte {
	if s == "" {
		return dst
	}
	dst = p.name(dst, 2, "comment")
	return append(appendEscaped(dst, []byte(s), 0), '\n')
}

// outside appends what stands behind the last message, and what was found of
// the frame as a whole.
func (p *Tree) outside(dst []byte) []byte {
	for i := range p.t.Findings {
		f := &p.t.Findings[i]
		if f.Code == dissect.FrameTruncated && len(p.t.Msgs) > 0 {
			dst = p.finding(dst, f, 2)
		}
	}
	for i := len(p.t.Nodes) - 1; i >= 0; i-- {
		n := &p.t.Nodes[i]
		if n.Depth > 0 || n.Kind != dissect.KindTrailing {
			break
		}
		dst = p.row(dst, n, 2, "(trailing)")
		dst = p.findings(dst, int32(i), int32(i+1), 4)
	}
	return dst
}

// tree appends the rows of one message.
func (p *Tree) tree(dst []byte, m *dissect.Msg) []byte {
	dst = p.msgHeader(dst, m, 2)
	return p.body(dst, m, 2)
}

// msgHeader appends the nlmsghdr and genlmsghdr, a line each.
func (p *Tree) msgHeader(dst []byte, m *dissect.Msg, indent int) []byte {
	if m.Datagram {
		return p.findings(dst, m.Node, m.Node+1, indent+2)
	}
	dst = p.name(dst, indent, "nlmsghdr")
	dst = append(dst, "len "...)
	dst = strconv.AppendUint(dst, uint64(m.Len), 10)
	dst = append(dst, ", type "...)
	dst = appendType(dst, m)
	dst = append(dst, " ("...)
	dst = strconv.AppendUint(dst, uint64(m.Type), 10)
	dst = append(dst, "), flags "...)
	dst = appendFlags(dst, m.FlagSet, uint64(m.Flags))
	dst = append(dst, " ("...)
	dst = appendHexNumber(dst, uint64(m.Flags))
	dst = append(dst, "), seq "...)
	dst = strconv.AppendUint(dst, uint64(m.Seq), 10)
	dst = append(dst, ", portid "...)
	dst = strconv.AppendUint(dst, uint64(m.PortID), 10)
	if portid, elsewhere := p.portID(m); elsewhere {
		dst = strconv.AppendUint(append(dst, " (its socket has "...), uint64(portid), 10)
		dst = append(dst, ')')
	}
	dst = append(dst, '\n')
	dst = p.findings(dst, m.Node, m.Node+1, indent+2)
	if m.HasGenl {
		dst = p.name(dst, indent, "genlmsghdr")
		dst = append(dst, "cmd "...)
		if m.Message != nil {
			dst = append(dst, m.Message.Name...)
			dst = append(dst, " ("...)
			dst = strconv.AppendUint(dst, uint64(m.GenlCmd), 10)
			dst = append(dst, ')')
		} else {
			dst = strconv.AppendUint(dst, uint64(m.GenlCmd), 10)
		}
		dst = append(dst, ", version "...)
		dst = strconv.AppendUint(dst, uint64(m.GenlVer), 10)
		dst = append(dst, '\n')
	}
	return dst
}

// body appends what follows the headers of a message.
func (p *Tree) body(dst []byte, m *dissect.Msg, indent int) []byte {
	end := p.t.Nodes[m.Node].End
	i := p.t.Body(m)
	if m.HasGenl {
		dst = p.findings(dst, p.t.Nodes[m.Node+1].End, i, indent+2)
	}
	return p.rows(dst, m, i, end, indent)
}

// rows appends the rows from…to and everything below them.
func (p *Tree) rows(dst []byte, m *dissect.Msg, from, to int32, indent int) []byte {
	index := -1 // of the elements of an indexed array, whose own numbers say little
	if from < to && p.t.Nodes[from].Parent >= 0 {
		attr := &p.t.Nodes[p.t.Nodes[from].Parent]
		if (attr.Kind == dissect.KindAttr || attr.Kind == dissect.KindElem) && attr.Type != nil && attr.Type.Kind == families.KindIndexed {
			index = 0
		}
	}
	for i := from; i < to; {
		n := &p.t.Nodes[i]
		switch n.Kind {
		case dissect.KindLen, dissect.KindType:
		case dissect.KindPadding:
			if n.Field == nil {
				dst = p.findings(dst, i, i+1, indent)
			}
		case dissect.KindMessage:
			if p.noEcho {
				break
			}
			dst = p.name(dst, indent, "request")
			req := p.t.MsgOf(i)
			dst = appendOp(dst, req)
			dst = append(dst, '\n')
			dst = p.msgHeader(dst, req, indent+2)
			dst = p.body(dst, req, indent+2)
		case dissect.KindAttr, dissect.KindElem:
			dst = p.attr(dst, m, i, indent, index)
			if index >= 0 {
				index++
			}
		case dissect.KindStruct:
			dst = p.name(dst, indent, structName(n))
			var ok bool
			if dst, ok = p.show(dst, i); ok {
				dst = append(dst, '\n')
				dst = p.findings(dst, i, n.End, indent+2)
				break
			}
			dst = append(dst[:len(dst)-1], '\n')
			dst = p.findings(dst, i, i+1, indent+2)
			dst = p.rows(dst, m, i+1, n.End, indent+2)
		default:
			dst = p.row(dst, n, indent, leafName(n))
			if i == p.mark && i > 0 {
				dst = append(p.marked(dst[:len(dst)-1], i), '\n')
			}
			dst = p.findings(dst, i, i+1, indent+2)
		}
		i = n.End
	}
	return dst
}

// attr appends an attribute: on one line if its payload is one value.
func (p *Tree) attr(dst []byte, m *dissect.Msg, i int32, indent, index int) []byte {
	n := &p.t.Nodes[i]
	from, to := p.t.Payload(i)
	if index < 0 {
		index = int(n.ID)
	}
	dst = p.attrName(dst, n, indent, index)
	dst, shown := p.show(dst, i)
	switch {
	case shown:
		dst = append(p.marked(dst, i), '\n')
	case from >= to:
		dst = append(p.marked(dst[:len(dst)-2], i), '\n')
	case p.t.Nodes[from].Kind.Leaf() && from+1 == to && !named(&p.t.Nodes[from], n):
		dst = p.value(dst, &p.t.Nodes[from])
		dst = p.pointed(dst, m, n)
		dst = append(p.marked(dst, i), '\n')
	default:
		dst = append(p.marked(dst[:len(dst)-1], i), '\n')
		dst = p.findings(dst, i, i+1, indent+2)
		return p.rows(dst, m, from, n.End, indent+2)
	}
	return p.findings(dst, i, n.End, indent+2)
}

// marked points at a row.
func (p *Tree) marked(dst []byte, i int32) []byte {
	if i != p.mark || i == 0 {
		return dst
	}
	dst = p.style(append(dst, ' '), styleError)
	dst = append(append(dst, "◀ "...), p.note...)
	return p.style(dst, styleOff)
}

// pointed appends what an extended ACK's numbers stand for in the request.
func (p *Tree) pointed(dst []byte, m *dissect.Msg, n *dissect.Node) []byte {
	steps := m.ExtAck.Path
	switch {
	case n.Field == nil || !m.HasErrno:
		return dst
	case n.Field.Name == "NLMSGERR_ATTR_OFFS":
	case n.Field.Name == "NLMSGERR_ATTR_MISS_TYPE":
		steps = m.ExtAck.Miss
	default:
		return dst
	}
	if len(steps) == 0 {
		return dst
	}
	dst = append(dst, " ("...)
	dst = appendSteps(dst, steps)
	return append(dst, ')')
}

// named says whether a leaf has a name of its own, other than the attribute
// around it.
func named(leaf, attr *dissect.Node) bool {
	return leaf.Kind == dissect.KindMember || leaf.Kind == dissect.KindTrailing ||
		leaf.Field != nil && leaf.Field != attr.Field && attr.Kind != dissect.KindElem
}

func (p *Tree) attrName(dst []byte, n *dissect.Node, indent, index int) []byte {
	switch {
	case elemNamed(n):
		return p.name(dst, indent, n.Field.Name)
	case n.Kind == dissect.KindElem:
		return p.nameNumber(dst, indent, "[", index, "]")
	case n.Field != nil && n.Field.Guess:
		dst = p.name(dst, indent, n.Field.Name)
		return append(dst[:len(dst)-len(": ")], "?: "...)
	case n.Field != nil:
		return p.name(dst, indent, n.Field.Name)
	}
	return p.nameNumber(dst, indent, "unknown type ", int(n.ID), "")
}

const blanks = "                                                                "

// appendIndent starts a row below a message's line.
func appendIndent(dst []byte, n int) []byte {
	for n += 4; n > len(blanks); n -= len(blanks) {
		dst = append(dst, blanks...)
	}
	return append(dst, blanks[:n]...)
}

// name starts a line: the indent, the name, a colon and a blank.
func (p *base) name(dst []byte, indent int, name string) []byte {
	dst = appendIndent(dst, indent)
	dst = p.style(dst, styleName)
	dst = append(dst, name...)
	dst = p.style(dst, styleOff)
	return append(dst, ": "...)
}

// nameNumber is name with a number in it.
func (p *base) nameNumber(dst []byte, indent int, before string, n int, after string) []byte {
	dst = appendIndent(dst, indent)
	dst = p.style(dst, styleName)
	dst = append(strconv.AppendInt(append(dst, before...), int64(n), 10), after...)
	dst = p.style(dst, styleOff)
	return append(dst, ": "...)
}

func (p *base) row(dst []byte, n *dissect.Node, indent int, name string) []byte {
	dst = p.name(dst, indent, name)
	dst = p.value(dst, n)
	return append(dst, '\n')
}

// elemNamed says whether an element is one of a list of elements that have
// types, not the next of an array.
func elemNamed(n *dissect.Node) bool {
	return n.Kind == dissect.KindElem && n.Field != nil &&
		(n.Type == &n.Field.Type || n.Field.Type.Kind == families.KindSub)
}

func structName(n *dissect.Node) string {
	switch {
	case n.Field != nil:
		return n.Field.Name
	case n.Type != nil && n.Type.Struct != nil:
		return n.Type.Struct.Name
	}
	return "value"
}

func leafName(n *dissect.Node) string {
	switch {
	case n.Kind == dissect.KindUnknown && n.Field == nil:
		return "unknown"
	case n.Kind == dissect.KindTrailing:
		return "trailing"
	case n.Field != nil:
		return n.Field.Name
	case n.Type != nil && n.Type.Kind == families.KindString:
		return "text"
	}
	return "value"
}

// findings appends what was found of the rows from…to.
func (p *base) findings(dst []byte, from, to int32, indent int) []byte {
	for _, f := range p.t.FindingsOf(from, to) {
		dst = p.finding(dst, &f, indent)
	}
	return dst
}

func (p *base) finding(dst []byte, f *dissect.Finding, indent int) []byte {
	dst = appendIndent(dst, indent)
	st := styleDim
	switch f.Severity() {
	case dissect.Warning:
		st = styleWarn
	case dissect.Error:
		st = styleError
	}
	dst = p.style(dst, st)
	dst = append(dst, "! "...)
	dst = append(dst, f.Severity().String()...)
	dst = append(dst, ' ')
	dst = append(dst, f.Name()...)
	dst = append(dst, ": "...)
	dst = f.AppendText(dst)
	dst = p.style(dst, styleOff)
	return append(dst, '\n')
}
