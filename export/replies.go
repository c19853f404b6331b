package export

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/render"
	"github.com/nlsniff/nlsniff/replay"
)

// Await is a message of a request that the kernel answered in the capture, and
// how.
type Await struct {
	Seq uint32
	// Final says that only an ACK, an error or the DONE of a dump ends it.
	Final bool
	Errno int32 // negative, 0 for success
	Text  string
	About string // what the words are about, as programs print it
	// Words says that text and place count: the capture's socket had asked.
	Words bool
}

// Reply is what the kernel sent because of a request, part by part.
type Reply struct {
	Seq   uint32
	Type  int // nlmsg_type, -1 if it is the id of a generic family
	Attrs int // where attributes begin behind the nlmsghdr
	Parts []Part
}

// How says how a part is compared.
type How byte

// The ways to compare.
const (
	Nest  How = '{' // part by part: those behind it with a greater depth
	Same  How = '=' // the bytes are to be the same
	Any   How = '*' // whether it is there, as it differs from run to run
	Index How = 'i' // an interface, by its name
	ID    How = '#' // an id that the kernel chose, which requests may name later
)

// NoAttrs is Part.Off of a part that has parts, but no attributes.
const NoAttrs = -1

// Part is an attribute of a reply, or bytes at a fixed place.
type Part struct {
	Depth int
	How   How
	Form  byte // u, b: an integer in host or network order; s: a string; x: bytes
	Type  int  // nla_type without its flags; -1: bytes at Off
	Off   int  // in what it is a part of; of Nest, where the attributes in it begin
	Size  int
	Bytes []byte // of what is to be the same
	Path  string
	Text  string // the value for people; of Index, the name
	Slot  int    // of ID: in Program.IDs; else -1
}

// slot numbers an id that the kernel chose.
func (p *Program) slot(space string, v uint64) int {
	l := replay.Learn{Space: space, Value: v}
	i, ok := p.IDs[l]
	if !ok {
		i = len(p.IDs)
		p.IDs[l] = i
	}
	return i
}

// answers reads what the kernel said to a request, up to what New takes.
func (p *Program) answers(c *replay.Capture, r *Request, secrets bool) {
	opt := render.Options{ShowSecrets: secrets}
	var seen []uint64
	taken := map[int]bool{}
	for i, id := range r.Exchanges {
		e := c.Exchange(id)
		if e == nil {
			continue
		}
		if i < len(r.Answers) && r.Answers[i] {
			r.Known = true
		}
		if slices.Contains(seen, id) {
			continue
		}
		seen = append(seen, id)
		words := r.Options&capture.OptExtAck != 0 && (e.AckTLVs || e.Socket.Known)
		for _, ref := range c.Answers(id) {
			t, m := c.Message(ref)
			switch {
			case m == nil:
			case m.HasErrno:
				p.ended(r, taken, t, m, words)
			case c.IsReply(ref):
				if p.heard += partSize; p.heard > maxHeard {
					return
				}
				r.Replies = append(r.Replies, p.reply(&c.Frames[ref.Frame], t, m, opt))
			}
		}
	}
}

// ended notes the end of one of the request's messages.
func (p *Program) ended(r *Request, taken map[int]bool, t *dissect.Tree, m *dissect.Msg, words bool) {
	for i := range r.Await {
		a := &r.Await[i]
		if a.Seq != m.Seq || taken[i] {
			continue
		}
		taken[i] = true
		a.Errno, a.Words = -abs(m.Errno), words
		x := &m.ExtAck
		if x.Text >= 0 {
			a.Text = strings.TrimRight(string(t.Bytes(&t.Nodes[x.Text])), "\x00")
		}
		switch {
		case x.HasMiss && x.HasNest:
			a.About = fmt.Sprintf("attribute %d missing at offset %d", x.MissType, x.MissNest)
		case x.HasMiss:
			a.About = fmt.Sprintf("attribute %d missing", x.MissType)
		case x.HasOffs:
			a.About = fmt.Sprintf("at offset %d", x.Offs)
		}
		return
	}
}

// reply reads a message of the kernel's.
func (p *Program) reply(f *replay.Loaded, t *dissect.Tree, m *dissect.Msg, opt render.Options) Reply {
	out := Reply{Seq: m.Seq, Type: int(m.Type)}
	body := int(m.Off) + 16
	if m.Proto == families.ProtoGeneric && m.Type > 16 {
		out.Type = -1
	}
	w := partWriter{p: p, f: f, t: t, data: replay.Turned(t), opt: opt, ev: &render.Event{Number: f.Number, Links: f.Input.Links, Tree: t}}
	if m.HasGenl {
		w.put(Part{How: Same, Form: 'u', Type: -1, Size: 1, Bytes: []byte{m.GenlCmd}, Path: "cmd", Text: string(render.AppendOp(nil, m)), Slot: -1})
	}
	end := int(m.Off + m.Len)
	out.Attrs = w.container(t.Body(m), t.Nodes[m.Node].End, body, end, 0, "", false)
	if out.Attrs == NoAttrs {
		out.Attrs = min(end, len(t.Data)) - body
	}
	out.Parts = w.out
	return out
}

// partWriter turns the rows of a message into parts.
type partWriter struct {
	p    *Program
	f    *replay.Loaded
	t    *dissect.Tree
	data []byte // of the frame, in this machine's byte order
	opt  render.Options
	ev   *render.Event
	out  []Part
}

