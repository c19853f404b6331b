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
	const question = "Send 4 requests in the present network namespace? [y/N]"
	x := openTerminal(t, 120, 40, "", line)
	x.sees("send     frame 12 on socket 2", question).press("Enter")
	x.sees("nlsniff: nothing was sent; hint: ", "exit 1").restored()
	x = openTerminal(t, 120, 40, "", line)
	x.sees(question).types("y").press("Enter").sees("replayed on ", " different, of which 0 in their outcome", "exit 3").restored()
}

// TestReplayKey: r in the interface shows what a replay of the exchange would
// send, and after a yes what the kernel said then and says now.
func TestReplayKey(t *testing.T) {
	need.Need(t, userNamespaces(), "no user namespaces")
	x := openTerminal(t, 140, 40, "", "nlsniff "+pcap("tour.pcapng"))
	x.sees("Messages", "35 messages").press("E").sees("Detail of frame 4")
	x.press("r").sees("send frame 3 on socket 1 (protocol 0): RTM_NEWLINK")
	x.types("y").sees("outcome: error", "errno: EOPNOTSUPP", "text: Unknown device type")
	x.press("q").sees("Detail of frame 4").press("q").sees("exit 0").restored()
}
