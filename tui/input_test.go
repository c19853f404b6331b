package tui

import (
	"strings"
	"testing"
	"unicode"

	tea "charm.land/bubbletea/v2"
)

// TestPasted: what is pasted, typed or remembered is on the screen without what
// a terminal would act on.
func TestPasted(t *testing.T) {
	const nasty = "a\x1b]0;x\x07\u202eb\u200bc\u009b2J\td\x00\ne"
	for _, key := range []string{"/", ":", `\`} {
		u := sit(t, tour(), 120, 40)
		u.m.recall(remembered{Sizes: u.m.sizes, Filter: []string{nasty}})
		for _, step := range []func(){
			func() { u.press(key); u.send(tea.PasteMsg{Content: nasty}) },
			func() { u.send(tea.KeyPressMsg{Code: '\u202e', Text: "\u202e"}) },
			func() { u.press("up") },
			func() { u.press("enter") },
			func() { u.press("esc", "n") },
		} {
			step()
			for _, r := range u.m.input.field.Value() + u.screen() {
				if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) {
					t.Errorf("behind %s: %q is on the screen", key, r)
				}
			}
		}
	}
	u := sit(t, tour(), 120, 40).press("/")
	u.send(tea.PasteMsg{Content: "a\u202eb"})
	if v := u.m.input.field.Value(); v != `a\xe2\x80\xaeb` {
		t.Errorf("%q", v)
	}
}

// TestFilterRests: a filter that is typed is looked at once, and one of nothing
// does not keep the program busy.
func TestFilterRests(t *testing.T) {
	for _, text := range []string{"", " ", "  ", "pid == 902", "pid ==", "pid == 902 "} {
		u := sit(t, tour(), 120, 40).press(`\`)
		u.m.input.field.SetValue(text)
		n := 0
		for cmd := u.m.compile(); cmd != nil && n < 10; n++ {
			_, cmd = u.m.Update(cmd())
		}
		if n > 1 {
			t.Errorf("%q is looked at %d times", text, n)
		}
		if cmd := u.m.compile(); cmd != nil {
			t.Errorf("%q is looked at again", text)
		}
	}
}

// TestWarning: what was wrong with the settings is said on the screen.
func TestWarning(t *testing.T) {
	u := sit(t, tour(), 120, 40)
	o := u.m.opt
	o.Warning = "config.json: \"colour\" is not known\x1b[31m"
	m := newModel(o, u.m.store)
	if s := strings.Join(m.lines(), "\n"); !strings.Contains(s, `"colour" is not known\x1b[31m`) {
		t.Error(s)
	}
}
