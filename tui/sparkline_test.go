package tui

import "testing"

func TestSparkline(t *testing.T) {
	const second = 25 // ticks
	var s sparkline
	pass := func(rows int) {
		for range second {
			s.ticked(rows)
		}
	}
	check := func(want string) {
		t.Helper()
		if got := s.text(unicodeGlyphs.spark); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	check("")
	pass(0)
	check("  0/s")
	pass(100)
	check(" █ 100/s")
	pass(150)
	check(" █▄ 50/s")
	for range 2 * sparkCells {
		pass(150)
	}
	if want := sparkCells; len(s.rates) != want {
		t.Errorf("%d cells, want %d", len(s.rates), want)
	}
	check("             0/s")
}
