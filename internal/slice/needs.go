// Package slice writes some frames of a capture to a file of their own, together
// with those that they need to be read as before: what names the generic
// families, interfaces and sets that they speak of, and the requests that they
// answer.
package slice

import (
	"math/bits"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/render"
)

// Needs are frames that are to be kept, and what they need. It is not safe for
// use by several goroutines; each has its own, and Merge joins them.
type Needs struct {
	wanted   numbers // those to keep, before they came by
	kept     numbers
	early    map[string]bool // names that were known before the first frame
	naming   map[int]string  // frames that give a name
	asking   numbers         // frames with a request: for a name, or of an answer
	unknown  map[string]bool
	sockets  map[socket]bool
	programs map[program]bool
	all      bool
	joined   joined // which frames belong together

	db    *families.DB
	d     *dissect.Dissector
	shown []render.Printer
	buf   []byte
}

// socket tells the sockets of a capture apart.
type socket struct {
	section int
	inode   uint64
	portid  uint32 // where there is no inode
	proto   uint8
}

// question is what requests can be taken for each other by.
type question struct {
	stream int32
	seq    uint32
	family uint16 // generic
	proto  uint8
}

// program is a process.
type program struct {
	section int
	pid     uint32
}

// New returns Needs without a frame.
func New(db *families.DB) *Needs {
	return &Needs{
		early: map[string]bool{}, naming: map[int]string{}, unknown: map[string]bool{}, sockets: map[socket]bool{}, programs: map[program]bool{},
		joined: joined{exchanges: maxJoined, frames: maxNoted},
		db:     db, d: dissect.New(db), shown: []render.Printer{render.NewLine(render.Options{}), render.NewTree(render.Options{})},
	}
}

// All keeps every frame.
func (n *Needs) All() { n.all = true }

// Want has Pass keep a frame, by its number.
func (n *Needs) Want(number int) { n.wanted.add(number) }

// Pass takes all frames of a capture in order, as a session has prepared them, and
// keeps those that are wanted.
func (n *Needs) Pass(f *capture.Frame, in *dissect.Input) {
	n.See(f, in)
	if n.wanted.has(f.Number) {
		n.Keep(f, in)
	}
}

// maxTold bounds how many sockets and processes are told apart.
const maxTold = 1 << 20

// See takes any frame of the capture, kept or not, in their order.
func (n *Needs) See(f *capture.Frame, in *dissect.Input) {
	n.joined.see(n.db, f, in)
}

// Settle is called at the end. Where several requests are there that an answer
// could be for, those come along that show which of them was open. With a request
// that comes along does what ended it, and a request that is kept without its
// answers is marked.
func (n *Needs) Settle() {
	n.joined.settle(n)
}

// Keep keeps a frame. Its input is as a session has prepared it. What it needs is
// what is looked up to show it, so nobody has to know who looks up what.
func (n *Needs) Keep(f *capture.Frame, in *dissect.Input) {
	n.kept.add(f.Number)
	n.remember(f)
	if f.Event != nil {
		return
	}
	b := &in.Because
	for _, told := range [...]int{in.RequestFrame, b.Part, b.Rivals[0], b.Rivals[1], b.Repeats} {
		n.asking.add(told)
	}
	watched := *in
	watched.IDs = in.IDs.Watch(n.source)
	watched.Links = in.Links.Watch(n.source)
	watched.Sets = in.Sets.Watch(func(s families.Source) { s.Name = "sets"; n.source(s) })
	ev := render.Event{Number: f.Number, Time: f.Time, OrigLen: f.OrigLen, Links: watched.Links, Tree: n.d.Frame(&watched)}
	for _, p := range n.shown {
		n.buf = p.Frame(n.buf[:0], &ev)
	}
	for i := range ev.Tree.Msgs {
		if name := ev.Tree.Msgs[i].GenlName; name != "" && !families.Embeds(name) {
			n.unknown[name] = true
		}
	}
	if len(f.Data) > largeFrame {
		n.d.Shrink()
		n.buf = nil
	}
}

// largeFrame is a frame of so many bytes that what showing it took is let go of.
const largeFrame = 1 << 16

// source notes where a name came from.
func (n *Needs) source(s families.Source) {
	if s.Frame > 0 {
		n.naming[s.Frame] = s.Name
	} else {
		n.early[s.Name] = true
	}
	n.asking.add(s.Answer)
}

// Policies notes which frames describe the families that nobody else describes.
func (n *Needs) Policies(told func(name string) []families.Source) {
	for name := range n.unknown {
		for _, s := range told(name) {
			n.source(s)
		}
	}
}

// remember notes whose the frame is: what happened to them is kept as well.
func (n *Needs) remember(f *capture.Frame) {
	if f.Process.PID != 0 && len(n.programs) < maxTold {
		n.programs[program{f.Section, f.Process.PID}] = true
	}
	d := f.Delivery
	if d == nil || len(f.Data) < capture.CookedLen || len(n.sockets) >= maxTold {
		return
	}
	proto := f.Data[capture.CookedLen-1]
	n.sockets[socketOf(f.Section, &d.Socket, proto)] = true
	for i := range d.Receivers {
		n.sockets[socketOf(f.Section, &d.Receivers[i].Socket, proto)] = true
	}
}

func socketOf(section int, s *capture.Socket, proto uint8) socket {
	if s.Inode != 0 {
		return socket{section: section, inode: s.Inode}
	}
	return socket{section: section, portid: s.PortID, proto: proto}
}

// Merge takes over what o knows.
func (n *Needs) Merge(o *Needs) {
	n.kept.merge(o.kept)
	n.asking.merge(o.asking)
	merge(n.early, o.early)
	merge(n.naming, o.naming)
	merge(n.unknown, o.unknown)
	merge(n.sockets, o.sockets)
	merge(n.programs, o.programs)
	n.all = n.all || o.all
	if len(o.joined.of) > 0 {
		n.joined = o.joined // one has seen them all
	}
}

func merge[K comparable, V any](to, from map[K]V) {
	for k, v := range from {
		to[k] = v
	}
}

// Has says whether a frame is to be written.
func (n *Needs) Has(f *capture.Frame) bool {
	switch {
	case n.all, n.kept.has(f.Number):
		return true
	case f.Event == nil:
		return n.naming[f.Number] != "" || n.asking.has(f.Number)
	case f.Event.HasProto:
		return n.sockets[socketOf(f.Section, &f.Event.Socket, f.Event.Proto)]
	}
	return n.programs[program{f.Section, f.Process.PID}]
}

// Kept is how many frames are to be kept, without those that they need.
func (n *Needs) Kept() int { return n.kept.count() }

// numbers is a set of numbers of frames, which are mostly close together. 0 is
// never in it.
type numbers []uint64

func (s *numbers) add(n int) {
	if n <= 0 {
		return
	}
	for len(*s) <= n/64 {
		*s = append(*s, make([]uint64, 1+len(*s)/4)...)
	}
	(*s)[n/64] |= 1 << (n % 64)
}

func (s numbers) has(n int) bool { return n > 0 && n/64 < len(s) && s[n/64]&(1<<(n%64)) != 0 }

func (s numbers) count() (n int) {
	for _, w := range s {
		n += bits.OnesCount64(w)
	}
	return n
}

func (s *numbers) merge(o numbers) {
	for len(*s) < len(o) {
		*s = append(*s, 0)
	}
	for i, w := range o {
		(*s)[i] |= w
	}
}
