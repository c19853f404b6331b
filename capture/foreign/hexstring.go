package foreign

import (
	"bytes"
	"encoding/binary"
	"strings"
	"unicode/utf8"
)

// literal is a string of a line.
type literal struct {
	from, to int    // where it stands, with its quotes
	text     string // what is between them
	quote    byte   // 0: it has none
	open     bool   // its end is missing
}

// readString reads strings with escapes: of C, Go, Python, Rust, a shell, JSON, and
// what gdb and bpftrace print. Literals that follow on one another are one. Where a line
// has several, those count that begin a message.
func readString(s string, depth int) hexLine {
	list := literals(s)
	var groups []hexLine
	for i := 0; i < len(list); i++ {
		g := hexLine{kind: kindString, data: list[i].bytes(s)}
		first := i
		for n := repeats(s[list[i].to:]); ; n = repeats(s[list[i].to:]) {
			if n > 1 && len(g.data)+n <= maxBlock && len(list[i].bytes(s)) == 1 {
				g.data = append(g.data, bytes.Repeat(g.data[len(g.data)-1:], n-1)...)
			}
			if i+1 >= len(list) || !joined(s[list[i].to:list[i+1].from], repeats(s[list[i+1].to:]) > 0) {
				break
			}
			i++
			g.data = append(g.data, list[i].bytes(s)...)
		}
		g.last = i+1 < len(list) || strings.ContainsAny(s[list[i].to:], ";)}")
		if gdbValue().MatchString(s) && i == len(list)-1 {
			if e, ok := beginsMessage(g.data); ok && lacks(g.data, e) == 1 {
				g.data = append(g.data, 0) // which gdb leaves out
			}
		}
		if isReplaced(list[i].text) {
			g = hexLine{kind: kindReplaced}
		} else if _, ok := beginsMessage(g.data); !ok && first == i && depth > 0 && strings.Contains(list[i].text, `\`) {
			if inner := nested(list[i].bytes(s), depth-1); inner.kind != kindNone {
				g = inner
			}
		}
		groups = append(groups, g)
	}
	return oneOf(groups)
}

// oneOf makes a line of the literals in it.
func oneOf(groups []hexLine) hexLine {
	if len(groups) == 1 {
		return groups[0]
	}
	var l hexLine
	for _, g := range groups {
		_, ok := beginsMessage(g.data)
		switch {
		case g.kind == kindReplaced && l.kind == kindNone:
			l.kind = kindReplaced
		case g.kind == kindReplaced || !ok && !isCooked(g.data):
		case l.data == nil:
			l = g
		default:
			l.kind, l.last = kindWithin, true
			l.more = append(append(l.more, g.data), g.more...)
		}
	}
	return l
}

// nested reads what a string of JSON or a log holds: a text of lines that have
// messages, or a string with escapes of its own.
func nested(text []byte, depth int) hexLine {
	if !utf8.Valid(text) {
		return hexLine{}
	}
	s := hexText{o: &Options{}, depth: depth}
	eachLine(text, true, func(line string) bool {
		s.take(line, 0)
		return true
	})
	s.flush()
	l := hexLine{kind: kindWithin, last: true}
	for _, d := range s.out {
		if l.data == nil {
			l.data = d.data
		} else {
			l.more = append(l.more, d.data)
		}
	}
	if l.data == nil {
		return hexLine{}
	}
	return l
}

// literals finds the strings of a line. What has escapes and no quotes is one to the
// line's end.
func literals(s string) (list []literal) {
	for i := 0; i < len(s); {
		switch c := s[i]; {
		case (c == '"' || c == '\'') && !isApostrophe(s, i):
			end := i + 1
			for end < len(s) && s[end] != c {
				if s[end] == '\\' {
					end++
				}
				end++
			}
			open := end >= len(s)
			end = min(end, len(s))
			list = append(list, literal{i, min(end+1, len(s)), s[i+1 : end], c, open})
			i = end + 1
		case c == '\\' && escaped().MatchString(s[i:min(len(s), i+8)]) && escaped().FindStringIndex(s[i:])[0] == 0:
			return append(list, literal{i, len(s), s[i:], 0, false})
		default:
			i++
		}
	}
	return list
}

// isApostrophe says whether a ' is that of a word: only some letters stand before a
// string.
func isApostrophe(s string, i int) bool {
	return s[i] == '\'' && i > 1 && isAlnum(s[i-1]) && isAlnum(s[i-2])
}

var gdbValue = pattern(`^\$\d+ = `)

// goesOn says whether a line can go on with the string of the line before.
func goesOn(s string) bool {
	s = strings.TrimLeft(s, "bBuUrRL$")
	return strings.HasPrefix(s, `"`) || strings.HasPrefix(s, `'`)
}

// joined says whether what stands between two strings makes one of them. gdb has
// commas beside what repeats.
func joined(between string, counted bool) bool {
	between = strings.TrimSpace(between)
	return between == "" || counted && between == "," || strings.HasPrefix(between, "<repeats ") && strings.HasSuffix(between, ">,")
}

var repeated = pattern(`^ <repeats (\d{1,7}) times>`)

// repeats is how often gdb says that what stands before is there, 0 if it does not.
func repeats(s string) int {
	if !strings.HasPrefix(s, " <repeats ") {
		return 0
	}
	m := repeated().FindStringSubmatch(s)
	if m == nil {
		return 0
	}
	n := 0
	for _, c := range m[1] {
		n = 10*n + int(c-'0')
	}
	return min(n, maxRepeats)
}

// maxRepeats is the most that a count is believed: no message has more of one byte.
const maxRepeats = 1 << 16

// maxBack is how many characters before the first escape can be of a message's
// length: the bytes behind are 0.
const maxBack = 2

// bytes decodes a literal of line s.
func (l literal) bytes(s string) []byte {
	if l.open { // what looks like a quote may be the length
		if data := bestOf(s[l.from:]); isWhole(data) {
			return data
		}
	}
	if l.open { // a mail has broken the line
		return bestOf(strings.TrimSuffix(l.text, "="))
	}
	if l.quote != 0 {
		return bestOf(l.text)
	}
	if l.from == 0 { // the end of what began in a line before
		if data := bestOf(s); !isWhole(data) {
			s = strings.TrimRight(s, "\"';,)=")
		}
	}
	var best []byte
	for back := min(maxBack, l.from); back >= 0; back-- {
		if strings.ContainsAny(s[l.from-back:l.from], " \t") {
			continue
		}
		data := bestOf(s[l.from-back:])
		if n := wholeLen(data); n > 0 {
			return data[:n]
		}
		e, ok := beginsMessage(data)
		if !ok || lacks(data, e) == 0 { // of a message that is cut, there may be blanks in it
			word, _, _ := strings.Cut(s[l.from-back:], " ")
			data = bestOf(word)
			e, ok = beginsMessage(data)
		}
		if best == nil || ok && e == binary.LittleEndian || back == 0 && len(data) < hdrLen {
			best = data
		}
	}
	return best
}

// wholeLen is how many bytes of b are whole messages, if it begins with some and not
// another.
func wholeLen(b []byte) int {
	e, ok := beginsMessage(b)
	at := 0
	for ok && len(b)-at >= hdrLen {
		h, fits := parseHeader(b[at:], e)
		if !fits {
			break
		}
		if h.len > len(b)-at {
			return 0
		}
		at = min(len(b), at+align4(h.len))
	}
	return at
}
