package pcapng

import (
	"errors"
	"fmt"
	"unicode"
	"unicode/utf8"

	"github.com/nlsniff/nlsniff/internal/phrase"
)

// ErrFormat is wrapped by the error for an input that is neither pcap nor
// pcapng.
var ErrFormat = errors.New("not a pcap or pcapng file")

// ErrEmpty is returned for an input without a single byte.
var ErrEmpty = errors.New("the file is empty")

// Format is a capture file format.
type Format uint8

// The formats.
const (
	FormatUnknown Format = iota // nothing read yet
	FormatPcap
	FormatPcapng
)

func (f Format) String() string {
	switch f {
	case FormatPcap:
		return "pcap"
	case FormatPcapng:
		return "pcapng"
	}
	return "unknown"
}

// The magic numbers, as they read in the byte order of the file.
const (
	magicMicro     = 0xa1b2c3d4 // pcap draft section 4
	magicNano      = 0xa1b23c4d // pcap draft section 4
	magicByteOrder = 0x1a2b3c4d // pcapng draft section 4.1
	// magicModified is a pcap with longer record headers, written by a
	// patched libpcap of the 1990s.
	magicModified = 0xa1b2cd34
)

// sniffFormat tells the format and byte order from the first twelve bytes.
func sniffFormat(b []byte) (Format, endian) {
	for _, e := range [...]endian{little, big} {
		switch m := e.u32(b); {
		case m == magicMicro, m == magicNano:
			return FormatPcap, e
		case m == BlockSectionHeader && len(b) >= 12 && e.u32(b[8:]) == magicByteOrder:
			return FormatPcapng, e
		}
	}
	return FormatUnknown, little
}

// formatError says what an input is that is no capture.
func formatError(b []byte) error {
	if len(b) >= 4 {
		if sniffed, _ := sniffFormat(b); sniffed != FormatUnknown {
			return fmt.Errorf("%w: the file ends %s into the %v file header", ErrFormat, phrase.Count(len(b), "byte"), sniffed)
		}
		if little.u32(b) == BlockSectionHeader {
			return fmt.Errorf("%w: the section header has no byte-order magic", ErrFormat)
		}
		if little.u32(b) == magicModified || big.u32(b) == magicModified {
			return fmt.Errorf("%w: the modified pcap format (magic 0x%x) is not supported", ErrFormat, uint32(magicModified))
		}
	}
	if isText(b) {
		return fmt.Errorf("%w: it starts with the text %q", ErrFormat, b)
	}
	return fmt.Errorf("%w: it starts with the bytes % x", ErrFormat, b)
}

// isText reports whether b reads as text, but for a rune cut off at its end.
func isText(b []byte) bool {
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n == 1 {
			return !utf8.FullRune(b)
		}
		if !unicode.IsPrint(r) && r != '\n' && r != '\t' && r != '\r' {
			return false
		}
		b = b[n:]
	}
	return true
}
