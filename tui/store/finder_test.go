package store_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/internal/pcaptest"
	"github.com/nlsniff/nlsniff/tui/store"
)

// TestFinder: the first row in the order asked for is found, whichever goroutine
// sees one first.
func TestFinder(t *testing.T) {
	s := open(t, pcaptest.Path("route_links.pcap"), options())
	numbers := make([]int, wait(t, s).End)
	for i := range numbers {
		numbers[i] = i
	}
	down := slices.Clone(numbers)
	slices.Reverse(down)
	rows := s.NewDecoder().Rows(numbers)
	f := s.NewFinder()
	for _, text := range []string{"RTM_NEWLINK", "RTM_DELLINK", "DONE", "vlan", "ENODEV", "nowhere at all"} {
		fits := func(r *store.Row) bool {
			return strings.Contains(r.Op, text) || strings.Contains(r.Summary, text) || strings.Contains(r.Outcome, text)
		}
		for _, from := range []int{0, 1, len(numbers) / 2, len(numbers) - 3} {
			for _, list := range [][]int{numbers[from:], down[from:]} {
				want := slices.IndexFunc(list, func(n int) bool { return fits(&rows[n]) })
				if got := f.First(list, fits); got != want {
					t.Errorf("%q from %d of %d: place %d, want %d", text, from, len(numbers), got, want)
				}
			}
		}
	}
}
