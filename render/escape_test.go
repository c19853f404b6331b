package render

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// hostile are strings that someone may hope to see on a terminal as they are.
var hostile = []string{
	"\x1b[2J\x1b]0;owned\x07",          // clear the screen, set the title
	"\x9b31m\xc2\x9b31m",               // CSI as one byte, and as a C1 code point
	"\x90q\x9c\xc2\x90",                // DCS and ST
	"\r\n\t\v\f\b\x00\x7f",             // move about
	"a\u202eb\u2066c\u2069\u200f",      // reorder
	"a\u200bb\u2060c\ufeffd",           // hide
	"\u2028\u2029\u0085",               // line ends
	"\U000e0041\U000e007f\ufff9\ufffb", // tags, annotations
	"\xff\xfe\xc0\x80\xed\xa0\x80",     // not UTF-8: surrogates, overlong
	"\xe2\x80",                         // cut short
	"\xf4\x90\x80\x80",                 // beyond Unicode
	`"\"\\'` + "`$(id);</script>",      // quotes of other languages
	"plain", "", "ünïcödé 日本語 🦀", "\ufffd",
}

// showable fails unless s can go to a terminal: no control characters, and none
// that change what stands around them.
func showable(t testing.TB, what, s string) {
	t.Helper()
	if !utf8.ValidString(s) {
		t.Errorf("%s: not UTF-8: %q", what, s)
	}
	for _, r := range s {
		if r != '\n' && unicode.In(r, unicode.Cc, unicode.Bidi_Control, unicode.Zl, unicode.Zp) ||
			r >= 0xe0000 && r < 0xe1000 || r == 0xfeff || r == 0x200b || r == 0x2060 {
			t.Errorf("%s: U+%04X in %q", what, r, s)
		}
	}
}

func TestEscape(t *testing.T) {
	for in, want := range map[string]string{
		"\x1b[2J":      `\x1b[2J`,
		"\n\t\x00":     `\x0a\x09\x00`,
		"\x7f\xc2\x9b": `\x7f\xc2\x9b`,
		"\xff":         `\xff`,
		"a\u202eb":     `a\xe2\x80\xaeb`,
		`a\b`:          `a\\b`,
		`a"b`:          `a"b`,
		"日本":           "日本",
		"\ufffd":       "\ufffd",
	} {
		if got := string(appendEscaped(nil, []byte(in), 0)); got != want {
			t.Errorf("%q is shown as %s, want %s", in, got, want)
		}
	}
	if got := string(appendQuoted([]byte("x="), []byte(`a"\`))); got != `x="a\"\\"` {
		t.Errorf("quoted %s", got)
	}
}

func TestHostile(t *testing.T) {
	for _, s := range hostile {
		showable(t, "escaped", string(appendEscaped(nil, []byte(s), 0)))
		showable(t, "quoted", string(appendQuoted(nil, []byte(s))))
		j := appendJSONString(nil, []byte(s))
		showable(t, "JSON", string(j))
		var back string
		if err := json.Unmarshal(j, &back); err != nil {
			t.Errorf("%q makes %s: %v", s, j, err)
			continue
		}
		// What a JSON reader gets is the escaped form, safe to print.
		if want := string(appendEscaped(nil, []byte(s), 0)); back != want {
			t.Errorf("%q is read back as %q, want %q", s, back, want)
		}
		if got := unescape(t, back); got != s {
			t.Errorf("%q cannot be read off: %q", s, got)
		}
	}
}

// unescape is the way back that docs/json.md promises.
func unescape(t *testing.T, s string) string {
	t.Helper()
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] != '\\':
			b.WriteByte(s[i])
		case s[i+1] == 'x':
			hi, lo := strings.IndexByte(hexDigits, s[i+2]), strings.IndexByte(hexDigits, s[i+3])
			b.WriteByte(byte(hi<<4 | lo))
			i += 3
		default:
			b.WriteByte(s[i+1])
			i++
		}
	}
	return b.String()
}

// TestHostileEverywhere puts such strings into every place where a capture can
// have one, and looks at all forms of output.
func TestHostileEverywhere(t *testing.T) {
	db := describe(t, "string", "u8 char", "binary", "u32 ifindex")
	for _, s := range hostile {
		var body []byte
		body = append(body, attribute(1, []byte(s))...)
		for i := range len(s) {
			body = append(body, attribute(2, []byte{s[i]})...)
		}
		body = append(body, attribute(3, []byte(s))...)
		body = append(body, attribute(4, []byte{3, 0, 0, 0})...) // the name of which holds an escape
		ev := decode(db, frameOf(body))
		ev.Comm, ev.PID, ev.Comment = s, 1, s
		for _, p := range printers(Options{Hex: true, Full: true}) {
			out := p.Frame(nil, ev)
			showable(t, "output", string(out))
			if _, ok := p.(*JSON); ok && !json.Valid(out) {
				t.Errorf("not JSON: %s", out)
			}
		}
	}
}

// TestHostileFamily has a generic family with such a name.
func TestHostileFamily(t *testing.T) {
	db := describe(t, "u8")
	for _, s := range append(hostile, "802.15.4 MAC", "16") {
		data := frameOf([]byte{7, 1, 0, 0})
		data[15] = 16 // NETLINK_GENERIC
		data[20] = 99 // nlmsg_type
		ev := withFamily(db, data, 99, s)
		for _, p := range printers(Options{Full: true}) {
			out := p.Frame(nil, ev)
			showable(t, "output", string(out))
			if _, ok := p.(*JSON); ok && !json.Valid(out) {
				t.Errorf("family %q: not JSON: %s", s, out)
			}
		}
	}
}
