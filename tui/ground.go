package tui

import (
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"
)

// ground is what is known of the terminal's colours.
type ground struct {
	known, light bool // its background
	few          bool // 16 colours, which everyone sets as he likes
}

// fromEnv looks at COLORFGBG, which some terminals set: the numbers of the colours of
// text and background, with something between them or not. What the terminal
// answers comes before it.
func (g *ground) fromEnv(env func(string) string) {
	if env == nil {
		return
	}
	v := env("COLORFGBG")
	n, err := strconv.Atoi(v[strings.LastIndexByte(v, ';')+1:])
	if err != nil || n < 0 || n > 15 {
		return
	}
	g.known, g.light = true, n == 7 || n > 8 // light grey, and what is bright
}

// theme is what fits: of 16 colours only those that read on any ground, as they are
// not what a palette says. Of more, dark until something else is known.
func (g *ground) theme() string {
	switch {
	case g.few:
		return "ansi"
	case g.known && g.light:
		return "light"
	}
	return "dark"
}

// auto says whether the theme is what fits the terminal.
func (m *Model) auto() bool { return m.opt.Theme == "" || m.opt.Theme == "auto" }

// setTheme changes the colours.
func (m *Model) setTheme(name string) {
	if name == "" || name == "auto" {
		name = m.ground.theme()
	}
	m.th = newTheme(name)
}

// chooseTheme changes the colours to what fits the terminal, unless the user has
// chosen.
func (m *Model) chooseTheme() {
	if m.auto() && m.th.name != m.ground.theme() {
		m.setTheme("")
	}
}

// Init asks the terminal for its background and starts to look at the store.
func (m *Model) Init() tea.Cmd {
	cmds := []tea.Cmd{m.tick()}
	if m.auto() {
		cmds = append(cmds, tea.RequestBackgroundColor)
	}
	return tea.Batch(cmds...)
}
