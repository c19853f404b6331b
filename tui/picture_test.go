package tui

import (
	"fmt"
	"html"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
)

// TestPictures draws the pictures of the README from screens of the program:
// -update writes them, and otherwise they have to be as they would be now.
func TestPictures(t *testing.T) {
	for name, keys := range map[string][]string{
		"messages":   {":", "2", "1", "enter", "enter", "e"},
		"exchanges":  {"2", ":", "2", "5", "enter", "enter"},
		"statistics": {"4"},
	} {
		u := sit(t, tour(), 120, 32).press(keys...)
		golden(t, "../docs/pictures/"+name+".svg", svg(u.m.lines(), 120))
	}
}

const (
	cellWidth  = 8.4
	lineHeight = 18
	margin     = 10
)

// svg draws lines of a terminal.
func svg(lines []string, w int) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %d" font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="14">`+"\n",
		float64(w)*cellWidth+2*margin, len(lines)*lineHeight+2*margin)
	b.WriteString(`<rect width="100%" height="100%" rx="6" fill="#14161c"/>` + "\n")
	for y, l := range lines {
		drawLine(&b, l, margin+y*lineHeight)
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// look is how text is drawn.
type look struct {
	fg, bg          string
	bold, underline bool
}

// drawLine draws the runs of a line, each in one look.
func drawLine(b *strings.Builder, l string, top int) {
	x, now := 0, look{}
	var run strings.Builder
	at := 0
	flush := func() {
		text := run.String()
		run.Reset()
		left := margin + float64(at)*cellWidth
		if now.bg != "" {
			fmt.Fprintf(b, `<rect x="%.1f" y="%d" width="%.1f" height="%d" fill="%s"/>`+"\n", left, top, float64(x-at)*cellWidth, lineHeight, now.bg)
		}
		if strings.TrimSpace(text) != "" {
			style := ""
			if now.bold {
				style += ` font-weight="bold"`
			}
			if now.underline {
				style += ` text-decoration="underline"`
			}
			fg := now.fg
			if fg == "" {
				fg = "#d5dae5"
			}
			fmt.Fprintf(b, `<text x="%.1f" y="%d" textLength="%.1f" fill="%s"%s xml:space="preserve">%s</text>`+"\n",
				left, top+13, float64(x-at)*cellWidth, fg, style, html.EscapeString(text))
		}
		at = x
	}
	for len(l) > 0 {
		if l[0] == '\x1b' {
			end := strings.IndexByte(l, 'm')
			flush()
			now = styled(now, l[2:end])
			l = l[end+1:]
			continue
		}
		i := strings.IndexByte(l, '\x1b')
		if i < 0 {
			i = len(l)
		}
		run.WriteString(l[:i])
		x += ansi.StringWidth(l[:i])
		l = l[i:]
	}
	flush()
}

// styled applies the numbers of an SGR sequence.
func styled(k look, codes string) look {
	n := strings.Split(codes, ";")
	for i := 0; i < len(n); i++ {
		switch n[i] {
		case "", "0":
			k = look{}
		case "1":
			k.bold = true
		case "4":
			k.underline = true
		case "38", "48":
			var r, g, bl int
			fmt.Sscan(n[i+2], &r)
			fmt.Sscan(n[i+3], &g)
			fmt.Sscan(n[i+4], &bl)
			c := fmt.Sprintf("#%02x%02x%02x", r, g, bl)
			if n[i] == "38" {
				k.fg = c
			} else {
				k.bg = c
			}
			i += 4
		}
	}
	return k
}
