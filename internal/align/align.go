// Package align sets two lists side by side, as diff does.
package align

// Pair is a place in each of two lists; -1 where one has nothing to set
// against the other.
type Pair struct{ A, B int }

// maxEdits bounds how many differences are looked for before alignment becomes
// coarse: the time is in proportion to their number and the lists' length.
const maxEdits = 2000

// maxJump is how much of a list may be passed over at once when alignment is
// coarse: a longer jump would leave nothing for what follows.
const maxJump = 64

// Lists sets two lists side by side so that as many as possible of their
// elements face their equals, in order.
func Lists[T comparable](a, b []T) []Pair {
	var out []Pair
	start := 0
	for start < len(a) && start < len(b) && a[start] == b[start] {
		out = append(out, Pair{start, start})
		start++
	}
	endA, endB := len(a), len(b)
	for endA > start && endB > start && a[endA-1] == b[endB-1] {
		endA--
		endB--
	}
	matches, ok := myers(a[start:endA], b[start:endB])
	if !ok {
		matches = coarse(a[start:endA], b[start:endB])
	}
	i, j := start, start
	upTo := func(x, y int) {
		for ; i < x; i++ {
			out = append(out, Pair{i, -1})
		}
		for ; j < y; j++ {
			out = append(out, Pair{-1, j})
		}
	}
	for _, m := range matches {
		upTo(m.A+start, m.B+start)
		out = append(out, Pair{i, j})
		i++
		j++
	}
	upTo(endA, endB)
	for i < len(a) {
		out = append(out, Pair{i, j})
		i++
		j++
	}
	return out
}

// myers finds the equal elements of a shortest edit script (E. W. Myers, An
// O(ND) Difference Algorithm, 1986); false if it would be too long.
func myers[T comparable](a, b []T) ([]Pair, bool) {
	if len(a) == 0 || len(b) == 0 {
		return nil, true
	}
	limit := min(len(a)+len(b), maxEdits)
	v := make([]int32, 2*limit+3) // the furthest x on each diagonal
	at := func(k int) *int32 { return &v[k+limit+1] }
	var trace [][]int32 // for each number of edits, v on the diagonals -d to d
	for d := 0; d <= limit; d++ {
		for k := -d; k <= d; k += 2 {
			var x int32
			if k == -d || k != d && *at(k - 1) < *at(k + 1) {
				x = *at(k + 1)
			} else {
				x = *at(k - 1) + 1
			}
			for int(x) < len(a) && int(x)-k < len(b) && int(x)-k >= 0 && a[x] == b[int(x)-k] {
				x++
			}
			*at(k) = x
			if int(x) >= len(a) && int(x)-k >= len(b) {
				return walkBack(a, b, trace, d, k), true
			}
		}
		trace = append(trace, append([]int32(nil), v[limit+1-d:limit+2+d]...))
	}
	return nil, false
}

// walkBack follows the trace from the end to the start.
func walkBack[T comparable](a, b []T, trace [][]int32, d, k int) []Pair {
	var out []Pair
	x, y := len(a), len(b)
	for ; d > 0; d-- {
		before := trace[d-1]
		get := func(k int) int {
			if i := k + d - 1; i >= 0 && i < len(before) {
				return int(before[i])
			}
			return -1
		}
		prev := k - 1
		if k == -d || k != d && get(k-1) < get(k+1) {
			prev = k + 1
		}
		px := get(prev)
		py := px - prev
		// The snake behind the edit.
		mx := px
		if prev == k-1 {
			mx++
		}
		for x > mx {
			x--
			y--
			out = append(out, Pair{x, y})
		}
		x, y, k = px, py, prev
	}
	for x > 0 && y > 0 {
		x--
		y--
		out = append(out, Pair{x, y})
	}
	for i, j := 0, len(out)-1; i < j; i, j = i+1, j-1 {
		out[i], out[j] = out[j], out[i]
	}
	return out
}

// coarse pairs each element with the next equal one behind the last pair.
func coarse[T comparable](a, b []T) []Pair {
	places := map[T][]int{}
	for i, x := range a {
		places[x] = append(places[x], i)
	}
	var out []Pair
	next := 0
	for j, y := range b {
		list := places[y]
		for len(list) > 0 && list[0] < next {
			list = list[1:]
		}
		places[y] = list
		if len(list) > 0 && list[0]-next <= maxJump {
			out = append(out, Pair{list[0], j})
			next = list[0] + 1
		}
	}
	return out
}
