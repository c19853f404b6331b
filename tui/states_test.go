package tui

import (
	"testing"
)

// TestReceiverStates: what only a receiver knows of what it got stands on every
// page. The capture is of testdata/states.py:
//
//	unshare -Urn nlsniff trace -w states.pcapng -- python3 states.py
func TestReceiverStates(t *testing.T) {
	for _, s := range []struct {
		name string
		keys []string
		sees []string
	}{
		{"list", nil, []string{"! cut", "! an answer was not read: NLMSG_ERROR ENODEV"}},
		{"truncated", []string{":", "5", "enter", "enter", "k", "l"}, []string{"delivery: recvfrom fd 3", "1368 bytes lost"}},
		{"never-read", []string{":", "1", "0", "enter", "enter"}, []string{"not read"}},
		{"overrun", []string{":", "4", "4", "enter", "enter"}, []string{"! overrun: the socket's buffer was full", "! after a loss", "recvfrom failed → EAGAIN"}},
		{"exchanges", []string{"2"}, []string{"! truncated", "! the answer wa", "⋯ open", "exchange.unread"}},
		{"ladder", []string{"2", "enter"}, []string{"buffer was too small", "error exchange.truncated"}},
		{"resync", []string{"2", "G", "k", "enter"}, []string{"note exchange.resync: reads again what was lost before frame"}},
		{"findings", []string{"3"}, []string{"exchange.truncated", "exchange.never_read", "exchange.unread", "exchange.overrun"}},
		{"statistics", []string{"4"}, []string{"! 2 overruns (", "! 1 datagram cut (1368 bytes lost)", "! 3 answers not read"}},
	} {
		t.Run(s.name, func(t *testing.T) {
			u := sit(t, "testdata/states.pcapng", 120, 40).press(s.keys...).fits()
			u.sees(s.sees...)
			u.m.setTheme("none")
			golden(t, "testdata/screens/states-"+s.name+".txt", trimmed(u.screen()))
		})
	}
}
