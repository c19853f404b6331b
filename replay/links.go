package replay

import (
	"fmt"
	"slices"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/flow"
)

// Link is an interface that was there before a capture began.
type Link struct {
	Name  string `json:"name"`
	Index uint32 `json:"index,omitempty"` // in the capture, 0 if it does not tell
	// Kind is IFLA_INFO_KIND, "" for hardware and where the capture does not
	// tell.
	Kind    string `json:"kind,omitempty"`
	Address []byte `json:"address,omitempty"` // IFLA_ADDRESS, of Ethernet interfaces
	Up      bool   `json:"up,omitempty"`
}

// maxLinks bounds how many interfaces are made before a replay.
const maxLinks = 512

// Before adds to a plan the interfaces that were there before the capture
// began, as far as it shows them: those that the kernel lists before anything
// made them, and those that requests name which succeeded.
func (c *Capture) Before(p *Plan) {
	for _, l := range c.before().links {
		p.addLink(l)
	}
}

// addLink adds an interface unless there is one of that name.
func (p *Plan) addLink(l Link) {
	if len(p.Links) < maxLinks && !slices.ContainsFunc(p.Links, func(x Link) bool { return x.Name == l.Name }) {
		p.Links = append(p.Links, l)
	}
}

// linkKey is an interface of one of the capture's hosts.
type linkKey struct {
	stream int
	index  uint32
}

// beginnings finds the interfaces that were there before a capture.
type beginnings struct {
	c     *Capture
	links []Link
	seen  map[linkKey]bool // how these came is known
	made  map[string]bool  // names that the capture gave to new ones
	// anonymous says that requests made some that may have other names.
	anonymous bool
}

func (c *Capture) before() *beginnings {
	b := &beginnings{c: c, seen: map[linkKey]bool{}, made: map[string]bool{"lo": true}}
	for i := range c.Frames {
		f := &c.Frames[i]
		if f.Event != nil || len(f.Data) <= capture.CookedLen {
			continue
		}
		t := c.Tree(i)
		for m, ref := range f.own(t) {
			switch {
			case m.Datagram:
			case ref.Role == flow.Request:
				b.asked(f, t, m, c.Exchange(ref.Exchange))
			case m.Proto == families.ProtoRoute && m.Type == rtmNewLink && m.Dir == dissect.DirFromKernel && ref.Role != flow.Copy:
				b.told(f, t, m, ref.Role == flow.Reply)
			}
		}
	}
	return b
}

// Numbers of linux/rtnetlink.h and linux/if.h.
const (
	rtmNewLink = 16
	flagUp     = 1 // IFF_UP
	ifinfoLen  = 16
	ethernet   = 1 // ARPHRD_ETHER
)

// told takes a RTM_NEWLINK of the kernel. It notifies of a new interface with
// all bits of ifi_change set (rtmsg_ifinfo with ~0U in register_netdevice and
// dev_change_net_namespace of net/core/dev.c), and of nothing else; whatever is
// listed without that was there.
func (b *beginnings) told(f *Loaded, t *dissect.Tree, m *dissect.Msg, reply bool) {
	at := int(m.Off) + hdrLen
	if at+ifinfoLen > len(t.Data) || m.Len < hdrLen+ifinfoLen {
		return
	}
	u32 := func(off int) uint32 { return uint32(dissect.Uint(t.Data[at+off:at+off+4], f.Input.Big)) }
	l := Link{Index: u32(4), Up: u32(8)&flagUp != 0}
	kind, change := uint16(dissect.Uint(t.Data[at+2:at+4], f.Input.Big)), u32(12)
	for i := m.Node; i < t.Nodes[m.Node].End; i++ {
		n := &t.Nodes[i]
		if n.Kind != dissect.KindAttr || n.Field == nil {
			continue
		}
		switch n.Field.Name {
		case "IFLA_IFNAME":
			l.Name = text(t, i)
		case "IFLA_INFO_KIND":
			l.Kind = text(t, i)
		case "IFLA_ADDRESS":
			if from, to := t.Payload(i); kind == ethernet && from < to && t.Nodes[from].Len == 6 {
				l.Address = slices.Clone(t.Bytes(&t.Nodes[from]))
			}
		case "IFLA_TARGET_NETNSID", "IFLA_NEW_IFINDEX":
			return // of another namespace
		}
	}
	key := linkKey{f.Stream(), l.Index}
	if b.seen[key] || l.Name == "" || t.Data[at] != 0 { // AF_UNSPEC: bridges tell less
		return
	}
	b.seen[key] = true
	if !reply && change == ^uint32(0) {
		b.made[l.Name] = true
	}
	if !b.made[l.Name] {
		b.links = append(b.links, l)
	}
}

// asked takes a request: the names that it gives, and the interfaces that it
// shows to be there by its success.
func (b *beginnings) asked(f *Loaded, t *dissect.Tree, m *dissect.Msg, e *flow.Exchange) {
	if e == nil || e.Errno != 0 || !e.OK() && e.Replies == 0 {
		return
	}
	gives := given(t, m, func(name string) { b.made[name] = true })
	for i := m.Node; i < t.Nodes[m.Node].End; i++ {
		n := &t.Nodes[i]
		switch {
		case n.Type == nil || n.Kind != dissect.KindValue && n.Kind != dissect.KindMember:
		case !b.anonymous && m.Proto == families.ProtoRoute && n.Type.Hint == families.HintIfIndex && n.Len == 4:
			index := uint32(t.Uint(n))
			key := linkKey{f.Stream(), index}
			name := LinkName(&f.Input, index)
			if index <= 1 || index > 1<<30 || b.seen[key] || name != "" {
				continue // or it is told when it is listed
			}
			b.seen[key] = true
			b.links = append(b.links, Link{Name: fmt.Sprintf("link%d", index), Index: index})
		}
	}
	b.anonymous = b.anonymous || gives && (m.Type == rtmNewLink || m.Proto == families.ProtoGeneric)
}

// given calls take with each text in a request that makes something, as that may
// be the name of an interface: of a new one, its peer, a port. It reports whether
// the request is one.
func given(t *dissect.Tree, m *dissect.Msg, take func(name string)) bool {
	const create = 0x400 // NLM_F_CREATE
	if m.Class != families.ClassNew || m.Proto == families.ProtoRoute && m.Type == rtmNewLink && m.Flags&create == 0 {
		return false
	}
	for i := m.Node; i < t.Nodes[m.Node].End; i++ {
		n := &t.Nodes[i]
		if n.Type != nil && n.Type.Kind == families.KindString && (n.Kind == dissect.KindValue || n.Kind == dissect.KindMember) {
			take(cstring(t.Bytes(n)))
		}
	}
	return true
}
