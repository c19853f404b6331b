package tui

import (
	"regexp"
	"strings"
	"testing"
)

// bottom is the last line of the screen.
func (u *user) bottom() string {
	lines := strings.Split(u.screen(), "\n")
	return strings.TrimSpace(lines[len(lines)-1])
}

// TestFooters: the bottom line has the keys of what is open, and help and quit at any
// width.
func TestFooters(t *testing.T) {
	u := sit(t, tour(), 120, 40)
	for _, w := range []int{20, 30, 40, 60, 80, 100, 120, 200} {
		u.send(size(w, 40))
		for _, keys := range [][]string{nil, {"enter"}, {"2"}, {"enter"}, {"3"}, {"4"}, {"1"}} {
			u.press(keys...).fits()
			if s := u.bottom(); w >= 40 && !strings.HasSuffix(s, "? help  q quit") || !strings.Contains(s, "?") || !strings.Contains(s, "q") {
				t.Errorf("%d cells, %v: %q", w, keys, s)
			}
		}
	}
	u.send(size(80, 24))
	for want, keys := range map[string][]string{
		"Enter choose  j k move  Esc back":        {"y"},
		"j k scroll  / find":                      {"?"},
		"j k h l scroll  n next difference":       {"C", "j", "C"},
		"Enter messages  f filter  o sort":        {"4"},
		"Enter open  f filter  e message  o sort": {"2"},
	} {
		if u.press(keys...).fits(); !strings.HasPrefix(u.bottom(), want) || !strings.HasSuffix(u.bottom(), "Esc back") && !strings.HasSuffix(u.bottom(), "q quit") {
			t.Errorf("%v: %q, want %q", keys, u.bottom(), want)
		}
		u.press("esc", "esc").press("g", "g")
	}
}

// TestHelp: it opens at what can be done, with :help at the commands, and can be
// searched.
func TestHelp(t *testing.T) {
	u := sit(t, tour(), 80, 24).press("?").sees("Keys in the list").seesNot(":columns").press("esc")
	u.press(":").types("help").press("enter").sees("Commands behind :", "columns [NAME").seesNot("Keys in the list")
	u.press("/").types("mark").press("enter").sees("marks the message").press("n").sees("goes to a mark").press("N").sees("marks the message").fits()
	u.press("/").types("zebra").press("enter").sees(`the help has no "zebra"`).press("/", "esc").sees("Help")
	u.press("q").sees("─ Messages").press("?", "n").sees("nothing to look for yet").press(":").sees(":").press("esc")
}

// TestOtherKeys: of the keys that are compared with other programs', ours do
// something, and are where the table says.
func TestOtherKeys(t *testing.T) {
	for _, row := range otherKeys {
		keys := regexp.MustCompile("`[^`]+`").FindAllString(row[1], -1)
		if keys == nil {
			keys = []string{row[1]}
		}
		for _, k := range keys {
			k = strings.Trim(k, "`")
			if k[0] == ':' {
				continue
			}
			k, _, _ = strings.Cut(k, " ")
			found := false
			for i := range keymap {
				for _, name := range keymap[i].keys {
					found = found || keyName(name) == k
				}
			}
			if !found {
				t.Errorf("%s: %s does nothing", row[0], k)
			}
		}
	}
}

// TestEventsApart: what a tracer saw is counted apart from messages.
func TestEventsApart(t *testing.T) {
	u := sit(t, "testdata/states.pcapng", 120, 40).sees("46 messages  38 events")
	messages := 0
	for _, r := range u.m.store.NewDecoder().Rows(rowsTo(u.m.st.End)) {
		if r.Op != "*" && r.Op != "!" {
			messages++
		}
	}
	if messages != u.m.st.End-u.m.st.Events {
		t.Errorf("%d messages, the line says %d", messages, u.m.st.End-u.m.st.Events)
	}
}

func rowsTo(n int) (list []int) {
	for i := range n {
		list = append(list, i)
	}
	return list
}
