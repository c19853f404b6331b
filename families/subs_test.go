package families

import (
	"strings"
	"testing"
)

// TestSubsInSubs: a format may be chosen in two steps, but not without end.
func TestSubsInSubs(t *testing.T) {
	const fine = "sub a\n  1 sub b by x\nsub b\n  1 sub c by y\n  * u8\nsub c\n  1 u8"
	if _, err := parseLines(fine); err != nil {
		t.Error(err)
	}
	for what, text := range map[string]string{
		"round":       "sub a\n  1 sub b by x\nsub b\n  1 sub a by x",
		"a long way":  "sub a\n  1 sub b by x\nsub b\n  1 sub c by x\nsub c\n  1 sub d by x\nsub d\n  1 sub a by x",
		"too deep":    "sub f\n  1 u8\nsub e\n  1 sub f by x\nsub d\n  1 sub e by x\nsub c\n  1 sub d by x\nsub b\n  1 sub c by x\nsub a\n  1 sub b by x",
		"only itself": "sub a\n  * sub a by x",
	} {
		if _, err := parseLines(text); err == nil || !strings.HasSuffix(err.Error(), "a format cannot be a sub itself") {
			t.Errorf("%s: %v", what, err)
		}
	}
}
