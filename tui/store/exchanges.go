package store

import (
	"slices"
	"strconv"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/flow"
	"github.com/nlsniff/nlsniff/internal/pipeline"
)

// Exchange is what is kept of a request and its answers: where they are, and
// how it went.
type Exchange struct {
	ID      int
	First   int // the row of the request; of an orphan, of its first answer
	Last    int // the last row so far
	Ended   int // the row of what ended it, -1 if there is none yet
	State   flow.State
	Reason  flow.Reason
	Errno   int32 // negative, of the first error
	Replies int32
	Bytes   int64 // of the replies
	// Notified counts the notifications that it caused.
	Notified int32
	Latency  int64 // to the first answer, in nanoseconds, -1: there is none
	Took     int64 // to the last one, likewise
	Dump     bool
	Batch    bool
	// PortID is that of the socket that asked, 0 until it is known.
	PortID uint32
}

// OK says whether the kernel did what it was asked, as far as is known.
func (e *Exchange) OK() bool {
	x := flow.Exchange{State: e.State, Reason: e.Reason}
	return x.OK()
}

// record is an Exchange as it is kept, in 36 bytes: a capture can have millions.
type record struct {
	first         int32 // from the chunk's base
	last, ended   int32 // from first; ended -1 for none
	latency, took float32
	bytes, portid uint32
	errno         int16
	replies       uint16
	notified      uint16
	state         uint8 // a flow.State, and flags
	reason        flow.Reason
}

func (r *record) ok() bool {
	x := flow.Exchange{State: flow.State(r.state & recordState), Reason: r.reason}
	return x.OK()
}

const (
	recordDump = 0x10 << iota
	recordBatch
	recordEnded // the tracker has said how it went
	recordState = 0x0f
)

// records are recordChunk exchanges.
type records struct {
	base int // a row
	list []record
}

// recordChunk is how many exchanges are allocated, and dropped, together.
const recordChunk = 1024

// exchanges are those of a store, in the order of their numbers, which count
// from 1.
type exchanges struct {
	chunks   []records
	dropped  int // exchanges that are gone, a multiple of recordChunk
	count    int // all, those that are gone included
	findings map[int][]flow.Finding
}

// at returns the exchange with a number and the row that it begins with, nil if
// there is none.
func (x *exchanges) at(id int) (r *record, first int) {
	i := id - 1 - x.dropped
	if i < 0 || id > x.count {
		return nil, 0
	}
	c := &x.chunks[i/recordChunk]
	r = &c.list[i%recordChunk]
	return r, c.base + int(r.first)
}

// open is at, but makes the exchange if there is none yet.
func (x *exchanges) open(id, row int) (r *record, first int) {
	for x.count < id {
		if x.count%recordChunk == 0 {
			x.chunks = append(x.chunks, records{row, make([]record, 0, recordChunk)})
		}
		c := &x.chunks[len(x.chunks)-1]
		c.list = append(c.list, record{first: int32(row - c.base), ended: -1, latency: -1, took: -1})
		x.count++
	}
	return x.at(id)
}

// dropTo lets go of the oldest exchanges that end before the first of so many rows
// that are kept. One that does not end, as anybody can have, must not hold all that
// came since: with more exchanges than rows the oldest go in any case.
func (x *exchanges) dropTo(row, rows int) {
	for len(x.chunks) > 1 && len(x.chunks[0].list) == recordChunk {
		if x.count-x.dropped <= rows+2*recordChunk && x.chunks[0].reaches(row) {
			return
		}
		for i := range recordChunk {
			delete(x.findings, x.dropped+i+1)
		}
		x.chunks[0].list = nil // or the array of chunks would hold it
		x.chunks = x.chunks[1:]
		x.dropped += recordChunk
	}
}

// reaches says whether one of these exchanges goes on to a row, or beyond.
func (c *records) reaches(row int) bool {
	for i := range c.list {
		if c.base+int(c.list[i].first)+int(c.list[i].last) >= row {
			return true
		}
	}
	return false
}

// track joins the messages of a frame, whose rows begin at row. It returns
// what they are in their exchanges. s.mu is held.
func (s *Store) track(l *loaded, row int) []flow.Ref {
	f := &l.frame
	if f.Event != nil {
		pipeline.Happened(f, s.tracker)
		return nil
	}
	ff := flow.Frame{Input: &l.input}
	pipeline.Tracked(f, &ff)
	refs := s.tracker.Observe(&ff)
	for i, r := range refs {
		if r.Exchange == 0 {
			continue
		}
		x, first := s.exchanges.open(int(r.Exchange), row+i)
		if x == nil {
			continue // it began so long ago that it is gone
		}
		x.last = int32(row + i - first)
		switch r.Role {
		case flow.Reply:
			if x.state&recordEnded == 0 {
				x.replies = max(x.replies, x.replies+1)
			}
		case flow.Failure:
			x.ended = x.last
			if x.state&recordEnded == 0 { // a batch goes on, and has failed for all that
				x.state = x.state&^recordState | uint8(flow.Failed)
			}
		case flow.Ack, flow.Done:
			x.ended = x.last
		}
	}
	for i := range s.atOnce {
		s.closed(&s.atOnce[i])
	}
	s.atOnce = s.atOnce[:0]
	return refs
}

