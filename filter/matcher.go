package filter

import (
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/render"
)

// Matcher asks a filter of frames and messages. It reuses its memory and is
// for one goroutine.
type Matcher struct {
	f *Filter
	d *dissect.Dissector // describes messages that are not decoded

	// The frame.
	ev     *render.Event
	in     *dissect.Input // nil where only the tree is known
	number int
	links  *dissect.Links
	data   []byte
	big    bool
	proto  uint8
	tree   *dissect.Tree

	// The message, as far as stage goes.
	stage     Need
	walk      dissect.Headers
	head      dissect.Header
	headless  bool         // it has no nlmsghdr: its frame is a datagram
	msg       *dissect.Msg // decoded or described; nil: not yet, or there is none
	none      bool         // the frame holds no message
	no        int          // of the message among the frame's own
	described dissect.Msg
	body      int // where the message's body starts, if it was described

	bufs  [][]value
	nums  []uint64
	arena []byte // texts that were made for the message at hand
	late  map[lateKey]*operand
	plans map[*attrSource]*planner
	plan  *planner          // the one used last
	stack []*families.Field // around what a raw walk is at
	kinds []*families.Type  // the formats of those
	show  []byte            // what a search looks through
	parts *render.Parts
	shown []bool

	abroad *Matcher // of the same filter, for other descriptions
}

// Matcher returns a new one.
func (f *Filter) Matcher() *Matcher {
	return &Matcher{
		f: f, d: dissect.New(f.env.db), bufs: make([][]value, f.bufs),
		late: map[lateKey]*operand{}, plans: map[*attrSource]*planner{},
	}
}

// Shrink lets go of what a large frame took.
func (m *Matcher) Shrink() {
	const keep = 1 << 10
	for i, b := range m.bufs {
		if cap(b) > keep {
			m.bufs[i] = nil
		}
	}
	if cap(m.arena) > 64*keep {
		m.arena = nil
	}
	if cap(m.show) > 64*keep {
		m.show = nil
	}
	if cap(m.shown) > 16*keep {
		m.shown = nil
	}
	if cap(m.nums) > keep {
		m.nums = nil
	}
}

// Quick asks the filter of a frame that is not decoded, and counts the messages
// that match. known is false if that cannot tell. ev says what is known of the
// frame; its Tree is not looked at.
func (m *Matcher) Quick(in *dissect.Input, ev *render.Event) (matches int, known bool) {
	for m.begin(in, ev); m.next(); m.no++ {
		v := m.f.root.eval(m)
		if v == open && m.f.need > NeedHeader && m.whole() {
			m.stage = NeedAttrs
			v = m.f.root.eval(m)
		}
		switch v {
		case yes:
			matches++
		case open:
			return 0, false
		}
	}
	return matches, m.no > 0
}

// Rejects says that no message of a frame matches, by their headers alone.
func (m *Matcher) Rejects(in *dissect.Input, ev *render.Event) bool {
	for m.begin(in, ev); m.next(); m.no++ {
		if m.f.root.eval(m) != no {
			return false
		}
	}
	return m.no > 0
}

// begin turns to a frame that is not decoded.
func (m *Matcher) begin(in *dissect.Input, ev *render.Event) {
	m.ev, m.in, m.number, m.links, m.tree = ev, in, in.Number, in.Links, nil
	m.data, m.big, m.none, m.no = in.Data, in.Big, false, 0
	m.walk = dissect.Scan(in)
	if m.headless = m.walk.Datagram(); m.headless {
		m.head = dissect.Header{Off: cookedLen, End: len(in.Data), Len: uint32(len(in.Data) - cookedLen)}
	}
	if len(in.Data) >= cookedLen {
		m.proto = in.Data[cookedLen-1]
	}
}

// next turns to the frame's next message, as far as its header tells.
func (m *Matcher) next() bool {
	m.stage, m.msg, m.arena = NeedHeader, nil, m.arena[:0]
	if m.headless {
		return m.no == 0
	}
	if !m.walk.Next(&m.head) {
		return false
	}
	m.head.End = bounded(m.head.Off, m.head.End, m.head.Len)
	return true
}

