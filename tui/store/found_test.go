package store_test

import (
	"testing"

	"github.com/nlsniff/nlsniff/tui/store"
)

// TestEnoughFindings: a search ends when there are enough, and goes on behind that
// row: one row can have thousands.
func TestEnoughFindings(t *testing.T) {
	s := store.Live(&made{max: 50, frame: func(b []byte, i int) []byte {
		var attrs []byte
		for range 100 {
			attrs = append(attrs, 5, 0, 4, 0, 1, 0, 0, 0) // IFLA_MTU of one byte
		}
		return message(b, 16, 0, uint32(i), 0, append(make([]byte, 16), attrs...))
	}}, options())
	defer s.Close()
	end := wait(t, s).End
	all, next := s.NewDecoder().Findings(0, end, 1<<30)
	if next != end || len(all) < 50*100 {
		t.Fatalf("%d findings up to row %d of %d", len(all), next, end)
	}
	var list []store.Found
	for at, times := 0, 0; at < end; times++ {
		some, next := s.NewDecoder().Findings(at, end, 250)
		if next <= at || len(some) > 250+len(all)/50 {
			t.Fatalf("from row %d up to row %d: %d findings", at, next, len(some))
		}
		list, at = append(list, some...), next
	}
	if len(list) != len(all) {
		t.Errorf("%d findings in parts, %d in one go", len(list), len(all))
	}
}
