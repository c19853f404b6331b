package foreign

import (
	"strconv"
	"strings"
)

// readArray reads the bytes in a line of an array: 0x30, 0x00, …
func readArray(s string) hexLine {
	s = s[len(gdbAddress().FindString(s)):]
	if from := strings.Index(s, "/*"); from >= 0 && strings.HasSuffix(s, "*/") && !strings.Contains(s, "*/ 0x") {
		s = s[:from] // of characters, which may be */ too
	}
	s = comment().ReplaceAllString(s, "")
	if at := strings.LastIndexByte(s, '{'); at >= 0 {
		s = s[at:]
	}
	found := arrayByte().FindAllStringSubmatch(s, -1)
	if len(found) == 0 {
		return hexLine{}
	}
	// Code has numbers too, but then something else beside them.
	rest := strings.ReplaceAll(arrayByte().ReplaceAllString(s, ""), "(byte)", "")
	if strings.Trim(rest, " \t,;{}[]()'\"") != "" {
		return hexLine{}
	}
	l := hexLine{kind: kindArray, last: strings.ContainsAny(s, "}])")}
	for _, m := range found {
		l.data = append(l.data, pairs(("0" + m[1])[len(m[1])-1:])...)
	}
	return l
}

// leastDecimals is how many numbers a line must have to begin an array.
const leastDecimals = 4

// readDecimals reads the bytes in a line of an array of decimal numbers, as Go's %v,
// Python's list() and Java's signed bytes have them: [48 0 0 0 …], 48, 0, 0, 0,
func readDecimals(s string) hexLine {
	s = comment().ReplaceAllString(s, "")
	s = s[strings.LastIndexAny(s, "[{")+1:]
	list := strings.TrimRight(s, " \t,;)]}")
	l := hexLine{kind: kindDecimal, last: strings.ContainsAny(s, "]}")}
	words := strings.FieldsFunc(list, func(r rune) bool { return r == ' ' || r == '\t' || r == ',' })
	for _, w := range words {
		n, err := strconv.ParseInt(w, 10, 16)
		if err != nil || n < -128 || n > 255 {
			return hexLine{}
		}
		l.data = append(l.data, byte(n))
	}
	return l
}

// escapes are the short ones of C.
var escapes = map[byte]byte{'n': '\n', 't': '\t', 'r': '\r', 'a': 7, 'b': 8, 'f': 12, 'v': 11, 'e': 27, '\\': '\\', '"': '"', '\'': '\'', '?': '?'}

// readString reads strings with escapes: of C, Go, Python, a shell. Without quotes
// they begin at the first escape. One \x is two digits.
func readString(s string) hexLine {
	l := hexLine{kind: kindString}
	quote := byte(0)
	at := -1
	if first := escaped().FindStringIndex(s); first != nil {
		at = first[0]
	}
	if open := strings.IndexAny(s, `"'`); open >= 0 && (at < 0 || open < at) {
		at = open
	}
	in := false
	for i := max(at, 0); i < len(s); i++ {
		c := s[i]
		switch {
		case !in && quote == 0 && i == at && c == '\\':
			in = true // no quotes
			i--
		case !in:
			if c == '"' || c == '\'' {
				quote, in = c, true
			} else if c == ';' || c == ')' {
				l.last = true
			}
		case quote != 0 && c == quote:
			in = false
		case c == '\\' && i+1 < len(s):
			i++
			i += l.escape(s[i:])
		case quote == 0 && c == ' ':
			in = false
		default:
			l.data = append(l.data, c)
		}
	}
	return l
}

// escape reads what stands behind a backslash, and returns how much of it is not
// the first byte.
func (l *hexLine) escape(s string) int {
	if s[0] == 'x' && len(s) >= 3 && isHex(s[1]) && isHex(s[2]) {
		l.data = append(l.data, pairs(s[1:3])...)
		return 2
	}
	if s[0] >= '0' && s[0] <= '7' {
		n, v := 0, 0
		for n < 3 && n < len(s) && s[n] >= '0' && s[n] <= '7' {
			v = v*8 + int(s[n]-'0')
			n++
		}
		l.data = append(l.data, byte(v))
		return n - 1
	}
	if c, ok := escapes[s[0]]; ok {
		l.data = append(l.data, c)
	} else {
		l.data = append(l.data, '\\', s[0])
	}
	return 0
}
