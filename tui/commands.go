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
	words func(m *Model) []string // what can stand behind it, nil: nothing, or a file
}

var commands []command

func init() {
	themes := func(*Model) []string { return append([]string{"auto"}, themeNames...) }
	commands = []command{
		{[]string{"NUMBER"}, "", "goes to the frame of that number", nil, nil},
		{[]string{"TIME"}, "", "goes to the first message then: 12:01:45, 12:01:45.5, 2024-05-01 12:01, or +SECONDS since the first frame", nil, nil},
		{[]string{"q", "quit"}, "", "quits", func(m *Model, _ string) tea.Cmd { m.quit = true; return nil }, nil},
		{[]string{"w", "write"}, "FILE", "saves all messages that are shown to a pcapng file; w! writes over one", func(m *Model, arg string) tea.Cmd { return m.save(arg, true, false) }, nil},
		{[]string{"w!", "write!"}, "FILE", "", func(m *Model, arg string) tea.Cmd { return m.save(arg, true, true) }, nil},
		{[]string{"ws"}, "FILE", "saves the chosen message's frame; ws! writes over a file", func(m *Model, arg string) tea.Cmd { return m.save(arg, false, false) }, nil},
		{[]string{"ws!"}, "FILE", "", func(m *Model, arg string) tea.Cmd { return m.save(arg, false, true) }, nil},
		{[]string{"columns"}, "[NAME…]", "chooses the columns of the view, in this order; none: what fits", (*Model).columnsCommand, (*Model).columnNames},
		{[]string{"theme"}, "auto|" + strings.Join(themeNames, "|"), "changes the colours", (*Model).themeCommand, themes},
		{[]string{"time"}, strings.Join(timeNames(), "|"), "shows times as -t does: of day, with the date, relative, delta, epoch, UTC", (*Model).timeCommand, func(*Model) []string { return timeNames() }},
		{[]string{"help"}, "", "shows these commands and the keys", func(m *Model, _ string) tea.Cmd { return m.showHelp(true) }, nil},
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
	if cmd, ok := m.toTime(text); ok {
		return cmd
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
	if !slices.Contains(themeNames, arg) && arg != "auto" {
		return m.complain("themes are auto, " + strings.Join(themeNames, ", "))
	}
	m.opt.Theme, m.kept.Theme = arg, arg
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

// columnsCommand chooses the columns of the view.
func (m *Model) columnsCommand(arg string) tea.Cmd {
	if columnKinds[m.view] == nil {
		return m.complain("there are columns to choose in the messages and in the exchanges; 1 and 2 go there")
	}
	list := strings.FieldsFunc(arg, func(r rune) bool { return r == ' ' || r == ',' })
	if wrong := wrongColumns(m.view, list); wrong != "" {
		return m.complain(wrong)
	}
	m.chosenColumns[m.view] = list
	m.place()
	if len(list) == 0 {
		return m.say("the columns are those that fit; there are " + strings.Join(m.columnNames(), ", "))
	}
	return m.say("columns: " + strings.Join(list, ", "))
}

// wrongColumns says what is wrong with a list of columns, "" if nothing is.
func wrongColumns(v view, list []string) string {
	for i, name := range list {
		if kindOf(v, name) == nil {
			return "no column " + render.Escape(name) + "; there are " + strings.Join(columnNamesOf(v), ", ")
		}
		if slices.Contains(list[:i], name) {
			return "the column " + name + " is there twice"
		}
	}
	return ""
}

func (m *Model) columnNames() []string { return columnNamesOf(m.view) }

func columnNamesOf(v view) (names []string) {
	for _, k := range columnKinds[v] {
		names = append(names, k.name)
	}
	return names
}
