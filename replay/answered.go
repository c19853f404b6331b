package replay

import (
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
	no := int32(0)
	for m := range t.Own() {
		if no == ref.Msg {
			return t, m
		}
		no++
	}
	return t, nil
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
