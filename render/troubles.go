package render

import (
	"fmt"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/flow"
)

// AddTrouble counts what a source tells beside the datagrams, and of them.
func AddTrouble(t *flow.Troubles, f *capture.Frame) {
	if d := f.Delivery; d != nil && f.Flags&capture.FlagMsgTrunc != 0 {
		t.Cut++
		t.CutBytes += int64(d.Lost)
	}
	if f.Event == nil || !f.Event.Trouble() {
		return
	}
	switch e := f.Event; e.Kind {
	case capture.EventOverrun:
		t.Overruns++
		t.LostMessages += e.Value
	case capture.EventCut:
		t.Cut++
		t.CutBytes += e.Value
	case capture.EventUnread:
		t.Unread++
	case capture.EventRefused:
		t.Refused++
	case capture.EventUnseen:
		t.Unseen++
	}
}

// Troubles says what was lost, and what is not seen: a text for each kind.
func Troubles(t *flow.Troubles) (list []string) {
	say := func(n int, one, many string, more int64, of string) {
		if n == 0 {
			return
		}
		s := fmt.Sprintf("%d %s", n, many)
		if n == 1 {
			s = "1 " + one
		}
		if more > 0 {
			s += fmt.Sprintf(" (%d %s lost)", more, of)
		}
		list = append(list, s)
	}
	say(t.Overruns, "overrun", "overruns", t.LostMessages, "messages")
	say(t.Cut, "datagram cut", "datagrams cut", t.CutBytes, "bytes")
	say(t.Unread, "answer not read", "answers not read", 0, "")
	say(t.Refused, "call failed", "calls failed", 0, "")
	say(t.Unseen, "time something was not seen", "times something was not seen", 0, "")
	return list
}
