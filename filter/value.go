package filter

import (
	"bytes"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
)

// valueKind says what a value can be compared as.
type valueKind uint8

const (
	valNone  valueKind = iota // there, and no more: a flag, a nest
	valNum                    // num, two's complement if neg
	valText                   // b
	valBytes                  // b
)

// value is one value of a term.
type value struct {
	kind  valueKind
	neg   bool
	proto uint8  // of message types
	num   uint64 // of message types and commands: the number
	b     []byte // the payload; of a text without its NUL
	t     *families.Type
	genl  string // of commands and generic types: the family's name
}

// class is how values of a type are compared.
type class uint8

const (
	classNone class = iota
	classNum
	classText
	classBytes
	classAddr // IPv4 or IPv6
	classMsg  // a message type
	classCmd  // a generic command
)

// classOf says how values of a type are compared. A list's are those of its
// elements.
func classOf(t *families.Type) class {
	switch t.Kind {
	case families.KindUint, families.KindSint:
		switch t.Hint {
		case families.HintIPv4, families.HintIPv6, families.HintIP:
			return classAddr
		case families.HintMsgType:
			return classMsg
		case families.HintGenlCmd:
			return classCmd
		}
		return classNum
	case families.KindBitfield32:
		return classNum
	case families.KindString, families.KindStrings:
		return classText
	case families.KindBinary:
		switch t.Hint {
		case families.HintIPv4, families.HintIPv6, families.HintIP:
			return classAddr
		}
		return classBytes
	case families.KindPacket:
		return classBytes
	case families.KindArray:
		if scalarArray(t) {
			return classOf(t.Elem)
		}
	case families.KindIndexed:
		return classOf(t.Elem)
	}
	return classNone
}

// elementOf is the type of the values of a list, in however many lists it is.
func elementOf(t *families.Type) *families.Type {
	for t.Kind == families.KindArray || t.Kind == families.KindIndexed {
		t = t.Elem
	}
	return t
}

// scalarArray says whether an array is one row whose elements are values.
func scalarArray(t *families.Type) bool {
	return t.Kind == families.KindArray && t.Hint != families.HintBitmap && t.Elem.Hint != families.HintBitmap &&
		t.Elem.Hint != families.HintGroups && t.Elem.Kind != families.KindStruct && t.Elem.Kind != families.KindArray && t.Elem.FixedSize() > 0
}

// appendValues appends what the bytes of a leaf of type t are.
func appendValues(dst []value, t *families.Type, p []byte, big bool, proto uint8, af uint8) []value {
	v := value{b: p, t: t}
	switch t.Kind {
	case families.KindUint, families.KindSint:
		switch len(p) {
		case 1, 2, 4, 8:
		default:
			return append(dst, v)
		}
		if classOf(t) == classAddr {
			v.kind = valBytes
			return append(dst, v)
		}
		v.kind, v.num, v.proto = valNum, dissect.Uint(p, big), proto
		if t.Kind == families.KindSint {
			s := dissect.Int(v.num, len(p))
			v.num, v.neg = uint64(s), s < 0
		}
	case families.KindBitfield32:
		if len(p) == 8 {
			v.kind, v.num = valNum, dissect.Uint(p[:4], big)
		}
	case families.KindString, families.KindStrings:
		v.kind = valText
		if i := bytes.IndexByte(p, 0); i >= 0 {
			v.b = p[:i]
		}
	case families.KindBinary:
		v.kind, v.b = valBytes, trim(t, p, af)
	case families.KindPacket:
		v.kind = valBytes
	case families.KindArray:
		if scalarArray(t) {
			size := t.Elem.FixedSize()
			for ; len(p) >= size; p = p[size:] {
				dst = appendValues(dst, t.Elem, p[:size], big, proto, af)
			}
			return dst
		}
	}
	return append(dst, v)
}

// trim cuts the room that an address does not use, as it is shown.
func trim(t *families.Type, p []byte, af uint8) []byte {
	const maxAddrLen, etherLen, afInet = 32, 6, 2
	switch {
	case t.Hint == families.HintLLAddr && len(p) == maxAddrLen:
		n := len(p)
		for n > etherLen && p[n-1] == 0 {
			n--
		}
		return p[:n]
	case t.Hint == families.HintIP && len(p) == 16 && t.Size != 0 && (af == afInet || dissect.SMCOverIPv4(af, p)):
		return p[:4]
	}
	return p
}
