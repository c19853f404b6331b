package filter

import (
	"strings"
	"unicode/utf8"
)

// Error is a mistake in an expression, with the place where it is.
type Error struct {
	Expr string
	Off  int // in bytes, of the mistake
	Len  int // in bytes, 0 at the end of the expression
	Msg  string
	Hint string // what might have been meant, "" if nothing comes to mind
}

func (e *Error) Error() string { return e.Msg }

// Caret shows the expression with the mistake underlined, as two lines.
func (e *Error) Caret() string {
	off := min(e.Off, len(e.Expr))
	end := min(off+e.Len, len(e.Expr))
	width := max(utf8.RuneCountInString(e.Expr[off:end]), 1)
	line := printable(e.Expr)
	return line + "\n" + strings.Repeat(" ", utf8.RuneCountInString(e.Expr[:off])) + strings.Repeat("^", width)
}

// printable replaces what would move the caret or is not for a terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 || r == utf8.RuneError || r >= 0x2028 && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return '?'
		}
		return r
	}, s)
}
