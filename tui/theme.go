package tui

import (
	"slices"
	"strings"

	"charm.land/lipgloss/v2"
)

// style is what a part of the screen stands for. Colour never says anything
// that a word, a sign or its place does not say too.
type style uint8

const (
	stText style = iota
	stDim
	stBar      // the lines at the top and the bottom
	stBarName  // in them, what they speak of
	stBarWarn  // in them, what must not be overlooked
	stTab      // the view that is shown
	stRule     // between panes
	stTitle    // of a pane
	stTitleOn  // of the one that has the keys
	stHead     // names of columns
	stCursor   // the row the keys act on
	stCursorIn // the chosen row of a pane without the keys
	stOp
	stName
	stOK
	stWarn
	stError
	stTo   // to the kernel
	stFrom // from it
	stLit  // the bytes of the chosen field
	stOwn  // those of the message around it
	stKey
	stGood // a filter that can be used
	stBad  // one that cannot
	stMatch
	numStyles
)

// theme holds what switches each style on and off.
type theme struct {
	name    string
	on, off [numStyles]string
}

// themeNames are the themes, in the order in which one follows the other.
var themeNames = []string{"dark", "light", "contrast", "ansi", "none"}

// palette is the colours of a theme.
type palette struct {
	dim, name, op, ok, warn, fail, to, from, rule, title string
	barBack, barText, cursorBack, cursorText, quietBack  string
	litBack, litText                                     string
}

// The colours have a contrast of at least 4.5 to 1 to their ground.
var palettes = map[string]palette{
	"dark": {dim: "#8a93a6", name: "#7fc8f8", op: "#e6c384", ok: "#7fd88f", warn: "#f0b95b", fail: "#ff7b82",
		to: "#c3a6ff", from: "#7dd3c8", rule: "#5b6478", title: "#aab3c5", barBack: "#2a2f3c", barText: "#d5dae5",
		cursorBack: "#3d5a86", cursorText: "#ffffff", quietBack: "#333a4a", litBack: "#e6c384", litText: "#14161c"},
	"light": {dim: "#646b78", name: "#0b5d91", op: "#8a4b00", ok: "#1a6e2e", warn: "#8a5a00", fail: "#b3152a",
		to: "#6236b5", from: "#0a6a60", rule: "#9aa1ad", title: "#454b57", barBack: "#dfe3ea", barText: "#22262e",
		cursorBack: "#1f5fae", cursorText: "#ffffff", quietBack: "#cfdcee", litBack: "#8a4b00", litText: "#ffffff"},
	"contrast": {dim: "#d0d0d0", name: "#00ffff", op: "#ffff00", ok: "#00ff00", warn: "#ffff00", fail: "#ff6060",
		to: "#ff9cff", from: "#00ffff", rule: "#ffffff", title: "#ffffff", barBack: "#ffffff", barText: "#000000",
		cursorBack: "#ffff00", cursorText: "#000000", quietBack: "#005f87", litBack: "#00ff00", litText: "#000000"},
}

// fewColours are those of the terminal's own that read on black and on white: red and
// magenta. What the others would say is bold, underlined or reversed.
var fewColours = palette{warn: "5", fail: "1", to: "5"}

