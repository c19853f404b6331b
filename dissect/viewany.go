package dissect

import (
	"bytes"
	"net"
	"net/netip"
	"time"

	"github.com/nlsniff/nlsniff/families"
)

// Secret is key material, or what may be. It prints as <hidden>; who really
// needs the bytes asks for them.
type Secret struct{ b []byte }

// String returns "<hidden>".
func (Secret) String() string { return "<hidden>" }

// GoString returns "<hidden>", for %#v.
func (Secret) GoString() string { return "<hidden>" }

// Bytes returns the bytes, unmasked. They are the frame's.
func (s Secret) Bytes() []byte { return s.b }

// Any returns the value in the Go type that fits its description:
//
//	unsigned and signed integers      uint64, int64
//	text                              string, up to the first NUL
//	flags, and integers of 0 and 1    bool
//	IP and link-layer addresses       netip.Addr, net.HardwareAddr
//	durations                         time.Duration
//	points in time                    time.Time
//	nests, arrays and structs         []Value
//	key material                      Secret
//	everything else                   []byte
//
// It is nil if the value does not exist. An enum is its number; String has the
// name. A scalar whose size is wrong is []byte.
func (v Value) Any() any {
	if !v.Exists() {
		return nil
	}
	if list := v.parts(); len(list) > 0 {
		return list
	}
	if v.in.t.Hidden(v.row) {
		return Secret{v.Bytes()}
	}
	if n := v.scalar(); n != nil && n.Type != nil {
		return v.in.t.typed(n)
	}
	if t := v.node().Type; t != nil && t.Kind == families.KindFlag {
		return true
	}
	return v.Bytes()
}

// parts are the attributes, elements and members right below v.
func (v Value) parts() []Value {
	var list []Value
	for row := range v.children() {
		switch v.in.t.Nodes[row].Kind {
		case KindAttr, KindElem, KindMember, KindStruct:
			list = append(list, Value{v.in, row})
		}
	}
	return list
}

// units are how many nanoseconds an integer of a hint counts in.
var units = map[families.Hint]time.Duration{
	families.HintNs: time.Nanosecond, families.HintUs: time.Microsecond, families.HintMs: time.Millisecond,
	families.HintSec: time.Second, families.HintClockT: time.Second / 100,
}

// typed reads a leaf by its description.
func (t *Tree) typed(n *Node) any {
	b := t.Bytes(n)
	switch n.Type.Kind {
	case families.KindString:
		s, _, _ := bytes.Cut(b, []byte{0})
		return string(s)
	case families.KindFlag:
		return true
	}
	if a := address(n, b); a != nil {
		return a
	}
	switch n.Type.Kind {
	case families.KindUint, families.KindSint:
	default:
		return b
	}
	switch n.Type.Size {
	case 0, len(b):
	default:
		return b
	}
	switch len(b) {
	case 1, 2, 4, 8:
	default:
		return b
	}
	u, i := t.Uint(n), Int(t.Uint(n), len(b))
	unit := units[n.Type.Hint]
	switch {
	case n.Type.Hint == families.HintBool && u <= 1:
		return u == 1
	case unit != 0 && n.Type.Kind == families.KindSint && i >= -maxCount(unit) && i <= maxCount(unit):
		return time.Duration(i) * unit
	case unit != 0 && n.Type.Kind == families.KindUint && u <= uint64(maxCount(unit)):
		return time.Duration(u) * unit
	case n.Type.Hint == families.HintUnix:
		return time.Unix(i, 0).UTC()
	case n.Type.Hint == families.HintUnixNs:
		return time.Unix(0, i).UTC()
	case n.Type.Kind == families.KindSint:
		return i
	}
	return u
}

// maxCount is how many units a time.Duration has room for.
func maxCount(unit time.Duration) int64 { return int64(1<<63-1) / int64(unit) }

// address reads what is described as an address, nil if it is none, or of an
// odd length.
func address(n *Node, b []byte) any {
	const afInet = 2
	switch n.Type.Hint {
	case families.HintMAC:
		if len(b) > 0 {
			return net.HardwareAddr(b)
		}
	case families.HintLLAddr:
		switch len(b) {
		case 0:
			return nil
		case 4, 16:
			a, _ := netip.AddrFromSlice(b)
			return a
		}
		return net.HardwareAddr(b)
	case families.HintIPv4, families.HintIPv6, families.HintIP:
		if len(b) == 16 && (n.AF == afInet || n.Type.Hint == families.HintIPv4) {
			b = b[:4]
		}
		if a, ok := netip.AddrFromSlice(b); ok {
			return a
		}
	}
	return nil
}
