package filter_test

import (
	"slices"
	"testing"
	"time"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/filter"
	"github.com/nlsniff/nlsniff/flow"
)

// TestEveryFinding: finding takes every code that there is, and asks the exchange
// for those that only exchanges have.
func TestEveryFinding(t *testing.T) {
	env := filter.NewEnv(families.Embedded(), time.UTC)
	for _, code := range slices.Concat(dissect.Codes(), flow.Codes()) {
		for _, expr := range []string{
			`finding == "` + code + `"`, `"` + code + `" == finding`, `finding != "` + code + `"`,
			`finding in {"attr.size", "` + code + `"}`, `finding not in {"` + code + `"}`, `finding contains "` + code + `"`, `finding matches "^` + code + `$"`,
		} {
			f, err := filter.Compile(expr, env)
			if err != nil {
				t.Fatalf("%s: %v", expr, err)
			}
			if got := f.Needs() == filter.NeedExchange; got != slices.Contains(flow.Codes(), code) {
				t.Errorf("%s asks exchanges: %v", expr, got)
			}
		}
	}
}
