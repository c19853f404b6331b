//go:build linux && (amd64 || arm64)

package main

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestLauncherComesFirst: a traced command's launcher is this program, and does
// its work before what is large in it is initialised.
func TestLauncherComesFirst(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(self, "-test.run=^$")
	c.Env = append(os.Environ(), "GODEBUG=inittrace=1")
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	launcher := strings.Index(string(out), "init github.com/nlsniff/nlsniff/capture/trace/launcher ")
	large := strings.Index(string(out), "init github.com/nlsniff/nlsniff/tui ")
	if launcher < 0 || large < 0 || launcher > large {
		t.Errorf("the launcher's is at %d, the interface's at %d:\n%s", launcher, large, out)
	}
}
