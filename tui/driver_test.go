package tui

import (
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/pcaptest"
	"github.com/nlsniff/nlsniff/render"
	"github.com/nlsniff/nlsniff/tui/store"
)

var update = flag.Bool("update", false, "write the golden files")

// user drives the interface as a person does: it presses keys, clicks, and
// looks at the screen. Commands run at once, one after the other.
type user struct {
	testing.TB
	m    *Model
	clip string // what was copied
	left bool   // the program was quit
}

func storeOptions() store.Options {
	return store.Options{DB: families.Embedded(), Render: render.Options{Time: render.TimeOfDay, Location: time.UTC}}
}

// sit opens a capture on a screen of a size.
func sit(t testing.TB, path string, w, h int) *user {
	t.Helper()
	s, err := store.Open(path, storeOptions())
	if err != nil {
		t.Fatal(err)
	}
	return sitAt(t, s, filepath.Base(path), w, h)
}

func sitAt(t testing.TB, s *store.Store, name string, w, h int) *user {
	t.Helper()
	t.Cleanup(s.Close)
	o := Options{Name: name, Theme: "dark", after: func(time.Duration, tea.Msg) tea.Cmd { return nil }}
	u := &user{TB: t, m: newModel(o, s)}
	for range 2000 {
		if st := s.State(); st.Done || st.Live {
			break
		}
		time.Sleep(time.Millisecond)
	}
	u.run(u.m.Init())
	u.send(tea.WindowSizeMsg{Width: w, Height: h})
	u.send(tickMsg{})
	return u
}

func (u *user) send(msg tea.Msg) {
	_, cmd := u.m.Update(msg)
	u.run(cmd)
}

// run runs a command and everything that comes of it.
func (u *user) run(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	switch msg := cmd().(type) {
	case nil:
	case tea.BatchMsg:
		for _, c := range msg {
			u.run(c)
		}
	case tea.QuitMsg:
		u.left = true
	default:
		switch name := reflect.TypeOf(msg).String(); {
		case name == "tea.setClipboardMsg":
			u.clip = reflect.ValueOf(msg).String()
		case strings.HasPrefix(name, "tea."), strings.HasPrefix(name, "cursor."):
		default:
			u.send(msg)
		}
	}
}

// settle waits until the filter has looked at everything.
func (u *user) settle() *user {
	u.Helper()
	for range 2000 {
		u.send(tickMsg{})
		if u.m.filtered() {
			return u
		}
		time.Sleep(time.Millisecond)
	}
	u.Fatal("the filter does not come to an end")
	return u
}

var keyCodes = map[string]tea.KeyPressMsg{
	"enter": {Code: tea.KeyEnter}, "esc": {Code: tea.KeyEscape}, "tab": {Code: tea.KeyTab}, "space": {Code: tea.KeySpace, Text: " "},
	"shift+tab": {Code: tea.KeyTab, Mod: tea.ModShift}, "up": {Code: tea.KeyUp}, "down": {Code: tea.KeyDown},
	"left": {Code: tea.KeyLeft}, "right": {Code: tea.KeyRight}, "pgup": {Code: tea.KeyPgUp}, "pgdown": {Code: tea.KeyPgDown},
	"home": {Code: tea.KeyHome}, "end": {Code: tea.KeyEnd}, "backspace": {Code: tea.KeyBackspace}, "f1": {Code: tea.KeyF1},
}

// press presses keys, named as in the keymap.
func (u *user) press(keys ...string) *user {
	u.Helper()
	for _, k := range keys {
		msg, ok := keyCodes[k]
		switch {
		case ok:
		case strings.HasPrefix(k, "ctrl+"):
			msg = tea.KeyPressMsg{Code: rune(k[5]), Mod: tea.ModCtrl}
		default:
			msg = tea.KeyPressMsg{Code: []rune(k)[0], Text: k}
		}
		u.send(msg)
	}
	return u
}

// types types text, a key a letter.
func (u *user) types(text string) *user {
	u.Helper()
	for _, r := range text {
		if r == ' ' {
			u.press("space")
			continue
		}
		u.press(string(r))
	}
	return u
}

func (u *user) click(x, y int) *user {
	u.send(tea.MouseClickMsg{X: x, Y: y, Button: tea.MouseLeft})
	u.send(tea.MouseReleaseMsg{X: x, Y: y, Button: tea.MouseLeft})
	return u
}

// screen is what can be read on the screen.
func (u *user) screen() string {
	return ansi.Strip(strings.Join(u.m.lines(), "\n"))
}

// at finds text on the screen.
func (u *user) at(text string) (x, y int) {
	u.Helper()
	for y, l := range strings.Split(u.screen(), "\n") {
		if i := strings.Index(l, text); i >= 0 {
			return width(l[:i]), y
		}
	}
	u.Fatalf("%q is not on the screen:\n%s", text, u.screen())
	return 0, 0
}

// sees fails unless all texts are on the screen.
func (u *user) sees(texts ...string) *user {
	u.Helper()
	s := u.screen()
	for _, text := range texts {
		if !strings.Contains(s, text) {
			u.Fatalf("%q is not on the screen:\n%s", text, s)
		}
	}
	return u
}

func (u *user) seesNot(text string) *user {
	u.Helper()
	if s := u.screen(); strings.Contains(s, text) {
		u.Fatalf("%q is on the screen:\n%s", text, s)
	}
	return u
}

// fits fails unless every line is exactly as wide as the screen.
func (u *user) fits() *user {
	u.Helper()
	lines := u.m.lines()
	if len(lines) != u.m.height {
		u.Errorf("%d lines on a screen of %d", len(lines), u.m.height)
	}
	for i, l := range lines {
		plain := ansi.Strip(l)
		if got := ansi.StringWidth(plain); got > u.m.width || got < u.m.width && i < len(lines)-1 {
			u.Errorf("line %d has %d of %d cells: %q", i, got, u.m.width, plain)
		}
		if strings.ContainsAny(plain, "\x1b\n\r\t\x00") {
			u.Errorf("line %d has control characters: %q", i, plain)
		}
	}
	return u
}

// golden compares with a file, which -update writes.
func golden(t testing.TB, path, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; -update writes it", err)
	}
	if got != string(want) {
		t.Errorf("%s differs; -update writes it anew, then read the difference. Now:\n%s", path, got)
	}
}

func tour() string { return pcaptest.Path("tour.pcapng") }

func itoa(n int) string { return strconv.Itoa(n) }

// mouse is a message of the mouse's left button.
func mouse(what string, x, y int) tea.Msg {
	at := tea.Mouse{X: x, Y: y, Button: tea.MouseLeft}
	switch what {
	case "press":
		return tea.MouseClickMsg(at)
	case "move":
		return tea.MouseMotionMsg(at)
	}
	return tea.MouseReleaseMsg(at)
}

func size(w, h int) tea.Msg { return tea.WindowSizeMsg{Width: w, Height: h} }

// after0 is a clock that never strikes: tests look at the store themselves.
func after0(time.Duration, tea.Msg) tea.Cmd { return nil }
