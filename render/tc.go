package render

import (
	"strconv"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
)

// appendHandle appends a traffic control handle as tc does.
func appendHandle(dst []byte, v uint32) []byte {
	switch v {
	case 0xffffffff:
		return append(dst, "root"...)
	case 0xfffffff1:
		return append(dst, "ingress"...)
	case 0:
		return append(dst, "0:"...)
	}
	dst = strconv.AppendUint(dst, uint64(v>>16), 16)
	dst = append(dst, ':')
	if v&0xffff != 0 {
		dst = strconv.AppendUint(dst, uint64(v&0xffff), 16)
	}
	return dst
}

// tcInfo appends a filter's priority and its protocol, which stands in network
// order in the lower half of an integer in host order.
func (b *base) tcInfo(dst []byte, t *families.Type, v uint32, n *dissect.Node) []byte {
	proto := uint16(v)
	if !n.Big {
		proto = proto>>8 | proto<<8
	}
	dst = append(dst, "prio "...)
	dst = strconv.AppendUint(dst, uint64(v>>16), 10)
	dst = append(dst, " protocol "...)
	if t.Enum != nil {
		if name := t.Enum.ValueName(uint64(proto)); name != "" {
			return append(dst, name...)
		}
	}
	return appendHexNumber(dst, uint64(proto))
}

// The upper four bits of an action's verdict, where the rest is a number
// (linux/pkt_cls.h).
const (
	tcActJump      = 1
	tcActGotoChain = 2
)

// appendVerdict appends what an action ends in if that is more than a name, in
// tc's words.
func appendVerdict(dst []byte, v uint32) ([]byte, bool) {
	switch v >> 28 {
	case tcActJump:
		dst = append(dst, "jump "...)
	case tcActGotoChain:
		dst = append(dst, "goto chain "...)
	default:
		return dst, false
	}
	return strconv.AppendUint(dst, uint64(v&(1<<28-1)), 10), true
}

// appendU32Handle appends a handle of the u32 classifier as tc does: 12 bits of the
// hash table, 8 of the bucket, 12 of the node.
func appendU32Handle(dst []byte, v uint32) []byte {
	if v == 0 {
		return append(dst, "none"...)
	}
	table, bucket, node := v>>20, v>>12&0xff, v&0xfff
	if table > 0 {
		dst = strconv.AppendUint(dst, uint64(table), 16)
	}
	dst = append(dst, ':')
	if bucket > 0 {
		dst = strconv.AppendUint(dst, uint64(bucket), 16)
	}
	if node > 0 {
		dst = append(dst, ':')
		dst = strconv.AppendUint(dst, uint64(node), 16)
	}
	return dst
}

// filterKind is the classifier that a filter's message names, empty if it names
// none.
func (b *base) filterKind(n *dissect.Node) []byte {
	const tcaKind = 1 // TCA_KIND of linux/rtnetlink.h
	at := n.Parent
	for at >= 0 && b.t.Nodes[at].Kind != dissect.KindMessage {
		at = b.t.Nodes[at].Parent
	}
	if at < 0 {
		return nil
	}
	for i := at + 1; i < b.t.Nodes[at].End; i = b.t.Nodes[i].End {
		if x := &b.t.Nodes[i]; x.Kind == dissect.KindAttr && x.ID == tcaKind {
			if from, to := b.t.Payload(i); from < to {
				return cstring(b.t.Bytes(&b.t.Nodes[from]))
			}
		}
	}
	return nil
}
