package foreign

import "strings"

// run is the hex that a line starts with.
type run struct {
	data   []byte
	group  int  // bytes in a group
	groups int  // how many there are
	odd    bool // a group has a number of digits that is none of bytes
}

// maxGroup is the most digits in a group: xxd -g 8 and the kernel print 16, xxd -g 0
// up to 512.
const maxGroup = 512

// readRun reads groups of hex digits up to the line's end or to the column of
// characters. It returns nothing if there is something else behind them.
func readRun(s string) (r run) {
	digits, pace := 0, 1
	for {
		n := 0
		for n < len(s) && isHex(s[n]) {
			n++
		}
		after := s[n:]
		switch {
		case n == 0 || n > maxGroup || after != "" && !strings.ContainsRune(" \t:-,|>", rune(after[0])):
			return r.upTo(s, false)
		case n == 6 && digits != 8 || n == 3 || n == 11: // od's octal
			if digits == 0 || digits == n {
				r.odd = true
			} else {
				return r.upTo(s, false)
			}
		case n%2 != 0, digits != 0 && n > digits:
			return r.upTo(s, false)
		}
		if digits == 0 {
			digits, r.group = n, n/2
		}
		r.data = append(r.data, pairs(s[:n])...)
		r.groups++
		gap := len(after) - len(strings.TrimLeft(after, " \t"))
		switch {
		case strings.TrimSpace(after) == "" || after == ":" || after == ",":
			return r
		case gap == 0 && (after[0] == ':' || after[0] == '-' || after[0] == ','):
			gap = 1
			if len(after) > 1 && after[1] == ' ' {
				gap = 2
			}
			s = after[gap:]
			continue
		case gap == 0: // hexdump -C without the blanks
			return r.upTo(after, true)
		}
		s = after[gap:]
		if r.groups == 1 && gap == 2 && n == 2 && !isColumn(s, r.data) {
			pace = 2 // od -t x1c has room for characters
		}
		if gap > pace && (isColumn(s, r.data) || gap > 2 || len(r.data) != 8) {
			if isBits(r, digits, s) {
				r.odd = true
			}
			return r.upTo(s, true)
		}
		if n < digits {
			return r.upTo(s, gap > 1)
		}
	}
}

// upTo ends a run at what stands behind. That must be set apart, or be the column
// of characters.
func (r run) upTo(rest string, apart bool) run {
	if apart || isColumn(rest, r.data) || strings.HasPrefix(rest, "|") || strings.HasPrefix(rest, ">") || r.groups >= 8 {
		return r
	}
	return run{}
}

// isBits says whether a run is xxd -b's: binary digits, and a column with one
// character each.
func isBits(r run, digits int, column string) bool {
	for _, b := range r.data {
		if b&^0x11 != 0 {
			return false
		}
	}
	return digits == 8 && len(strings.TrimRight(column, " ")) <= r.groups
}

// maxColumn is how long a column of characters can be: xxd -c goes up to 256.
const maxColumn = 600

// isColumn says whether s shows the same bytes as characters.
func isColumn(s string, data []byte) bool {
	if len(s) > maxColumn {
		return false
	}
	s = strings.TrimRight(s, " ")
	if len(s) > 1 && (s[0] == '|' && s[len(s)-1] == '|' || s[0] == '>' && s[len(s)-1] == '<') {
		s = s[1 : len(s)-1]
	}
	s = strings.ReplaceAll(s, " ", "")
	at := 0
	for _, c := range data {
		switch {
		case c == ' ':
			continue
		case c < ' ' || c > '~':
			c = '.'
		}
		if at >= len(s) || s[at] != c {
			return false
		}
		at++
	}
	return at == len(s) && at > 0
}
