package foreign

import (
	"encoding/binary"
	"strconv"
	"strings"

	"github.com/nlsniff/nlsniff/capture"
)

// leastWithin is how many characters a message among other text has at least: 16
// bytes as base64 without its padding.
const leastWithin = 22

// readWithin finds messages in a line of something else: a log, JSON, a call of a
// program. What stands around is no evidence, so only whole messages count. No byte
// is looked at more than twice: lines are long.
func readWithin(s string) hexLine {
	l := hexLine{kind: kindWithin, last: true}
	var cut hexLine
	keep := func(data []byte) {
		if l.data == nil {
			l.data = data
		} else {
			l.more = append(l.more, data)
		}
	}
	for _, data := range listsWithin(s) {
		if isWhole(data) {
			keep(data)
		} else {
			cut.note(data)
		}
	}
	for i := 0; i < len(s); {
		n := wordLen(s[i:])
		if n >= leastWithin {
			data := unbase64([]byte(s[i : i+n]))
			if isWhole(data) {
				keep(data)
				i += n
				continue
			}
			cut.note(data)
		}
		for end := i + n; i < end; {
			data, used := hexWithin(s[i:])
			if isWhole(data) {
				keep(data)
			} else {
				cut.note(data)
			}
			for i += used; i < end && isAlnum(s[i]); i++ {
			}
			for i < end && !isAlnum(s[i]) {
				i++
			}
		}
		if n == 0 {
			i++
		}
	}
	if l.data == nil {
		return cut
	}
	return l
}

// note remembers a message that a line has only the beginning of.
func (l *hexLine) note(data []byte) {
	if e, ok := beginsMessage(data); ok && l.cut == 0 {
		if n := lacks(data, e); n > 0 {
			*l = hexLine{kind: kindWithin, data: data, cut: n}
		}
	}
}

func isAlnum(c byte) bool { return isHex(c) || c|0x20 >= 'a' && c|0x20 <= 'z' }

// wordLen is how many of the characters of base64, which hex's are among, s begins
// with.
func wordLen(s string) int {
	for i := range len(s) {
		if !isAlnum(s[i]) && !strings.ContainsRune("+/-_", rune(s[i])) {
			return i
		}
	}
	return len(s)
}

// maxGrouped is the most digits in one of several groups.
const maxGrouped = 16

// hexWithin reads digits, or groups of equally many with one character between
// them. It returns the bytes, nil if they go on with something else, and how long all that was.
func hexWithin(s string) (data []byte, used int) {
	if strings.HasPrefix(s, "0x") || strings.HasPrefix(s, "0X") {
		used = 2
	}
	group := 0
	for at := used; ; {
		n := 0
		for at+n < len(s) && isHex(s[at+n]) {
			n++
		}
		if n == 0 || n%2 != 0 || group != 0 && (n > group || at+n < len(s) && isAlnum(s[at+n])) {
			break
		}
		data = append(data, pairs(s[at:at+n])...)
		used = at + n
		if n > maxGrouped || group != 0 && n < group || len(s)-used < 2 || !strings.ContainsRune(" :-,", rune(s[used])) || !isHex(s[used+1]) {
			break
		}
		group = n
		at = used + 1
	}
	if used < len(s) && isAlnum(s[used]) {
		data = nil
	}
	if e, _ := beginsMessage(data); group >= 4 && e == binary.BigEndian { // as block.message has it
		if turned := turn(data, group/2); isWhole(turned) {
			data = turned
		}
	}
	return data, used
}

// isWhole says whether b is messages up to its end, with their cooked header or
// without.
func isWhole(b []byte) bool {
	if isCooked(b) {
		b = b[capture.CookedLen:]
	}
	e, ok := beginsMessage(b)
	for ok && len(b) >= hdrLen {
		h, fits := parseHeader(b, e)
		if !fits || h.len > len(b) {
			return false
		}
		b = b[min(len(b), align4(h.len)):]
	}
	return ok && len(b) == 0
}

// list is an array of numbers in a line of something else.
var list = pattern(`^[\[{(<]\s*[0-9a-fA-F-]{1,4}(?:[\s,]+[0-9a-fA-F-]{1,4}){15,}[\s,]*[\]}>)]`)

// leastList is how many numbers an array in a line has at least.
const leastList = hdrLen

// listsWithin reads the arrays in a line, whose numbers are decimal or, as Rust's {:x?}
// has them, hex.
func listsWithin(s string) (found [][]byte) {
	for i := 0; i+2*leastList < len(s); i++ {
		// Most brackets are of something else.
		if !strings.ContainsRune("[{(<", rune(s[i])) || !strings.ContainsRune(" \t-", rune(s[i+1])) && !isHex(s[i+1]) {
			continue
		}
		text := list().FindString(s[i:])
		if text == "" {
			continue
		}
		i += len(text) - 1
		text = text[1 : len(text)-1]
		data := readDecimals(text).data
		if hex := hexList(text); data == nil || !isWhole(data) && isWhole(hex) {
			data = hex
		}
		found = append(found, data)
	}
	return found
}

func hexList(s string) []byte {
	var out []byte
	for _, w := range strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune("[] \t,", r) }) {
		n, err := strconv.ParseUint(w, 16, 8)
		if err != nil {
			return nil
		}
		out = append(out, byte(n))
	}
	return out
}
