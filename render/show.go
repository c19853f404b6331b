package render

import (
	"encoding/binary"
	"strconv"

	"golang.org/x/net/bpf"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/packet"
)

// appendLayer appends what a packet's layer says as a text without quotes.
func (b *base) appendLayer(dst []byte, id uint16, p []byte) []byte {
	if b.layer = packet.Append(b.layer[:0], id, p); len(b.layer) > 0 {
		return appendEscaped(dst, b.layer, 0)
	}
	return appendHex(dst, p)
}

// showOf says how row i is shown on one line, if it is: a struct, or an element
// whose head is one.
func (b *base) showOf(i int32) families.Show {
	n := &b.t.Nodes[i]
	if t := n.Type; t != nil && t.Kind == families.KindStruct {
		return t.Struct.Show
	}
	if n.Kind == dissect.KindElem && i+1 < n.End && b.t.Nodes[i+1].Kind == dissect.KindStruct {
		return b.showOf(i + 1)
	}
	return families.ShowMembers
}

// show appends row i on one line. It reports whether the row is one of those
// that have such a form; one that is cut has none.
func (b *base) show(dst []byte, i int32) ([]byte, bool) {
	how := b.showOf(i)
	if how == families.ShowMembers {
		return dst, false
	}
	from, to := b.t.Payload(i)
	if from >= to {
		return dst, false
	}
	first, last := &b.t.Nodes[from], &b.t.Nodes[to-1]
	p := b.t.Data[first.Off : last.Off+last.Len]
	order := binary.ByteOrder(binary.LittleEndian)
	if b.t.Big {
		order = binary.BigEndian
	}
	switch how {
	case families.ShowCBPF:
		return appendCBPF(dst, p, order)
	case families.ShowU32Key:
		return appendU32Key(dst, p, order)
	case families.ShowBCOp:
		return appendBCOp(dst, p, order)
	case families.ShowVLAN:
		return b.appendVLAN(dst, from, p, order)
	}
	return dst, false
}

// The flags of struct bridge_vlan_info (linux/if_bridge.h) that make a range of
// two of them.
const (
	vlanRangeBegin = 1 << 3
	vlanRangeEnd   = 1 << 4
)

// appendVLAN appends a struct bridge_vlan_info, the first row of which is
// given. Of a range the first one is "10-", to which the second one is joined
// with its flags, which both have.
func (b *base) appendVLAN(dst []byte, row int32, p []byte, order binary.ByteOrder) ([]byte, bool) {
	if len(p) != 4 {
		return dst, false
	}
	flags := order.Uint16(p)
	dst = strconv.AppendUint(dst, uint64(order.Uint16(p[2:])), 10)
	if flags&vlanRangeBegin != 0 && flags&vlanRangeEnd == 0 {
		return append(dst, '-'), true
	}
	for ; row < int32(len(b.t.Nodes)); row++ {
		n := &b.t.Nodes[row]
		if !n.Kind.Leaf() || n.Type == nil || n.Type.Enum == nil {
			continue
		}
		if flags &^= vlanRangeEnd; flags != 0 {
			dst = appendFlags(append(dst, ' '), n.Type.Enum, uint64(flags))
		}
		break
	}
	return dst, true
}

// appendCBPF disassembles a struct sock_filter (linux/filter.h).
func appendCBPF(dst, p []byte, order binary.ByteOrder) ([]byte, bool) {
	if len(p) != 8 {
		return dst, false
	}
	raw := bpf.RawInstruction{Op: order.Uint16(p), Jt: p[2], Jf: p[3], K: order.Uint32(p[4:])}
	switch ins := raw.Disassemble().(type) {
	case interface{ String() string }:
		return append(dst, ins.String()...), true
	default:
		dst = append(dst, "op "...)
		dst = appendHexNumber(dst, uint64(raw.Op))
		dst = append(dst, " jt "...)
		dst = strconv.AppendUint(dst, uint64(raw.Jt), 10)
		dst = append(dst, " jf "...)
		dst = strconv.AppendUint(dst, uint64(raw.Jf), 10)
		dst = append(dst, " k "...)
		return appendHexNumber(dst, uint64(raw.K)), true
	}
}

// appendU32Key appends a struct tc_u32_key (linux/pkt_cls.h) as tc does. Its
// mask and value are big-endian.
func appendU32Key(dst, p []byte, order binary.ByteOrder) ([]byte, bool) {
	if len(p) != 16 {
		return dst, false
	}
	dst = append(dst, "match "...)
	dst = appendHex(dst, p[4:8])
	dst = append(dst, '/')
	dst = appendHex(dst, p[:4])
	dst = append(dst, " at "...)
	if order.Uint32(p[12:]) != 0 {
		dst = append(dst, "nexthdr+"...)
	}
	return strconv.AppendInt(dst, int64(int32(order.Uint32(p[8:]))), 10), true
}

// The operations of inet_diag's bytecode (linux/inet_diag.h).
var bcOps = [...]string{"nop", "jmp", "s_ge", "s_le", "d_ge", "d_le", "auto", "s_cond", "d_cond",
	"dev_cond", "mark_cond", "s_eq", "d_eq", "cgroup_cond"}

// appendBCOp disassembles one operation of inet_diag's bytecode with its
// operands: what it tests, and how far it goes on if that does not hold.
func appendBCOp(dst, p []byte, order binary.ByteOrder) ([]byte, bool) {
	if len(p) < 4 || int(p[0]) >= len(bcOps) {
		return dst, false
	}
	name, arg := bcOps[p[0]], p[4:]
	dst = append(dst, name...)
	switch {
	case len(name) == 4 && name[1] == '_' && len(arg) >= 4: // the operand is the next operation's "no"
		dst = append(dst, " port "...)
		dst = strconv.AppendUint(dst, uint64(order.Uint16(arg[2:])), 10)
	case (name == "s_cond" || name == "d_cond") && len(arg) >= 8:
		dst = append(dst, ' ')
		if n := len(arg) - 8; n >= 4 {
			if n < 16 || arg[0] == afInet {
				n = 4
			} else {
				n = 16
			}
			dst = appendIP(dst, arg[8:8+n], 0)
		} else {
			dst = append(dst, '*')
		}
		dst = append(dst, '/')
		dst = strconv.AppendUint(dst, uint64(arg[1]), 10)
		if port := int32(order.Uint32(arg[4:])); port != -1 {
			dst = append(dst, " port "...)
			dst = strconv.AppendInt(dst, int64(port), 10)
		}
	case name == "dev_cond" && len(arg) >= 4:
		dst = append(dst, " if"...)
		dst = strconv.AppendUint(dst, uint64(order.Uint32(arg)), 10)
	case name == "mark_cond" && len(arg) >= 8:
		dst = append(dst, ' ')
		dst = appendHexNumber(dst, uint64(order.Uint32(arg)))
		dst = append(dst, '/')
		dst = appendHexNumber(dst, uint64(order.Uint32(arg[4:])))
	case name == "cgroup_cond" && len(arg) >= 8:
		dst = append(dst, ' ')
		dst = strconv.AppendUint(dst, order.Uint64(arg), 10)
	}
	if name == "jmp" {
		dst = append(dst, " +"...)
	} else {
		dst = append(dst, " else +"...)
	}
	return strconv.AppendUint(dst, uint64(order.Uint16(p[2:])), 10), true
}
