//go:build linux

package ebpf

import (
	"testing"
	"time"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/capture/nlmon"
)

// The kernel's side leaves out what nobody wants.
func guestWanted(t *testing.T) {
	listens := start(t, "python3", "-c", python+"s = nl(0, 1)\nready()\nwhile 1: s.recv(65536)")
	home := nlmon.HomeNetNS()
	for _, tt := range []struct {
		name    string
		want    Wanted
		senders string // who is to be seen sending
		hears   bool   // whether the listener is to be seen
	}{
		{"comm", Wanted{Comms: []string{"nobody", "ip"}}, "ip", false},
		{"pid", Wanted{PIDs: []uint32{uint32(listens.Process.Pid)}}, "", true},
		{"uid", Wanted{UIDs: []uint32{65534}}, "", false},
		{"netns", Wanted{NetNS: []uint64{home}}, "ip", true},
		{"another netns", Wanted{NetNS: []uint64{home + 1}}, "", false},
		{"both", Wanted{UIDs: []uint32{0}, Comms: []string{"python3"}}, "", true},
	} {
		frames := duringOptions(t, Options{Wanted: tt.want}, func() {
			run(t, "ip", "link", "add", "want0", "type", "dummy")
			run(t, "ip", "link", "del", "want0")
			time.Sleep(200 * time.Millisecond)
		})
		hears, sends := false, false
		for _, f := range frames {
			if f.Dir == capture.DirToKernel {
				sends = true
				if f.Process.Comm != tt.senders {
					t.Errorf("%s: %+v", tt.name, f.Process)
				}
			}
			hears = hears || f.Process.PID == uint32(listens.Process.Pid)
		}
		if hears != tt.hears || sends != (tt.senders != "") {
			t.Errorf("%s: hears %v, sends %v", tt.name, hears, sends)
		}
	}
}
