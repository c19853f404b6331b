package render_test

import (
	"testing"

	"github.com/nlsniff/nlsniff/flow"
	"github.com/nlsniff/nlsniff/render"
)

// TestRefusalLine: what an errno means is said only where nothing else is known, and
// a conclusion is never taken for the kernel's word.
func TestRefusalLine(t *testing.T) {
	t.Parallel()
	meaning, policy := flow.Cause{Text: "invalid request"}, flow.Cause{Text: "the kernel's policy: u32"}
	sure, likely := flow.Cause{Text: "no \x1b name", Inferred: true}, flow.Cause{Text: "a reason", Inferred: true, Likely: true}
	for want, r := range map[string]render.Refusal{
		"":                           {},
		"invalid request":            {Causes: []flow.Cause{meaning}},
		`"bad" at IFLA_MTU`:          {Words: `"bad" at IFLA_MTU`, Causes: []flow.Cause{policy}},
		"at X of NEWRULE t":          {Words: "at X", About: "NEWRULE t"},
		`inferred: no \x1b name`:     {Causes: []flow.Cause{meaning, sure}},
		"likely: a reason":           {Causes: []flow.Cause{meaning, likely}},
		`"bad" likely: a reason`:     {Words: `"bad"`, Causes: []flow.Cause{likely}},
		"of NEWRULE invalid request": {About: "NEWRULE", Causes: []flow.Cause{meaning}},
	} {
		if got := r.Line(); got != want {
			t.Errorf("%+v: %q, want %q", r, got, want)
		}
	}
}
