package foreign

import (
	"regexp"
	"sync"
)

// pattern is a regular expression that is compiled when something is compared
// with it: most programs never read such a file.
func pattern(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}
