package dissect

import "github.com/nlsniff/nlsniff/families"

// mask says which bytes of a message may be key material beside those that its
// description calls so.
type mask uint8

const (
	maskNone mask = iota
	// maskShape: nobody says what the message is. What has the shape of a key
	// and no description may be one.
	maskShape
	// maskOpaque: the name of its family is a program's word. So may what is
	// described as bytes without a meaning.
	maskOpaque
	// maskAll: its family's id was called by the name of a family with keys
	// too. So may any value that has the shape of a key.
	maskAll
	// maskUnknown: it belongs to a family with keys. All that has no
	// description may be one.
	maskUnknown
)

// minKey is the size in bytes of the smallest key material of the families whose
// descriptions say that they have some: OVPN_NONCE_TAIL_SIZE of linux/ovpn.h.
const minKey = 8

// minOpaque is that for what another family describes as bytes: MACSEC_SALT_LEN
// of linux/if_macsec.h, as many values of eight bytes are counters and sets of
// bits.
const minOpaque = 12

// Masks says whether bytes of a message may be hidden that are not described as
// key material.
func (d *Dissector) Masks(in *Input, m *Msg) bool {
	d.in = in
	return d.maskOf(m) != maskNone
}

// maskOf decides how much of a message is hidden.
func (d *Dissector) maskOf(m *Msg) mask {
	if m.Proto != families.ProtoGeneric {
		if m.Family != nil && m.Family.Keyed || d.protocol(m.Proto).Keyed {
			return maskUnknown
		}
		return maskNone
	}
	switch {
	case m.Type < minType:
		return maskShape // what an error echoes may be anything
	case m.Type == genlCtrl:
		return maskNone
	case m.Family != nil && m.Family.Keyed:
		return maskUnknown
	case m.GenlName == "":
		return maskShape
	}
	keyed := false
	more := d.in.IDs.Disputed(m.Type, d.in.Number, func(name string) {
		if name != m.GenlName && !keyed {
			f := d.family(name)
			keyed = f != nil && f.Keyed
		}
	})
	_, trust := d.in.IDs.Named(m.Type, d.in.Number)
	switch {
	case keyed || more:
		return maskAll
	case trust <= families.Heard, trust < families.Vouched && (m.Family == nil || m.Family.Guess):
		return maskOpaque
	}
	return maskNone
}

// hide says whether a leaf is secret.
func (d *Dissector) hide(n *Node) bool {
	if d.hidden > 0 || n.Field != nil && n.Field.Secret || n.Type != nil && n.Type.Secret {
		return true
	}
	unknown := n.Kind == KindUnknown || n.Kind == KindTrailing
	switch d.mask {
	case maskUnknown:
		return unknown || n.Kind == KindPadding && n.Field == nil && !allZero(d.data[n.Off:n.Off+n.Len])
	case maskOpaque:
		unknown = unknown || n.Type != nil && n.Type.Kind == families.KindBinary && opaque(n.Type.Hint) && n.Len >= minOpaque
	case maskAll:
		unknown = unknown || n.Kind == KindValue || n.Kind == KindMember
	}
	return unknown && keyShaped(d.data[n.Off:n.Off+n.Len])
}

// hideMisfit makes a secret of an attribute, which stands at off…stop, of a message
// whose unknown bytes may be keys, if its length is none that its type has: what is
// not what the description says may be a key from its first byte on. The length is
// what the header says, whatever of it is there.
func (d *Dissector) hideMisfit(node int32, t *families.Type, off, stop int) {
	n := max(stop-off, int(d.u16(off))) - nlaHdrLen
	if a := &d.t.Nodes[node]; n > 0 && !a.Secret && !fits(t, n) {
		a.Secret = true
		d.hidden++
	}
}

// fits says whether a value can have so many bytes.
func fits(t *families.Type, n int) bool {
	switch t.Kind {
	case families.KindUint, families.KindSint:
		return n == t.Size || t.Size == 0 && (n == 4 || n == 8)
	case families.KindFlag, families.KindPad:
		return false
	case families.KindString:
		return t.MaxLen == 0 || n <= t.MaxLen
	case families.KindStruct:
		s := t.Struct
		return n >= s.Min && (s.Flex || n <= align4(s.Size))
	case families.KindArray:
		return t.Count == 0 || n == t.FixedSize()
	case families.KindBitfield32:
		return n == t.Size
	case families.KindBinary:
		switch {
		case t.MinLen > n, t.MaxLen > 0 && n > t.MaxLen:
			return false
		case t.Hint == families.HintIP && t.Size == 0:
			return n == 4 || n == 16
		case t.Hint == families.HintSockaddr && t.Size == 0:
			return n == 16 || n == 28
		}
		return t.Size == 0 || n == t.Size
	}
	return true
}

// opaque says whether bytes with a hint mean nothing to a reader.
func opaque(h families.Hint) bool {
	return h == families.HintNone || h == families.HintKey || h == families.HintHex
}

// keyShaped says whether bytes could be a key: they are as many as in the
// smallest, and neither a text that ends with NUL nor, if eight, a number with
// zeros at one end.
func keyShaped(b []byte) bool {
	if len(b) < minKey || allZero(b) {
		return false
	}
	if len(b) == 8 && (b[0]|b[1] == 0 || b[6]|b[7] == 0) {
		return false
	}
	n := len(b)
	for n > 0 && b[n-1] == 0 {
		n--
	}
	if n == len(b) {
		return true
	}
	for _, c := range b[:n] {
		if c < ' ' || c > '~' {
			return true
		}
	}
	return false
}

// garbled says whether an attribute's header, in a message whose unknown bytes
// may be keys, is one that no sender would make: then the header may be a part
// of a key as well.
func (d *Dissector) garbled(f *families.Field, n int, id uint16, left int) bool {
	const largest = 255 // far more than the families with keys have
	if d.mask != maskUnknown {
		return false
	}
	return n < nlaHdrLen || f == nil && (n > left && !d.cut(len(d.data)) || id > largest)
}
