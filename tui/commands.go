package tui

import (
	"slices"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/nlsniff/nlsniff/render"
)

// command is what can be typed behind a colon.
type command struct {
	names []string
	args  string
	does  string
	run   func(m *Model, arg string) tea.Cmd
}

var commands []command

func init() {
	commands = []command{
		{[]string{"NUMBER"}, "", "goes to the frame of that number", nil},
		{[]string{"q", "quit"}, "", "quits", func(m *Model, _ string) tea.Cmd { m.quit = true; return nil }},
		{[]string{"w", "write"}, "FILE", "saves all messages that are shown to a pcapng file; w! writes over one", func(m *Model, arg string) tea.Cmd { return m.save(arg, true, false) }},
		{[]string{"w!", "write!"}, "FILE", "", func(m *Model, arg string) tea.Cmd { return m.save(arg, true, true) }},
		{[]string{"ws"}, "FILE", "saves the chosen message's frame; ws! writes over a file", func(m *Model, arg string) tea.Cmd { return m.save(arg, false, false) }},
		{[]string{"ws!"}, "FILE", "", func(m *Model, arg string) tea.Cmd { return m.save(arg, false, true) }},
		{[]string{"theme"}, "dark|light|contrast|none", "changes the colours", (*Model).themeCommand},
		{[]string{"time"}, strings.Join(timeNames(), "|"), "shows times as -t does: of day, with the date, relative, delta, epoch, UTC", (*Model).timeCommand},
		{[]string{"help"}, "", "shows the keys and these commands", func(m *Model, _ string) tea.Cmd { m.help = &help{}; return nil }},
	}
}

// command runs a command line.
func (m *Model) command(text string) tea.Cmd {
	if text == "" {
		return nil
	}
	if n, err := strconv.Atoi(text); err == nil {
		return m.toFrame(n)
	}
	name, arg, _ := strings.Cut(text, " ")
	for _, c := range commands {
		if c.run != nil && slices.Contains(c.names, name) {
			return c.run(m, strings.TrimSpace(arg))
		}
	}
	return m.complain("no command " + render.Escape(name) + "; :help lists them")
}

func (m *Model) themeCommand(arg string) tea.Cmd {
	if !slices.Contains(themeNames, arg) {
		return m.complain("themes are " + strings.Join(themeNames, ", "))
	}
	m.opt.Theme = arg
	m.setTheme(arg)
	return nil
}

func (m *Model) timeCommand(arg string) tea.Cmd {
	for _, t := range timeModes {
		if arg == t.Name {
			return m.setTime(t.Mode, 0)
		}
	}
	return m.complain("times are " + strings.Join(timeNames(), ", ") + ", as -t has them")
}
