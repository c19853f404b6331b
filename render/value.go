package render

import (
	"encoding/base64"
	"net/netip"
	"strconv"
	"time"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
)

const hidden = "<hidden>"

// secret says whether a row belongs to key material. A key of zeros means
// that there is none, which is no secret.
func (b *base) secret(n *dissect.Node) bool {
	if b.ShowSecrets || allZero(b.t.Bytes(n)) {
		return false
	}
	for {
		if n.Field != nil && n.Field.Secret {
			return true
		}
		if n.Parent < 0 || n.Kind == dissect.KindAttr || n.Kind == dissect.KindMessage {
			return false
		}
		n = &b.t.Nodes[n.Parent]
	}
}

func allZero(p []byte) bool {
	for _, c := range p {
		if c != 0 {
			return false
		}
	}
	return true
}

// value appends a leaf as text.
func (b *base) value(dst []byte, n *dissect.Node) []byte {
	if b.secret(n) && n.Kind != dissect.KindPadding {
		return append(dst, hidden...)
	}
	if n.Type == nil || n.Kind == dissect.KindUnknown {
		return appendHex(dst, b.t.Bytes(n))
	}
	return b.typed(dst, n.Type, n.Field, b.t.Bytes(n), n)
}

func (b *base) typed(dst []byte, t *families.Type, f *families.Field, p []byte, n *dissect.Node) []byte {
	switch t.Kind {
	case families.KindUint, families.KindSint:
		return b.number(dst, t, p, n)
	case families.KindString:
		return appendQuoted(dst, cstring(p))
	case families.KindBitfield32:
		if len(p) != 8 {
			return appendHex(dst, p)
		}
		dst = appendFlags(dst, t.Enum, dissect.Uint(p[:4], n.Big))
		dst = append(dst, " of "...)
		return appendFlags(dst, t.Enum, dissect.Uint(p[4:], n.Big))
	case families.KindArray:
		if isBitmap(t) {
			return appendBitmap(dst, t, p, n.Big)
		}
		size := t.Elem.FixedSize()
		if size == 0 {
			return appendHex(dst, p)
		}
		dst = append(dst, '[')
		for i := 0; i+size <= len(p); i += size {
			if i > 0 {
				dst = append(dst, ' ')
			}
			dst = b.typed(dst, t.Elem, f, p[i:i+size], n)
		}
		return append(dst, ']')
	}
	return b.bytes(dst, t, p, n)
}

// number appends an integer as its hint or its enum wants it.
func (b *base) number(dst []byte, t *families.Type, p []byte, n *dissect.Node) []byte {
	v := dissect.Uint(p, n.Big)
	s := int64(v)
	if t.Kind == families.KindSint {
		s = dissect.Int(v, len(p))
	}
	// Enum values are kept sign-extended.
	if t.Enum != nil && t.Hint != families.HintErrno {
		if out, ok := b.enum(dst, t.Enum, uint64(s), n); ok {
			return out
		}
	}
	switch t.Hint {
	case families.HintHex:
		return appendHexNumber(dst, v)
	case families.HintIPv4, families.HintIPv6, families.HintIP:
		return b.bytes(dst, t, p, n)
	case families.HintIfIndex:
		dst = strconv.AppendInt(dst, s, 10)
		if name := b.ifname(uint32(v)); name != "" {
			dst = append(dst, " ("...)
			dst = appendEscaped(dst, []byte(name), 0)
			dst = append(dst, ')')
		}
		return dst
	case families.HintErrno:
		return appendErrno(dst, t.Enum, s)
	case families.HintMsgType:
		return b.msgType(dst, n, uint16(v))
	case families.HintGenlCmd:
		return b.genlCmd(dst, n, uint8(v))
	case families.HintFamilyID:
		dst = strconv.AppendUint(dst, v, 10)
		return dst
	case families.HintClockT:
		return appendFixed(dst, s, 100, 2, " s")
	case families.HintUnix:
		return appendTime(dst, s, 0)
	case families.HintUnixNs:
		return appendTime(dst, s/1e9, s%1e9)
	case families.HintTCHandle:
		return appendHandle(dst, uint32(v))
	case families.HintPercent:
		full := float64(uint64(1)<<(8*len(p)) - 1)
		if len(p) == 8 {
			full = 1 << 64
		}
		dst = strconv.AppendFloat(dst, float64(v)/full*100, 'f', 4, 64)
		return append(dst, '%')
	case families.HintPrefix:
		dst = append(dst, '/')
		return strconv.AppendUint(dst, v, 10)
	case families.HintChar:
		return appendQuoted(dst, []byte{byte(v)})
	case families.HintVersion:
		dst = strconv.AppendUint(dst, v>>8, 10)
		dst = append(dst, '.')
		return strconv.AppendUint(dst, v&0xff, 10)
	}
	if t.Kind == families.KindSint {
		dst = strconv.AppendInt(dst, s, 10)
	} else {
		dst = strconv.AppendUint(dst, v, 10)
	}
	return append(dst, units[t.Hint]...)
}

