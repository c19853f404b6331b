package replay

import (
	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
)

// Offsets in struct nlmsghdr (linux/netlink.h), in bytes.
const (
	hdrType  = 4
	hdrFlags = 6
	hdrSeq   = 8
	hdrPID   = 12
	hdrLen   = 16
)

// rewrites lists what cannot be sent as it stands in a frame, and the ids that
// its answers told. portID is that of the socket in the capture.
func (b *builder) rewrites(f *Loaded, t *dissect.Tree, r *Request, portID uint32) {
	put := func(w Rewrite, off int) {
		w.Off = off - capture.CookedLen
		r.Rewrites = append(r.Rewrites, w)
	}
	for m := range t.Own() {
		if m.PortID != 0 && (m.PortID == portID || portID == 0) {
			put(Rewrite{Kind: RewritePortID, Size: 4, Big: bigHost, Value: uint64(m.PortID), Field: "nlmsg_pid"}, int(m.Off)+hdrPID)
		}
		if m.Proto == families.ProtoGeneric && m.Type > 16 {
			name := m.GenlName
			put(Rewrite{Kind: RewriteFamily, Size: 2, Big: bigHost, Value: uint64(m.Type), Name: name, Field: "nlmsg_type"}, int(m.Off)+hdrType)
		}
		for i := m.Node; i < t.Nodes[m.Node].End; i++ {
			n := &t.Nodes[i]
			field, ty := Integer(t, i)
			if ty == nil || n.Len == 0 || n.Len > 8 {
				continue
			}
			v := t.Uint(n)
			w := Rewrite{Size: int(n.Len), Big: n.Big, Value: v}
			if field != nil {
				w.Field = field.Name
			}
			if f.Input.Big != bigHost && ty.Order == families.OrderHost {
				w.Big = bigHost // turned before it is sent
			}
			switch {
			case v == 0:
				continue
			case ty.Hint == families.HintIfIndex:
				w.Kind, w.Name = RewriteIndex, LinkName(&f.Input, uint32(v))
			case ty.Hint == families.HintFamilyID && v > 16 && f.Input.IDs != nil:
				w.Kind, w.Name = RewriteFamily, f.Input.IDs.Name(uint16(v), f.Number)
			case field == nil:
				continue
			case field.Volatile == families.VolatileID:
				w.Kind, w.Name = RewriteID, field.Space
			case field.Volatile == families.VolatileGen:
				w.Kind = RewriteGen
			default:
				continue
			}
			put(w, int(n.Off))
		}
	}
	r.Learns = b.learns(r.Exchanges)
	for m := range t.Own() {
		if r.Makes = makes(t, m); r.Makes != "" {
			break
		}
	}
}

// LinkName is what the capture calls an interface at a frame, "" if it does
// not tell. The first of each namespace is its loopback (loopback_net_init in
// drivers/net/loopback.c).
func LinkName(in *dissect.Input, index uint32) string {
	if in.Links != nil {
		if name := in.Links.Name(index, in.Number); name != "" {
			return name
		}
	}
	if index == 1 {
		return "lo"
	}
	return ""
}

// Integer returns what describes the integer in a row, nil if it is none. What may
// be key material is none: nothing that the number tells is looked for.
func Integer(t *dissect.Tree, i int32) (*families.Field, *families.Type) {
	n := &t.Nodes[i]
	if n.Kind != dissect.KindMember && n.Kind != dissect.KindValue || n.Type == nil || n.Secret {
		return nil, nil
	}
	if n.Type.Kind != families.KindUint && n.Type.Kind != families.KindSint {
		return nil, nil
	}
	field := n.Field
	for p := n.Parent; field == nil && p >= 0; p = t.Nodes[p].Parent {
		if k := t.Nodes[p].Kind; k != dissect.KindAttr && k != dissect.KindElem {
			break
		}
		field = t.Nodes[p].Field
	}
	return field, n.Type
}

// learns lists the ids in the answers of exchanges, in order.
func (b *builder) learns(exchanges []uint64) []Learn {
	var out []Learn
	var last uint64
	for _, id := range exchanges {
		if id == last {
			continue
		}
		last = id
		for _, a := range b.c.answers[id] {
			d := dissect.New(b.c.DB)
			t := d.Frame(&b.c.Frames[a.Frame].Input)
			if m := nth(t, a.Msg); m != nil {
				out = appendLearns(out, t, m)
			}
		}
	}
	return out
}

// IndexSpace is the space of interface indexes among those of ids. They are
// learned where a generic family made something with one and tells, as Open
// vSwitch does of datapaths; links have names.
const IndexSpace = "ifindex"

// appendLearns appends the ids in a message.
func appendLearns(dst []Learn, t *dissect.Tree, m *dissect.Msg) []Learn {
	if m.HasErrno {
		return dst
	}
	for i := m.Node; i < t.Nodes[m.Node].End; i++ {
		field, ty := Integer(t, i)
		if ty == nil || field == nil {
			continue
		}
		v := t.Uint(&t.Nodes[i])
		const multi = 2 // NLM_F_MULTI
		switch {
		case v == 0:
		case field.Volatile == families.VolatileID:
			dst = append(dst, Learn{field.Space, v})
		case ty.Hint == families.HintIfIndex && m.Proto == families.ProtoGeneric && m.Flags&multi == 0:
			dst = append(dst, Learn{IndexSpace, v})
		}
	}
	return dst
}

// makes is the name of the interface that a message makes: RTM_NEWLINK with
// NLM_F_CREATE and IFLA_IFNAME.
func makes(t *dissect.Tree, m *dissect.Msg) string {
	const newLink, create = 16, 0x400
	if m.Proto != families.ProtoRoute || m.Type != newLink || m.Flags&create == 0 {
		return ""
	}
	for i := t.Body(m); i < t.Nodes[m.Node].End; i = t.Nodes[i].End {
		n := &t.Nodes[i]
		if n.Kind == dissect.KindAttr && n.Field != nil && n.Field.Name == "IFLA_IFNAME" {
			return text(t, i)
		}
	}
	return ""
}

// text is the string in an attribute.
func text(t *dissect.Tree, attr int32) string {
	from, to := t.Payload(attr)
	if from >= to {
		return ""
	}
	b := t.Bytes(&t.Nodes[from])
	for i, c := range b {
		if c == 0 {
			return string(b[:i])
		}
	}
	return string(b)
}
