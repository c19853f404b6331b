package flow

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
)

// maxGroups bounds how many groups of a kind there are; what comes later is
// counted as "other".
const maxGroups = 1 << 14

// exactGroups is how many of a kind may have histograms of full size. The others
// have a few different durations mostly, which need no more than they have.
const exactGroups = 1 << 10

// Group sums up exchanges that have something in common.
type Group struct {
	Exchanges, OK, Failed, Unanswered, Orphans, Other int

	Messages, Bytes   int64 // both ways, notifications left out
	Latency, Duration Histogram
}

// Conversation is what one socket and the kernel said to one another.
type Conversation struct {
	Process              Process
	PortID               uint32
	Proto                uint8
	Sent, Received       int // messages
	SentBytes, RecvBytes int64
	Start, End           int64 // ns since the epoch
}

// Interval is a slice of time.
type Interval struct {
	Frames, Messages int
	Bytes            int64
	Exchanges        int // that began then
	Failed           int
}

// Expert is how often something was found.
type Expert struct {
	Severity  dissect.Severity
	Code      string
	Count     int
	Frame     int    // the first
	Exchange  uint64 // the first, 0 for findings on messages
	Inference bool
}

// Troubles count what went wrong between a process and the kernel, as a source
// that watches processes tells. All but those that say otherwise are numbers of
// times.
type Troubles struct {
	Overruns     int   // the kernel had no room for messages
	LostMessages int64 // by overruns, as far as that is known
	Cut          int   // datagrams that did not fit the receiver's buffer
	CutBytes     int64 // what was lost of them
	Unread       int   // sockets that were closed with an answer in them
	Refused      int   // calls that failed
	Unseen       int   // what the source could not follow
}

// Any says whether there are any.
func (t *Troubles) Any() bool { return *t != Troubles{} }

func (t *Troubles) add(o *Troubles) {
	t.Overruns += o.Overruns
	t.LostMessages += o.LostMessages
	t.Cut += o.Cut
	t.CutBytes += o.CutBytes
	t.Unread += o.Unread
	t.Refused += o.Refused
	t.Unseen += o.Unseen
}

// Stats sums up a capture. Add and Frame may be called in any order of
// frames; Merge joins the sums of several goroutines.
type Stats struct {
	Total                            Group
	Families, Ops, Processes, Errnos map[string]*Group
	Conversations                    map[string]*Conversation
	Intervals                        map[int64]*Interval
	Findings                         map[string]*Expert
	Frames, Messages                 int
	Copies                           int // of the messages, what went to another receiver before
	Bytes                            int64
	Troubles                         Troubles
	First, Last                      int64 // times of the first and last frame, 0 for none
	Step                             int64 // ns of an interval

	names nameCache
}

// NewStats returns empty sums with intervals of step nanoseconds.
func NewStats(db *families.DB, step int64) *Stats {
	s := &Stats{
		Families: map[string]*Group{}, Ops: map[string]*Group{}, Processes: map[string]*Group{}, Errnos: map[string]*Group{},
		Conversations: map[string]*Conversation{}, Intervals: map[int64]*Interval{}, Findings: map[string]*Expert{},
		Step: max(step, 1),
	}
	s.names = nameCache{db: db, kinds: kinds{db: db}}
	if f, err := db.Load("netlink"); err == nil {
		s.names.errno = f.Structs["nlmsgerr"].Members[0].Type.Enum
	}
	return s
}

// Frame counts a frame with so many messages.
func (s *Stats) Frame(time, since int64, messages, bytes int) {
	if s.Frames == 0 || time < s.First {
		s.First = time
	}
	if s.Frames == 0 || time > s.Last {
		s.Last = time
	}
	s.Frames++
	s.Messages += messages
	s.Bytes += int64(bytes)
	if i := s.interval(since); i != nil {
		i.Frames++
		i.Messages += messages
		i.Bytes += int64(bytes)
	}
}

func (s *Stats) interval(since int64) *Interval {
	n := since / s.Step
	i := s.Intervals[n]
	if i == nil {
		if len(s.Intervals) >= maxGroups {
			return nil
		}
		i = &Interval{}
		s.Intervals[n] = i
	}
	return i
}

// Found counts a finding on a message of a frame.
func (s *Stats) Found(f *dissect.Finding, frame int) {
	s.expert(f.Name(), f.Severity(), frame, 0)
}

func (s *Stats) expert(code string, sev dissect.Severity, frame int, exchange uint64) {
	x := s.Findings[code]
	if x == nil {
		x = &Expert{Code: code, Severity: sev, Frame: frame, Exchange: exchange}
		s.Findings[code] = x
	}
	x.Count++
	if frame < x.Frame || frame == x.Frame && exchange < x.Exchange {
		x.Frame, x.Exchange = frame, exchange
	}
}

// Add counts an exchange that has ended. start is the time of the capture's
// first frame.
func (s *Stats) Add(e *Exchange, start int64) {
	family, op := s.names.of(e)
	who := Who(e)
	s.Total.add(e)
	group(s.Families, family).add(e)
	group(s.Ops, op).add(e)
	group(s.Processes, who).add(e)
	if e.Refused() {
		group(s.Errnos, s.names.errnoName(e.Errno)).add(e)
	}
	began := e.Start
	if began == 0 {
		began = e.FirstTime
	}
	if i := s.interval(max(began-start, 0)); i != nil {
		i.Exchanges++
		if e.Refused() {
			i.Failed++
		}
	}
	frame := e.Request.Frame
	if frame == 0 {
		frame = e.First.Frame
	}
	for _, f := range e.Findings {
		s.expert(f.Name(), f.Severity(), frame, e.ID)
	}
	s.converse(e, who, began)
}

