package families

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestSplit(t *testing.T) {
	for _, c := range []struct {
		in   string
		want []string
	}{
		{"", nil},
		{"   \t ", nil},
		{"# all comment", nil},
		{"a b", []string{"a", "b"}},
		{"  a\tb\r", []string{"a", "b"}},
		{"a # b", []string{"a"}},
		{"a#b c", []string{"a#b", "c"}},
		{`a "b c" d`, []string{"a", "b c", "d"}},
		{`a "" d`, []string{"a", "", "d"}},
		{`a "# no comment" # one`, []string{"a", "# no comment"}},
		{`doc="two words" x`, []string{`doc="two words"`, "x"}},
		{`doc="a" more="b"`, []string{`doc="a"`, `more="b"`}},
		{`"a"b`, []string{"a", "b"}},
		{"größe", []string{"größe"}},
	} {
		got, err := split(nil, c.in)
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%q: %q, %v, want %q", c.in, got, err, c.want)
		}
	}
}

func TestSplitErrors(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{`a "b`, "a quote that does not end"},
		{`a doc="b`, "a quote that does not end"},
		{"a \"b\tc\"", "a tab in quotes"},
		{"a doc=\"b\tc\"", "a tab in quotes"},
		{"a\x00b", `character '\x00' is not printable`},
		{"a \x1b[31m", `character '\x1b' is not printable`},
		{"a # even in a comment \x07", `character '\a' is not printable`},
		{"a\u202eb", `character '\u202e' is not printable`},
		{"\ufefffamily a", `character '\ufeff' is not printable`},
		{"a\u00a0b", `character '\u00a0' is not printable`},
		{"a\xff", "this is not UTF-8"},
	} {
		if got, err := split(nil, c.in); err == nil || err.Error() != c.want {
			t.Errorf("%q: %q, %v, want %s", c.in, got, err, c.want)
		}
	}
}

func TestScan(t *testing.T) {
	blocks, err := (&scratch{}).scan("a.spec", "# head\n\nfamily a\nstruct s # c\n  x u8\n\n\ty u16\n  # none\nattrs t\r\n  1 A u8\r\n")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, b := range blocks {
		got = append(got, fmt.Sprintf("%d %s", b.no, strings.Join(b.words, " ")))
		for _, l := range b.body {
			got = append(got, fmt.Sprintf("  %d %s", l.no, strings.Join(l.words, " ")))
		}
	}
	want := []string{"3 family a", "4 struct s", "  5 x u8", "  7 y u16", "9 attrs t", "  10 1 A u8"}
	if !slices.Equal(got, want) {
		t.Errorf("%q\nwant %q", got, want)
	}
}

func TestScanErrors(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"  a b\nfamily a", "a.spec:1: an indented line before the first block"},
		{"# c\n\n\tx", "a.spec:3: an indented line before the first block"},
		{"family a\nstruct b\n  c \"d", "a.spec:3: a quote that does not end"},
	} {
		if _, err := (&scratch{}).scan("a.spec", c.in); err == nil || err.Error() != c.want {
			t.Errorf("%q: %v, want %s", c.in, err, c.want)
		}
	}
}

func TestUnquote(t *testing.T) {
	for in, want := range map[string]string{`"a b"`: "a b", `""`: "", `"`: `"`, "a": "a", `"a`: `"a`, "": ""} {
		if got := unquote(in); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}