// newTheme returns the theme of a name.
func newTheme(name string) theme {
	t := theme{name: name}
	p, colour := palettes[name]
	few := name == "ansi"
	if few {
		p = fewColours
	}
	st := func() lipgloss.Style { return lipgloss.NewStyle() }
	set := func(which style, s lipgloss.Style) {
		t.on[which], t.off[which], _ = strings.Cut(s.Render("x"), "x")
	}
	fg := func(c string, s lipgloss.Style) lipgloss.Style {
		if c == "" {
			return s
		}
		return s.Foreground(lipgloss.Color(c))
	}
	bg := func(text, back string, s lipgloss.Style) lipgloss.Style {
		if !colour {
			return s
		}
		return s.Foreground(lipgloss.Color(text)).Background(lipgloss.Color(back))
	}
	plain := func(s lipgloss.Style, reverse bool) lipgloss.Style {
		return s.Reverse(reverse && !colour)
	}
	set(stDim, fg(p.dim, st().Faint(!colour && !few)))
	set(stBar, bg(p.barText, p.barBack, plain(st(), true)))
	set(stBarName, bg(p.barText, p.barBack, plain(st().Bold(true), true)))
	set(stBarWarn, bg(p.barBack, p.fail, st().Bold(true).Underline(few)))
	set(stTab, bg(p.cursorText, p.cursorBack, st().Bold(true).Underline(!colour)))
	set(stRule, fg(p.rule, st()))
	set(stTitle, fg(p.title, st()))
	set(stTitleOn, bg(p.cursorText, p.cursorBack, plain(st().Bold(true), true)))
	set(stHead, fg(p.title, st().Underline(true)))
	set(stCursor, bg(p.cursorText, p.cursorBack, plain(st().Bold(true), true)))
	set(stCursorIn, bg(p.cursorText, p.quietBack, st().Bold(true)))
	if name == "light" {
		set(stCursorIn, bg("#000000", p.quietBack, st().Bold(true)))
	}
	set(stOp, fg(p.op, st().Bold(true)))
	set(stName, fg(p.name, st()))
	set(stOK, fg(p.ok, st()))
	set(stWarn, fg(p.warn, st().Bold(!colour)))
	set(stError, fg(p.fail, st().Bold(true)))
	set(stTo, fg(p.to, st()))
	set(stFrom, fg(p.from, st()))
	set(stLit, bg(p.litText, p.litBack, plain(st().Bold(true), true)))
	set(stOwn, st())
	set(stKey, fg(p.op, st().Bold(true)))
	set(stGood, fg(p.ok, st()))
	set(stBad, fg(p.fail, st().Bold(true)))
	set(stMatch, fg(p.op, st().Bold(true).Underline(true)))
	return t
}

// nextTheme returns the name of the theme after this one.
func nextTheme(name string) string {
	return themeNames[(slices.Index(themeNames, name)+1)%len(themeNames)]
}

// glyphs are the signs that are no letters.
type glyphs struct {
	to, from, both, unknown string
	open, shut              string
	more                    string
	rule, bar               string
	ok, failed, part        string
	on, off                 string // a chosen value and the others
	set, unset              string // a bit
	points                  string
	cursor                  string
	spark                   []string
	full, empty             string // of a progress bar
	cross, tee              string
	lineDown                string
	differs                 string
	headLeft, headRight     string // of arrows
	ascii                   bool
}

var unicodeGlyphs = glyphs{
	to: "→", from: "←", both: "↔", unknown: "?", open: "▾", shut: "▸", more: "…", rule: "─", bar: "│",
	ok: "✓", failed: "✗", part: "⋯", on: "●", off: "○", set: "[x]", unset: "[ ]", points: "◀", cursor: "▌",
	spark: []string{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"}, full: "█", empty: "░", cross: "┴", tee: "┬", lineDown: "│", headLeft: "◀", headRight: "▶", differs: "≠",
}

var asciiGlyphs = glyphs{
	to: ">", from: "<", both: "=", unknown: "?", open: "-", shut: "+", more: "~", rule: "-", bar: "|",
	ok: "+", failed: "x", part: ":", on: "*", off: ".", set: "[x]", unset: "[ ]", points: "<--", cursor: ">",
	spark: []string{"_", ".", ":", "-", "=", "+", "*", "#"}, full: "#", empty: ".", cross: "+", tee: "+", lineDown: "|", headLeft: "<", headRight: ">", differs: "!", ascii: true,
}

// arrows of the directions in the order of dissect.Dir.
func (g *glyphs) arrow(dir uint8) string {
	return [...]string{g.unknown, g.to, g.from, g.both}[dir&3]
}
