package render

import (
	"strings"
	"unicode/utf8"
)

// Everything read is hostile: a name that any local user can set must not move
// the cursor or recolour the terminal.

const hexDigits = "0123456789abcdef"

// safe says whether a rune can be shown as it is. Left out are control
// characters, and those that reorder or hide the text around them.
func safe(r rune) bool {
	switch {
	case r < 0x20, r >= 0x7f && r < 0xa0, r == 0xad, r == 0x61c:
		return false
	case r >= 0x200b && r <= 0x200f, r >= 0x2028 && r <= 0x202e, r >= 0x2060 && r <= 0x206f, r == 0xfeff, r >= 0xfff9 && r <= 0xfffb:
		return false
	case r >= 0xe0000 && r <= 0xe0fff:
		return false
	}
	return true
}

// appendEscaped appends s with everything unsafe as \xNN, byte for byte, so
// that what was there can be read off. quote is escaped too, unless it is 0.
func appendEscaped(dst, s []byte, quote byte) []byte {
	for len(s) > 0 {
		if c := s[0]; c < utf8.RuneSelf {
			switch {
			case c < 0x20 || c == 0x7f:
				dst = append(dst, '\\', 'x', hexDigits[c>>4], hexDigits[c&15])
			case c == '\\' || c == quote && quote != 0:
				dst = append(dst, '\\', c)
			default:
				dst = append(dst, c)
			}
			s = s[1:]
			continue
		}
		r, n := utf8.DecodeRune(s)
		if r == utf8.RuneError && n == 1 || !safe(r) {
			for _, c := range s[:n] {
				dst = append(dst, '\\', 'x', hexDigits[c>>4], hexDigits[c&15])
			}
		} else {
			dst = append(dst, s[:n]...)
		}
		s = s[n:]
	}
	return dst
}

// Plain is Escape for text that may be escaped already: backslashes stay as
// they are.
func Plain(s string) string {
	if isPlain(s) {
		return s
	}
	var out []byte
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == '\\' {
			out = append(out, '\\')
		} else {
			out = appendEscaped(out, []byte(s[i:i+n]), 0)
		}
		i += n
	}
	return string(out)
}

func isPlain(s string) bool {
	return utf8.ValidString(s) && strings.IndexFunc(s, func(r rune) bool { return !safe(r) }) < 0
}

// Still returns s with a question mark for each character that Escape would
// escape: no character moves.
func Still(s string) string {
	return strings.Map(func(r rune) rune {
		if !safe(r) {
			return '?'
		}
		return r
	}, s)
}

func appendQuoted(dst, s []byte) []byte {
	dst = append(dst, '"')
	dst = appendEscaped(dst, s, '"')
	return append(dst, '"')
}

// appendJSONString appends a JSON string: the escaped form of s, so that a
// terminal that shows the JSON is as safe as one that shows the text.
func appendJSONString(dst, s []byte) []byte {
	dst = append(dst, '"')
	mark := len(dst)
	dst = appendEscaped(dst, s, 0)
	more := 0 // backslashes
	for _, c := range dst[mark:] {
		if c == '\\' || c == '"' {
			more++
		}
	}
	from := len(dst)
	for range more {
		dst = append(dst, 0)
	}
	for to := len(dst); from < to; { // until those that are left need none
		from, to = from-1, to-1
		dst[to] = dst[from]
		if c := dst[from]; c == '\\' || c == '"' {
			to--
			dst[to] = '\\'
		}
	}
	return append(dst, '"')
}

func appendHex(dst, b []byte) []byte {
	for _, c := range b {
		dst = append(dst, hexDigits[c>>4], hexDigits[c&15])
	}
	return dst
}

// cstring cuts a string at its NUL.
func cstring(b []byte) []byte {
	for i, c := range b {
		if c == 0 {
			return b[:i]
		}
	}
	return b
}
