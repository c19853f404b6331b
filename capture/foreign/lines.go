package foreign

import (
	"bufio"
	"io"
	"strings"
	"unicode/utf8"
)

// maxLine is how many bytes of a line are kept.
const maxLine = 1 << 20

// lines reads a text line by line.
type lines struct {
	in   *bufio.Reader
	at   int64 // offset of the line that next returned
	next int64
	lost int64 // bytes of it beyond maxLine
	buf  []byte
}

func newLines(in io.Reader) *lines { return &lines{in: bufio.NewReaderSize(in, 64<<10)} }

// line returns the next line without its end. It stays valid until the next call.
func (l *lines) line() (string, error) {
	l.at, l.lost, l.buf = l.next, 0, l.buf[:0]
	for {
		part, err := l.in.ReadSlice('\n')
		l.next += int64(len(part))
		room := min(len(part), maxLine-len(l.buf))
		l.buf = append(l.buf, part[:room]...)
		l.lost += int64(len(part) - room)
		if err == bufio.ErrBufferFull {
			continue
		}
		if err != nil && (err != io.EOF || len(l.buf) == 0) {
			return "", err
		}
		return strings.TrimRight(string(l.buf), "\r\n"), nil
	}
}

// isText says whether bytes can be those of a text; a rune may be cut at the end.
func isText(b []byte) bool {
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n == 1 && utf8.FullRune(b) || r < ' ' && !strings.ContainsRune("\n\r\t\f\x1b\b", r) {
			return false
		}
		b = b[n:]
	}
	return true
}

// eachLine calls fn for the lines of a text's beginning, without a last one that
// may go on, until it returns false.
func eachLine(head []byte, ended bool, fn func(string) bool) {
	text := string(head)
	for text != "" {
		line, rest, found := strings.Cut(text, "\n")
		if !found && !ended {
			return
		}
		if !fn(strings.TrimRight(line, "\r")) {
			return
		}
		text = rest
	}
}

// unquote takes the marks of a quoted mail from a line.
func unquote(line string) string {
	for strings.HasPrefix(line, ">") {
		line = strings.TrimPrefix(line[1:], " ")
	}
	return line
}
