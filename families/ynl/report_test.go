package ynl

import (
	"errors"
	"strings"
	"testing"
)

func TestErrorText(t *testing.T) {
	for _, x := range []struct {
		err  error
		want string
	}{
		{&Error{"a.yaml", 3, 5, "no"}, "a.yaml:3:5: no"},
		{&Error{"a.yaml", 3, 0, "no"}, "a.yaml:3: no"},
		{&Error{"a.yaml", 0, 0, "no"}, "a.yaml: no"},
	} {
		if x.err.Error() != x.want {
			t.Errorf("%q, want %q", x.err, x.want)
		}
	}
	if s := (Warning{"a.yaml", 3, 5, "no"}).String(); s != "a.yaml:3:5: no" {
		t.Errorf("%q", s)
	}
}

// TestErrorType takes the first Error out of several, which is the first of
// the file.
func TestErrorType(t *testing.T) {
	_, _, err := Read("w.yaml", strings.NewReader(`name: fam
attribute-sets:
  - {name: s, attributes: [{name: a, type: nest, nested-attributes: peer2}]}
operations: {list: [{name: x, attribute-set: none, do: {}}]}
definitions: [{name: e, type: nothing}]
`))
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("%T", err)
	}
	if e.File != "w.yaml" || e.Line != 3 || e.Column != 69 || e.Text != `attribute set "peer2" is not defined` {
		t.Errorf("%+v", e)
	}
	if n := strings.Count(err.Error(), "\n"); n != 2 {
		t.Errorf("%d lines:\n%v", n+1, err)
	}
}

func TestMany(t *testing.T) {
	text := genl + "attribute-sets:\n" + strings.Repeat("  - {}\n", 1000) + strings.Repeat("  - {x: 1, name: a}\n", 1000)
	_, warns, err := Read("t.yaml", strings.NewReader(text))
	if n := strings.Count(err.Error(), "\n") + 1; n != maxErrors {
		t.Errorf("%d errors", n)
	}
	if len(warns) != maxWarnings {
		t.Errorf("%d warnings", len(warns))
	}
}

func TestSyntax(t *testing.T) {
	for _, text := range []string{"a: [", "\t", "a: b: c", "- a\nb", "\x00", "a: *none", "%YAML 9\n---\na: b\n"} {
		_, _, err := Read("t.yaml", strings.NewReader(text))
		var e *Error
		if !errors.As(err, &e) || strings.ContainsAny(err.Error(), "\n\x00") {
			t.Errorf("%q: %v", text, err)
		}
	}
}
