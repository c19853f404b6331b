package filter

import (
	"testing"
	"time"

	"github.com/nlsniff/nlsniff/families"
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
