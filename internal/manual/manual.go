// Package manual writes the manual pages of a program from its commands, as
// man(7) wants them.
package manual

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Section is a section that a page has beside those that its command tells.
type Section struct{ Name, Text string }

// Name is what the page of a command is called.
func Name(c *cobra.Command) string { return strings.ReplaceAll(c.CommandPath(), " ", "-") }

// Commands are the commands that have a page, the program itself first.
func Commands(root *cobra.Command) []*cobra.Command {
	list := []*cobra.Command{root}
	for _, c := range root.Commands() {
		if c.IsAvailableCommand() && c.Name() != "help" && c.Name() != "completion" {
			list = append(list, c)
		}
	}
	return list
}

// Write writes the page of one command.
func Write(w io.Writer, c *cobra.Command, version string, more ...Section) error {
	p := &page{}
	name := Name(c)
	p.line(".TH %s 1 \"\" %s %s", quoted(strings.ToUpper(name)), quoted(version), quoted(c.Root().Name()+" manual"))
	p.section("NAME")
	p.line("%s \\- %s", text(name), text(lower(c.Short)))
	p.section("SYNOPSIS")
	p.synopsis(c)
	p.section("DESCRIPTION")
	p.paragraphs(c.Long)
	if subs := Commands(c); len(subs) > 1 {
		p.section("COMMANDS")
		for _, s := range subs[1:] {
			p.line(".TP\n\\fB%s\\fR(1)\n%s", text(Name(s)), text(s.Short))
		}
	}
	if c.HasAvailableFlags() {
		p.section("OPTIONS")
		c.Flags().VisitAll(p.flag)
	}
	if c.Example != "" {
		p.section("EXAMPLES")
		p.line(".nf")
		for l := range strings.SplitSeq(c.Example, "\n") {
			p.line("%s", protected(text(strings.TrimPrefix(l, "  "))))
		}
		p.line(".fi")
	}
	for _, s := range more {
		p.section(s.Name)
		p.paragraphs(s.Text)
	}
	p.section("SEE ALSO")
	var others []string
	for _, s := range Commands(c.Root()) {
		if s != c {
			others = append(others, "\\fB"+text(Name(s))+"\\fR(1)")
		}
	}
	p.line("%s", strings.Join(others, ",\n"))
	_, err := io.WriteString(w, p.String())
	return err
}

// page is one that is being written.
type page struct{ strings.Builder }

func (p *page) line(format string, args ...any) { fmt.Fprintf(p, format+"\n", args...) }

func (p *page) section(name string) { p.line(".SH %s", quoted(name)) }

func (p *page) synopsis(c *cobra.Command) {
	use := strings.TrimPrefix(c.UseLine(), c.CommandPath())
	p.line("\\fB%s\\fR%s", text(c.CommandPath()), text(use))
	if !c.HasParent() {
		p.line(".br\n\\fB%s\\fR \\fIcommand\\fR [flags] [arguments]", text(c.Name()))
	}
}

// paragraphs writes text in which empty lines part paragraphs, and lines that
// are indented stay lines.
func (p *page) paragraphs(s string) {
	indented := false
	for l := range strings.SplitSeq(s, "\n") {
		in := strings.HasPrefix(l, "  ")
		switch {
		case in && !indented:
			p.line(".nf")
		case !in && indented:
			p.line(".fi")
		}
		indented = in
		if l == "" {
			p.line(".PP")
			continue
		}
		p.line("%s", protected(text(l)))
	}
	if indented {
		p.line(".fi")
	}
}

func (p *page) flag(f *pflag.Flag) {
	if f.Hidden {
		return
	}
	kind, usage := pflag.UnquoteUsage(f)
	p.line(".TP")
	head := "\\fB" + text("--"+f.Name) + "\\fR"
	if f.Shorthand != "" {
		head = "\\fB" + text("-"+f.Shorthand) + "\\fR, " + head
	}
	if kind != "" {
		head += " \\fI" + text(kind) + "\\fR"
	}
	p.line("%s", head)
	switch f.DefValue {
	case "", "false", "0", "[]":
	default:
		usage += " (default " + f.DefValue + ")"
	}
	p.line("%s", protected(text(usage)))
}

// text escapes what means something to troff.
func text(s string) string {
	return strings.NewReplacer(`\`, `\e`, "-", `\-`, "'", `\(aq`, "`", `\(ga`, "^", `\(ha`, "~", `\(ti`, "…", `\&...`, "→", `\(->`, "✓", "yes", "✗", "no").Replace(s)
}

// protected keeps a line from being taken for a request.
func protected(s string) string {
	if strings.HasPrefix(s, ".") || strings.HasPrefix(s, `\(aq`) {
		return `\&` + s
	}
	return s
}

func quoted(s string) string { return `"` + strings.ReplaceAll(text(s), `"`, `\(dq`) + `"` }

// lower is a sentence's beginning within another.
func lower(s string) string {
	if len(s) > 1 && s[1] >= 'a' && s[1] <= 'z' {
		return strings.ToLower(s[:1]) + s[1:]
	}
	return s
}
