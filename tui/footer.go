package tui

// hint is a key with a word for what it does.
type hint struct{ key, word string }

// hints are the keys that are most of use in what is open, the most useful first.
// The last two stay on the narrowest screen.
func (m *Model) hints() (list, last []hint) {
	back := []hint{{"Esc", "back"}}
	switch {
	case m.asking != nil:
		return []hint{{"y", "sends this"}}, []hint{{"Esc", "sends nothing"}}
	case m.notice != nil:
		return []hint{{"any key", "goes on"}}, []hint{{"?", "help"}, {"q", "quit"}}
	case m.menu != nil:
		return []hint{{"Enter", "choose"}, {"j k", "move"}}, back
	case m.help != nil:
		return []hint{{"j k", "scroll"}, {"/", "find"}, {"n N", "next, previous match"}, {":", "commands"}}, back
	case m.compare != nil:
		return []hint{{"j k h l", "scroll"}, {"n", "next difference"}, {"g G", "top, bottom"}}, back
	}
	for pass := range 2 {
		for i := range keymap {
			b := &keymap[i]
			if b.hint == "" || (b.where == everywhere) != (pass == 1) || b.where != everywhere && b.where != m.here() {
				continue
			}
			h := hint{keyName(b.keys[0]), b.hint}
			if h.key == "?" || h.key == "q" {
				last = append(last, h)
			} else {
				list = append(list, h)
			}
		}
	}
	return list, last
}

// drawHints puts them into the bottom line.
func (m *Model) drawHints(l *line) {
	list, last := m.hints()
	put := func(h hint, words bool) {
		l.put(stKey, h.key)
		if words {
			l.put(stDim, " "+h.word)
		}
	}
	room := l.max - 1
	for _, h := range last {
		room -= width(h.key) + width(h.word) + 3
	}
	words := room >= 0
	l.put(stText, " ")
	for _, h := range list {
		n := width(h.key) + width(h.word) + 3
		if room -= n; room < 0 {
			break
		}
		put(h, true)
		l.put(stText, "  ")
	}
	for i, h := range last {
		if i > 0 {
			l.put(stText, "  "[:map[bool]int{true: 2, false: 1}[words]])
		}
		put(h, words)
	}
}
