package flow

import (
	"hash/maphash"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
)

// Frame is what a Tracker looks at: the bytes and the byte order of a
// dissect.Input, and what the capture knows of the frame.
type Frame struct {
	Input   *dissect.Input
	Time    int64 // nanoseconds since the Unix epoch
	Section int   // of the capture
	Process Process
	Comment string
	Short   bool // the receiver's buffer was too small (MSG_TRUNC)
	Overrun bool // frames before this one were lost
	Part    bool // what else its exchanges had was left out of the capture
	Asked   bool // whoever captured asked for it, to know names: it is in no exchange
	// Socket is that of Process, and Errno, negative, what sending failed with.
	Socket Socket
	Errno  int32
	// Group is the multicast group that it went to, 0: to one socket, or not known. The
	// requester's own copy (nlmsg_notify in net/netlink/af_netlink.c) has it as well.
	Group uint32
	// Once says that the source shows a datagram once, whoever received it.
	Once bool
}

// Options bound and direct a Tracker. The zero value of a number means its
// default.
type Options struct {
	MaxOpen int   // open exchanges; the oldest is given up for another (maxOpen)
	MaxKept int   // closed exchanges that late messages can still join (maxKept)
	Slow    int64 // ns to the first answer that are worth a finding (100 ms)
	// Keep is how many bytes of their requests and answers all exchanges that
	// are not reported yet may hold together, for Closed; 0: none.
	Keep int
	// Again says that the Explainer can read a frame again, so that what is
	// large need not be kept.
	Again bool
	// Closed is called for each exchange when it has ended, in the order in
	// which they end. The exchange is valid during the call; messages that
	// come later still get its number.
	Closed func(*Exchange)
	// Orphans makes exchanges of answers whose request is not in the capture.
	// It is on unless NoOrphans is set.
	NoOrphans bool
}

// What a Tracker remembers unless Options say otherwise. An open exchange takes
// about a kilobyte.
const (
	maxOpen = 1 << 15
	maxKept = 1 << 12
)

func (o *Options) defaults() {
	if o.MaxOpen == 0 {
		o.MaxOpen = maxOpen
	}
	if o.MaxKept == 0 {
		o.MaxKept = maxKept
	}
	if o.Slow == 0 {
		o.Slow = 100e6
	}
}

// Tracker joins messages. Frames go through Observe in their order. It is not
// safe for use by several goroutines.
type Tracker struct {
	opt   Options
	kinds kinds
	next  uint64 // number of the next exchange

	waiting *table // requests whose socket is not known
	bound   *table // exchanges whose socket is
	past    *table // exchanges that have ended
	open    list   // by age
	kept    list   // closed, by the time of closing
	settled list   // timer: how they ended is known, but more may be told of it
	linger  list   // timer: closed, but not reported
	batches list   // those that are open or kept
	running list   // dumps of which parts came
	latest  *entry // of the message before; parts of a dump come in a row

	freeEntries *entry

	sockets sockets
	copies  copies
	heardBy Frame // the latest that listeners got
	reached reached
	// acksFrames are the sections whose kernel acknowledges BATCH_BEGIN and
	// BATCH_END.
	acksFrames map[int]bool
	pairs      map[uint32]pair
	failed     [256]failure
	now        int64
	ticked     int64 // the time that Tick was told last
	frames     int64 // that were looked at
	losses     int
	lost       [16]loss // of those whose programs have not read anew since
	lately     [16]loss // all
	refs       []Ref
	retained
}

// NewTracker returns a Tracker. db tells what types of messages are for; nil
// stands for the descriptions that nlsniff comes with.
func NewTracker(db *families.DB, o Options) *Tracker {
	if db == nil {
		db = families.Embedded()
	}
	o.defaults()
	t := &Tracker{opt: o, kinds: kinds{db: db}, next: 1, waiting: newTable(), bound: newTable(), past: newTable(), pairs: map[uint32]pair{}, acksFrames: map[int]bool{}}
	t.settled.k, t.linger.k, t.batches.k, t.running.k = byTimer, byTimer, byBatch, byDump
	t.copies.seed = maphash.MakeSeed()
	return t
}

// OnClosed sets what is called for each exchange that has ended, in place of
// Options.Closed.
func (t *Tracker) OnClosed(f func(*Exchange)) { t.opt.Closed = f }

// ReadAgain is Options.Again, for when it is known late.
func (t *Tracker) ReadAgain() { t.opt.Again = true }

// Len says how many exchanges are open.
func (t *Tracker) Len() int { return t.open.n }

// asks says whether the messages of a protocol are requests and answers. Those
// of the connector have their own numbers, and what processes send each other
// has whatever they make of it.
func asks(proto uint8) bool {
	return proto != families.ProtoConnector && !families.IsDatagram(proto)
}

// Observe takes the next frame. It returns the exchange of each of its
// messages, in the order of Tree.Own; the slice is valid until the next call.
// It can be shorter than the frame has messages: the rest is in no exchange.
func (t *Tracker) Observe(f *Frame) []Ref {
	t.refs = t.refs[:0]
	t.now = f.Time
	t.frames++
	t.kinds.look()
	t.expire()
	if f.Overrun {
		t.overrun(f)
	}
	walk := dissect.Scan(f.Input)
	var m dissect.Header
	if !walk.Next(&m) {
		return t.refs
	}
	at := place{f: f, h: &m}
	switch dir := t.direction(&at); {
	case !f.Asked && asks(m.Proto) && dir == dissect.DirToKernel:
		t.requests(&at, &walk)
	case !f.Asked && asks(m.Proto) && dir == dissect.DirFromKernel:
		t.told(&at, &walk)
	default:
		for more := true; more; more = walk.Next(&m) {
			t.refs = append(t.refs, Ref{})
		}
	}
	return t.refs
}

