package render

import "github.com/nlsniff/nlsniff/families"

// shape is the JSON type of a value. It follows from the description of the
// value alone, never from the bytes of a message: whoever reads a key path
// finds the same type there in every capture.
type shape uint8

// The shapes.
const (
	shapeNone shape = iota // padding: no value
	shapeString
	shapeNumber
	shapeTrue
	shapeArray
	shapeObject
)

// shapeTags are the keys of tagged values that have no better name.
var shapeTags = [...]string{shapeString: "string", shapeNumber: "number", shapeTrue: "flag", shapeArray: "array", shapeObject: "object"}

// shapeOf says what a value of a type is in JSON.
func shapeOf(t *families.Type) shape {
	switch t.Kind {
	case families.KindPad:
		return shapeNone
	case families.KindUint, families.KindSint:
		return numberShape(t)
	case families.KindFlag:
		return shapeTrue
	case families.KindStrings, families.KindArray, families.KindRecords:
		return shapeArray
	case families.KindIndexed:
		return shapeArray
	case families.KindNest, families.KindTLV:
		if t.Ordered {
			return shapeArray
		}
		return shapeObject
	case families.KindBitfield32, families.KindTypeValue, families.KindStruct, families.KindMessage, families.KindPacket:
		return shapeObject
	case families.KindSub:
		if t.Choose >= families.BySetKey {
			return shapeArray // a concatenation, or one value
		}
		return subShape(t.Sub)
	}
	if t.Hint == families.HintSockaddr {
		return shapeObject
	}
	return shapeString
}

// numberShape is the shape of an integer.
func numberShape(t *families.Type) shape {
	if e := namesOf(t); e != nil {
		switch {
		case e.Kind == families.EnumFlags:
			return shapeArray
		case e.Kind == families.EnumBits:
			return shapeObject
		case !e.Numbers:
			return shapeString
		}
	}
	switch t.Hint {
	case families.HintHex, families.HintIPv4, families.HintIPv6, families.HintIP, families.HintUnix, families.HintUnixNs,
		families.HintTCHandle, families.HintTCU32, families.HintTCFilter, families.HintVerdict, families.HintChar, families.HintVersion:
		return shapeString
	case families.HintTCInfo:
		return shapeObject
	}
	return shapeNumber
}

// namesOf returns the enum that an integer's values are named by, nil if they
// are numbers.
func namesOf(t *families.Type) *families.Enum {
	if t.Hint == families.HintErrno || t.Hint == families.HintTCInfo {
		return nil
	}
	return t.Enum
}

// subShape is the shape of a value whose format something beside it decides:
// the one that all formats have, or else an object that says which format it
// is of.
func subShape(s *families.SubMessage) shape {
	if isTagged(s) {
		return shapeObject
	}
	one, integers := shapeNone, true
	eachFormat(s, func(t *families.Type) {
		is := shapeOf(t)
		integers = integers && (t.Kind == families.KindUint || t.Kind == families.KindSint)
		if one == shapeNone || is == shapeString && integers {
			one = is
		}
	})
	return one
}

// isTagged says whether the formats of a sub are so different that a value has
// to say of which one it is: because the description says so, or because of
// their shapes. Integers of which some have names do not count, all of them
// are strings. Nor do bytes that nobody described, where the other formats are
// objects.
func isTagged(s *families.SubMessage) bool {
	if marked(s) {
		return true
	}
	var has [shapeObject + 1]bool
	integers, described := true, false
	eachFormat(s, func(t *families.Type) {
		switch is := shapeOf(t); {
		case is == shapeNone:
			return
		case plainBytes(t):
			has[shapeNone] = true
		default:
			has[is] = true
			described = true
		}
		integers = integers && (t.Kind == families.KindUint || t.Kind == families.KindSint)
	})
	if has[shapeNone] && described && !has[shapeObject] {
		has[shapeString] = true
	}
	n := 0
	for _, is := range has[shapeString:] {
		if is {
			n++
		}
	}
	if integers && !has[shapeArray] && !has[shapeObject] {
		return false
	}
	return n > 1
}

// plainBytes says whether a format is what is left where no description fits.
func plainBytes(t *families.Type) bool {
	return t.Kind == families.KindBinary && t.Size == 0 && (t.Hint == families.HintNone || t.Hint == families.HintHex)
}

// eachFormat calls fn for the formats of a sub, and for those of the subs
// among them.
func eachFormat(s *families.SubMessage, fn func(*families.Type)) {
	for _, t := range s.Formats() {
		if t.Kind == families.KindSub && t.Choose < families.BySetKey {
			eachFormat(t.Sub, fn)
			continue
		}
		fn(t)
	}
}

// marked says whether a sub, or one among its formats, is tagged by its
// description.
func marked(s *families.SubMessage) bool {
	if s.Tagged {
		return true
	}
	for _, t := range s.Formats() {
		if t.Kind == families.KindSub && marked(t.Sub) {
			return true
		}
	}
	return false
}

// ofStructs says whether a format is a list of structs.
func ofStructs(t *families.Type) bool {
	return (t.Kind == families.KindArray || t.Kind == families.KindIndexed) && t.Elem.Kind == families.KindStruct
}

// structsTag ends the tag of such a list.
const structsTag = "_array"

// appendTag appends tagOf, which has to put one together.
func appendTag(dst []byte, t *families.Type) []byte {
	if ofStructs(t) {
		return append(append(dst, t.Elem.Struct.Name...), structsTag...)
	}
	return append(dst, tagOf(t)...)
}

// tagOf is the key that says which format a tagged value is of: the name of
// its struct or attribute space, or the JSON type of a scalar.
func tagOf(t *families.Type) string {
	switch t.Kind {
	case families.KindStruct:
		return t.Struct.Name
	case families.KindNest, families.KindTypeValue:
		if t.Set != nil {
			return t.Set.Name
		}
		return "attrs"
	case families.KindTLV:
		return t.TLV.Set.Name
	case families.KindRecords:
		return t.Struct.Name
	case families.KindPacket:
		return "packet"
	case families.KindBitfield32:
		return "bitfield32"
	case families.KindMessage:
		return "message"
	case families.KindUint, families.KindSint:
		if namesOf(t) != nil && shapeOf(t) == shapeObject {
			return t.Enum.Name
		}
	}
	if ofStructs(t) {
		return t.Elem.Struct.Name + structsTag
	}
	if t.Hint == families.HintSockaddr {
		return "sockaddr"
	}
	return shapeTags[shapeOf(t)]
}