// whole says whether the message's attributes can be looked up where they
// stand: nothing is cut off or longer than it should be.
func (m *Matcher) whole() bool {
	return !m.headless && m.head.Whole() && m.proto != families.ProtoAudit && m.in.OrigLen <= len(m.data)
}

// bounded is where the fields of a message end: where nlmsg_len says, if the
// frame is that long, but not within the header.
func bounded(off, end int, n uint32) int { return int(min(int64(end), int64(off)+int64(max(n, 16)))) }

// cookedLen is the size in bytes of LINKTYPE_NETLINK's header.
const cookedLen = 16

// Frame asks the filter of all messages of a decoded frame. It returns how many
// match, and which: shown has an entry for each of the tree's Msgs, as
// render.Event.Shown wants it, and is valid until the next call. A frame that
// holds no message counts as one.
func (m *Matcher) Frame(ev *render.Event) (matches int, shown []bool) {
	m = m.of(ev)
	m.enter(ev)
	m.shown, m.no = m.shown[:0], 0
	for i := range m.tree.Msgs {
		x := &m.tree.Msgs[i]
		hit := false
		if x.EchoOf < 0 {
			hit = m.ask(x)
			m.no++
		}
		if hit {
			matches++
		}
		m.shown = append(m.shown, hit)
	}
	if len(m.tree.Msgs) == 0 && m.ask(nil) {
		matches++
	}
	return matches, m.shown
}

// Message says whether one message of a decoded frame matches; nil stands for
// a frame that holds none.
func (m *Matcher) Message(ev *render.Event, x *dissect.Msg) bool {
	m = m.of(ev)
	m.enter(ev)
	m.no = 0
	for o := range m.tree.Own() {
		if o == x {
			break
		}
		m.no++
	}
	return m.ask(x)
}

// of returns the matcher for the descriptions that a tree was decoded with.
// Fields are known by where they are described, so against other descriptions
// a filter is compiled anew; a name that those lack is in none of their trees.
func (m *Matcher) of(ev *render.Event) *Matcher {
	db := ev.Tree.DB()
	if db == nil || db == m.f.env.db {
		return m
	}
	if m.abroad == nil || m.abroad.f.env.db != db {
		env := NewEnv(db, m.f.env.loc)
		env.ShowSecrets = m.f.env.ShowSecrets
		f, err := Compile(m.f.src, env)
		if err != nil {
			f = &Filter{src: m.f.src, expr: m.f.expr, env: env, root: m.f.root, need: m.f.need, bufs: m.f.bufs}
		}
		m.abroad = f.Matcher()
	}
	return m.abroad
}

func (m *Matcher) enter(ev *render.Event) {
	m.ev, m.in, m.number, m.links, m.tree = ev, nil, ev.Number, ev.Links, ev.Tree
	m.data, m.big, m.proto = m.tree.Data, m.tree.Big, m.tree.Proto
}

func (m *Matcher) ask(x *dissect.Msg) bool {
	m.turn(x)
	return m.f.root.eval(m) == yes
}

// turn turns to a message of a decoded frame, nil for a frame that holds none.
func (m *Matcher) turn(x *dissect.Msg) {
	m.stage, m.msg, m.none, m.arena = NeedExchange, x, x == nil, m.arena[:0]
	m.headless = x != nil && x.Datagram
	if x != nil {
		n := &m.tree.Nodes[x.Node]
		m.head = dissect.Header{
			Off: int(x.Off), End: bounded(int(x.Off), int(n.Off+n.Len), x.Len), Len: x.Len, Type: x.Type, Flags: x.Flags, Seq: x.Seq, PortID: x.PortID,
		}
	}
}

// message returns what is known of the message at hand: from the tree, or from
// a look at its headers.
func (m *Matcher) message() *dissect.Msg {
	if m.msg == nil && !m.none {
		m.body = m.d.Describe(m.in, &m.head, &m.described)
		m.msg = &m.described
	}
	return m.msg
}

// hasHeader says whether there is an nlmsghdr.
func (m *Matcher) hasHeader() bool { return !m.none && !m.headless }
