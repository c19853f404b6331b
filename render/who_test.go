package render

import (
	"slices"
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/dissect"
)

// TestWho: whatever is known of whose a frame is has a row of the tree, and there is
// none where nothing is.
func TestWho(t *testing.T) {
	socket := &capture.Delivery{Socket: capture.Socket{FD: -1, Inode: 77}}
	for _, tt := range []struct {
		ev   Event
		want string
	}{
		{Event{}, ""},
		{Event{Process: capture.Process{PID: 7, Comm: "ip"}}, ""}, // the message's line has it
		{Event{Process: capture.Process{Exe: "/usr/bin/ip"}}, "/usr/bin/ip"},
		{Event{Process: capture.Process{NetNS: 4026531840}}, "net:[4026531840]"},
		{Event{Delivery: socket}, "socket:[77]"},
		{Event{Process: capture.Process{HasUID: true, Cgroup: "/a.slice"}}, "uid 0, cgroup /a.slice"},
		{Event{Process: capture.Process{Exe: "/tmp/\x1b[1m", UID: 1000, HasUID: true, NetNS: 4026531840}, Delivery: socket},
			`/tmp/\x1b[1m, uid 1000, net:[4026531840], socket:[77]`},
	} {
		tt.ev.Tree = &dissect.Tree{}
		rows := strings.Split(string(NewTree(Options{}).Frame(nil, &tt.ev)), "\n")
		got := ""
		if i := slices.IndexFunc(rows, func(s string) bool { return strings.Contains(s, "process") }); i >= 0 {
			_, got, _ = strings.Cut(rows[i], "process: ")
		}
		if got != tt.want {
			t.Errorf("%q, want %q, in %q", got, tt.want, rows)
		}
	}
}
