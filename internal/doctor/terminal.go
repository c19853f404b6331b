package doctor

import (
	"fmt"
	"strings"

	"github.com/nlsniff/nlsniff/internal/phrase"
)

// Terminal is what standard output is.
type Terminal struct {
	Is         bool // a terminal
	Cols, Rows int
	// Colors is how many it shows: 0 for none, 1<<24 for all.
	Colors int
	Env    func(string) string
}

// minCols and minRows are what the terminal interface needs to be of use.
const minCols, minRows = 60, 16

func (s *System) terminal() []Check {
	t := s.Terminal
	if t.Env == nil {
		t.Env = func(string) string { return "" }
	}
	size := Check{Name: "terminal", State: Yes, Text: fmt.Sprintf("%s, %s", phrase.Count(t.Cols, "column"), phrase.Count(t.Rows, "row"))}
	switch {
	case !t.Is:
		size.State, size.Text = No, "standard output is not a terminal"
		size.Hint = "the interface needs one; lines are printed without"
	case t.Cols < minCols || t.Rows < minRows:
		size.State = No
		size.Hint = fmt.Sprintf("make it %d columns wide and %d rows high", minCols, minRows)
	}
	return []Check{size, t.color(), t.utf8()}
}

func (t Terminal) color() Check {
	c := Check{Name: "colour", State: Yes}
	switch {
	case t.Env("NO_COLOR") != "":
		c.State, c.Text, c.Hint = No, "switched off by NO_COLOR", "unset NO_COLOR, or --color always"
	case !t.Is:
		c.State, c.Text, c.Hint = No, "none, as standard output is not a terminal", "--color always"
	case t.Colors >= 1<<24:
		c.Text = "24-bit"
	case t.Colors > 0:
		c.Text = fmt.Sprintf("%d colours", t.Colors)
		if t.Colors < 1<<24 {
			c.Hint = "a terminal with 24-bit colour says so: COLORTERM=truecolor"
		}
	default:
		c.State, c.Text, c.Hint = No, "none, by what TERM says ("+t.Env("TERM")+")", "TERM=xterm-256color, if the terminal is one"
	}
	return c
}

// utf8 follows the locale as setlocale(3) does.
func (t Terminal) utf8() Check {
	c := Check{Name: "UTF-8"}
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		v := t.Env(name)
		if v == "" {
			continue
		}
		low := strings.ToLower(v)
		if strings.Contains(low, "utf-8") || strings.Contains(low, "utf8") {
			c.State, c.Text = Yes, name+"="+v
		} else {
			c.State, c.Text, c.Hint = No, name+"="+v, "LANG=C.UTF-8, if the terminal shows it"
		}
		return c
	}
	c.State, c.Text, c.Hint = No, "no locale is set", "LANG=C.UTF-8, if the terminal shows it"
	return c
}
