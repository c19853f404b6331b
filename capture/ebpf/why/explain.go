package why

import (
	_ "embed"
	"slices"
	"strings"
)

// The table of what refusals mean.
//
//go:embed explain.txt
var explanations string

// Meaning says what it means that a function refuses with an errno.
type Meaning struct {
	Functions []string // that one line is for
	Errno     string   // its name
	Text      string
}

// meanings reads the table.
func meanings() (list []Meaning) {
	for line := range strings.Lines(explanations) {
		head, text, ok := strings.Cut(strings.TrimSpace(line), ": ")
		functions, errno, ok2 := strings.Cut(head, " ")
		if ok && ok2 && head[0] != '#' {
			list = append(list, Meaning{strings.Split(functions, ","), errno, text})
		}
	}
	return list
}

// Explain returns what is known of a function's refusals: with one errno, or
// with "" all.
func Explain(function, errno string) (list []Meaning) {
	for _, m := range meanings() {
		if slices.Contains(m.Functions, function) && (errno == "" || errno == m.Errno) {
			list = append(list, m)
		}
	}
	return list
}