// container writes the rows of what begins at base, and returns where in it the
// attributes begin.
func (w *partWriter) container(from, to int32, base, end, depth int, path string, volatile bool) int {
	attrs := NoAttrs
	for i := from; i < to && w.p.heard <= maxHeard; {
		n := &w.t.Nodes[i]
		next := max(n.End, i+1)
		switch {
		case w.isAttr(i) && (attrs == NoAttrs || int(n.Off) >= base+attrs):
			if attrs == NoAttrs {
				attrs = int(n.Off) - base
			}
			w.attr(i, depth, path, volatile)
		case n.Kind.Leaf():
			w.leaf(i, depth, -1, int(n.Off)-base, path, volatile)
		default:
			w.flat(i, base, depth, path, volatile)
		}
		i = next
	}
	return attrs
}

// isAttr says that a row has the header of a netlink attribute.
func (w *partWriter) isAttr(i int32) bool {
	n := &w.t.Nodes[i]
	if n.Kind != dissect.KindAttr && n.Kind != dissect.KindElem || n.End < i+3 {
		return false
	}
	a, b := &w.t.Nodes[i+1], &w.t.Nodes[i+2]
	return a.Kind == dissect.KindLen && a.Len == 2 && a.Off == n.Off && b.Kind == dissect.KindType && b.Len == 2 && b.Off == n.Off+2 && b.Big == w.t.Big
}

// attr writes an attribute.
func (w *partWriter) attr(i int32, depth int, path string, volatile bool) {
	n := &w.t.Nodes[i]
	path = joined(path, render.NodeName(w.t, i))
	volatile = volatile || replay.Varies(n)
	typ := int(dissect.Uint(w.t.Bytes(&w.t.Nodes[i+2]), w.t.Big)) & 0x3fff
	size := int(dissect.Uint(w.t.Bytes(&w.t.Nodes[i+1]), w.t.Big)) - 4
	from, to := w.t.Payload(i)
	switch {
	case from == to || to == from+1 && w.t.Nodes[from].Kind == dissect.KindPadding:
		how := Same
		if volatile {
			how = Any
		}
		w.put(Part{Depth: depth, How: how, Form: 'x', Type: typ, Path: path, Slot: -1})
		return
	case to == from+1 && w.t.Nodes[from].Kind.Leaf():
		w.leaf(from, depth, typ, 0, path, volatile)
		return
	}
	at := len(w.out)
	base := int(n.Off) + 4
	w.put(Part{Depth: depth, How: Nest, Form: 'x', Type: typ, Size: size, Path: path, Slot: -1})
	attrs := w.container(from, to, base, base+size, depth+1, path, volatile)
	if at < len(w.out) {
		w.out[at].Off = attrs
	}
}

// flat writes the leaves of a row that is no attribute by their places.
func (w *partWriter) flat(i int32, base, depth int, path string, volatile bool) {
	n := &w.t.Nodes[i]
	path = joined(path, render.NodeName(w.t, i))
	volatile = volatile || replay.Varies(n)
	for j := i + 1; j < n.End; {
		c := &w.t.Nodes[j]
		if c.Kind.Leaf() {
			w.leaf(j, depth, -1, int(c.Off)-base, path, volatile)
			j++
			continue
		}
		w.flat(j, base, depth, path, volatile)
		j = c.End
	}
}

// leaf writes one value.
func (w *partWriter) leaf(i int32, depth, typ, off int, path string, volatile bool) {
	n := &w.t.Nodes[i]
	if n.Kind == dissect.KindPadding || n.Type != nil && n.Type.Kind == families.KindPad && typ < 0 {
		return
	}
	if n.Kind == dissect.KindMember || typ < 0 && (n.Kind == dissect.KindLen || n.Kind == dissect.KindType) {
		path = joined(path, render.NodeName(w.t, i))
	}
	x := Part{Depth: depth, How: Same, Form: 'x', Type: typ, Off: off, Size: int(n.Len), Path: path, Slot: -1}
	if n.Type != nil {
		switch n.Type.Kind {
		case families.KindUint, families.KindSint:
			x.Form = 'u'
			if n.Big && n.Type.Order != families.OrderHost {
				x.Form = 'b'
			}
		case families.KindString:
			x.Form = 's'
		}
	}
	field, num := replay.Integer(w.t, i)
	switch v := w.t.Uint(n); {
	case !w.opt.ShowSecrets && w.t.Hidden(i):
		x.How = Any
	case num != nil && num.Hint == families.HintIfIndex && n.Len == 4:
		x.How, x.Text = Index, replay.LinkName(&w.f.Input, uint32(v))
		if x.Text == "" {
			x.How = Any
		}
		if v != 0 && w.t.Proto == families.ProtoGeneric && !volatile {
			x.Slot = w.p.slot(replay.IndexSpace, v)
		}
	case field != nil && field.Volatile == families.VolatileID && v != 0 && n.Len <= 8:
		x.How, x.Slot = ID, w.p.slot(field.Space, v)
	case volatile || replay.Varies(n) || num != nil && num.Hint == families.HintIfIndex:
		x.How = Any
	default:
		x.Bytes = w.data[n.Off : n.Off+n.Len]
		x.Text = string(render.AppendValue(nil, w.opt, w.ev, n))
	}
	// What differs from run to run is told apart by nothing: a run of it is one part.
	if n := len(w.out); x.How == Any && typ < 0 && n > 0 {
		last := &w.out[n-1]
		if last.How == Any && last.Type < 0 && last.Depth == depth && last.Slot < 0 && x.Slot < 0 && last.Off+last.Size == off {
			last.Size += x.Size
			return
		}
	}
	w.put(x)
}

// put appends a part. Once there are too many, New fails.
func (w *partWriter) put(x Part) {
	w.p.heard += partSize + len(x.Bytes) + len(x.Path) + len(x.Text)
	if w.p.heard <= maxHeard {
		w.out = append(w.out, x)
	}
}

func joined(path, name string) string {
	if path == "" {
		return name
	}
	return path + "/" + name
}
