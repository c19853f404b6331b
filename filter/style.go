package filter

import (
	"errors"
	"strconv"
	"strings"
)

// Style is how a message looks on a terminal.
type Style struct {
	Bold, Dim, Italic, Underline, Reverse bool
	FG, BG                                Color
}

// Color is a colour of a terminal; the zero Color is the terminal's own.
type Color struct {
	kind    colorKind
	n       uint8 // of the 16 or 256
	r, g, b uint8
}

type colorKind uint8

const (
	colorNone colorKind = iota
	color16
	color256
	colorRGB
)

var colorNames = []string{"black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"}

// ParseStyle reads words such as "bold red on black": bold, dim, italic,
// underline, reverse; a colour, and one behind "on" for the background. A
// colour is one of the eight names, bright-NAME, a number of the 256, or
// #rrggbb. "none" is no style.
func ParseStyle(s string) (Style, error) {
	var out Style
	back := false
	fields := strings.Fields(s)
	if len(fields) == 0 {
		return out, errors.New("no style; bold red on black is one")
	}
	for i, w := range fields {
		switch w {
		case "bold":
			out.Bold = true
		case "dim":
			out.Dim = true
		case "italic":
			out.Italic = true
		case "underline":
			out.Underline = true
		case "reverse":
			out.Reverse = true
		case "none":
		case "on":
			if i == len(fields)-1 {
				return out, errors.New("no colour behind on")
			}
			back = true
			continue
		default:
			c, ok := parseColor(w)
			switch {
			case !ok:
				return out, errors.New(printable(w) + " is no style and no colour")
			case back:
				out.BG = c
			default:
				out.FG = c
			}
		}
		back = false
	}
	return out, nil
}

func parseColor(s string) (Color, bool) {
	if hex, ok := strings.CutPrefix(s, "#"); ok {
		v, err := strconv.ParseUint(hex, 16, 24)
		return Color{kind: colorRGB, r: uint8(v >> 16), g: uint8(v >> 8), b: uint8(v)}, err == nil && len(hex) == 6
	}
	name, bright := strings.CutPrefix(s, "bright-")
	for i, n := range colorNames {
		if n == name {
			if bright {
				i += 8
			}
			return Color{kind: color16, n: uint8(i)}, true
		}
	}
	v, err := strconv.ParseUint(s, 10, 8)
	return Color{kind: color256, n: uint8(v)}, err == nil
}

// code appends the parameters that choose a colour; base is 30 for the text,
// 40 for the background.
func (c Color) code(list []string, base int) []string {
	switch c.kind {
	case color16:
		n := base + int(c.n)
		if c.n >= 8 {
			n = base + 60 + int(c.n) - 8
		}
		return append(list, strconv.Itoa(n))
	case color256:
		return append(list, strconv.Itoa(base+8), "5", strconv.Itoa(int(c.n)))
	case colorRGB:
		return append(list, strconv.Itoa(base+8), "2", strconv.Itoa(int(c.r)), strconv.Itoa(int(c.g)), strconv.Itoa(int(c.b)))
	}
	return list
}

// SGR returns the escape sequence that turns the style on, "" for none.
func (s Style) SGR() string {
	var list []string
	for i, on := range []bool{s.Bold, s.Dim, s.Italic, s.Underline, false, false, s.Reverse} {
		if on {
			list = append(list, strconv.Itoa(i+1))
		}
	}
	list = s.BG.code(s.FG.code(list, 30), 40)
	if len(list) == 0 {
		return ""
	}
	return "\x1b[" + strings.Join(list, ";") + "m"
}
