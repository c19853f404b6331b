package pcapng

// The option codes of the pcapng draft that this package uses. Codes below 2
// and the custom ones mean the same in every block (section 3.5), the others
// belong to one block type each.
const (
	OptEnd     = 0
	OptComment = 1

	OptSectionHardware = 2 // section 4.1
	OptSectionOS       = 3
	OptSectionUserAppl = 4

	OptInterfaceName        = 2 // section 4.2
	OptInterfaceDescription = 3
	OptInterfaceResolution  = 9
	OptInterfaceFilter      = 11
	OptInterfaceOS          = 12
	OptInterfaceOffset      = 14
	OptInterfaceHardware    = 15

	OptPacketFlags     = 2 // section 4.3
	OptPacketDropCount = 4

	OptStatisticsStart    = 2 // section 4.6
	OptStatisticsEnd      = 3
	OptStatisticsReceived = 4
	OptStatisticsDropped  = 5
	OptStatisticsOSDrop   = 7

	// The custom options: text or binary, and whether a program that does
	// not know them may copy them to another file (section 3.5.1).
	OptCustomText          = 2988
	OptCustomBinary        = 2989
	OptCustomTextPrivate   = 19372
	OptCustomBinaryPrivate = 19373
)

// Option is one option of a block.
type Option struct {
	Code uint16
	// Value is the value without its padding. Integers in it are in the byte
	// order of the section.
	Value []byte
}

// optionList walks through the options of a block.
type optionList struct {
	rest  []byte
	e     endian
	code  uint16
	value []byte
	// damaged: an option claims more bytes than the block has left, which
	// are in rest.
	damaged bool
}

// next steps to the next option. The last one may lack its padding, and the
// list may lack its end: writers that do so are common.
func (l *optionList) next() bool {
	if len(l.rest) < 4 {
		l.damaged = len(l.rest) > 0
		return false
	}
	code, n := l.e.u16(l.rest), int(l.e.u16(l.rest[2:]))
	if code == OptEnd {
		return false
	}
	if n > len(l.rest)-4 {
		l.damaged = true
		return false
	}
	l.code, l.value = code, l.rest[4:4+n:4+n]
	l.rest = l.rest[min(4+pad4(n), len(l.rest)):]
	return true
}

// maxOption is the most that the 16-bit length of an option can say.
const maxOption = 1<<16 - 1

// appendOption appends one option. A value that is too long for the format is
// cut.
func appendOption(b []byte, e endian, code uint16, value []byte) []byte {
	value = value[:min(len(value), maxOption)]
	b = e.append16(b, code)
	b = e.append16(b, uint16(len(value)))
	b = append(b, value...)
	return appendPad(b, len(value))
}

// appendText is appendOption for a string; it appends nothing if s is empty.
func appendText(b []byte, e endian, code uint16, s string) []byte {
	if s == "" {
		return b
	}
	s = s[:min(len(s), maxOption)]
	b = e.append16(b, code)
	b = e.append16(b, uint16(len(s)))
	b = append(b, s...)
	return appendPad(b, len(s))
}

// appendPad pads a field of n bytes at the end of b to a multiple of 4.
func appendPad(b []byte, n int) []byte {
	for ; n%4 != 0; n++ {
		b = append(b, 0)
	}
	return b
}

// appendEnd closes a list of options that started at from, if there are any.
func appendEnd(b []byte, from int) []byte {
	if len(b) == from {
		return b
	}
	return append(b, 0, 0, 0, 0)
}
