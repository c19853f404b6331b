package replay

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/flow"
	"github.com/nlsniff/nlsniff/render"
)

// The errors of making a plan.
var (
	ErrNoRequests = errors.New("there are no requests to replay")
	ErrTruncated  = errors.New("the capture has only a part of this request")
)

// FrameError is an error with the frame that it is about.
type FrameError struct {
	Frame int
	Err   error
}

func (e *FrameError) Error() string { return fmt.Sprintf("frame %d: %v", e.Frame, e.Err) }
func (e *FrameError) Unwrap() error { return e.Err }

// Pick says whether a message to the kernel is to be sent. The tree is that of
// its frame.
type Pick func(f *Loaded, t *dissect.Tree, m *dissect.Msg, ref flow.Ref) bool

// Plan makes a plan of the requests that pick chooses, in the order of the
// capture; nil chooses all. A datagram is sent as a whole if one of its
// messages is chosen.
func (c *Capture) Plan(pick Pick) (*Plan, error) {
	b := newBuilder(c)
	for i := range c.Frames {
		f := &c.Frames[i]
		if f.Event != nil {
			b.happened(f)
			continue
		}
		if len(f.Data) <= capture.CookedLen || f.Dir == capture.DirFromKernel || f.Dir == capture.DirUserToUser {
			continue
		}
		t := c.Tree(i)
		if !b.chosen(f, t, pick) {
			continue
		}
		if f.OrigLen > len(f.Data) {
			return nil, &FrameError{f.Number, ErrTruncated}
		}
		b.add(f, t)
	}
	if len(b.plan.Requests) == 0 {
		return nil, ErrNoRequests
	}
	b.plan.LoopbackUp = c.loopbackUp(b.plan.Requests[0].Frame)
	return b.plan, nil
}

// builder makes a plan.
type builder struct {
	c       *Capture
	plan    *Plan
	sockets map[socketKey]int
	groups  map[socketKey][]Group
	last    int64 // time of the last request
}

// socketKey tells sockets apart: by their inode where the source knows it, as a
// socket has no portid before it is bound.
type socketKey struct {
	stream int
	proto  uint8
	inode  uint64
	portID uint32
	pid    uint32
}

func keyOf(f *Loaded, proto uint8, s *capture.Socket) socketKey {
	if s.Inode != 0 {
		return socketKey{stream: f.Stream(), proto: proto, inode: s.Inode}
	}
	return socketKey{stream: f.Stream(), proto: proto, portID: s.PortID, pid: f.Process.PID}
}

func newBuilder(c *Capture) *builder {
	return &builder{c: c, plan: &Plan{}, sockets: map[socketKey]int{}, groups: map[socketKey][]Group{}}
}

// chosen reports whether a frame has a request that is picked.
func (b *builder) chosen(f *Loaded, t *dissect.Tree, pick Pick) bool {
	for m, ref := range f.own(t) {
		if m.Datagram || m.Dir != dissect.DirToKernel || ref.Role != flow.Request {
			continue
		}
		if pick == nil || pick(f, t, m, ref) {
			return true
		}
	}
	return false
}

// happened remembers the groups that sockets join.
func (b *builder) happened(f *Loaded) {
	e := f.Event
	if !e.HasProto || e.Errno != 0 {
		return
	}
	key := keyOf(f, e.Proto, &e.Socket)
	switch e.Kind {
	case capture.EventBind:
		for g := uint32(1); g <= 32; g++ {
			if e.Value&(1<<(g-1)) != 0 {
				b.join(key, g)
			}
		}
	case capture.EventJoin:
		b.join(key, e.Group)
	case capture.EventLeave:
		b.leave(key, e.Group)
	case capture.EventClose:
		delete(b.sockets, key)
		delete(b.groups, key)
	}
}

// group is what a group's number stands for.
func (b *builder) group(key socketKey, id uint32) (Group, bool) {
	if key.proto != families.ProtoGeneric {
		return Group{ID: id}, true
	}
	g, ok := b.c.groups[groupKey{key.stream, id}]
	return g, ok
}

// leave forgets a group that a socket left before it asked for anything. Later,
// the socket here stays a member.
func (b *builder) leave(key socketKey, id uint32) {
	if _, used := b.sockets[key]; used {
		return
	}
	if g, ok := b.group(key, id); ok {
		b.groups[key] = slices.DeleteFunc(b.groups[key], func(x Group) bool { return x == g })
	}
}

func (b *builder) join(key socketKey, id uint32) {
	g, ok := b.group(key, id)
	if !ok {
		return
	}
	if !slices.Contains(b.groups[key], g) {
		b.groups[key] = append(b.groups[key], g)
	}
	if i, ok := b.sockets[key]; ok {
		b.plan.Sockets[i].Groups = b.groups[key]
	}
}

// add puts a frame's request into the plan.
func (b *builder) add(f *Loaded, t *dissect.Tree) {
	r := Request{Frame: f.Number, Data: slices.Clone(f.Data[capture.CookedLen:])}
	if b.last != 0 && f.Time > b.last {
		r.After = f.Time - b.last
	}
	b.last = f.Time
	var sock capture.Socket
	if f.Delivery != nil {
		sock = f.Delivery.Socket
	}
	for m, ref := range f.own(t) {
		r.Exchanges = append(r.Exchanges, ref.Exchange)
		r.Answers = append(r.Answers, b.answered(ref.Exchange, m.Seq))
		e := b.c.Exchange(ref.Exchange)
		if e != nil && sock.PortID == 0 {
			sock.PortID = e.PortID
		}
		if m.Message != nil && m.Message.Req && (r.Op == "" || m.Class != families.ClassOther && len(r.Exchanges) > 1) && !isBatchMark(m) || r.Op == "" {
			r.Op = string(render.AppendOp(nil, m))
		}
	}
	r.Options = b.options(f, &r)
	key := keyOf(f, t.Proto, &sock)
	i, ok := b.sockets[key]
	if !ok {
		i = len(b.plan.Sockets)
		b.sockets[key] = i
		b.plan.Sockets = append(b.plan.Sockets, Socket{Proto: key.proto, PortID: sock.PortID, Groups: b.groups[key]})
	}
	r.Socket = i
	b.rewrites(f, t, &r, sock.PortID)
	if f.Input.Big != bigHost {
		turn(t, r.Data)
	}
	b.plan.Requests = append(b.plan.Requests, r)
}

