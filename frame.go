package nlsniff

import (
	"time"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/render"
)

// Finding is one thing in a frame that is not as it should be.
type Finding = dissect.Report

// Frame is one datagram of a netlink socket, decoded. It is the caller's own.
type Frame struct {
	// Frame is what the source tells: number, time, process, bytes. If its
	// Event is set, the source saw that instead of a datagram, and there are
	// no messages.
	capture.Frame

	Messages []Message
	event    render.Event
}

// decoded takes a tree of its own.
func (f *Frame) decoded(t *dissect.Tree, in *dissect.Input) {
	f.event = eventOf(&f.Frame)
	f.event.Links, f.event.Tree = in.Links, t
	f.Messages = dissect.AppendMessages(nil, t, &f.event)
}

func (f *Frame) happened() { f.event = eventOf(&f.Frame) }

func eventOf(f *capture.Frame) render.Event {
	return render.Event{
		Number: f.Number, Time: f.Time, OrigLen: f.OrigLen, Process: f.Process, Namespace: f.Namespace,
		Comment: f.Comment, Delivery: f.Delivery, Happened: f.Event,
	}
}

// Timestamp is when the frame was captured, the zero Time of bytes that never
// were.
func (f *Frame) Timestamp() time.Time {
	if f.Time == 0 {
		return time.Time{}
	}
	return f.Frame.Timestamp()
}

// Findings lists what is wrong with the frame, in the order of its bytes.
func (f *Frame) Findings() []Finding {
	if f.event.Tree == nil {
		return nil
	}
	return f.event.Tree.Reports()
}

// Tree returns the decoded frame row by row, for who wants to see every byte;
// nil where there is an Event.
func (f *Frame) Tree() *dissect.Tree { return f.event.Tree }

// String returns the lines that "nlsniff read" prints of the frame.
func (f *Frame) String() string { return string(f.print(render.NewLine(lineOptions))) }

// Text returns everything that is in the frame, as "nlsniff read -V" prints it.
func (f *Frame) Text() string { return string(f.print(render.NewTree(lineOptions))) }

// AppendJSON appends an object a message and line, as "nlsniff read -T jsonl"
// prints it (docs/json.md).
func (f *Frame) AppendJSON(dst []byte) []byte {
	return append(dst, f.print(render.NewJSON(render.Options{}, false))...)
}

// lineOptions: a library knows no first frame to count from.
var lineOptions = render.Options{Time: render.TimeEpoch, Location: time.UTC}

func (f *Frame) print(p render.Printer) []byte {
	if f.event.Happened != nil {
		return p.Happened(nil, &f.event)
	}
	return p.Frame(nil, &f.event)
}
