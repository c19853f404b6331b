package foreign

import (
	"strings"
	"unicode/utf8"
)

// style is how escapes are understood.
type style struct {
	nul   bool // \0 has no further digits, as in Rust
	latin bool // \u00e9, and é itself, are one byte, as in JSON
	ten   bool // \60 is decimal, as in Lua and Haskell
}

// bestOf decodes a string in the style in which it is a whole message, if there is one.
func bestOf(s string) []byte {
	plain := style{latin: hasEscape(s, 'u') && !hasEscape(s, 'x')}
	first := decode(s, plain)
	if isWhole(first) || !strings.Contains(s, `\0`) {
		return first
	}
	for _, how := range []style{{nul: true, latin: plain.latin}, {ten: true}} {
		if data := decode(s, how); isWhole(data) {
			return data
		}
	}
	return first
}

// hasEscape says whether a string has a backslash with c behind it.
func hasEscape(s string, c byte) bool {
	for i := 0; i+1 < len(s); i++ {
		if s[i] == '\\' {
			if i++; s[i] == c {
				return true
			}
		}
	}
	return false
}

func decode(s string, how style) []byte {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); {
		if s[i] == '\\' && i+1 < len(s) {
			var n int
			out, n = escape(out, s[i+1:], how)
			i += 1 + n
			continue
		}
		if s[i] == '\\' {
			break // the line goes on
		}
		if how.latin && s[i] >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			if r < 0x100 {
				out = append(out, byte(r))
			} else {
				out = append(out, s[i:i+n]...)
			}
			i += n
			continue
		}
		out = append(out, s[i])
		i++
	}
	return out
}

// escapes are the short ones of C.
var escapes = map[byte]byte{'n': '\n', 't': '\t', 'r': '\r', 'a': 7, 'b': 8, 'f': 12, 'v': 11, 'e': 27, '\\': '\\', '"': '"', '\'': '\'', '?': '?', '/': '/'}

// escape appends what a backslash with s behind it stands for, and returns how much
// of s that was. One \x is two digits.
func escape(out []byte, s string, how style) ([]byte, int) {
	switch {
	case s[0] == 'x' && len(s) >= 3 && isHex(s[1]) && isHex(s[2]):
		return append(out, pairs(s[1:3])...), 3
	case s[0] == 'u' && len(s) >= 5 && isHex(s[1]) && isHex(s[2]) && isHex(s[3]) && isHex(s[4]):
		d := pairs(s[1:5])
		if how.latin && d[0] == 0 {
			return append(out, d[1]), 5
		}
		return utf8.AppendRune(out, rune(d[0])<<8|rune(d[1])), 5
	case s[0] == '0' && how.nul:
		return append(out, 0), 1
	case s[0] >= '0' && s[0] <= '7' || how.ten && s[0] >= '8' && s[0] <= '9':
		base, n, v := byte(8), 0, 0
		if how.ten {
			base = 10
		}
		for n < 3 && n < len(s) && s[n] >= '0' && s[n] < '0'+base {
			v = v*int(base) + int(s[n]-'0')
			n++
		}
		return append(out, byte(v)), n
	}
	if c, ok := escapes[s[0]]; ok {
		return append(out, c), 1
	}
	return append(out, '\\', s[0]), 1
}

// isReplaced says whether a string had bytes that some program replaced, as they are no
// UTF-8: what they were is gone.
func isReplaced(s string) bool {
	return strings.Contains(s, `\u0000`) && (strings.Contains(s, `\ufffd`) || strings.ContainsRune(s, utf8.RuneError))
}
