package bpf

import (
	"cmp"
	"slices"
	"strings"
)

// maxNear is how many names a hint offers.
const maxNear = 3

// near returns the names that come closest to a mistyped one, the closest
// first: those that differ in few letters or contain it.
func near(typed string, names []string) []string {
	type candidate struct {
		name string
		dist int
	}
	var found []candidate
	want := strings.ToLower(typed)
	seen := map[string]bool{}
	for _, n := range names {
		if seen[n] {
			continue
		}
		seen[n] = true
		low := strings.ToLower(n)
		d := distance(want, low)
		if len(want) >= 3 && strings.Contains(low, want) {
			d = min(d, 1+(len(low)-len(want))/8)
		}
		if d <= max(2, len(want)/3) && d < len(want) {
			found = append(found, candidate{n, d})
		}
	}
	slices.SortStableFunc(found, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.dist, b.dist), cmp.Compare(a.name, b.name))
	})
	var out []string
	for _, c := range found[:min(len(found), maxNear)] {
		out = append(out, c.name)
	}
	return out
}

// distance is how many letters have to be changed, added, removed or swapped
// with their neighbour to make b of a.
func distance(a, b string) int {
	if len(a) > 64 || len(b) > 64 {
		return max(len(a), len(b)) // nobody mistypes that
	}
	var prev2, prev, cur [65]int
	for j := range len(b) + 1 {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		cur[0] = i
		for j := 1; j <= len(b); j++ {
			change := 1
			if a[i-1] == b[j-1] {
				change = 0
			}
			cur[j] = min(prev[j]+1, cur[j-1]+1, prev[j-1]+change)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				cur[j] = min(cur[j], prev2[j-2]+1)
			}
		}
		prev2, prev = prev, cur
	}
	return prev[len(b)]
}