func (s *Stats) converse(e *Exchange, who string, began int64) {
	key := who + " " + strconv.Itoa(int(e.Proto)) + " " + strconv.FormatUint(uint64(e.PortID), 10)
	c := s.Conversations[key]
	if c == nil {
		if len(s.Conversations) >= maxGroups {
			key = "other"
			if c = s.Conversations[key]; c == nil {
				c = &Conversation{Process: Process{Comm: "other"}, Start: began}
				s.Conversations[key] = c
			}
		} else {
			c = &Conversation{Process: e.Process, PortID: e.PortID, Proto: e.Proto, Start: began}
			s.Conversations[key] = c
		}
	}
	c.Sent += e.Messages
	c.SentBytes += int64(e.Length)
	c.Received += e.Received()
	c.RecvBytes += int64(e.ReplyBytes)
	c.Start = min(c.Start, began)
	c.End = max(c.End, began, e.End)
}

// Received returns how many messages the kernel answered with: replies, ACKs
// and errors.
func (e *Exchange) Received() int {
	n := e.Replies + e.Errors
	if e.Answer.Frame != 0 && e.Errors == 0 && e.Answer != e.First || e.Replies == 0 && e.Errors == 0 && e.Answer.Frame != 0 {
		n++ // the ACK or DONE
	}
	return n
}

func group(m map[string]*Group, key string) *Group {
	g := m[key]
	if g == nil {
		if len(m) >= maxGroups {
			key = "other"
			if g = m[key]; g != nil {
				return g
			}
		}
		g = &Group{}
		g.Latency.rough, g.Duration.rough = len(m) >= exactGroups, len(m) >= exactGroups
		m[key] = g
	}
	return g
}

func (g *Group) add(e *Exchange) {
	g.Exchanges++
	switch {
	case e.State == Orphan:
		g.Orphans++
	case e.Refused():
		g.Failed++
	case e.OK():
		g.OK++
	case e.State == Unanswered:
		g.Unanswered++
	default:
		g.Other++
	}
	g.Messages += int64(e.Messages + e.Received())
	g.Bytes += int64(e.Length + e.ReplyBytes)
	if d, ok := e.Latency(); ok {
		g.Latency.Add(d)
	}
	if d, ok := e.Duration(); ok {
		g.Duration.Add(d)
	}
}

func (g *Group) merge(o *Group) {
	g.Exchanges += o.Exchanges
	g.OK += o.OK
	g.Failed += o.Failed
	g.Unanswered += o.Unanswered
	g.Orphans += o.Orphans
	g.Other += o.Other
	g.Messages += o.Messages
	g.Bytes += o.Bytes
	g.Latency.Merge(&o.Latency)
	g.Duration.Merge(&o.Duration)
}

// Merge adds the sums of another part of the capture.
func (s *Stats) Merge(o *Stats) {
	s.Total.merge(&o.Total)
	for _, p := range []struct{ to, from map[string]*Group }{
		{s.Families, o.Families}, {s.Ops, o.Ops}, {s.Processes, o.Processes}, {s.Errnos, o.Errnos},
	} {
		for k, g := range p.from {
			group(p.to, k).merge(g)
		}
	}
	for k, c := range o.Conversations {
		if to := s.Conversations[k]; to != nil {
			to.Sent += c.Sent
			to.SentBytes += c.SentBytes
			to.Received += c.Received
			to.RecvBytes += c.RecvBytes
			to.Start, to.End = min(to.Start, c.Start), max(to.End, c.End)
		} else {
			s.Conversations[k] = c
		}
	}
	for n, i := range o.Intervals {
		if to := s.interval(n * s.Step); to != nil {
			to.Frames += i.Frames
			to.Messages += i.Messages
			to.Bytes += i.Bytes
			to.Exchanges += i.Exchanges
			to.Failed += i.Failed
		}
	}
	for k, x := range o.Findings {
		if to := s.Findings[k]; to != nil {
			to.Count += x.Count
			if x.Frame < to.Frame || x.Frame == to.Frame && x.Exchange < to.Exchange {
				to.Frame, to.Exchange = x.Frame, x.Exchange
			}
		} else {
			s.Findings[k] = x
		}
	}
	if o.Frames > 0 {
		if s.Frames == 0 || o.First < s.First {
			s.First = o.First
		}
		s.Last = max(s.Last, o.Last)
	}
	s.Frames += o.Frames
	s.Messages += o.Messages
	s.Copies += o.Copies
	s.Troubles.add(&o.Troubles)
	s.Bytes += o.Bytes
}

// Named is a group with its name.
type Named struct {
	Name string
	*Group
}

// Sorted returns groups, the largest first.
func Sorted(m map[string]*Group) []Named {
	out := make([]Named, 0, len(m))
	for n, g := range m {
		out = append(out, Named{n, g})
	}
	slices.SortFunc(out, func(a, b Named) int {
		return cmp.Or(cmp.Compare(b.Exchanges, a.Exchanges), cmp.Compare(a.Name, b.Name))
	})
	return out
}
