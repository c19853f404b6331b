// Package near finds what someone may have meant by a misspelt name.
package near

import (
	"cmp"
	"slices"
	"strings"
)

// Hint is a question that names those of a list that are closest to a misspelt word, or "".
func Hint(s string, list []string) string {
	names := Names(s, list)
	switch len(names) {
	case 0:
		return ""
	case 1:
		return "did you mean " + names[0] + "?"
	}
	return "did you mean " + strings.Join(names[:len(names)-1], ", ") + " or " + names[len(names)-1] + "?"
}

// Names returns up to three words of a list that need the fewest edits, or
// contain what was typed.
func Names(s string, list []string) []string {
	type scored struct {
		word string
		n    int
	}
	low := strings.ToLower(s)
	limit := max(1, len(s)/4)
	var out []scored
	for _, w := range list {
		lw := strings.ToLower(w)
		n := distance(low, lw, limit)
		if n > limit && len(low) >= 4 && strings.Contains(lw, low) {
			n = limit // a part of it
		}
		if n <= limit {
			out = append(out, scored{w, n})
		}
	}
	slices.SortFunc(out, func(a, b scored) int {
		return cmp.Or(cmp.Compare(a.n, b.n), cmp.Compare(len(a.word), len(b.word)), cmp.Compare(a.word, b.word))
	})
	var names []string
	for _, x := range out {
		if len(names) == 3 || x.n > out[0].n {
			break
		}
		if !slices.Contains(names, x.word) {
			names = append(names, x.word)
		}
	}
	return names
}

// distance counts the edits from a to b, a swap of neighbours as one; beyond
// limit it may stop counting.
func distance(a, b string, limit int) int {
	if d := len(a) - len(b); d > limit || -d > limit {
		return limit + 1
	}
	before, last, cur := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		cur[0] = i
		least := i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			cur[j] = min(last[j]+1, cur[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				cur[j] = min(cur[j], before[j-2]+1)
			}
			least = min(least, cur[j])
		}
		if least > limit {
			return limit + 1
		}
		before, last, cur = last, cur, before
	}
	return last[len(b)]
}
