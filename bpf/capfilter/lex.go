package capfilter

import "strings"

// tokenKind says what a token is.
type tokenKind uint8

const (
	tokEnd    tokenKind = iota
	tokWord             // a keyword, name, number or pattern
	tokQuoted           // a name in quotes, which is never a keyword
	tokOp               // ( ) , ! && || and comparisons
)

type token struct {
	kind     tokenKind
	text     string
	pos, len int // in the filter, in bytes
}

// operators, the longer ones first.
var operators = []string{"&&", "||", "==", "!=", "<=", ">=", "(", ")", ",", "!", "<", ">", "="}

// lex splits a filter into tokens, the last of which is a tokEnd.
func lex(s string) ([]token, *SyntaxError) {
	var out []token
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			i++
			continue
		case c == '"' || c == '\'':
			n := strings.IndexByte(s[i+1:], c)
			if n < 0 {
				return nil, &SyntaxError{Text: s, Pos: i, Len: 1, Msg: "the quote does not end"}
			}
			out = append(out, token{tokQuoted, s[i+1 : i+1+n], i, n + 2})
			i += n + 2
			continue
		case isWordByte(c):
			n := i
			for n < len(s) && isWordByte(s[n]) {
				n++
			}
			out = append(out, token{tokWord, s[i:n], i, n - i})
			i = n
			continue
		}
		op := ""
		for _, o := range operators {
			if strings.HasPrefix(s[i:], o) {
				op = o
				break
			}
		}
		if op == "" {
			e := &SyntaxError{Text: s, Pos: i, Len: 1, Msg: "unexpected " + quoteRune(s[i:])}
			if c == '&' || c == '|' {
				e.Hint = "and is written and or &&, or is written or or ||"
			}
			return nil, e
		}
		out = append(out, token{tokOp, op, i, len(op)})
		i += len(op)
	}
	return append(out, token{tokEnd, "", len(s), 0}), nil
}

func isWordByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("_-.+*?:/", c) >= 0
}

// quoteRune quotes the first character of s.
func quoteRune(s string) string {
	for _, r := range s {
		return quote(string(r))
	}
	return ""
}
