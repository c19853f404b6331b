package store

import (
	"fmt"
	"sort"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/capture/pcapng"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/filter"
	"github.com/nlsniff/nlsniff/flow"
	"github.com/nlsniff/nlsniff/render"
)

// Row is one line of the list.
type Row struct {
	Row     int   // its number in the store
	Frame   int   // the frame's number in the capture
	Message int   // which of the frame's messages it is
	When    int64 // nanoseconds since the epoch
	PID     uint32
	Comm    string
	PortID  uint32
	Proto   uint8
	// Colour is the escape sequence that a colouring rule gives the row, "" for
	// none.
	Colour string
	// Interrupted says that what a dump lists has changed (NLM_F_DUMP_INTR),
	// Short that the receiver's buffer was too small, Overrun that messages
	// before this one did not reach it.
	Interrupted, Short, Overrun bool
	// Control is the type of a message that reports what came of another:
	// NLMSG_ERROR or NLMSG_DONE, else 0.
	Control uint16
	render.Cells
	// Errno and Why say why the exchange failed that the row begins, if Reasons was
	// asked.
	Errno, Why string
	// Err is why the row could not be loaded; nothing else is set then.
	Err error
}

// Detail is one message with everything around it.
type Detail struct {
	Row     int
	Message int // index in Tree.Msgs, -1 if the frame holds no message
	Event   render.Event
	Input   dissect.Input
	Dir     dissect.Dir
	Section int
	Tree    *dissect.Tree
	Hidden  []render.Span // the bytes that are not to be shown
	Refusal *Refusal      // of the exchange of a request or an error that it refused
}

// Decoder decodes rows of a store. It is not safe for use by several
// goroutines; each has its own.
type Decoder struct {
	s       *Store
	d       *dissect.Dissector
	session *dissect.Session
	opt     Options
	cells   *render.CellPrinter
	start   int64
	l       loaded
	event   render.Event
	at      int // the frame that is loaded, and its time
	atTime  int64
	refs    []flow.Ref
	run     *pcapng.Cursor
	painter *filter.Painter // nil without colouring rules
	exact   bool            // the time since the frame before is always wanted
	why     *explainer      // made when it is needed
}

// NewDecoder returns a Decoder that knows what the store knows now.
func (s *Store) NewDecoder() *Decoder {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := &Decoder{s: s, d: dissect.New(s.opt.DB), session: s.session.Again(), opt: s.opt,
		cells: render.NewCells(s.opt.Render), start: s.state.Start, at: -1}
	if s.opt.Rules != nil {
		d.painter = s.opt.Rules.Painter()
		d.exact = s.opt.Rules.Needs() == filter.NeedExchange
	}
	return d
}

// inRow makes reading one frame behind the other cheap. What was loaded before
// is then not to be kept.
func (d *Decoder) inRow() {
	if d.run == nil {
		d.run = d.s.backing.cursor()
	}
}

// frame loads and decodes frame i.
func (d *Decoder) frame(i int) (*dissect.Tree, error) {
	if err := d.load(i); err != nil {
		return nil, err
	}
	if d.l.frame.Event != nil {
		d.event.Tree = &dissect.Tree{}
		return d.event.Tree, nil
	}
	d.event.Tree = d.d.Frame(&d.l.input)
	return d.event.Tree, nil
}

// timeOf is the time of frame i, or other if there is none.
func (d *Decoder) timeOf(i int, other int64) int64 {
	var l loaded
	if i < 0 || d.s.backing.load(i, d.session, nil, &l) != nil {
		return other
	}
	return l.frame.Time
}

// find looks a row up.
func (d *Decoder) find(row int) (frame, msg int, ok bool) {
	d.s.mu.Lock()
	defer d.s.mu.Unlock()
	return d.s.rows.find(row)
}

