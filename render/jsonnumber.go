package render

import (
	"strconv"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
)

// integer returns the value of a row, sign-extended if it has a sign, as the
// values of enums are kept.
func (p *JSON) integer(t *families.Type, n *dissect.Node) uint64 {
	return integer(t, p.t.Bytes(n), n.Big)
}

func integer(t *families.Type, b []byte, big bool) uint64 {
	v := dissect.Uint(b, big)
	if t.Kind == families.KindSint {
		return uint64(dissect.Int(v, len(b)))
	}
	return v
}

// numberJSON appends an integer. Durations, sizes and counts stay numbers in
// their unit; what names something becomes its name, or the number as a string
// where that has none.
func (p *JSON) numberJSON(dst []byte, t *families.Type, b []byte, n *dissect.Node) ([]byte, got) {
	much := gotAll
	switch size := len(b); {
	case size != 1 && size != 2 && size != 4 && size != 8:
		return dst, gotNone
	case t.Size > 0 && size != t.Size:
		much = gotPart // of another size than described
	}
	v := integer(t, b, n.Big)
	if e := namesOf(t); e != nil {
		switch {
		case e.Kind == families.EnumFlags:
			return appendFlagsJSON(dst, e, v), much
		case e.Kind == families.EnumBits:
			return p.bitsJSON(dst, e, v, n), much
		case !e.Numbers:
			p.more = p.more || t.Hint == families.HintVerdict
			return p.nameJSON(dst, t, v, b, n), much
		}
		p.more = true
	}
	switch t.Hint {
	case families.HintTCInfo:
		return p.tcInfoJSON(dst, t, uint32(v), n), much
	case families.HintChar:
		return appendJSONString(dst, []byte{byte(v)}), much
	case families.HintUnix:
		return append(appendMoment(append(dst, '"'), int64(v), 0), '"'), much
	case families.HintUnixNs:
		return append(appendMoment(append(dst, '"'), int64(v)/1e9, int64(v)%1e9), '"'), much
	case families.HintHex, families.HintIPv4, families.HintIPv6, families.HintIP, families.HintTCHandle, families.HintTCU32, families.HintTCFilter,
		families.HintVersion:
		return append(p.number(append(dst, '"'), t, b, n), '"'), much
	}
	return appendInteger(dst, t, v), much
}

func appendInteger(dst []byte, t *families.Type, v uint64) []byte {
	if t.Kind == families.KindSint {
		return strconv.AppendInt(dst, int64(v), 10)
	}
	return strconv.AppendUint(dst, v, 10)
}

// nameJSON appends the name of an enum's value, or its number, as a string.
func (p *JSON) nameJSON(dst []byte, t *families.Type, v uint64, b []byte, n *dissect.Node) []byte {
	dst = append(dst, '"')
	switch name := t.Enum.ValueName(v); {
	case name != "":
		dst = append(dst, name...)
	case t.Hint == families.HintHex:
		dst = appendHexNumber(dst, dissect.Uint(b, n.Big))
	case t.Hint == families.HintVerdict && v>>28 == tcActJump:
		dst = append(dst, "TC_ACT_JUMP"...)
	case t.Hint == families.HintVerdict && v>>28 == tcActGotoChain:
		dst = append(dst, "TC_ACT_GOTO_CHAIN"...)
	default:
		dst = appendInteger(dst, t, v)
	}
	return append(dst, '"')
}

// tcInfoJSON appends a filter's priority and protocol.
func (p *JSON) tcInfoJSON(dst []byte, t *families.Type, v uint32, n *dissect.Node) []byte {
	proto := uint64(uint16(v))
	if !n.Big {
		proto = proto>>8&0xff | proto<<8&0xff00
	}
	dst = strconv.AppendUint(append(dst, `{"prio":`...), uint64(v>>16), 10)
	dst = append(dst, `,"protocol":"`...)
	name := ""
	if t.Enum != nil {
		name = t.Enum.ValueName(proto)
	}
	if name == "" {
		dst = strconv.AppendUint(dst, proto, 10)
	}
	return append(append(dst, name...), `"}`...)
}

// bitsJSON appends the parts of a word as an object.
func (p *JSON) bitsJSON(dst []byte, e *families.Enum, v uint64, n *dissect.Node) []byte {
	part := *n
	part.Big = false
	dst = append(dst, '{')
	for i := range e.Entries {
		x := &e.Entries[i]
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(append(append(dst, '"'), x.Name...), '"', ':')
		v := bits(x, v)
		if x.Type == nil {
			dst = strconv.AppendUint(dst, v, 10)
			continue
		}
		var b [8]byte
		for i := range b {
			b[i] = byte(v >> (8 * i))
		}
		dst, _ = p.numberJSON(dst, x.Type, b[:], &part)
	}
	return append(dst, '}')
}
