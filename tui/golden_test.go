package tui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/nlsniff/nlsniff/filter"
	"github.com/nlsniff/nlsniff/tui/store"
)

// screens are what is kept of each pane: how to get there.
var screens = []struct {
	name string
	keys []string
}{
	{"list", nil},
	{"error", []string{"j", "j", "j", "enter", "e"}},
	{"flags", []string{"enter", "j", "l", "j", "j", "j", "l"}},
	{"bytes", []string{"E", "tab", "tab", "l", "l", "l", "l", "j"}},
	{"finding", []string{":", "2", "9", "enter", "enter"}},
	{"layout", []string{"enter", "L"}},
	{"alone", []string{"enter", "+"}},
	{"copy", []string{"y"}},
	{"help", []string{"?"}},
	{"exchanges", []string{"2", "E"}},
	{"ladder", []string{"2", ":", "2", "5", "enter", "enter"}},
	{"findings", []string{"3", "j", "j", "j"}},
	{"statistics", []string{"4"}},
	{"filter", []string{"\\", "p", "i", "d"}},
	{"compare", []string{"C", "j", "j", "C"}},
	{"find", []string{"/", "v", "e", "t", "h"}},
}

// TestScreens keeps what every pane looks like, at three sizes, without
// colour; and in dark colours, where escape sequences are written as ␛.
func TestScreens(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {120, 40}, {200, 60}} {
		for _, s := range screens {
			name := fmt.Sprintf("%s-%dx%d", s.name, size[0], size[1])
			t.Run(name, func(t *testing.T) {
				u := sit(t, tour(), size[0], size[1]).press(s.keys...).fits()
				dark := strings.ReplaceAll(strings.Join(u.m.lines(), "\n"), "\x1b", "␛") + "\n"
				golden(t, "testdata/screens/"+name+".dark", dark)
				u.m.setTheme("none")
				golden(t, "testdata/screens/"+name+".txt", trimmed(u.screen()))
			})
		}
	}
}

// trimmed leaves out blanks at the ends of lines.
func trimmed(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n") + "\n"
}

// TestColour: without colour the screen says the same.
func TestColour(t *testing.T) {
	for _, s := range screens {
		u := sit(t, tour(), 120, 40).press(s.keys...)
		dark := u.screen()
		for _, name := range themeNames {
			u.m.setTheme(name)
			if got := u.screen(); got != dark {
				t.Errorf("%s: the theme %s says something else:\n%s", s.name, name, got)
			}
		}
		u.m.setTheme("none")
		if all := strings.Join(u.m.lines(), ""); strings.Contains(all, "[38") || strings.Contains(all, "[48") || strings.Contains(all, ";48;") {
			t.Errorf("%s: the theme none has colours", s.name)
		}
	}
}

// TestColourRules: a user's rules colour what they match, unless there is to be
// no colour.
func TestColourRules(t *testing.T) {
	o := storeOptions()
	rules, err := filter.ParseRules("bold #ff0000: error\nnone #00ff00: exchange.state == acknowledged", filter.NewEnv(o.DB, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	o.Rules = rules
	s, err := store.Open(tour(), o)
	if err != nil {
		t.Fatal(err)
	}
	u := sitAt(t, s, "tour", 120, 40).press("G")
	all := strings.Join(u.m.lines(), "\n")
	for _, want := range []string{"\x1b[1;38;2;255;0;0mNFT_MSG_NEWRULE", "\x1b[38;2;0;255;0mWG_CMD_GET_DEVICE"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is not in %q", want, all)
		}
	}
	u.m.setTheme("none")
	if all := strings.Join(u.m.lines(), "\n"); strings.Contains(all, "38;2") {
		t.Error("the theme none has colours")
	}
}

// TestASCII: with ASCII signs there is nothing else on the screen.
func TestASCII(t *testing.T) {
	u := sit(t, tour(), 120, 40)
	u.m.gl = asciiGlyphs
	for _, s := range screens {
		u.press("esc", "esc", "esc").press(s.keys...)
		for _, r := range u.screen() {
			if r > 0x7e {
				t.Errorf("%s: %q is on the screen:\n%s", s.name, r, u.screen())
				break
			}
		}
	}
}

// TestKeysPage: docs/keys.md is what the keymap makes of it.
func TestKeysPage(t *testing.T) { golden(t, "../docs/keys.md", KeysMarkdown()) }

// TestSizes: every screen fits every size.
func TestSizes(t *testing.T) {
	for _, s := range screens {
		u := sit(t, tour(), 100, 30).press(s.keys...)
		for _, w := range []int{20, 33, 40, 79, 99, 101, 159, 300} {
			for _, h := range []int{5, 7, 11, 24, 90} {
				u.send(tea.WindowSizeMsg{Width: w, Height: h})
				u.fits()
				if t.Failed() {
					t.Fatalf("%s at %d×%d", s.name, w, h)
				}
			}
		}
	}
}
