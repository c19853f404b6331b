package tui

import (
	"slices"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"
)

// where is where a key means what a binding says.
type where uint8

const (
	everywhere where = iota
	inList
	inDetail
	inBytes
	inExchanges
	inLadder
	inFindings
	inStats
)

var whereNames = [...]string{everywhere: "everywhere", inList: "in the list", inDetail: "in the detail", inBytes: "in the bytes",
	inExchanges: "in the exchanges", inLadder: "in an exchange", inFindings: "in the findings", inStats: "in the statistics"}

// binding is what a key does. The help and docs/keys.md are made from these.
type binding struct {
	where where
	keys  []string
	does  string
	hint  string // a word for the bottom line, "": it is not there
	run   func(*Model) tea.Cmd
}

// keymap is all bindings in the order of the help. It is a table; init fills it, since its actions look at it.
var keymap []binding

func init() {
	keymap = slices.Concat(moveKeys, listKeys, detailKeys, bytesKeys, exchangeKeys, ladderKeys, findingKeys, statsKeys, allKeys)
}

// here is where keys go.
func (m *Model) here() where {
	switch m.focus {
	case paneDetail:
		return inDetail
	case paneBytes:
		return inBytes
	case paneLadder:
		return inLadder
	}
	return [...]where{viewMessages: inList, viewExchanges: inExchanges, viewFindings: inFindings, viewStats: inStats}[m.view]
}

// lookup finds what a key does: here, or else everywhere.
func lookup(at where, key string) *binding {
	var found *binding
	for i := range keymap {
		b := &keymap[i]
		if !slices.Contains(b.keys, key) {
			continue
		}
		if b.where == at {
			return b
		}
		if b.where == everywhere {
			found = b
		}
	}
	return found
}

// key acts on a key.
func (m *Model) key(msg tea.KeyPressMsg) tea.Cmd {
	key := msg.String()
	if key == "ctrl+c" {
		m.quit = true
		return nil
	}
	if m.input.mode != inputOff {
		return m.inputKey(msg)
	}
	m.note = note{}
	if m.asking != nil {
		return m.askedKey(key)
	}
	if m.notice != nil {
		m.notice = nil
		if key == "q" {
			m.quit = true
		}
		if key != "?" {
			return nil
		}
	}
	switch {
	case m.menu != nil:
		return m.menuKey(key)
	case m.help != nil:
		return m.helpKey(key)
	case m.compare != nil:
		return m.compareKey(key)
	case m.search.busy && key == "esc":
		m.search.stop()
		return m.say("the search was stopped")
	case m.pending != "":
		return m.second(key)
	}
	if b := lookup(m.here(), key); b != nil {
		return b.run(m)
	}
	return m.complain(m.whyNot(key))
}

// second acts on the key behind one that waits for another.
func (m *Model) second(key string) tea.Cmd {
	first := m.pending
	m.pending = ""
	if key == "esc" {
		return nil
	}
	switch r := []rune(key); {
	case first == "g" && key == "g":
		return m.top()
	case first == "g":
		return m.complain("g " + key + " does nothing; g g goes to the top")
	case len(r) != 1:
		return m.complain("a mark has the name of one letter, not " + key)
	case first == "m":
		return m.setMark(r[0])
	default:
		return m.toMark(r[0])
	}
}

// whyNot says why a key does nothing, and where it would do something.
func (m *Model) whyNot(key string) string {
	shown := keyName(key)
	for i := range keymap {
		b := &keymap[i]
		if b.where != m.here() && slices.Contains(b.keys, key) {
			return shown + " " + b.does + ", but only " + whereNames[b.where] + "; " + m.wayTo(b.where) + " goes there"
		}
	}
	return shown + " does nothing " + whereNames[m.here()] + "; ? lists what does"
}

// wayTo is the key that goes to where another works.
func (m *Model) wayTo(w where) string {
	v := [...]view{inList: viewMessages, inDetail: viewMessages, inBytes: viewMessages, inExchanges: viewExchanges,
		inLadder: viewExchanges, inFindings: viewFindings, inStats: viewStats}[w]
	if v == m.view || m.view == viewFindings && v == viewMessages && w != inList {
		return "Tab"
	}
	return strconv.Itoa(int(v) + 1)
}

// keyName is how the help writes a key.
func keyName(key string) string {
	for from, to := range map[string]string{"pgdown": "PgDn", "pgup": "PgUp", "space": "Space", "enter": "Enter", "esc": "Esc",
		"tab": "Tab", "home": "Home", "end": "End", "up": "↑", "down": "↓", "left": "←", "right": "→", "shift+tab": "Shift-Tab"} {
		if key == from {
			return to
		}
	}
	return strings.Replace(key, "ctrl+", "Ctrl-", 1)
}
