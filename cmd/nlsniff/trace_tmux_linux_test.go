//go:build amd64 || arm64

package main

import (
	"testing"

	"github.com/nlsniff/nlsniff/internal/need"
)

// TestTraceJobControl: a command and its tracer are one job. Ctrl-Z stops both,
// fg goes on with both, and Ctrl-C ends both with the exit code that the shell
// knows; a command that catches Ctrl-C decides itself.
func TestTraceJobControl(t *testing.T) {
	if testing.Short() {
		t.Skip("-short leaves out what needs a terminal")
	}
	need.Tool(t, "bash")
	x := openTerminal(t, 100, 40, "PS1='> '", "bash --norc -i")
	enter := func(line string) *tmuxTerm { return x.types(line).press("Enter") }
	enter("nlsniff trace -q -- sh -c 'echo be''gan; sleep 60'").sees("began").press("C-z")
	x.sees("Stopped")
	enter("jobs -r | wc -l | sed s/^/running=/").sees("running=0")
	enter("fg; echo code=$?")
	x.sees("fg; echo").press("C-c")
	x.sees("code=130")
	enter(`nlsniff trace -q -- bash -c 'trap "echo caught; exit 4" INT; echo wai''ting; while :; do sleep 0.1; done'; echo code=$?`).sees("waiting").press("C-c")
	x.sees("caught", "code=4")
	enter("nlsniff trace -q -- cat; echo code=$?").sees("cat; echo")
	enter("typed").press("C-d").sees("code=0")
}
