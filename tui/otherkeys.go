package tui

import "strings"

// otherKeys compare the keys with those of programs that people come from. A row has
// what is done, our keys, those of Wireshark, termshark, lazygit and k9s, and why
// ours differ where they do. A test has it that our keys do something.
var otherKeys = [][7]string{
	{"go down, up", "`j` `k` `↓` `↑`", "`↓` `↑`", "`j` `k` `↓` `↑`", "`j` `k` `↓` `↑`", "`j` `k` `↓` `↑`", ""},
	{"top, bottom", "`g g` `G` `<` `>` `Home` `End`", "`Ctrl-Home` `Ctrl-End`", "`g g` `G` `Home` `End`", "`<` `>`", "`g` `G`", "`g` waits for another `g`, as in vi: alone it would be pressed by mistake"},
	{"a page", "`PgUp` `PgDn` `Ctrl-b` `Ctrl-f`", "`PgUp` `PgDn`", "`PgUp` `PgDn`", "`,` `.`", "`Ctrl-b` `Ctrl-f`", ""},
	{"next pane", "`Tab`", "`Tab`", "`Tab`", "`Tab` `1`…`5`", "", "the digits choose a view here, as lazygit's choose a panel"},
	{"open, go back", "`Enter` `Esc`", "`Enter` in the tree", "`Enter` in the tree", "`Enter` `Esc`", "`Enter` `Esc`", ""},
	{"find text", `/`, "`Ctrl-f`", "`Ctrl-f`", "`/`", "", "as in less, vi and lazygit"},
	{"next, previous match", "`n` `N`", "`Ctrl-n` `Ctrl-b`", "", "`n` `N`", "", ""},
	{"filter", `\`, "`Ctrl-/`", "`/`", "`/`", "`/`", "one key cannot do both: `/` finds, and asks which of the two is meant when the text is a filter"},
	{"filter by what is chosen", "`f`", "context menu: Apply as Filter", "a menu", "", "", "with Wireshark's *and*, *or*, *and not*, and the filter alone"},
	{"command", "`:`", "", "`:`", "`:` (a shell's)", "`:`", "Tab completes"},
	{"to a frame or time", "`:120` `:12:01:45`", "`Ctrl-g`", "", "", "", "as in vi"},
	{"next error", "`E` `W`", "a search for one", "", "", "", "`n` and `N` are taken by the search"},
	{"next of the same conversation", "`]` `[`", "`Ctrl-.` `Ctrl-,`", "", "", "", "few terminals can tell Ctrl-. from a dot; lazygit has `]` `[` for tabs"},
	{"mark, go to it", "`m a` `' a`", "`Ctrl-m` `Ctrl-Shift-n`", "`m a` `' a`", "", "`Space`", "terminals send Enter for Ctrl-m"},
	{"count time from here", "`T`", "`Ctrl-t`", "", "", "", ""},
	{"sort", "`o`", "click on the column", "button of the column", "`s`", "`Shift` and a letter of the column", "a menu with few entries is quicker to learn than a letter a column; `s` saves"},
	{"columns", "`:columns`", "context menu, `Ctrl-Shift-i` for a field", "`:columns`", "", "in a file; `Ctrl-w` for all", ""},
	{"the pane alone", "`+` `z`", "", "`\\`", "`+`", "", "`\\` filters"},
	{"sizes of panes", "`=` `-`", "the mouse", "`+` `-` `<` `>`", "", "", "`<` `>` are top and bottom, as in lazygit"},
	{"copy", "`y`", "menu: Copy", "`c`", "`y`", "`c`", "as in vi and lazygit; `c` changes the colours"},
	{"save", "`s` `:w`", "`Ctrl-s`", "", "", "`Ctrl-s`", "Ctrl-s stops the output of many terminals"},
	{"stop and go on", "`Space`", "`Ctrl-e`", "`Ctrl-c`", "", "", "stops the display, never the capture"},
	{"help", "`?`", "`F1`", "`?`", "`?`", "`?`", ""},
	{"quit", "`q` `Ctrl-c`", "`Ctrl-q`", "`q`", "`q`", "`Ctrl-c` `:q`", "it asks nothing: what was captured to a file is in the file"},
}

// otherKeysMarkdown is the table of them.
func otherKeysMarkdown() string {
	var b strings.Builder
	b.WriteString("\n## Beside other programs\n\nWho comes from one of these finds most keys where they were; the last column says why, where not. Wireshark's keys are those of its user guide, k9s's those of its source.\n\n" +
		"| | nlsniff | Wireshark | termshark | lazygit | k9s | why it differs |\n|---|---|---|---|---|---|---|\n")
	for _, row := range otherKeys {
		for i, cell := range row {
			if i == 1 && !strings.HasPrefix(cell, "`") {
				cell = "`" + cell + "`"
			}
			b.WriteString("| " + cell + " ")
		}
		b.WriteString("|\n")
	}
	return b.String()
}
