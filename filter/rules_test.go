package filter

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/nlsniff/nlsniff/families"
)

func TestParseStyle(t *testing.T) {
	for _, c := range []struct{ in, sgr, err string }{
		{"none", "", ""},
		{"bold red", "\x1b[1;31m", ""},
		{"red bold on bright-white", "\x1b[1;31;107m", ""},
		{"dim italic underline reverse", "\x1b[2;3;4;7m", ""},
		{"208 on #000040", "\x1b[38;5;208;48;2;0;0;64m", ""},
		{"on blue", "\x1b[44m", ""},
		{"", "", "no style; bold red on black is one"},
		{"pink", "", "pink is no style and no colour"},
		{"red on", "", "no colour behind on"},
		{"256", "", "256 is no style and no colour"},
		{"#12345", "", "#12345 is no style and no colour"},
	} {
		s, err := ParseStyle(c.in)
		if (err == nil) != (c.err == "") || err != nil && err.Error() != c.err {
			t.Errorf("%q: error %v, want %q", c.in, err, c.err)
			continue
		}
		if err == nil && s.SGR() != c.sgr {
			t.Errorf("%q: %q, want %q", c.in, s.SGR(), c.sgr)
		}
	}
}

// FuzzRules holds that a mistake in rules is reported with a line that is
// there.
func FuzzRules(f *testing.F) {
	env := NewEnv(families.Embedded(), time.UTC)
	env.everything()
	f.Add(DefaultRules)
	f.Add("red: error\n\n# x\nbold on #ffffff: pid == 5\n")
	f.Add("red error")
	f.Fuzz(func(t *testing.T, text string) {
		_, err := ParseRules(text, env)
		var e *RuleError
		if err != nil && (!errors.As(err, &e) || e.Line < 1 || e.Line > strings.Count(text, "\n")+1) {
			t.Fatalf("%v", err)
		}
	})
}

// FuzzComplete holds that candidates stand where the cursor is.
func FuzzComplete(f *testing.F) {
	env := NewEnv(families.Embedded(), time.UTC)
	env.everything()
	for _, s := range []string{"IFLA_", "type == RTM", "a in {1, ", "rt-link.linkinfo.", "len(", `x == "`, "a & b|"} {
		f.Add(s, len(s))
	}
	f.Fuzz(func(t *testing.T, expr string, cursor int) {
		for _, c := range Complete(expr, cursor, env) {
			at := min(max(cursor, 0), len(expr))
			if c.From < 0 || c.From > at || c.To < at || c.To > len(expr) {
				t.Fatalf("%q at %d: %q goes to %d…%d", expr, cursor, c.Text, c.From, c.To)
			}
		}
	})
}
