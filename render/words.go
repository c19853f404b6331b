package render

import "github.com/nlsniff/nlsniff/dissect"

// An Event has the words for its frame's messages: key material is masked, and
// nothing is coloured.
var _ dissect.Words = (*Event)(nil)

// AppendMessage appends what nlsniff prints of a message on a line.
func (ev *Event) AppendMessage(dst []byte, m *dissect.Msg) []byte {
	return AppendMessage(dst, Options{}, ev, m)
}

// AppendValue appends the value of a leaf.
func (ev *Event) AppendValue(dst []byte, n *dissect.Node) []byte {
	return AppendValue(dst, Options{}, ev, n)
}

// ErrnoName returns the name of the errno that a message reports, "" if it has
// none.
func (ev *Event) ErrnoName(m *dissect.Msg) string { return ErrnoName(ev.Tree, m) }

// Of returns the words for another tree of the frame.
func (ev *Event) Of(t *dissect.Tree) dissect.Words {
	o := *ev
	o.Tree, o.Shown = t, nil
	return &o
}
