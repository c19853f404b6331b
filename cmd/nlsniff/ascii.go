package main

import (
	"io"
	"unicode/utf8"
)

// textOutput is where text goes: a terminal that cannot show more than ASCII gets
// no more. What goes into a file or a pipe is the same everywhere.
func textOutput(out io.Writer, f *readFlags) io.Writer {
	if f.format != "text" || !isTerminal(out) || utf8Terminal() {
		return out
	}
	return &asciiWriter{w: out}
}

// asciiWriter replaces signs that are not in ASCII, one by one, so that columns stay
// where they are.
type asciiWriter struct {
	w    io.Writer
	buf  []byte
	rest []byte // the start of a character that was not whole yet
}

var asciiSigns = map[rune]byte{
	'→': '>', '←': '<', '↔': '=', '✓': '+', '✗': 'x', '◀': '<', '▶': '>', '│': '|', '─': '-', '…': '~', '≠': '!',
	'├': '|', '└': '`', '█': '#',
}

func (a *asciiWriter) Write(p []byte) (int, error) {
	b := append(a.rest, p...)
	a.buf = a.buf[:0]
	for len(b) > 0 && (utf8.FullRune(b) || len(b) >= utf8.UTFMax) {
		r, n := utf8.DecodeRune(b)
		c, known := asciiSigns[r]
		switch {
		case r < utf8.RuneSelf:
			c = byte(r)
		case !known:
			c = '?'
		}
		a.buf = append(a.buf, c)
		b = b[n:]
	}
	a.rest = append([]byte(nil), b...)
	if _, err := a.w.Write(a.buf); err != nil {
		return 0, err
	}
	return len(p), nil
}
