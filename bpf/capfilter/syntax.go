package capfilter

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// SyntaxError is a mistake in a filter, and where it is.
type SyntaxError struct {
	Text string // the filter
	Pos  int    // in bytes
	Len  int    // bytes of the word that is wrong
	Msg  string
	Hint string // what to do about it, may be empty
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("capture filter, column %d: %s", e.column(), e.Msg)
}

// column counts characters from 1.
func (e *SyntaxError) column() int { return utf8.RuneCountInString(e.Text[:e.Pos]) + 1 }

// Caret returns the filter and, on a second line, marks under what is wrong.
func (e *SyntaxError) Caret() string {
	clean := func(s string) string {
		return strings.Map(func(r rune) rune {
			if r < ' ' || r == 0x7f {
				return ' '
			}
			return r
		}, s)
	}
	width := max(1, utf8.RuneCountInString(e.Text[e.Pos:min(len(e.Text), e.Pos+e.Len)]))
	return clean(e.Text) + "\n" + strings.Repeat(" ", e.column()-1) + strings.Repeat("^", width)
}
