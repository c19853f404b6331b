package tui

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/internal/pcaptest"
)

// TestLooks keeps the screens that answer why a request failed, at four widths and
// in four themes: 16 colours are those of the theme ansi.
func TestLooks(t *testing.T) {
	for _, size := range [][2]int{{60, 20}, {80, 24}, {120, 30}, {200, 50}} {
		for name, keys := range map[string][]string{
			"refused-message":  {"E", "E"},
			"refused-exchange": {"2", "E", "E"},
			"refused-request":  {"2", "E", "E", "e"},
			"filter-menu":      {"f", "p", "f", "o"},
		} {
			u := sit(t, tour(), size[0], size[1])
			for _, k := range keys {
				u.press(k).settle()
			}
			u.fits()
			path := fmt.Sprintf("testdata/looks/%s-%d", name, size[0])
			plain := u.screen()
			golden(t, path+".txt", trimmed(plain))
			for _, theme := range []string{"dark", "light", "ansi", "none"} {
				u.m.setTheme(theme)
				if u.screen() != plain {
					t.Errorf("%s: the theme %s says something else", path, theme)
				}
				golden(t, path+"."+theme, strings.ReplaceAll(strings.Join(u.m.lines(), "\n"), "\x1b", "␛")+"\n")
			}
		}
	}
}

// TestThreeKeys: over all captures, from opening the file to the reason of its first
// failure it takes three keys at the most, at each width.
func TestThreeKeys(t *testing.T) {
	spaces := regexp.MustCompile(`[\s│]+`)
	squeezed := func(s string) string { return spaces.ReplaceAllString(s, "") }
	failed := 0
	for _, name := range pcaptest.Names {
		u := sit(t, pcaptest.Path(name+".pcap"), 120, 40)
		row := -1
		for r := range u.m.st.End {
			id, _ := u.m.store.Ref(r)
			if e, ok := u.m.store.Exchange(id); ok && id != 0 && e.Refused() {
				row = e.First
				break
			}
		}
		if row < 0 {
			continue
		}
		failed++
		u.press("2", "home")
		id, _ := u.m.store.Ref(row)
		if e, ok := u.m.store.Exchange(u.m.exchangeAt(u.m.list().cursor)); !ok || !e.Refused() {
			u.press("E")
		}
		if got := u.m.exchangeAt(u.m.list().cursor); got != id {
			t.Errorf("%s: exchange %d, want %d", name, got, id)
		}
		x := u.m.store.NewDecoder().Refusal(id)
		for _, w := range []int{60, 80, 120, 200} {
			u.send(size(w, 40))
			for _, part := range []string{x.Errno, x.Words} {
				if !strings.Contains(squeezed(u.screen()), squeezed(part)) {
					t.Errorf("%s: %d cells: %q is not on the screen:\n%s", name, w, part, u.screen())
				}
			}
			for _, c := range x.Causes {
				if !strings.Contains(squeezed(u.screen()), squeezed(c.Text)) {
					t.Errorf("%s: %d cells: %q is not on the screen:\n%s", name, w, c.Text, u.screen())
				}
			}
		}
	}
	if failed < 20 {
		t.Errorf("only %d captures have a failure", failed)
	}
}
