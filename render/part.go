package render

import (
	"slices"

	"github.com/nlsniff/nlsniff/dissect"
)

// AppendMessage appends the line of one message without the number and time of
// its frame.
func AppendMessage(dst []byte, o Options, ev *Event, m *dissect.Msg) []byte {
	l := base{Options: o}
	l.set(ev)
	mark := len(dst)
	head := len(l.head(dst)) - mark
	dst = l.message(dst, m)
	return slices.Delete(dst, mark, mark+head)
}

// AppendValue appends the value of a leaf.
func AppendValue(dst []byte, o Options, ev *Event, n *dissect.Node) []byte {
	b := base{Options: o}
	b.set(ev)
	return b.value(dst, n)
}

// AppendOp appends what a message does: the name of its type, or of its
// generic command.
func AppendOp(dst []byte, m *dissect.Msg) []byte { return appendOp(dst, m) }

// Parts appends parts of what is shown, again and again, with the same memory.
type Parts struct{ b base }

// NewParts returns a Parts.
func NewParts(o Options) *Parts { return &Parts{base{Options: o}} }

// Message is AppendMessage.
func (p *Parts) Message(dst []byte, ev *Event, m *dissect.Msg) []byte {
	p.b.set(ev)
	mark := len(dst)
	head := len(p.b.head(dst)) - mark
	dst = p.b.message(dst, m)
	return slices.Delete(dst, mark, mark+head)
}

// Info appends what a message's line says of it behind who sent it.
func (p *Parts) Info(dst []byte, ev *Event, m *dissect.Msg) []byte {
	p.b.set(ev)
	mark := len(dst)
	dst = p.b.what(dst, m)
	n := mark
	for n < len(dst) && dst[n] == ' ' {
		n++
	}
	return slices.Delete(dst, mark, n)
}

// ErrnoName returns the name of what a message reports, "" if it has none.
func (p *Parts) ErrnoName(ev *Event, m *dissect.Msg) string {
	p.b.set(ev)
	return errnoName(p.b.errnoEnum(m), m.Errno)
}

// Value is AppendValue.
func (p *Parts) Value(dst []byte, ev *Event, n *dissect.Node) []byte {
	p.b.set(ev)
	return p.b.value(dst, n)
}
