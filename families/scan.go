package families

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// line is one line of a description file, cut into words.
type line struct {
	no       int
	indented bool
	words    []string
}

// block is a line at the margin with the indented lines under it.
type block struct {
	line
	body []line
}

// SpecError is a mistake in a description: what, and where.
type SpecError struct {
	File string
	Line int // from 1
	Text string
}

func (e *SpecError) Error() string { return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Text) }

// scratch is what the blocks of a description lie in while it is read: a file
// has thousands of lines of a few words.
type scratch struct {
	blocks []block
	lines  []line
	words  []string
}

// forget makes room for another description.
func (s *scratch) forget() {
	clear(s.blocks)
	clear(s.lines)
	clear(s.words[:cap(s.words)])
	s.blocks, s.lines, s.words = s.blocks[:0], s.lines[:0], s.words[:0]
}

// scan cuts a description into blocks, which last until the scratch is used
// again. A word in double quotes may hold blanks; # starts a comment where a word
// could start.
func (s *scratch) scan(file, text string) ([]block, error) {
	blocks, pool := s.blocks, s.words
	lines := slices.Grow(s.lines, strings.Count(text, "\n")+1)
	no := 0
	for len(text) > 0 {
		var l string
		l, text, _ = strings.Cut(text, "\n")
		no++
		if cap(pool)-len(pool) < 32 {
			pool = make([]string, 0, max(1024, 2*cap(pool)))
		}
		words, err := split(pool[len(pool):], l)
		if err != nil {
			return nil, &SpecError{file, no, err.Error()}
		}
		if len(words) == 0 {
			continue
		}
		if len(words) <= cap(pool)-len(pool) {
			pool = pool[:len(pool)+len(words)]
		}
		words = words[:len(words):len(words)]
		ln := line{no: no, indented: l[0] == ' ' || l[0] == '\t', words: words}
		switch {
		case !ln.indented:
			blocks = append(blocks, block{line: ln})
		case len(blocks) == 0:
			return nil, &SpecError{file, no, "an indented line before the first block"}
		default:
			lines = append(lines, ln)
			b := &blocks[len(blocks)-1]
			first := len(lines) - 1 - len(b.body)
			b.body = lines[first:len(lines):len(lines)]
		}
	}
	s.blocks, s.lines, s.words = blocks, lines, pool
	return blocks, nil
}

// split appends the words of a line.
func split(words []string, s string) ([]string, error) {
	if err := printable(s); err != nil {
		return nil, err
	}
	for i := 0; i < len(s); {
		switch c := s[i]; {
		case c == ' ' || c == '\t' || c == '\r':
			i++
		case c == '#':
			return words, nil
		case c == '"':
			end, err := quote(s[i+1:])
			if err != nil {
				return nil, err
			}
			words = append(words, s[i+1:i+1+end])
			i += end + 2
		default:
			end := i
			for end < len(s) && s[end] != ' ' && s[end] != '\t' && s[end] != '\r' {
				if s[end] == '"' { // name="quoted value"
					n, err := quote(s[end+1:])
					if err != nil {
						return nil, err
					}
					end += n + 1
				}
				end++
			}
			words = append(words, s[i:end])
			i = end
		}
	}
	return words, nil
}

// printable checks a line, whose words go to terminals as they are.
func printable[T string | []byte](text T) error {
	for i := 0; i < len(text); i++ {
		if c := text[i]; c < ' ' && c != '\t' && c != '\r' || c > '~' {
			s := string(text[i:])
			if !utf8.ValidString(s) {
				return errors.New("this is not UTF-8")
			}
			for _, r := range s {
				if r != '\t' && r != '\r' && !unicode.IsPrint(r) {
					return fmt.Errorf("character %q is not printable", r)
				}
			}
			return nil
		}
	}
	return nil
}

// quote returns where a quoted text ends.
func quote(s string) (int, error) {
	n := strings.IndexByte(s, '"')
	switch {
	case n < 0:
		return 0, errors.New("a quote that does not end")
	case strings.ContainsAny(s[:n], "\t\r"):
		return 0, errors.New("a tab in quotes")
	}
	return n, nil
}

// unquote removes the quotes from the value of a name="value" word.
func unquote(s string) string {
	if len(s) >= 2 && s[0] == '"' && s[len(s)-1] == '"' {
		return s[1 : len(s)-1]
	}
	return s
}
