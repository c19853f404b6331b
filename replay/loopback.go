package replay

import (
	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/flow"
)

// loopbackIndex is the index of lo in every network namespace
// (LOOPBACK_IFINDEX of net/flow.h).
const loopbackIndex = 1

// eNETDOWN is what the kernel says where lo has to be up and is not: of a
// blackhole nexthop, for one (nh_create_ipv4 of net/ipv4/nexthop.c).
const eNETDOWN = 100

// loopbackUp says whether lo was up when a frame came, as far as the capture
// tells: what was said of it last before, or else first after. Where nothing
// tells it was, as it mostly is.
func (c *Capture) loopbackUp(before int) bool {
	up, known := true, false
	for i := range c.Frames {
		f := &c.Frames[i]
		if f.Event != nil || len(f.Data) <= capture.CookedLen || f.Data[capture.CookedLen-1] != families.ProtoRoute {
			continue
		}
		later := f.Number >= before
		if later && known {
			break
		}
		is, was, ok := c.loopback(f, c.Tree(i))
		switch {
		case !ok:
		case later:
			return was
		default:
			up, known = is, true
		}
	}
	return up
}

// loopback is what a frame tells of lo: whether it is up behind it, and was so
// before.
func (c *Capture) loopback(f *Loaded, t *dissect.Tree) (is, was, ok bool) {
	var down *flow.Exchange
	for m, ref := range f.own(t) {
		if ref.Role == flow.Failure && m.HasErrno && -m.Errno == eNETDOWN {
			down = c.Exchange(ref.Exchange)
			continue
		}
		at := int(m.Off) + hdrLen
		if m.Datagram || m.Type != rtmNewLink || m.Len < hdrLen+ifinfoLen || at+ifinfoLen > len(t.Data) || t.Data[at] != 0 {
			continue // of AF_UNSPEC: bridges tell less
		}
		u32 := func(off int) uint32 { return uint32(dissect.Uint(t.Data[at+off:at+off+4], t.Big)) }
		up, change := u32(8)&flagUp != 0, u32(12)&flagUp != 0
		switch e := c.Exchange(ref.Exchange); {
		case m.Dir == dissect.DirFromKernel && ref.Role != flow.Copy && u32(4) == loopbackIndex:
			// Of a notification ifi_change tells what is new.
			is, was, ok = up, up != (change && ref.Role != flow.Reply), true
		case ref.Role == flow.Request && change && isLoopback(t, m, u32(4)) && e != nil && e.OK():
			is, was, ok = up, !up, true
		}
	}
	if !ok && down != nil && down.Request.Frame != 0 && !c.namesLink(down) { // or that interface may be meant
		return false, false, true
	}
	return is, was, ok
}

// isLoopback says whether a request is about lo.
func isLoopback(t *dissect.Tree, m *dissect.Msg, index uint32) bool {
	if index != 0 {
		return index == loopbackIndex
	}
	for i := m.Node; i < t.Nodes[m.Node].End; i++ {
		if n := &t.Nodes[i]; n.Kind == dissect.KindAttr && n.Field != nil && n.Field.Name == "IFLA_IFNAME" {
			return text(t, i) == "lo"
		}
	}
	return false
}

// namesLink says whether an exchange's request names an interface.
func (c *Capture) namesLink(e *flow.Exchange) bool {
	t := c.Tree(side{c: c}.index(e.Request.Frame))
	for i := range t.Nodes {
		n := &t.Nodes[i]
		if n.Type != nil && n.Type.Hint == families.HintIfIndex && n.Kind.Leaf() && t.Uint(n) != 0 {
			return true
		}
	}
	return false
}
