package families_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/families"
)

// TestNamesAreNoNumbers: what is left of a name without its prefix is shown for a
// flag and typed for any value; it must not be taken for a number.
func TestNamesAreNoNumbers(t *testing.T) {
	number := regexp.MustCompile(`^(0x[0-9a-fA-F]+|[0-9.+-]+)$`)
	all, err := families.Embedded().LoadAll()
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, f := range all {
		for _, e := range f.Enums {
			for i := range e.Entries {
				x := &e.Entries[i]
				n++
				shown := x.Name
				if e.Kind == families.EnumFlags {
					shown = strings.TrimPrefix(x.Name, e.Prefix)
				}
				if number.MatchString(shown) {
					t.Errorf("%s: %s of %s is shown as %s", f.Name, x.Name, e.Name, shown)
				}
			}
		}
	}
	if n < 5000 {
		t.Errorf("only %d names", n)
	}
}
