// Package need says what a test cannot do without: a compiler, a program, a
// folder. Where it is missing the test is skipped, with the reason; on the
// machines that have to have everything NLSNIFF_REQUIRE=1 makes that a
// failure, so that no check goes missing unnoticed.
package need

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Need skips the test, or fails it where everything is required, unless ok.
func Need(t testing.TB, ok bool, reason string) {
	t.Helper()
	switch {
	case ok:
	case os.Getenv("NLSNIFF_REQUIRE") == "1":
		t.Fatalf("NLSNIFF_REQUIRE=1, but %s", reason)
	default:
		t.Skip(reason)
	}
}

// slow are the programs that take so long that -short leaves them out.
var slow = map[string]bool{"tshark": true}

// Tool returns the path of a program.
func Tool(t testing.TB, name string) string {
	t.Helper()
	if testing.Short() && slow[name] {
		t.Skip("-short leaves out comparisons with " + name)
	}
	path, err := exec.LookPath(name)
	Need(t, err == nil, name+" is not installed")
	return path
}

// KernelSource returns a folder of the kernel's source, of which .ci/newest-kernel
// unpacks what is compared with.
func KernelSource(t testing.TB, dir string) string {
	t.Helper()
	found, _ := filepath.Glob(filepath.Join("/usr/src/linux-*", dir))
	Need(t, len(found) > 0, dir+" of a kernel's source is not under /usr/src (.ci/newest-kernel)")
	return found[len(found)-1]
}
