package main

import (
	"testing"

	"github.com/nlsniff/nlsniff/internal/need"
)

// TestReplayHere: in a terminal --here shows what it would send and asks, and
// only a yes sends it.
func TestReplayHere(t *testing.T) {
	need.Need(t, userNamespaces(), "no user namespaces")
	need.Tool(t, "unshare")
	// "here" is a namespace of the test's own.
	line := "unshare -rn nlsniff replay --here " + pcap("bird.pcap")
	const question = "Send these 4 requests in the present network namespace? [y/N]"
	x := openTerminal(t, 120, 40, "", line)
	x.sees("send     frame 12 on socket 2", question).press("Enter")
	x.sees("nlsniff: nothing was sent; hint: ", "exit 1").restored()
	x = openTerminal(t, 120, 40, "", line)
	x.sees(question).types("y").press("Enter").sees("replayed on ", " different, of which 0 in their outcome", "exit 3").restored()
}
