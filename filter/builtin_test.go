package filter

import (
	"testing"
	"time"

	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/flow"
)

// TestBuiltins holds the fields' descriptions to what loads them, and every
// other name to a field that is there.
func TestBuiltins(t *testing.T) {
	env := NewEnv(families.Embedded(), time.UTC)
	for name := range env.builtins() {
		if builtins[name].load == nil {
			t.Errorf("nothing loads %s", name)
		}
	}
	for name := range builtins {
		if env.builtins()[name] == nil {
			t.Errorf("%s is not described", name)
		}
	}
	for name, to := range aliases {
		if env.resolve(name, false) == nil {
			t.Errorf("%s stands for %s, which is not there", name, to)
		}
	}
}

// TestExchangeNames holds our names of states and roles to those of package
// flow.
func TestExchangeNames(t *testing.T) {
	env := NewEnv(families.Embedded(), time.UTC)
	for i, name := range flow.States() {
		if got := env.builtins()["exchange.state"].Type.Enum.ValueName(uint64(i)); got != name {
			t.Errorf("state %d is %s, not %s", i, name, got)
		}
	}
	for r := flow.Request; r <= flow.Copy; r++ {
		if got := env.builtins()["exchange.role"].Type.Enum.ValueName(uint64(r)); got != r.String() {
			t.Errorf("role %d is %s, not %s", r, r, got)
		}
	}
}