// Rows decodes the rows of these numbers. Rows of the same frame should stand
// together.
func (d *Decoder) Rows(numbers []int) []Row {
	d.inRow()
	out := make([]Row, 0, len(numbers))
	at := -1
	var own []int32
	var t *dissect.Tree
	var err error
	for _, n := range numbers {
		frame, msg, ok := d.find(n)
		if !ok {
			r, kept := d.sample(n)
			if at = -1; !kept {
				r = Row{Row: n, Err: errGone}
			}
			out = append(out, r)
			continue
		}
		if frame != at {
			at = frame
			if t, err = d.frame(frame); err == nil {
				own = ownOf(t, own[:0])
			}
		}
		if err != nil {
			out = append(out, Row{Row: n, Err: err})
			continue
		}
		out = append(out, d.row(n, t, own, msg))
	}
	return out
}

func (d *Decoder) row(n int, t *dissect.Tree, own []int32, msg int) Row {
	f := &d.l.frame
	r := Row{Row: n, Frame: f.Number, Message: msg, When: f.Time, PID: f.Process.PID, Comm: f.Process.Comm, Proto: t.Proto}
	if msg >= len(own) {
		r.Cells = d.cells.Cells(&d.event, nil)
		if d.painter != nil {
			r.Colour = d.painter.SGR(&d.event, nil)
		}
		return r
	}
	m := &t.Msgs[own[msg]]
	const dumpIntr = 0x10 // NLM_F_DUMP_INTR
	d.event.Socket = d.s.socketOf(n)
	r.PortID = m.PortID
	if (m.Type == typeError || m.Type == typeDone) && !m.Datagram && t.Proto != families.ProtoConnector {
		r.Control = m.Type
	}
	r.Interrupted = m.Flags&dumpIntr != 0 && m.Dir == dissect.DirFromKernel && !m.Datagram
	r.Short, r.Overrun = f.Flags&capture.FlagMsgTrunc != 0, f.Flags&capture.FlagOverrun != 0
	r.Cells = d.cells.Cells(&d.event, m)
	if d.painter != nil {
		r.Colour = d.painter.SGR(&d.event, m)
	}
	return r
}

// ownOf appends the indexes of a frame's own messages.
func ownOf(t *dissect.Tree, dst []int32) []int32 {
	for i := range t.Msgs {
		if t.Msgs[i].EchoOf < 0 {
			dst = append(dst, int32(i))
		}
	}
	return dst
}

// Detail decodes one row. The result is the caller's; the Decoder must not be
// used after it.
func (d *Decoder) Detail(row int) (*Detail, error) {
	frame, msg, ok := d.find(row)
	if !ok {
		return nil, errGone
	}
	t, err := d.frame(frame)
	if err != nil {
		return nil, fmt.Errorf("row %d: %w", row, err)
	}
	out := &Detail{Row: row, Message: -1, Event: d.event, Input: d.l.input, Section: d.l.frame.Section, Tree: t}
	if own := ownOf(t, nil); msg < len(own) {
		out.Message = int(own[msg])
		out.Dir = t.Msgs[own[msg]].Dir
		out.Event.Socket = d.s.socketOf(row)
	}
	out.Event.Tree = t
	out.Hidden = render.Secrets(d.opt.Render, &out.Event)
	if id, role := d.s.Ref(row); role == flow.Request || role == flow.Failure {
		out.Refusal = d.Refusal(id)
	}
	return out, nil
}

// RowOf returns the first row of the frame with this number in the capture, or
// of the first frame behind it, and whether there is one.
func (s *Store) RowOf(number int) (int, bool) {
	return s.rowWhere(func(f *capture.Frame) bool { return f.Number >= number })
}

// RowAt is RowOf for the first frame at or behind a time.
func (s *Store) RowAt(when int64) (int, bool) {
	return s.rowWhere(func(f *capture.Frame) bool { return f.Time >= when })
}

// rowWhere returns the first row of the first frame of which something is true, that
// is true of all behind it.
func (s *Store) rowWhere(is func(*capture.Frame) bool) (int, bool) {
	s.mu.Lock()
	first, end := s.rows.dropped, s.rows.frames
	s.mu.Unlock()
	d := s.NewDecoder()
	var bad error
	n := first + sort.Search(end-first, func(i int) bool {
		var l loaded
		if err := s.backing.load(first+i, d.session, nil, &l); err != nil {
			bad = err
			return true
		}
		return is(&l.frame)
	})
	if bad != nil || n >= end {
		return 0, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.rows.row(n)
}