// toRequester says whether it is known that one socket alone got a frame, or that it is
// the one whose request it names.
func (p *place) toRequester() bool {
	s := &p.f.Socket
	return s.Inode != 0 && (p.f.Group == 0 || s.PortID != 0 && s.PortID == p.h.PortID)
}

// forListeners says whether it is known that a frame went to others than the requester.
func (p *place) forListeners() bool { return p.f.Group != 0 && !p.toRequester() }

// told takes the messages of a frame that the kernel sent; p is the first.
func (t *Tracker) told(p *place, walk *dissect.Headers) {
	var sum uint64
	again := repeatable(p.h) && !p.f.Once && !p.toRequester()
	if p.forListeners() {
		// Who it names listens; who caused it, the messages say.
		t.heardBy = *p.f
		t.heardBy.Process, t.heardBy.Socket = Process{NetNS: p.f.Process.NetNS}, Socket{}
		p.f = &t.heardBy
	}
	if again {
		var s *sent
		if sum, s = t.copies.find(p.f, p.h); s != nil && t.asCopy(p.f, s) {
			return
		}
	}
	first := ids{p.h.Seq, p.h.PortID}
	if p.h.End+hdrLen <= len(p.f.Input.Data) && (first.portid == 0 || p.h.Flags&flagMulti != 0 && !t.goesOn(p)) {
		p.dump = p.inFrame(*walk)
	}
	if to := p.f.Socket.PortID; first.portid == 0 && first.seq != 0 && to != 0 && p.dump.portid == 0 && p.h.Flags&flagMulti != 0 {
		p.dump = ids{first.seq, to} // as nfnetlink_hook leaves it out
	}
	for more := true; more; more = walk.Next(p.h) {
		if p.dump.portid == 0 && p.h.Flags&flagMulti != 0 && (ids{p.h.Seq, p.h.PortID}) != first {
			p.dump = first
		}
		t.refs = append(t.refs, t.answerTo(p))
		p.no++
	}
	if again {
		t.copies.note(p.f, sum, t.refs)
	}
}

// Close ends the capture: what is open gets no answer any more.
func (t *Tracker) Close() {
	for e := t.linger.head; e != nil; e = t.linger.head {
		t.notRetried(e)
		t.report(e)
	}
	for t.open.head != nil {
		e := t.open.head
		t.conclude(e, CaptureEnded)
		t.report(e)
	}
}

// place is a message in the frame that is being looked at.
type place struct {
	f     *Frame
	h     *dissect.Header
	no    int
	mates bool // the frame holds other requests
	dump  ids  // of the frame, if it holds parts of a dump that do not all carry them
}

// ids are the numbers that answers carry.
type ids struct{ seq, portid uint32 }

// inFrame returns the numbers of the dump whose parts a frame holds, where the
// parts themselves have others: a frame is of one dump. NETLBL_MGMT_C_LISTALL
// counts up the numbers of its parts, thermal's dumps have none; DONE has the
// right ones, and so has the first part. They are 0 if all agree.
func (p *place) inFrame(walk dissect.Headers) ids {
	first := ids{p.h.Seq, p.h.PortID}
	same, multi := true, p.h.Flags&flagMulti != 0
	var h dissect.Header
	for walk.Next(&h) {
		if h.Type == typeDone && h.PortID != 0 && h.Proto != families.ProtoConnector {
			if same && first == (ids{h.Seq, h.PortID}) {
				return ids{}
			}
			return ids{h.Seq, h.PortID}
		}
		same = same && first == ids{h.Seq, h.PortID}
		multi = multi && h.Flags&flagMulti != 0
	}
	if same || !multi || first.portid == 0 {
		return ids{}
	}
	return first
}

func (p *place) ref() MsgRef   { return MsgRef{p.f.Input.Number, int32(p.no)} }
func (p *place) bytes() []byte { return p.f.Input.Data[p.h.Off:p.h.End] }
func (p *place) body() []byte  { return p.f.Input.Data[min(p.h.Off+hdrLen, p.h.End):p.h.End] }
func (p *place) size() int     { return p.h.End - p.h.Off }
func (p *place) u32(at int) uint32 {
	return uint32(dissect.Uint(p.body()[at:at+4], p.h.Big))
}

// Numbers of linux/netlink.h and linux/netfilter/nfnetlink.h.
const (
	hdrLen = 16

	typeError   = 2
	typeDone    = 3
	typeOverrun = 4
	minType     = 16

	flagRequest  = 0x1
	flagMulti    = 0x2
	flagAck      = 0x4
	flagEcho     = 0x8
	flagDumpIntr = 0x10
	flagDump     = 0x300 // NLM_F_ROOT|NLM_F_MATCH
	flagCapped   = 0x100
	flagTLVs     = 0x200

	batchBegin = 0x10
	batchEnd   = 0x11
)

// control says whether a message reports what came of another.
func control(h *dissect.Header) bool { return h.Type == typeError || h.Type == typeDone }