// units stand behind a number of that hint.
var units = map[families.Hint]string{
	families.HintNs: " ns", families.HintUs: " us", families.HintMs: " ms", families.HintSec: " s",
	families.HintBytes: " bytes", families.HintBps: " bytes/s", families.HintBitps: " bit/s",
}

// enum appends v by its names. ok is false if it has none.
func (b *base) enum(dst []byte, e *families.Enum, v uint64, n *dissect.Node) (_ []byte, ok bool) {
	switch e.Kind {
	case families.EnumFlags:
		return appendFlags(dst, e, v), true
	case families.EnumBits:
		for i := range e.Entries {
			x := &e.Entries[i]
			if i > 0 {
				dst = append(dst, ' ')
			}
			dst = append(dst, x.Name...)
			dst = append(dst, '=')
			dst = b.part(dst, x, v, n)
		}
		return dst, true
	}
	if name := e.ValueName(v); name != "" {
		return append(dst, name...), true
	}
	return dst, false
}

// part appends one bit-field of v.
func (b *base) part(dst []byte, x *families.Entry, v uint64, n *dissect.Node) []byte {
	v = bits(x, v)
	if x.Type == nil {
		return strconv.AppendUint(dst, v, 10)
	}
	var p [8]byte
	for i := range p {
		p[i] = byte(v >> (8 * i))
	}
	part := *n
	part.Big = false
	return b.number(dst, x.Type, p[:], &part)
}

// bits returns one bit-field of v.
func bits(x *families.Entry, v uint64) uint64 {
	v >>= x.Value
	if x.Width < 64 {
		v &= 1<<x.Width - 1
	}
	return v
}

// appendFlags appends or-ed names without their prefix. No bit is lost: what
// has no name stands at the end in hex.
func appendFlags(dst []byte, e *families.Enum, v uint64) []byte {
	if v == 0 {
		return append(dst, '0')
	}
	first := true
	if e != nil {
		v = eachFlag(e, v, func(name string) {
			if !first {
				dst = append(dst, '|')
			}
			dst, first = append(dst, name...), false
		})
	}
	if v != 0 {
		if !first {
			dst = append(dst, '|')
		}
		dst = appendHexNumber(dst, v)
	}
	return dst
}

// eachFlag calls fn for the names of v's bits and returns those without one.
func eachFlag(e *families.Enum, v uint64, fn func(string)) uint64 {
	for i := range e.Entries {
		x := &e.Entries[i]
		if x.Value != 0 && v&x.Value == x.Value {
			fn(flagName(e, x))
			v &^= x.Value
		}
	}
	return v
}

func flagName(e *families.Enum, x *families.Entry) string {
	if len(x.Name) > len(e.Prefix) && x.Name[:len(e.Prefix)] == e.Prefix {
		return x.Name[len(e.Prefix):]
	}
	return x.Name
}

func appendHexNumber(dst []byte, v uint64) []byte {
	dst = append(dst, "0x"...)
	return strconv.AppendUint(dst, v, 16)
}

// appendErrno appends a number as its name; both signs occur.
func appendErrno(dst []byte, e *families.Enum, v int64) []byte {
	abs := v
	if abs < 0 {
		abs = -abs
	}
	if v != 0 && e != nil {
		if name := e.ValueName(uint64(abs)); name != "" {
			dst = append(dst, name...)
			dst = append(dst, " ("...)
			dst = strconv.AppendInt(dst, v, 10)
			return append(dst, ')')
		}
	}
	return strconv.AppendInt(dst, v, 10)
}

// appendFixed appends v/unit with so many decimals.
func appendFixed(dst []byte, v, unit int64, decimals int, suffix string) []byte {
	dst = strconv.AppendFloat(dst, float64(v)/float64(unit), 'f', decimals, 64)
	return append(dst, suffix...)
}

func appendTime(dst []byte, sec, ns int64) []byte {
	if sec == 0 && ns == 0 {
		return append(dst, '0')
	}
	return time.Unix(sec, ns).UTC().AppendFormat(dst, time.RFC3339Nano)
}

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

// bytes appends a payload that is not a number.
func (b *base) bytes(dst []byte, t *families.Type, p []byte, n *dissect.Node) []byte {
	switch t.Hint {
	case families.HintMAC, families.HintFDDI:
		return appendMAC(dst, p)
	case families.HintIPv4, families.HintIPv6, families.HintIP:
		return appendIP(dst, p, n.AF)
	case families.HintLLAddr:
		if len(p) == 4 || len(p) == 16 {
			return appendIP(dst, p, 0)
		}
		return appendMAC(dst, trimLLAddr(p))
	case families.HintSockaddr:
		return appendSockaddr(dst, p, b.t.Big)
	case families.HintUUID:
		return appendUUID(dst, p)
	case families.HintKey:
		return append(append(dst, base64.StdEncoding.EncodeToString(p)...), ""...)
	case families.HintMPLS:
		return appendMPLS(dst, p)
	}
	return appendHex(dst, p)
}

