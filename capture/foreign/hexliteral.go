package foreign

import (
	"bytes"
	"strconv"
	"strings"
)

// readArray reads the bytes in a line of an array: 0x30, 0x00, … They may be words of
// 2, 4 or 8, as gdb's x/8xw has them.
func readArray(s string, before *block) hexLine {
	s = s[len(gdbAddress().FindString(s)):]
	if from := strings.Index(s, "/*"); from >= 0 && strings.HasSuffix(s, "*/") && !strings.Contains(s, "*/ 0x") {
		s = s[:from] // of characters, which may be */ too
	}
	s = comment().ReplaceAllString(s, "")
	if at := strings.LastIndexByte(s, '{'); at >= 0 {
		s = s[at:]
	}
	found := arrayWord().FindAllStringSubmatchIndex(s, -1)
	if len(found) == 0 {
		return hexLine{}
	}
	// Code has numbers too, but then something else beside them. A log has words
	// before.
	from := found[0][0]
	if len(found) < leastDecimals {
		from = 0
	}
	rest := strings.ReplaceAll(arrayWord().ReplaceAllString(s[from:], ""), "(byte)", "")
	if strings.Trim(rest, " \t,;{}[]()'\"") != "" {
		return hexLine{}
	}
	l := hexLine{kind: kindArray, last: strings.ContainsAny(s, "}])"), group: wordSize(s, found)}
	if before.kind == kindArray && before.group > l.group {
		l.group = before.group
	}
	for _, m := range found {
		word := s[m[2]:m[3]]
		if l.group == 1 {
			word = ("0" + word)[len(word)-1:]
		} else {
			word = strings.Repeat("0", 2*l.group-len(word)) + word
		}
		data := pairs(word)
		if n := repeats(s[m[3]:]); n > 0 && len(l.data)+n*len(data) <= maxBlock {
			data = bytes.Repeat(data, n)
		}
		l.data = append(l.data, data...)
	}
	return l
}

// wordSize is how many bytes the words of a line have: gdb writes all their digits, C
// those that count.
func wordSize(s string, found [][]int) int {
	least, most := 16, 0
	for _, m := range found {
		n := m[3] - m[2]
		least, most = min(least, n), max(most, n)
	}
	switch {
	case most <= 2:
		return 1
	case most == 4 && least == 4:
		return 2
	case most <= 8:
		return 4
	}
	return 8
}

// quotedCharacter is what gdb's x/64ub has behind a number.
var quotedCharacter = pattern(`'(?:\\.[^']*|[^'])'`)

// readExamined reads a line of gdb's x with numbers that are not hex: decimal, or octal,
// which one with a zero in front tells.
func readExamined(s string) hexLine {
	head := gdbAddress().FindString(s)
	at := len(head)
	if !strings.HasSuffix(head, "\t") && !strings.Contains(head, ">") || strings.Contains(s[at:], "0x") {
		return hexLine{} // of another tool, or hex
	}
	words := strings.Fields(quotedCharacter().ReplaceAllString(s[at:], ""))
	base := 10
	for _, w := range words {
		if len(w) > 1 && w[0] == '0' {
			base = 8
		}
	}
	l := hexLine{kind: kindDecimal}
	for _, w := range words {
		n, err := strconv.ParseInt(w, base, 64)
		switch {
		case err != nil:
			return hexLine{}
		case n < -128 || n > 255:
			return hexLine{kind: kindWords}
		}
		l.data = append(l.data, byte(n))
	}
	return l
}

// leastDecimals is how many numbers a line must have to begin an array.
const leastDecimals = 4

// readDecimals reads the bytes in a line of an array of decimal numbers, as Go's %v,
// Python's list() and Java's signed bytes have them: [48 0 0 0 …], 48, 0, 0, 0,
func readDecimals(s string) hexLine {
	if strings.ContainsAny(s, "/#") {
		s = comment().ReplaceAllString(s, "")
	}
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
