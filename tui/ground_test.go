package tui

import (
	"image/color"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"github.com/nlsniff/nlsniff/render"
)

// TestThemeFits: the theme is what the user chose, else what the terminal answers,
// else what COLORFGBG says; of 16 colours, those that read on both grounds.
func TestThemeFits(t *testing.T) {
	white, black := tea.BackgroundColorMsg{Color: color.White}, tea.BackgroundColorMsg{Color: color.Black}
	few, many := tea.ColorProfileMsg{Profile: colorprofile.ANSI}, tea.ColorProfileMsg{Profile: colorprofile.TrueColor}
	for _, tt := range []struct {
		theme, fgbg string
		msgs        []tea.Msg
		want        string
	}{
		{"", "", nil, "dark"},
		{"", "0;15", nil, "light"},
		{"", "15;0", nil, "dark"},
		{"auto", "0;default;7", nil, "light"},
		{"", "15;default", nil, "dark"},
		{"", "0;99999999999999999999", nil, "dark"},
		{"", "0;15", []tea.Msg{many, black}, "dark"},
		{"", "15;0", []tea.Msg{white, many}, "light"},
		{"", "", []tea.Msg{few}, "ansi"},
		{"", "0;15", []tea.Msg{few, white}, "ansi"},
		{"dark", "0;15", []tea.Msg{few, white}, "dark"},
		{"none", "", []tea.Msg{white}, "none"},
	} {
		u := sit(t, tour(), 80, 24)
		m := newModel(Options{Theme: tt.theme, Env: environment(map[string]string{"COLORFGBG": tt.fgbg}), after: after0}, u.m.store)
		for _, msg := range tt.msgs {
			m.Update(msg)
		}
		if m.th.name != tt.want {
			t.Errorf("%+v: the theme is %s", tt, m.th.name)
		}
	}
}

// TestFewColours: the theme for 16 colours has but red and magenta, whose contrast to
// black and to white is at least 3.5 in the colours that xterm gives them.
func TestFewColours(t *testing.T) {
	th := newTheme("ansi")
	for st, on := range th.on {
		for _, code := range strings.FieldsFunc(on, func(r rune) bool { return r < '0' || r > '9' }) {
			switch code {
			case "31", "35", "1", "4", "7": // bold, underlined, reversed
			default:
				t.Errorf("style %d: %q", st, on)
			}
		}
	}
	u := sit(t, tour(), 80, 24).press("E")
	u.m.setTheme("ansi")
	if all := strings.Join(u.m.lines(), ""); !strings.Contains(all, "\x1b[1;31m") || !strings.Contains(all, "\x1b[7m") && !strings.Contains(all, "\x1b[1;7m") {
		t.Errorf("no red and no reversed text in %q", all)
	}
}

// TestKeptSettings: theme, times and columns are there again in the next run, unless
// the configuration or an option says otherwise.
func TestKeptSettings(t *testing.T) {
	u := sit(t, tour(), 120, 40).press("c").press("t", "t").press(":").types("columns summary time").press("enter").press("2", ":").types("columns why number").press("enter")
	r := u.m.remembered()
	v := sit(t, tour(), 120, 40)
	v.m.opt.Theme = ""
	v.m.recall(r)
	v.send(tickMsg{})
	v.sees("operation, summary", "2026/327 12:01:20.619").press("2").sees("why it failed").seesNot("outcome")
	if v.m.th.name != "light" {
		t.Errorf("the theme is %s", v.m.th.name)
	}
	w := sit(t, tour(), 120, 40)
	w.m.opt.Theme, w.m.opt.Time, w.m.opt.Columns = "contrast", true, map[string][]string{"messages": {"seq", "summary"}}
	w.m.recall(r)
	w.sees("       seq operation, summary")
	if w.m.th.name == "light" || w.m.renderOptions().Time != render.TimeOfDay {
		t.Errorf("what was left wins over what was said")
	}
	if again := w.m.remembered(); again.Theme != "light" || len(again.Columns["messages"]) != 2 || again.Columns["messages"][0] != "summary" {
		t.Errorf("what was said is remembered instead of what was chosen: %+v", again)
	}
	w.m.recall(remembered{Columns: map[string][]string{"messages": {"nonsense"}, "nowhere": nil}, Theme: "pink", Time: "zz"})
}
