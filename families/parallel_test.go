package families

import (
	"strings"
	"testing"
)

// rule is a struct with arrays side by side, as audit's.
var rule = []string{
	"enum kind", "  1 ARCH", "  2 KEY",
	"sub value", "  ARCH u32 hex", "  KEY u32 bytes", "  * u32",
	"sub calls", "  7 u32[2] bitmap", "  * u32[2]",
	"struct rule", "  n u32", "  mask sub calls by values/ARCH", "  kinds u32[3] kind used=n", "  values u32[3] used=n as=value/kinds",
	"  len u32", "  buf strings by len cut=values",
}

func TestParallel(t *testing.T) {
	f, err := parseLines(rule...)
	if err != nil {
		t.Fatal(err)
	}
	s := f.Structs["rule"]
	values := &s.Member("values").Type
	if values.Used != s.Member("n") || values.Kinds != s.Member("kinds") || s.Member("buf").Type.Cut != s.Member("values") {
		t.Error("the members are not tied together")
	}
	kind := func(b []byte, _ *Type) uint64 { return uint64(b[0]) }
	b := make([]byte, s.Size)
	b[s.Member("kinds").Off+4] = 2
	for i, want := range []string{"u32", "u32 bytes", "u32"} {
		if got := values.Format(b, i, kind).String(); got != want {
			t.Errorf("element %d is %s, want %s", i, got, want)
		}
	}
	if got := values.Format(b[:4], 1, kind); got != values.Elem {
		t.Errorf("an element that is cut off is %v", got)
	}
}

func TestParallelErrors(t *testing.T) {
	for old, c := range map[string]struct{ line, err string }{
		"  kinds u32[3] kind used=n":            {"  kinds u32[3] kind used=m", "no member of a fixed place fits used=m"},
		"  values u32[3] used=n as=value/kinds": {"  values u32[2] used=n as=value/kinds", "no such member before it fits as=value/kinds"},
		"  buf strings by len cut=values":       {"  buf string by len cut=values", "buf: unexpected cut"},
		"  len u32":                             {"  len u32 used=n", "len: unexpected used"},
		"  ARCH u32 hex":                        {"  ARCH u16 hex", "a format of value is not as long as an element"},
		"  n u32":                               {"  n string", "no such member before it fits as=value/kinds"},
	} {
		lines := append([]string(nil), rule...)
		for i := range lines {
			if lines[i] == old {
				lines[i] = c.line
			}
		}
		if _, err := parseLines(lines...); err == nil || !strings.Contains(err.Error(), c.err) {
			t.Errorf("%s: %v, want %q", c.line, err, c.err)
		}
	}
	// A number behind the room, but not behind what has no fixed size.
	if _, err := parseLines("struct s", "  a u32[2] used=n", "  n u8"); err != nil {
		t.Error(err)
	}
	if _, err := parseLines("struct s", "  a u32[2] used=n", "  l u8", "  b binary by l", "  n u8"); err == nil || !strings.Contains(err.Error(), "no member of a fixed place fits used=n") {
		t.Errorf("behind what varies: %v", err)
	}
	if _, err := parseLines("attrs a", "  1 A u32[3] used=n"); err == nil || !strings.Contains(err.Error(), "used is for the members of a struct") {
		t.Errorf("an attribute: %v", err)
	}
	if _, err := parseLines("struct s", "  n u32", "  a u32[2] as=b"); err == nil || !strings.Contains(err.Error(), "want: as=SUB/MEMBER") {
		t.Errorf("no member: %v", err)
	}
}
