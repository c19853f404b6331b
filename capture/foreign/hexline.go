package foreign

import (
	"strconv"
	"strings"
)

// lineKind is how a line shows bytes.
type lineKind uint8

const (
	kindNone       lineKind = iota // it shows none
	kindOffset                     // 00000010  30 00 …, with an offset in front
	kindBytes                      // 30 00 00 00, 30:00:00:00
	kindPlain                      // 30000000
	kindArray                      // 0x30, 0x00,
	kindDecimal                    // 48, 0, 0, 0,
	kindString                     // "\x30\x00"
	kindBase64                     // MAAAAA==, base32 too
	kindStore                      // *(uint32_t*)0x20000000 = 0x30;
	kindWithin                     // whole messages among other text
	kindRepeat                     // *
	kindCharacters                 // what od -t x1c has below a line
	kindWords                      // words, octal and so on, which are not read
	kindReplaced                   // a string that lost bytes
)

func (k lineKind) isHex() bool { return k >= kindOffset && k <= kindWithin }

// hexLine is what a line shows.
type hexLine struct {
	kind    lineKind
	data    []byte
	more    [][]byte // kindWithin: what the line has beside data
	offsets []int64  // what its offset is in each of radices, -1 if it is none
	group   int
	last    bool // the block ends with it
	anew    bool // words stand before, which are no offset; of a store, it is bits
	again   bool // tcpdump may print it twice
	cut     int  // bytes that a message among other text is short of
}

var (
	// kernelPrefix is what dmesg, syslog and the journal put before a line.
	kernelPrefix = pattern(`^(?:<\d+>)?(?:[A-Z][a-z][a-z] [ \d]\d \d\d:\d\d:\d\d \S+ kernel: ?)?(?:\[ *\d+\.\d+\](?:\[[ A-Z]+\d+\])? ?)?`)
	offsetWord   = pattern(`^(?:0x)?([0-9a-fA-F]{4,16})(:?)(?:[ \t]+|$)`)
	plainHex     = pattern(`^(?:0x)?([0-9a-fA-F]+)$`)
	base64Line   = pattern(`^[A-Za-z0-9+/_-]+={0,6}$`)
	arrayWord    = pattern(`\b0[xX]([0-9a-fA-F]{1,16})\b(?: <repeats \d{1,7} times>)?`)
	comment      = pattern(`/\*.*?\*/|//.*$|#.*$`)
	quoteMarks   = pattern(`^(?:\s*(?:[>|]|&gt;) ?)+`)
	diffMark     = pattern(`^\+(\s*(?:"|0x|[0-9a-fA-F]{2,}[: ]))`)
	colours      = pattern(`\x1b\[[0-9;]*[mK]`)
	gdbAddress   = pattern(`^(?:\(gdb\) )?0x[0-9a-f]+(?: <[^>]*>)?:\s+`) // of x/64xb
	escaped      = pattern(`\\x[0-9a-fA-F]|\\[0-7]{1,3}\\[0-7]|\\u00[0-9a-fA-F]`)
	unreadable   = pattern(`^0{7,8}[ \t]+[^ \t]`)    // od -c and hexdump -d begin so
	decimalDump  = pattern(`^0{7} +\d{1,3} .*   \d`) // and od -t u1
)

// The least digits and letters in a line of one kind, or a block may not begin
// with it: prose is full of short words of hex.
const (
	leastPlain  = 8
	leastBase64 = 20
	leastBytes  = 4
)

// maxPrefixes is how many words may stand before the bytes.
const maxPrefixes = 12

