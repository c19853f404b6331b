package render

import (
	"testing"

	"github.com/nlsniff/nlsniff/capture"
)

func TestWho(t *testing.T) {
	for _, tt := range []struct {
		ev   Event
		want string
	}{
		{Event{Exe: "/usr/bin/ip"}, "/usr/bin/ip"},
		{Event{HasUID: true, Cgroup: "/a.slice"}, "uid 0, cgroup /a.slice"},
		{Event{Exe: "/tmp/\x1b[1m", UID: 1000, HasUID: true, NetNS: 4026531840, Delivery: &capture.Delivery{Socket: capture.Socket{Inode: 77}}},
			`/tmp/\x1b[1m, uid 1000, net:[4026531840], socket:[77]`},
	} {
		if got := string(appendWho(nil, &tt.ev)); got != tt.want {
			t.Errorf("%s, want %s", got, tt.want)
		}
	}
}