// isBatchMark says that a message begins or ends an nfnetlink batch
// (NFNL_MSG_BATCH_BEGIN and _END of linux/netfilter/nfnetlink.h).
func isBatchMark(m *dissect.Msg) bool {
	return m.Proto == families.ProtoNetfilter && (m.Type == 0x10 || m.Type == 0x11)
}

// answered reports whether something ended an exchange's message.
func (b *builder) answered(id uint64, seq uint32) bool {
	for _, a := range b.c.answers[id] {
		f := &b.c.Frames[a.Frame]
		if h, ok := headerOf(f, int(a.Msg)); ok && h.Seq == seq {
			return true
		}
	}
	return false
}

// headerOf returns the header of a frame's message.
func headerOf(f *Loaded, no int) (h dissect.Header, ok bool) {
	walk := dissect.Scan(&f.Input)
	for ; walk.Next(&h); no-- {
		if no == 0 {
			return h, true
		}
	}
	return h, false
}

// Flags of an answer's header (linux/netlink.h).
const (
	flagDumpFiltered = 0x20
	flagCapped       = 0x100
	flagAckTLVs      = 0x200
)

// options are the options of the socket that sent a frame, or what its answers
// tell of them where the capture does not say: the kernel's words mean EXT_ACK,
// a capped echo CAP_ACK, a filtered dump GET_STRICT_CHK. The kernel's words are
// asked for if nothing speaks against it.
func (b *builder) options(f *Loaded, r *Request) capture.SocketOptions {
	if f.Delivery != nil && f.Delivery.Socket.Options&capture.OptKnown != 0 {
		return f.Delivery.Socket.Options
	}
	o := capture.OptExtAck
	for _, id := range r.Exchanges {
		e := b.c.Exchange(id)
		if e == nil {
			continue
		}
		for _, a := range b.c.answers[id] {
			h, ok := headerOf(&b.c.Frames[a.Frame], int(a.Msg))
			if !ok {
				continue
			}
			switch {
			case h.Flags&flagDumpFiltered != 0 && h.Type >= 16:
				o |= capture.OptStrictChk
			case h.Type == 2 && h.Flags&flagCapped != 0 && e.Errno != 0:
				o |= capture.OptCapAck
			}
		}
		// The kernel says why it refuses a question only if it is strict.
		if e.Errno != 0 && e.AckTLVs && e.Proto == families.ProtoRoute && e.Type&3 == 2 {
			o |= capture.OptStrictChk
		}
	}
	return o
}

// turn changes the byte order of every integer in host order, in place. off is
// where data starts in the tree's frame.
func turn(t *dissect.Tree, data []byte) {
	for i := range t.Nodes {
		n := &t.Nodes[i]
		if !n.Kind.Leaf() || n.Off < capture.CookedLen || int(n.Off+n.Len) > len(t.Data) {
			continue
		}
		p := data[n.Off-capture.CookedLen:][:n.Len]
		switch n.Kind {
		case dissect.KindLen, dissect.KindType:
			if !fixedOrder(t, n.Parent) {
				slices.Reverse(p)
			}
		case dissect.KindMember, dissect.KindValue:
			if n.Type == nil {
				continue
			}
			turnValue(n.Type, p)
		}
	}
}

// fixedOrder says that a row is an element of a list whose headers have the same
// byte order everywhere, such as the attributes of WPS.
func fixedOrder(t *dissect.Tree, row int32) bool {
	if row < 0 || t.Nodes[row].Parent < 0 {
		return false
	}
	ty := t.Nodes[t.Nodes[row].Parent].Type
	return ty != nil && ty.TLV != nil && ty.TLV.Order != families.OrderHost
}

// turnValue changes the byte order of a leaf.
func turnValue(ty *families.Type, p []byte) {
	size := 0
	switch ty.Kind {
	case families.KindUint, families.KindSint:
		if ty.Order == families.OrderHost {
			size = len(p)
			if ty.Size > 0 {
				size = ty.Size
			}
		}
	case families.KindBitfield32:
		size = 4
	case families.KindArray:
		if ty.Elem != nil && (ty.Elem.Kind == families.KindUint || ty.Elem.Kind == families.KindSint) && ty.Elem.Order == families.OrderHost && ty.Order == families.OrderHost {
			size = ty.Elem.Size
		}
	}
	if size < 2 || size > 8 {
		return
	}
	for ; len(p) >= size; p = p[size:] {
		slices.Reverse(p[:size])
	}
}

// put writes an integer.
func put(p []byte, v uint64, big bool) {
	var order binary.ByteOrder = binary.LittleEndian
	if big {
		order = binary.BigEndian
	}
	switch len(p) {
	case 1:
		p[0] = byte(v)
	case 2:
		order.PutUint16(p, uint16(v))
	case 4:
		order.PutUint32(p, uint32(v))
	case 8:
		order.PutUint64(p, v)
	}
}
