// Package render shows decoded frames: as lines, as trees, as JSON and as
// fields. Everything is appended to a buffer that the caller reuses.
//
// Stability: the format of JSON stays (docs/json.md); the functions may change in
// any version.
package render

import (
	"iter"
	"time"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/flow"
)

// Event is one frame to show.
type Event struct {
	Number int
	Time   int64 // nanoseconds since the Unix epoch
	// DeltaShown is the time since the frame that was shown before, for TimeShown.
	DeltaShown int64
	Delta      int64 // since the frame before, in nanoseconds
	Since      int64 // since the first frame, in nanoseconds
	OrigLen    int
	capture.Process
	// Namespace is the network namespace's name as whoever captured gave it, if so.
	Namespace string
	Comment   string
	// Socket is the portid of the socket that sent the frame's requests, 0 if
	// that is not known from elsewhere: their headers may leave it 0.
	Socket uint32
	// Delivery is how the frame went over its socket, nil if the source does
	// not know. Happened is what the source saw instead of a frame; there is
	// no Tree then.
	Delivery *capture.Delivery
	Happened *capture.Event
	Links    *dissect.Links
	Tree     *dissect.Tree
	// Refs are the exchanges of the frame's own messages, nil where nothing
	// joined them. Exchange, if set, returns what is known of one, or nil.
	Refs     []flow.Ref
	Exchange func(id uint64) *flow.Exchange
	// Shown says, for each of Tree.Msgs, whether it is printed; nil: all are.
	Shown []bool
	// Follow, if not 0, leaves only the messages of that exchange.
	Follow uint64
	// Spill, if set, takes what is printed so far of a frame with much to
	// print, and returns what is to be appended to instead.
	Spill func(dst []byte) []byte
}

// hasProcess says whether anything is known of the process at the other end.
func (ev *Event) hasProcess() bool {
	return ev.Process != (capture.Process{})
}

// spill hands on what is printed, between two messages or two of many rows: nobody
// may look back at it, or hold a place in it.
func (ev *Event) spill(dst []byte) []byte {
	if ev.Spill == nil {
		return dst
	}
	return ev.Spill(dst)
}

// ref returns the exchange of a message by its place among the frame's own.
func (ev *Event) ref(no int) flow.Ref {
	if no >= len(ev.Refs) {
		return flow.Ref{}
	}
	return ev.Refs[no]
}

// own yields the frame's own messages that are printed, each with its place
// among all of them.
func (ev *Event) own() iter.Seq2[int, *dissect.Msg] {
	return func(yield func(int, *dissect.Msg) bool) {
		no := -1
		for i := range ev.Tree.Msgs {
			m := &ev.Tree.Msgs[i]
			if m.EchoOf >= 0 {
				continue
			}
			no++
			if ev.Shown != nil && !ev.Shown[i] || ev.Follow != 0 && ev.ref(no).Exchange != ev.Follow {
				continue
			}
			if !yield(no, m) {
				return
			}
		}
	}
}

// portID returns the portid of the socket at a message's end, 0 if it is not
// known, and whether the header leaves it out.
func (b *base) portID(m *dissect.Msg) (portid uint32, elsewhere bool) {
	if m.PortID == 0 && m.Dir == dissect.DirToKernel && !m.Datagram && b.ev.Socket != 0 {
		return b.ev.Socket, true
	}
	if m.PortID == 0 && m.Dir == dissect.DirFromKernel && !m.Datagram && len(b.t.Msgs) > 1 {
		// A datagram that ends a dump is for who asked, also where the parts
		// before the end have no portid, as thermal's.
		const done = 3 // NLMSG_DONE
		if last := &b.t.Msgs[len(b.t.Msgs)-1]; last.Type == done && last.HasErrno && last.EchoOf < 0 && last.PortID != 0 {
			return last.PortID, true
		}
	}
	return m.PortID, false
}

// Options decide how events are shown.
type Options struct {
	Time        TimeMode
	Location    *time.Location // of times that are not UTC's
	Color       bool
	ShowSecrets bool
	Hex         bool // -x: bytes below each message
	Full        bool // JSON: the lossless tree
	// Detail, if not nil, picks the families that the tree shows whole (-O);
	// of the others there is a line.
	Detail map[string]bool
	// Again, if set, reads a frame again: flow.Explainer.Again.
	Again func(frame int, buf []byte) (data []byte, origLen int, ok bool)
	// Paint, if set and with Color, returns the escape sequence for the line
	// of a message, or "".
	Paint func(ev *Event, m *dissect.Msg) string
}

// Printer appends what it shows of one frame.
type Printer interface {
	Frame(dst []byte, ev *Event) []byte
	// Happened appends what it shows of an Event.Happened.
	Happened(dst []byte, ev *Event) []byte
}

// base is what the printers share.
type base struct {
	Options
	ev     *Event
	t      *dissect.Tree
	noUnit bool // numbers without their unit

	painted bool // the line at hand has one style

	layer, outer, spare []byte // what a packet's layer says, and the one around it
}

func (b *base) set(ev *Event) { b.ev, b.t = ev, ev.Tree }

// ifname returns the name of an interface at the time of the frame, or "".
func (b *base) ifname(index uint32) string { return b.ev.Links.Name(index, b.ev.Number) }

// FamilyName returns the name under which a message's family is known, "" if
// it is not.
func FamilyName(m *dissect.Msg) string { return family(m) }

func family(m *dissect.Msg) string {
	switch {
	case m.Family != nil:
		return m.Family.Name
	case m.GenlName != "":
		return m.GenlName
	}
	return ""
}
