package tui

import (
	"errors"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"github.com/nlsniff/nlsniff/internal/pcaptest"
)

// hostilePastes are what a terminal may hand over as pasted.
var hostilePastes = []string{
	"", "nlmsg_type == 16", "type == RTM_NEWLINK && (", "\x1b]0;title\x07\x1b[2J", "a\nb\r\nc\x00d", "\u202e\u0301\u200b", "\"", "\\",
	strings.Repeat("x", 5000), "\xff\xfe", "w x.pcapng", "99999999999999999999", "日本語", "%s%n",
}

// fuzzKeys are all keys that do something, and what text fields take; not r, as
// nothing here can be replayed.
func fuzzKeys() (keys []string) {
	for _, b := range keymap {
		keys = append(keys, b.keys...)
	}
	for _, k := range []string{"enter", "esc", "tab", "space", "backspace", "up", "down", "left", "right", "a", "=", "\"", "(", "1", "0", "y", "n"} {
		keys = append(keys, k, k)
	}
	return keys
}

// FuzzModel presses keys, pastes, clicks and changes the size of the screen, with a
// file and with a live source that goes on meanwhile: whatever comes, every line
// is as wide as the screen and holds nothing that a terminal would act on.
func FuzzModel(f *testing.F) {
	keys := fuzzKeys()
	for i := range 8 {
		seed := []byte{byte(i), byte(i * 7), byte(20 + i*9), byte(i * 3)}
		for j := range 24 {
			seed = append(seed, byte(j*(2*i+1)), byte(i*17+j*29))
		}
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		next := func() int {
			if len(b) == 0 {
				return 0
			}
			n := int(b[0])
			b = b[1:]
			return n
		}
		t.Chdir(t.TempDir()) // what is saved has a place
		name := fuzzCaptures[next()%len(fuzzCaptures)]
		live := next()%2 == 1
		var u *user
		var source *tap
		if live {
			source = newTap(t, name)
			budget := 0
			if next()%2 == 1 {
				budget = 64 << 10
			}
			u = watch(t, source, budget)
		} else {
			u = sit(t, pcaptest.Path(name+".pcap"), 40+next()%120, 10+next()%50)
		}
		for range 200 {
			if len(b) == 0 || u.left {
				break
			}
			switch k := next(); {
			case k < 150:
				key := keys[(k+next())%len(keys)]
				if key == "/" && u.m.input.mode != inputOff {
					continue // a file to save to stays in the test's folder
				}
				u.press(key)
			case k < 170:
				u.types([]string{"type", "seq", "RTM_NEW", " == ", "0x", "lo", "e0", "w "}[next()%8])
			case k < 185:
				u.send(tea.PasteMsg{Content: hostilePastes[next()%len(hostilePastes)]})
			case k < 200:
				u.send(tea.WindowSizeMsg{Width: next(), Height: next() % 100})
			case k < 215:
				u.click(next(), next()%80)
			case k < 225:
				u.send(tea.MouseMotionMsg{X: next(), Y: next() % 80, Button: tea.MouseLeft})
			case k < 235:
				u.send(tea.MouseWheelMsg{X: next(), Y: next() % 80, Button: []tea.MouseButton{tea.MouseWheelUp, tea.MouseWheelDown}[next()%2]})
			case live && k < 245:
				source.let(next())
			case live && k < 248:
				source.lose(uint64(next()))
			case live && k < 250:
				source.finish(errors.New("the interface \x1b[31mis gone\x07"))
			default:
				u.send(tickMsg{})
			}
			if u.m.width > 0 && u.m.height > 0 {
				u.fits()
			}
			if t.Failed() {
				t.Fatalf("%s, live %v, %d×%d", name, live, u.m.width, u.m.height)
			}
		}
	})
}

// fuzzCaptures are small ones of different kinds.
var fuzzCaptures = []string{"wireguard", "conntrack_all", "packets", "xfrm"}
