package tui

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/nlsniff/nlsniff/render"
)

// width is how many cells a string takes. It has been escaped, so it holds no
// control characters.
func width(s string) int {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return ansi.StringWidth(s)
		}
	}
	return len(s)
}

// cut shortens a string to so many cells; an ellipsis says that it did.
func cut(s string, cells int, ellipsis string) string {
	if cells <= 0 {
		return ""
	}
	s = clip(s, cells)
	if width(s) <= cells {
		return s
	}
	return ansi.Truncate(s, cells, ellipsis)
}

// clip drops what lies so far behind that nothing of it can be seen. A cluster
// of more bytes than a name has would be one without an end.
func clip(s string, cells int) string {
	if most := 8*max(cells, 0) + 64; len(s) > most {
		s = strings.ToValidUTF8(s[:most], "")
	}
	return s
}

// skip leaves out the first cells of a string.
func skip(s string, cells int) string {
	if cells <= 0 {
		return s
	}
	if cells >= width(s) {
		return ""
	}
	return ansi.TruncateLeft(s, cells, "")
}

// line builds one line of the screen, so many cells wide and never more.
type line struct {
	b    strings.Builder
	th   *theme
	gl   *glyphs
	w    int   // cells used
	max  int   // cells there are
	over style // if not stText, the style of everything: the line of a cursor
	// paint, if not empty, is the escape sequence of what has no colour that
	// means something.
	paint string
}

func (m *Model) line(max int) *line { return &line{th: &m.th, gl: &m.gl, max: max} }

// put appends text in a style, cut to the room that is left. It is the one way
// to the screen, so what is not escaped by then is escaped here.
func (l *line) put(st style, s string) {
	left := l.max - l.w
	if left <= 0 || s == "" {
		return
	}
	if l.gl.ascii {
		s = inASCII(s)
	}
	s = cut(render.Plain(clip(s, left)), left, l.gl.more)
	if l.over != stText {
		st = l.over
	}
	on, off := l.th.on[st], l.th.off[st]
	if l.paint != "" && l.over == stText && (st == stText || st == stOp) {
		on, off = l.paint, "\x1b[0m"
	}
	l.b.WriteString(on)
	l.b.WriteString(s)
	l.b.WriteString(off)
	l.w += width(s)
}

// inASCII replaces what a terminal without UTF-8 cannot show.
func inASCII(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r < 0x80:
			return r
		case r == '…':
			return '~'
		case r == '→':
			return '>'
		case r == '←':
			return '<'
		case r == '↑':
			return '^'
		case r == '↓':
			return 'v'
		}
		return '?'
	}, s)
}

// field appends text in exactly so many cells.
func (l *line) field(st style, s string, cells int) {
	end := min(l.w+cells, l.max)
	l.put(st, cut(s, cells, l.gl.more))
	l.to(st, end)
}

// right appends text at the right edge of so many cells.
func (l *line) right(st style, s string, cells int) {
	s = cut(s, cells, l.gl.more)
	l.put(st, spaces(cells-width(s)))
	l.put(st, s)
}

// to fills up with blanks to a column.
func (l *line) to(st style, col int) {
	if n := min(col, l.max) - l.w; n > 0 {
		l.put(st, spaces(n))
	}
}

// end fills the line and returns it.
func (l *line) end() string {
	l.to(stText, l.max)
	return l.b.String()
}

// repeat puts a sign of one cell again and again, up to a column.
func (l *line) repeat(st style, sign string, col int) {
	if n := min(col, l.max) - l.w; n > 0 {
		l.put(st, strings.Repeat(sign, n))
	}
}

const blanks = "                                                                                                    "

func spaces(n int) string {
	if n <= 0 {
		return ""
	}
	if n <= len(blanks) {
		return blanks[:n]
	}
	return strings.Repeat(" ", n)
}
