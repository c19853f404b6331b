package tui

import "strconv"

// sparkline is the rate of a live list in the bar at the top: a sign a second,
// the last on the right.
type sparkline struct {
	ticks int // since the last second was over
	seen  int // rows at its end
	rates []int
}

const sparkCells = 12

// ticked counts the time, in the ticks that the store is looked at in. end is
// how many rows there have been.
func (s *sparkline) ticked(end int) {
	const second = 1000 / int(tickEvery/1e6)
	if s.ticks++; s.ticks < second {
		return
	}
	if len(s.rates) == sparkCells {
		s.rates = append(s.rates[:0], s.rates[1:]...)
	}
	s.rates = append(s.rates, end-s.seen)
	s.ticks, s.seen = 0, end
}

// text draws the rates with the signs for an eighth up to all of a cell, and
// says the last. It is "" before the first second is over.
func (s *sparkline) text(signs []string) string {
	if len(s.rates) == 0 {
		return ""
	}
	most, out := 1, ""
	for _, v := range s.rates {
		most = max(most, v)
	}
	for _, v := range s.rates {
		if v == 0 {
			out += " "
			continue
		}
		out += signs[v*(len(signs)-1)/most]
	}
	return out + " " + strconv.Itoa(s.rates[len(s.rates)-1]) + "/s"
}
