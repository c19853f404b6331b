package filter

import "strings"

// kind is what a token is.
type kind uint8

const (
	tEnd kind = iota
	tWord
	tString // in quotes; text is what they hold
	tLParen
	tRParen
	tLBrace
	tRBrace
	tLBracket
	tRBracket
	tComma
	tRange // ..
	tBitAnd
	tBitOr
	tAnd
	tOr
	tXor
	tNot
	tEq
	tNe
	tAllEq
	tAnyNe
	tGt
	tLt
	tGe
	tLe
	tContains
	tMatches
	tIn
	tAny
	tAll
)

type token struct {
	kind     kind
	off, end int // in bytes of the expression
	text     string
}

// words are the operators that are spelled out.
var words = map[string]kind{
	"and": tAnd, "or": tOr, "xor": tXor, "not": tNot, "eq": tEq, "any_eq": tEq, "ne": tNe, "all_ne": tNe,
	"all_eq": tAllEq, "any_ne": tAnyNe, "gt": tGt, "lt": tLt, "ge": tGe, "le": tLe, "contains": tContains,
	"matches": tMatches, "in": tIn, "any": tAny, "all": tAll, "bitwise_and": tBitAnd,
}

// signs are the operators that are not, longer ones first.
var signs = []struct {
	text string
	kind kind
}{
	{"===", tAllEq}, {"!==", tAnyNe}, {"==", tEq}, {"!=", tNe}, {">=", tGe}, {"<=", tLe}, {"&&", tAnd}, {"||", tOr},
	{"^^", tXor}, {"~=", tAnyNe}, {"..", tRange}, {">", tGt}, {"<", tLt}, {"!", tNot}, {"~", tMatches}, {"&", tBitAnd},
	{"|", tBitOr}, {"(", tLParen}, {")", tRParen}, {"{", tLBrace}, {"}", tRBrace}, {"[", tLBracket}, {"]", tRBracket},
	{",", tComma},
}

// spelling is how an operator is printed.
var spelling = map[kind]string{
	tEq: "==", tNe: "!=", tAllEq: "===", tAnyNe: "!==", tGt: ">", tLt: "<", tGe: ">=", tLe: "<=",
	tContains: "contains", tMatches: "matches", tAnd: "and", tOr: "or", tXor: "xor", tBitAnd: "&", tAny: "any", tAll: "all",
}

// isWord says whether c can stand in a word: a field, a number, an address, a
// time.
func isWord(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("_.-/:+%", c) >= 0 || c >= 0x80
}

// lex splits an expression. Words end before "..", which is a range.
func lex(expr string) ([]token, *Error) {
	var out []token
	for i := 0; i < len(expr); {
		c := expr[i]
		if c == ' ' || c == '\t' || c == '\n' || c == '\r' {
			i++
			continue
		}
		if c == '"' || c == '\'' || c == 'r' && i+1 < len(expr) && expr[i+1] == '"' {
			t, err := lexString(expr, i)
			if err != nil {
				return out, err
			}
			out = append(out, t)
			i = t.end
			continue
		}
		if t, ok := lexSign(expr, i); ok {
			out = append(out, t)
			i = t.end
			continue
		}
		end := i
		for end < len(expr) && isWord(expr[end]) && !strings.HasPrefix(expr[end:], "..") {
			end++
		}
		if end == i {
			return out, strayCharacter(expr, i)
		}
		t := token{kind: tWord, off: i, end: end, text: expr[i:end]}
		if k, ok := words[strings.ToLower(t.text)]; ok {
			t.kind = k
		}
		out = append(out, t)
		i = end
	}
	return append(out, token{kind: tEnd, off: len(expr), end: len(expr)}), nil
}

func lexSign(expr string, i int) (token, bool) {
	for _, s := range signs {
		if strings.HasPrefix(expr[i:], s.text) {
			return token{kind: s.kind, off: i, end: i + len(s.text), text: s.text}, true
		}
	}
	return token{}, false
}

// lexString reads a string: "…" and '…' with escapes, r"…" without.
func lexString(expr string, i int) (token, *Error) {
	start := i
	raw := expr[i] == 'r'
	if raw {
		i++
	}
	quote := expr[i]
	var b strings.Builder
	for i++; i < len(expr); i++ {
		c := expr[i]
		switch {
		case c == quote:
			return token{kind: tString, off: start, end: i + 1, text: b.String()}, nil
		case c == '\\' && i+1 < len(expr):
			n := 1
			if raw {
				b.WriteByte(c)
				b.WriteByte(expr[i+1])
			} else {
				n = unescape(&b, expr[i+1:])
			}
			i += n
		default:
			b.WriteByte(c)
		}
	}
	return token{}, &Error{expr, start, len(expr) - start, "a string without its closing " + string(quote), ""}
}

// unescape appends what stands for the escape that s starts with, and returns
// how many bytes it has. An unknown one stays as it is, for regular
// expressions.
func unescape(b *strings.Builder, s string) int {
	if i := strings.IndexByte(`abfnrtv\"'`, s[0]); i >= 0 {
		b.WriteByte("\a\b\f\n\r\t\v\\\"'"[i])
		return 1
	}
	if s[0] == 'x' && len(s) >= 3 {
		hi, lo := hexDigit(s[1]), hexDigit(s[2])
		if hi >= 0 && lo >= 0 {
			b.WriteByte(byte(hi<<4 | lo))
			return 3
		}
	}
	if s[0] >= '0' && s[0] <= '7' {
		v, n := 0, 0
		for n < 3 && n < len(s) && s[n] >= '0' && s[n] <= '7' && v*8+int(s[n]-'0') < 256 {
			v, n = v*8+int(s[n]-'0'), n+1
		}
		b.WriteByte(byte(v))
		return n
	}
	b.WriteByte('\\')
	b.WriteByte(s[0])
	return 1
}

func hexDigit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// strayCharacter explains a character that begins nothing, by what it means
// elsewhere.
func strayCharacter(expr string, i int) *Error {
	c := string([]rune(expr[i:])[:1])
	hint := map[string]string{"=": "== compares", ";": "and, or and not join tests"}[c]
	return &Error{expr, i, 1, "unexpected character " + printable(c), hint}
}
