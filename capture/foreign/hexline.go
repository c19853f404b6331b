package foreign

import (
	"strconv"
	"strings"
)

// lineKind is how a line shows bytes.
type lineKind uint8

const (
	kindNone   lineKind = iota // it shows none
	kindOffset                 // 00000010  30 00 …, with an offset in front
	kindBytes                  // 30 00 00 00, 30:00:00:00
	kindPlain                  // 30000000
	kindArray                  // 0x30, 0x00,
	kindString                 // "\x30\x00"
	kindBase64                 // MAAAAA==
	kindRepeat                 // *
	kindWords                  // words or octal, which are not read
)

func (k lineKind) isHex() bool { return k >= kindOffset && k <= kindBase64 }

// hexLine is what a line shows.
type hexLine struct {
	kind    lineKind
	data    []byte
	offsets []int64 // what its offset is as hex, octal and decimal
	group   int
	last    bool // the block ends with it
}

var (
	// kernelPrefix is what dmesg, syslog and the journal put before a line.
	kernelPrefix = pattern(`^(?:<\d+>)?(?:[A-Z][a-z][a-z] [ \d]\d \d\d:\d\d:\d\d \S+ kernel: ?)?(?:\[ *\d+\.\d+\](?:\[[ A-Z]+\d+\])? ?)?`)
	offsetWord   = pattern(`^(?:0x)?([0-9a-fA-F]{4,16})(:?)(?:[ \t]+|$)`)
	plainHex     = pattern(`^(?:0x)?([0-9a-fA-F]+)$`)
	base64Line   = pattern(`^[A-Za-z0-9+/]+={0,2}$`)
	arrayByte    = pattern(`\b0[xX]([0-9a-fA-F]{1,2})\b`)
	comment      = pattern(`/\*.*?\*/|//.*$|#.*$`)
	quoteMarks   = pattern(`^(?:\s*[>|] ?)+`)
)

// The least digits and letters in a line of one kind, or a block may not begin
// with it: prose is full of short words of hex.
const (
	leastPlain  = 8
	leastBase64 = 20
	leastBytes  = 4
)

// maxPrefixes is how many words with a colon may stand before the bytes.
const maxPrefixes = 6

// readLine finds out what a line shows. before is the block that it may go on with.
func readLine(line string, before *block) hexLine {
	text := strings.TrimRight(line, " \t\r")
	text = quoteMarks().ReplaceAllString(text, "")
	text = text[len(kernelPrefix().FindString(text)):]
	trimmed := strings.TrimSpace(text)
	switch {
	case trimmed == "":
		return hexLine{}
	case trimmed == "*":
		return hexLine{kind: kindRepeat}
	case before.kind == kindBase64 && base64Line().MatchString(trimmed):
		return readBase64(trimmed)
	}
	dump := readDump(text)
	switch {
	case dump.kind == kindOffset || dump.kind == kindWords: // whatever its column of characters has
		return dump
	case strings.Contains(text, `\x`), before.kind == kindString && strings.HasPrefix(trimmed, `"`):
		return readString(trimmed)
	case strings.Contains(text, "0x") || strings.Contains(text, "0X"):
		if l := readArray(trimmed, before); l.kind != kindNone {
			return l
		}
	}
	if dump.kind != kindNone {
		return dump
	}
	if m := plainHex().FindStringSubmatch(trimmed); m != nil && len(m[1])%2 == 0 && (len(m[1]) >= leastPlain || before.kind == kindPlain) {
		return hexLine{kind: kindPlain, data: pairs(m[1])}
	}
	if base64Line().MatchString(trimmed) && len(trimmed) >= leastBase64 {
		return readBase64(trimmed)
	}
	return hexLine{}
}

func readBase64(s string) hexLine {
	return hexLine{kind: kindBase64, data: []byte(s), last: strings.HasSuffix(s, "=")}
}

// readDump reads a line of bytes, with an offset or without, with characters
// behind or without.
func readDump(text string) hexLine {
	rest := text
	for range maxPrefixes { // what stands in front is what the kernel's users gave
		rest = strings.TrimLeft(rest, " \t")
		if m := offsetWord().FindStringSubmatch(rest); m != nil {
			r := readRun(rest[len(m[0]):])
			switch {
			case len(r.data) == 0 && len(m[0]) == len(rest) && m[2] == "":
				// hexdump and od end with an offset alone, but so looks much else.
			case r.odd || r.group > 1 && m[2] == "":
				if strings.Trim(m[1], "0") == "" && len(m[1]) > 5 {
					return hexLine{kind: kindWords}
				}
			case len(r.data) > 0:
				return hexLine{kind: kindOffset, data: r.data, group: r.group, offsets: offsets(m[1], m[2] != "")}
			}
		}
		if r := readRun(rest); r.group == 1 && len(r.data) >= leastBytes {
			return hexLine{kind: kindBytes, data: r.data, group: 1}
		}
		at := strings.Index(rest, ": ")
		if at < 0 {
			return hexLine{}
		}
		rest = rest[at+2:]
	}
	return hexLine{}
}

// offsets reads an offset. Only od's have no colon and seven digits, and may be
// octal or decimal.
func offsets(s string, colon bool) []int64 {
	hex, err := strconv.ParseInt(s, 16, 64)
	if err != nil {
		hex = 0 // an address of the kernel: the last digits do
		if len(s) > 15 {
			hex, _ = strconv.ParseInt(s[len(s)-15:], 16, 64)
		}
	}
	if colon || len(s) != 7 {
		return []int64{hex}
	}
	list := []int64{hex}
	for _, radix := range []int{8, 10} {
		n, err := strconv.ParseInt(s, radix, 64)
		if err != nil {
			n = -1
		}
		list = append(list, n)
	}
	return list
}

// pairs reads an even number of hex digits.
func pairs(s string) []byte {
	out := make([]byte, 0, len(s)/2)
	for i := 0; i+1 < len(s); i += 2 {
		out = append(out, digit(s[i])<<4|digit(s[i+1]))
	}
	return out
}
