package pipeline

import (
	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/flow"
)

// Tracked is what a tracker gets to know of a frame beside its bytes.
func Tracked(f *capture.Frame, t *flow.Frame) {
	t.Time, t.Section, t.Process = f.Time, f.Stream(), flow.Process(f.Process)
	t.Comment = f.Comment
	t.Short, t.Overrun = f.Flags&capture.FlagMsgTrunc != 0, f.Flags&capture.FlagOverrun != 0
	t.Part, t.Asked = f.Flags&capture.FlagPart != 0, f.Flags&capture.FlagAsked != 0
	if d := f.Delivery; d != nil {
		o := d.Socket.Options
		t.Socket = flow.Socket{
			Inode: d.Socket.Inode, PortID: d.Socket.PortID, Known: o&capture.OptKnown != 0, ExtAck: o&capture.OptExtAck != 0,
			CapAck: o&capture.OptCapAck != 0, Strict: o&capture.OptStrictChk != 0,
		}
		t.Errno, t.Group = d.Errno, d.Group
		// A process's own read is one of several; what the kernel's side tells is not.
		t.Once = d.Socket.Inode != 0 && d.Call == capture.CallUnknown
	}
}

// Happened tells a tracker of an event, if that is of interest for exchanges.
func Happened(f *capture.Frame, t *flow.Tracker) {
	e := f.Event
	h := flow.Happening{
		Frame: f.Number, Section: f.Stream(), Proto: e.Proto, PortID: e.Socket.PortID, Inode: e.Socket.Inode,
		Process: flow.Process(f.Process), Seq: uint32(e.Value), Errno: e.Errno,
	}
	switch e.Kind {
	case capture.EventOverrun:
		h.Kind = flow.SocketOverrun
	case capture.EventUnread:
		h.Kind = flow.SocketUnread
	case capture.EventClose:
		h.Kind, h.AllRead = flow.SocketClosed, e.Value == capture.AllRead
	default:
		return
	}
	t.Happened(&h)
}
