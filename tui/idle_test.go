package tui

import (
	"testing"

	"github.com/nlsniff/nlsniff/internal/pcaptest"
)

// TestIdle: when everything was looked at, nothing wakes the processor until
// the user does something, whatever was typed.
func TestIdle(t *testing.T) {
	for _, keys := range [][]string{{}, {"\\"}, {"\\", "space"}, {"\\", "space", "enter"}, {"\\", "space", "esc"}, {"space"}, {"/"}, {":"}, {"/", "x", "enter"}, {"2"}, {"3"}, {"4"}} {
		u := sit(t, pcaptest.Path("wireguard.pcap"), 120, 40).press(keys...).settle()
		for range 3 {
			u.send(tickMsg{})
		}
		if u.m.ticking {
			t.Errorf("after %q the screen is drawn again and again", keys)
		}
	}
}