// readLine finds out what a line shows. before is the block that it may go on with.
func readLine(line string, before *block, depth int) hexLine {
	if strings.Contains(line, "\x1b[") {
		line = colours().ReplaceAllString(line, "")
	}
	if before.kind == kindOffset && isCharacters(line, before.width) && readDump(line).kind == kindNone {
		return hexLine{kind: kindCharacters} // which may look like a mail's quotes, or be blank
	}
	text := strings.TrimRight(line, " \t\r")
	text = quoteMarks().ReplaceAllString(text, "")
	if strings.HasPrefix(text, "+") {
		text = diffMark().ReplaceAllString(text, "$1")
	}
	text = text[len(kernelPrefix().FindString(text)):]
	trimmed := strings.TrimSpace(text)
	switch {
	case trimmed == "":
		return hexLine{}
	case trimmed == "*":
		return hexLine{kind: kindRepeat}
	case before.kind == kindBase64 && base64Line().MatchString(trimmed):
		return readBase64(trimmed)
	case gdbAddress().MatchString(trimmed):
		if l := readExamined(trimmed); l.kind != kindNone {
			return l
		}
	}
	switch {
	case before.kind == kindDecimal: // 48, 20, 16, 32 would be hex too
		if l := readDecimals(trimmed); len(l.data) > 0 {
			return l
		}
	}
	dump := readDump(text)
	switch {
	case decimalDump().MatchString(text):
		return hexLine{kind: kindWords}
	case dump.kind == kindOffset || dump.kind == kindWords: // whatever its column of characters has
		return dump
	case before.kind == kindOffset && isCharacters(text, before.width):
		return hexLine{kind: kindCharacters}
	}
	if strings.Contains(text, "0x") || strings.Contains(text, "0X") { // before strings: comments show the characters
		if l := readStore(trimmed); l.kind != kindNone {
			return l
		}
		if l := readArray(trimmed, before); l.kind != kindNone {
			return l
		}
	}
	if dump.kind != kindNone && (!dump.anew || before.kind == kindBytes) {
		return dump
	}
	if hasEscapes := escaped().MatchString(text); hasEscapes || strings.Contains(text, `\n`) || before.kind == kindString && goesOn(trimmed) {
		l := readString(trimmed, depth)
		_, ok := beginsMessage(l.data)
		switch {
		case ok || isCooked(l.data) || l.kind == kindReplaced || before.kind == kindString:
			return l
		case hasEscapes && len(l.data) < hdrLen && dump.kind == kindNone:
			return l
		}
	}
	if dump.kind != kindNone {
		_, ok := beginsMessage(dump.data)
		if l := readWithin(trimmed); l.data != nil && (l.cut == 0 || !ok && len(dump.data) >= hdrLen) {
			return l
		}
		return dump
	}
	if m := plainHex().FindStringSubmatch(trimmed); m != nil && len(m[1])%2 == 0 && (len(m[1]) >= leastPlain || before.kind == kindPlain) {
		return hexLine{kind: kindPlain, data: pairs(m[1])}
	}
	if base64Line().MatchString(trimmed) && len(trimmed) >= leastBase64 {
		return readBase64(trimmed)
	}
	if l := readDecimals(trimmed); len(l.data) >= leastDecimals && strings.ContainsAny(trimmed, "[{,") || len(l.data) == 1 && strings.HasSuffix(trimmed, ",") {
		if w := readWithin(trimmed); w.data != nil && w.cut == 0 {
			return w
		}
		return l
	}
	if unreadable().MatchString(text) {
		return hexLine{kind: kindWords}
	}
	return readWithin(trimmed)
}

// isCharacters says whether a line can be what od -t x1c and od -t x1a have below the
// bytes: cells of four, behind room for an offset.
func isCharacters(line string, width int) bool {
	return strings.HasPrefix(line, "       ") && len(line) <= 8+4*width
}

func readBase64(s string) hexLine {
	return hexLine{kind: kindBase64, data: []byte(s), last: strings.HasSuffix(s, "=")}
}

// readDump reads a line of bytes, with an offset or without, with characters
// behind or without.
func readDump(text string) hexLine {
	rest := text
	for i := range maxPrefixes { // what stands in front is what a log and its users gave
		rest = strings.TrimLeft(rest, " \t")
		if rest == "" || !isHex(rest[0]) {
			at := strings.IndexAny(rest, " \t")
			if at < 0 {
				return hexLine{}
			}
			rest = rest[at:]
			continue
		}
		if m := offsetWord().FindStringSubmatch(rest); m != nil {
			r := readRun(rest[len(m[0]):])
			switch {
			case len(r.data) == 0 && len(m[0]) == len(rest) && m[2] == "":
				// hexdump and od end with an offset alone, but so looks much else.
			case r.odd || r.group > 1 && m[2] == "":
				if i == 0 && strings.Trim(m[1], "0") == "" && len(m[1]) > 5 {
					return hexLine{kind: kindWords}
				}
			case len(r.data) > 0 && (i == 0 || m[2] != "" || len(m[1]) >= 8):
				return hexLine{kind: kindOffset, data: r.data, group: r.group, offsets: offsets(m[1], m[2] != ""), again: strings.HasPrefix(m[0], "0x")}
			}
		}
		if r := readRun(rest); r.group == 1 && len(r.data) >= leastBytes {
			return hexLine{kind: kindBytes, data: r.data, group: 1, anew: i > 0}
		}
		at := strings.IndexAny(rest, " \t")
		if at < 0 {
			return hexLine{}
		}
		rest = rest[at:]
	}
	return hexLine{}
}

// offsets reads an offset. Only od's have no colon and seven digits, and may be
// octal or decimal; only those of xxd -d have a colon and are decimal.
func offsets(s string, colon bool) []int64 {
	hex, err := strconv.ParseInt(s, 16, 64)
	if err != nil {
		hex = 0 // an address of the kernel: the last digits do
		if len(s) > 15 {
			hex, _ = strconv.ParseInt(s[len(s)-15:], 16, 64)
		}
	}
	list := []int64{hex, -1, -1}
	for i, radix := range radices {
		if od, xxd := !colon && len(s) == 7, colon && len(s) == 8; od && radix != 16 || xxd && radix == 10 {
			if n, err := strconv.ParseInt(s, radix, 64); err == nil {
				list[i] = n
			}
		}
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
