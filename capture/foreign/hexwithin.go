package foreign

import (
	"encoding/base64"
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
	keep := func(data []byte) {
		if l.data == nil {
			l.data = data
		} else {
			l.more = append(l.more, data)
		}
	}
	for i := 0; i < len(s); {
		n := wordLen(s[i:])
		if n >= leastWithin {
			if data := base64Within(s[i : i+n]); data != nil {
				keep(data)
				i += n
				continue
			}
		}
		for end := i + n; i < end; {
			data, used := hexWithin(s[i:])
			if data != nil {
				keep(data)
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
		return hexLine{}
	}
	return l
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

// hexWithin reads digits, or groups of equally many with one character between
// them. It returns the messages, nil if there are none, and how long all that was.
func hexWithin(s string) (data []byte, used int) {
	if strings.HasPrefix(s, "0x") || strings.HasPrefix(s, "0X") {
		used = 2
	}
	for group := 0; ; {
		n := 0
		for used+n < len(s) && isHex(s[used+n]) {
			n++
		}
		if n == 0 || n%2 != 0 || group != 0 && n > group {
			break
		}
		data = append(data, pairs(s[used:used+n])...)
		used += n
		if group != 0 && n < group || len(s)-used < 2 || !strings.ContainsRune(" :-,", rune(s[used])) || !isHex(s[used+1]) {
			break
		}
		group = n
		used++
	}
	if used < len(s) && isAlnum(s[used]) || !isWhole(data) {
		data = nil
	}
	return data, used
}

// base64Within reads a word, without its padding, as base64 of either alphabet.
func base64Within(s string) []byte {
	enc := base64.RawStdEncoding
	if strings.ContainsAny(s, "-_") {
		enc = base64.RawURLEncoding
	}
	if data, err := enc.DecodeString(s); err == nil && isWhole(data) {
		return data
	}
	return nil
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