// trimLLAddr cuts the room behind an address in an array of MAX_ADDR_LEN (32)
// bytes, whose length stands elsewhere or nowhere.
func trimLLAddr(p []byte) []byte {
	const maxAddrLen, etherLen = 32, 6
	if len(p) != maxAddrLen {
		return p
	}
	n := len(p)
	for n > etherLen && p[n-1] == 0 {
		n--
	}
	return p[:n]
}

func appendMAC(dst, p []byte) []byte {
	for i, c := range p {
		if i > 0 {
			dst = append(dst, ':')
		}
		dst = append(dst, hexDigits[c>>4], hexDigits[c&15])
	}
	return dst
}

// Address families of sys/socket.h that decide how an address is written.
const (
	afInet  = 2
	afInet6 = 10
	afMPLS  = 28
)

// appendIP appends an address by its length. A wider room than the family
// needs (struct members that hold either) counts as the family's.
func appendIP(dst, p []byte, af uint8) []byte {
	switch {
	case af == afMPLS && len(p)%4 == 0 && len(p) > 0:
		return appendMPLS(dst, p)
	case len(p) == 4, len(p) == 16 && af == afInet:
		return netip.AddrFrom4([4]byte(p[:4])).AppendTo(dst)
	case len(p) == 16:
		return netip.AddrFrom16([16]byte(p)).AppendTo(dst)
	case len(p) == 6 || len(p) == 8:
		return appendMAC(dst, p)
	}
	return appendHex(dst, p)
}

// appendSockaddr appends struct sockaddr_in or sockaddr_in6 as address:port.
func appendSockaddr(dst, p []byte, big bool) []byte {
	if len(p) >= 8 {
		port := uint16(dissect.Uint(p[2:4], true))
		switch af := dissect.Uint(p[:2], big); {
		case af == afInet:
			return netip.AddrPortFrom(netip.AddrFrom4([4]byte(p[4:8])), port).AppendTo(dst)
		case af == afInet6 && len(p) >= 24:
			return netip.AddrPortFrom(netip.AddrFrom16([16]byte(p[8:24])), port).AppendTo(dst)
		}
	}
	return appendHex(dst, p)
}

func appendUUID(dst, p []byte) []byte {
	if len(p) != 16 {
		return appendHex(dst, p)
	}
	for i, end := range []int{4, 6, 8, 10, 16} {
		if i > 0 {
			dst = append(dst, '-')
		}
		start := []int{0, 4, 6, 8, 10}[i]
		dst = appendHex(dst, p[start:end])
	}
	return dst
}

// appendMPLS appends a label stack: labels separated by slashes, as ip does.
func appendMPLS(dst, p []byte) []byte {
	if len(p)%4 != 0 {
		return appendHex(dst, p)
	}
	for i := 0; i < len(p); i += 4 {
		if i > 0 {
			dst = append(dst, '/')
		}
		dst = strconv.AppendUint(dst, dissect.Uint(p[i:i+4], true)>>12, 10)
	}
	return dst
}

// msgType names a message type in the context of the nlmsghdr it stands in.
func (b *base) msgType(dst []byte, n *dissect.Node, v uint16) []byte {
	if m := b.msgAt(n.Off); m != nil && m.Type == v && m.Off+4 == n.Off {
		return appendType(dst, m)
	}
	return strconv.AppendUint(dst, uint64(v), 10)
}

func (b *base) genlCmd(dst []byte, n *dissect.Node, v uint8) []byte {
	if m := b.msgAt(n.Off); m != nil && m.Message != nil && m.GenlCmd == v {
		return append(dst, m.Message.Name...)
	}
	return strconv.AppendUint(dst, uint64(v), 10)
}

// msgAt returns the innermost message that holds an offset.
func (b *base) msgAt(off uint32) *dissect.Msg {
	for i := len(b.t.Msgs) - 1; i >= 0; i-- {
		m := &b.t.Msgs[i]
		n := &b.t.Nodes[m.Node]
		if off >= n.Off && off < n.Off+n.Len {
			return m
		}
	}
	return nil
}

// controlNames are the message types that every protocol shares.
var controlNames = [16]string{1: "NLMSG_NOOP", 2: "NLMSG_ERROR", 3: "NLMSG_DONE", 4: "NLMSG_OVERRUN"}

// appendType appends what the nlmsg_type of a message means.
func appendType(dst []byte, m *dissect.Msg) []byte {
	switch {
	case m.Type < 16 && m.Proto != families.ProtoConnector && controlNames[m.Type] != "":
		return append(dst, controlNames[m.Type]...)
	case m.Proto == families.ProtoGeneric && m.GenlName != "":
		return appendEscaped(dst, []byte(m.GenlName), 0)
	case m.Proto != families.ProtoGeneric && m.Message != nil:
		return append(dst, m.Message.Name...)
	}
	return strconv.AppendUint(dst, uint64(m.Type), 10)
}
