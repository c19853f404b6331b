package render

import (
	"encoding/base64"
	"strconv"
	"time"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
)

const hidden = "<hidden>"

// secret says whether a row is key material, or may be. A key of zeros means
// that there is none, which is no secret.
func (b *base) secret(n *dissect.Node) bool {
	return n.Secret && !b.ShowSecrets && !allZero(b.t.Bytes(n))
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
	if b.secret(n) {
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
	case families.KindString, families.KindStrings:
		return appendQuoted(dst, cstring(p))
	case families.KindPacket:
		return b.appendLayer(dst, n.ID, p)
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
		if t.As != nil && f != nil {
			return b.parallel(dst, t, f, p[:len(p)/size*size], n)
		}
		return b.array(dst, t, f, p[:len(p)/size*size], n)
	}
	return b.bytes(dst, t, p, n)
}

// array appends the elements of an array. Many that are the same at its end, as
// in a table with room to spare, are one with their count.
func (b *base) array(dst []byte, t *families.Type, f *families.Field, p []byte, n *dissect.Node) []byte {
	const few = 4
	size := t.Elem.FixedSize()
	same := 1 // elements at the end that are the same
	for at := len(p) - 2*size; at >= 0 && string(p[at:at+size]) == string(p[at+size:at+2*size]); at -= size {
		same++
	}
	dst = append(dst, '[')
	for i := 0; i < len(p); i += size {
		if i > 0 {
			dst = append(dst, ' ')
		}
		dst = b.typed(dst, t.Elem, f, p[i:i+size], n)
		if left := (len(p) - i) / size; left == same && same > few {
			dst = append(dst, " ×"...)
			dst = strconv.AppendInt(dst, int64(same), 10)
			break
		}
	}
	return append(dst, ']')
}

// number appends an integer as its hint or its enum wants it.
func (b *base) number(dst []byte, t *families.Type, p []byte, n *dissect.Node) []byte {
	v := dissect.Uint(p, n.Big)
	s := int64(v)
	if t.Kind == families.KindSint {
		s = dissect.Int(v, len(p))
	}
	switch t.Hint {
	case families.HintTCInfo:
		return b.tcInfo(dst, t, uint32(v), n)
	case families.HintVerdict:
		if out, ok := appendVerdict(dst, uint32(v)); ok {
			return out
		}
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
	case families.HintPsched:
		return appendFixed(dst, int64(v)*64, 1000, 3, " us")
	case families.HintUnix:
		return appendTime(dst, s, 0)
	case families.HintUnixNs:
		return appendTime(dst, s/1e9, s%1e9)
	case families.HintTCHandle:
		return appendHandle(dst, uint32(v))
	case families.HintTCU32:
		return appendU32Handle(dst, uint32(v))
	case families.HintTCFilter:
		if string(b.filterKind(n)) == "u32" {
			return appendU32Handle(dst, uint32(v))
		}
		return appendHexNumber(dst, v)
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
	switch {
	case t.Scale > 1 && !b.noUnit:
		x := float64(v)
		if t.Kind == families.KindSint {
			x = float64(s)
		}
		dst = strconv.AppendFloat(dst, x/float64(t.Scale), 'f', -1, 64)
	case t.Kind == families.KindSint:
		dst = strconv.AppendInt(dst, s, 10)
	default:
		dst = strconv.AppendUint(dst, v, 10)
	}
	if b.noUnit {
		return dst
	}
	if t.Unit != "" {
		return append(append(dst, ' '), t.Unit...)
	}
	return append(dst, units[t.Hint]...)
}

// units stand behind a number of that hint.
var units = [families.NumHints]string{
	families.HintNs: " ns", families.HintUs: " us", families.HintMs: " ms", families.HintSec: " s",
	families.HintBytes: " bytes", families.HintBps: " bytes/s", families.HintBitps: " bit/s",
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
	return appendMoment(dst, sec, ns)
}

// appendMoment appends a point in time; 0 is the epoch. RFC 3339 has years of four
// digits: what is beyond is but a number of seconds.
func appendMoment(dst []byte, sec, ns int64) []byte {
	const first, last = -62_167_219_200, 253_402_300_799 // the years 0 and 9999
	if sec < first || sec > last {
		return strconv.AppendInt(dst, sec, 10)
	}
	return time.Unix(sec, ns).UTC().AppendFormat(dst, time.RFC3339Nano)
}

// bytes appends a payload that is not a number.
func (b *base) bytes(dst []byte, t *families.Type, p []byte, n *dissect.Node) []byte {
	switch t.Hint {
	case families.HintMAC, families.HintFDDI:
		return appendMAC(dst, p)
	case families.HintIPv4, families.HintIPv6:
		return appendIP(dst, p, 0)
	case families.HintIP:
		af := n.AF
		if af == afInet && t.Size == 0 {
			af = 0 // no room for more than there is: the length says it
		}
		if dissect.SMCOverIPv4(af, p) {
			af = afInet
		}
		return appendIP(dst, p, af)
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
		return base64.StdEncoding.AppendEncode(dst, p)
	case families.HintMPLS:
		return appendMPLS(dst, p)
	case families.HintMCTP:
		if len(p) != 8 {
			break
		}
		dst = strconv.AppendUint(dst, dissect.Uint(p[:4], b.t.Big), 10)
		return strconv.AppendUint(append(dst, ':'), uint64(p[4]), 10)
	}
	return appendHex(dst, p)
}
