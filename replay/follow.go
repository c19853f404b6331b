package replay

import (
	"fmt"
	"slices"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
)

// lacking are the errors of a request that misses something.
var lacking = []string{"ENOENT", "ENODEV", "ESRCH", "ENXIO", "EADDRNOTAVAIL", "ENETUNREACH", "EHOSTUNREACH", "ENETDOWN"}

// follow finds out which outcomes follow from others: what a request was to make
// is not there, as it was refused here, so what names that is refused too.
func follow(c *Capture, list []Compared) {
	lost := map[name]*Compared{} // what is not there, and what was to make it
	for i := range list {
		x := &list[i]
		if !x.OtherOutcome() {
			continue
		}
		at := side{c: c}.index(x.Frame)
		mine := names{}
		mine.add(&c.Frames[at], c.Tree(at))
		from := x
		for n := range mine {
			if y := lost[n]; y != nil && (from == x || y.Frame < from.Frame) {
				from = y
			}
		}
		switch {
		case from == x || from.Frame == x.Frame:
			from = x
		case slices.Contains(lacking, x.Got.Error) || x.Expected.Errno != 0 && x.Got.Errno == 0:
			x.Why = fmt.Sprintf("it follows frame %d, which names the same and came to %s here", from.Frame, ended(from))
		default:
			from = x
		}
		if x.Expected.Errno == 0 && (x.Got.Errno != 0 || x.Got.Outcome == "not sent") && makesSomething(c.Tree(at)) {
			for n := range mine {
				if lost[n] == nil {
					lost[n] = from
				}
			}
		}
	}
}

// ended is what the kernel said, in a word.
func ended(x *Compared) string {
	if x.Got.Error != "" {
		return x.Got.Error
	}
	return x.Got.Outcome
}

// makesSomething says that a frame's requests are to make things.
func makesSomething(t *dissect.Tree) bool {
	for m := range t.Own() {
		if m.Class == families.ClassNew && !isBatchMark(m) {
			return true
		}
	}
	return false
}