// closed takes in how an exchange ended. The tracker calls it with s.mu held.
func (s *Store) closed(e *flow.Exchange) {
	if int(e.ID) > s.exchanges.count { // ends with the message that it begins with: its row is not known yet
		late := *e
		late.Findings = slices.Clone(e.Findings)
		s.atOnce = append(s.atOnce, late)
		return
	}
	x, _ := s.exchanges.at(int(e.ID))
	if x == nil {
		return
	}
	x.state, x.reason = uint8(e.State)|recordEnded, e.Reason
	x.errno = int16(max(min(e.Errno, 1<<15-1), -1<<15))
	x.replies, x.notified = uint16(min(e.Replies, 1<<16-1)), uint16(min(e.Notified, 1<<16-1))
	x.bytes = uint32(min(uint64(e.ReplyBytes), 1<<32-1))
	x.portid = e.PortID
	if d, ok := e.Latency(); ok {
		x.latency = float32(d)
	}
	if d, ok := e.Duration(); ok {
		x.took = float32(d)
	}
	if e.Dump {
		x.state |= recordDump
	}
	if e.Batch {
		x.state |= recordBatch
	}
	if len(e.Findings) > 0 && len(s.exchanges.findings) < maxFindings {
		if s.exchanges.findings == nil {
			s.exchanges.findings = map[int][]flow.Finding{}
		}
		s.exchanges.findings[int(e.ID)] = append([]flow.Finding(nil), e.Findings...)
	}
	s.stats.ended(e)
}

// maxFindings is how many exchanges with findings are remembered with them.
const maxFindings = 1 << 16

// Exchange returns the exchange with a number.
func (s *Store) Exchange(id int) (Exchange, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.exchange(id)
}

func (s *Store) exchange(id int) (Exchange, bool) {
	r, first := s.exchanges.at(id)
	if r == nil {
		return Exchange{}, false
	}
	e := Exchange{ID: id, First: first, Last: first + int(r.last), Ended: -1, State: flow.State(r.state & recordState), Reason: r.reason, Errno: int32(r.errno),
		Replies: int32(r.replies), Bytes: int64(r.bytes), Notified: int32(r.notified), Latency: int64(r.latency), Took: int64(r.took), Dump: r.state&recordDump != 0, Batch: r.state&recordBatch != 0, PortID: r.portid}
	if r.ended >= 0 {
		e.Ended = first + int(r.ended)
	}
	return e, true
}

// Asked returns the exchange that a row is the request of.
func (s *Store) Asked(row int) (Exchange, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id, role := s.rows.ref(row)
	if role != flow.Request {
		return Exchange{}, false
	}
	return s.exchange(id)
}

// socketOf returns the portid of the socket that a row is a request of, 0 if it is
// none or that is not known.
func (s *Store) socketOf(row int) uint32 {
	e, ok := s.Asked(row)
	if !ok {
		return 0
	}
	return e.PortID
}

// ErrnoName returns the name of an errno, which may be negative.
func (s *Store) ErrnoName(errno int32) string {
	if f, err := s.opt.DB.Load("netlink"); err == nil && f.Structs["nlmsgerr"] != nil {
		if e := f.Structs["nlmsgerr"].Members[0].Type.Enum; e != nil {
			if name := e.ValueName(uint64(max(errno, -errno))); name != "" {
				return name
			}
		}
	}
	return "error " + strconv.Itoa(int(errno))
}

// FindingText says what a finding on an exchange means.
func (s *Store) FindingText(f flow.Finding) string {
	if f.Code == flow.FindError {
		return "the kernel refused with " + s.ErrnoName(int32(f.A))
	}
	return string(f.AppendText(nil))
}

// Findings returns what was found of an exchange.
func (s *Store) Findings(id int) []flow.Finding {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.exchanges.findings[id]
}

// Ref says to which exchange a row belongs, and as what; 0 for none.
func (s *Store) Ref(row int) (id int, role flow.Role) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.rows.ref(row)
}

// maxMembers is how many rows of one exchange are listed.
const maxMembers = 10_000

// Members returns the rows of an exchange in their order, and whether there
// are more than are listed.
func (s *Store) Members(id int) (rows []int, more bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	x, first := s.exchanges.at(id)
	if x == nil {
		return nil, false
	}
	s.rows.each(first, first+int(x.last)+1, func(row, of int) bool {
		if of == id {
			rows = append(rows, row)
		}
		more = len(rows) > maxMembers
		return !more
	})
	return rows[:min(len(rows), maxMembers)], more
}

// errnoOf reads the errno of an NLMSG_ERROR or NLMSG_DONE.
func errnoOf(in *dissect.Input, h *dissect.Header) int32 {
	const header = 16
	at := h.Off + header
	if at+4 > len(in.Data) {
		return 0
	}
	return int32(dissect.Uint(in.Data[at:at+4], in.Big))
}
