package replay

import (
	"iter"
	"slices"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/flow"
)

// Answered is what the kernel said to an exchange of the capture.
func (c *Capture) Answered(id uint64) (Answer, bool) {
	e := c.Exchange(id)
	if e == nil {
		return Answer{}, false
	}
	return side{c: c}.answer(e), true
}

// Answers are the messages that the kernel sent because of an exchange of the
// capture, notifications left out; their Frame is an index in Frames.
func (c *Capture) Answers(id uint64) []flow.MsgRef { return c.answers[id] }

// Message is a message and the tree that it is in, nil if there is none. They are
// valid until the next call.
func (c *Capture) Message(ref flow.MsgRef) (*dissect.Tree, *dissect.Msg) {
	t := c.Tree(ref.Frame)
	return t, nth(t, ref.Msg)
}

// nth is the frame's own message of that number, nil if it has fewer.
func nth(t *dissect.Tree, no int32) *dissect.Msg {
	for m := range t.Own() {
		if no--; no < 0 {
			return m
		}
	}
	return nil
}

// own are the frame's own messages, each with its part in an exchange.
func (f *Loaded) own(t *dissect.Tree) iter.Seq2[*dissect.Msg, flow.Ref] {
	return func(yield func(*dissect.Msg, flow.Ref) bool) {
		no := 0
		for m := range t.Own() {
			var ref flow.Ref
			if no < len(f.Refs) {
				ref = f.Refs[no]
			}
			if no++; !yield(m, ref) {
				return
			}
		}
	}
}

// IsReply says that an answer has content: it is no ACK, error or DONE alone.
func (c *Capture) IsReply(ref flow.MsgRef) bool {
	refs := c.Frames[ref.Frame].Refs
	return int(ref.Msg) < len(refs) && refs[ref.Msg].Role == flow.Reply
}

// Turned are the bytes of a tree's frame with its integers in the byte order of
// this machine.
func Turned(t *dissect.Tree) []byte {
	if t.Big == bigHost {
		return t.Data
	}
	data := slices.Clone(t.Data)
	turn(t, data[capture.CookedLen:])
	return data
}
