package replay

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/nlsniff/nlsniff/render"
)

// Share is how many requests of a family came to the same.
type Share struct {
	Family string `json:"family"`
	// Requests are those that the capture has an answer to.
	Requests int `json:"requests"`
	Outcome  int `json:"same_outcome"`
	Same     int `json:"same"` // in their replies too
	// Why counts the other outcomes by what explains them.
	Why []Reason `json:"why,omitempty"`
}

// Reason explains a number of outcomes.
type Reason struct {
	Requests int    `json:"requests"`
	Text     string `json:"text"`
}

// shares counts by family, in the order of their names.
func shares(list []Compared) []Share {
	var out []Share
	for i := range list {
		x := &list[i]
		if x.Prepares || x.Unknown {
			continue
		}
		at, ok := slices.BinarySearchFunc(out, x.Family, func(s Share, name string) int { return strings.Compare(s.Family, name) })
		if !ok {
			out = slices.Insert(out, at, Share{Family: x.Family})
		}
		s := &out[at]
		s.Requests++
		switch {
		case x.Same:
			s.Same++
			s.Outcome++
		case !x.OtherOutcome():
			s.Outcome++
		default:
			s.because(x.Why)
		}
	}
	for i := range out {
		slices.SortStableFunc(out[i].Why, func(a, b Reason) int { return b.Requests - a.Requests })
	}
	return out
}

func (s *Share) because(why string) {
	if at := slices.IndexFunc(s.Why, func(r Reason) bool { return r.Text == why }); at >= 0 {
		s.Why[at].Requests++
		return
	}
	s.Why = append(s.Why, Reason{1, why})
}

// writeShares writes a line a family, and below it why its requests came to
// something else. Without all, families that always came to the same are left out.
func writeShares(w io.Writer, list []Share, all bool) {
	width := 0
	for _, s := range list {
		width = max(width, len(render.Escape(s.Family)))
	}
	for _, s := range list {
		if s.Outcome == s.Requests && !all {
			continue
		}
		fmt.Fprintf(w, "%-*s  %d of %d with the same outcome\n", width, render.Escape(s.Family), s.Outcome, s.Requests)
		for _, r := range s.Why {
			fmt.Fprintf(w, "%*s  %d: %s\n", width, "", r.Requests, orUnexplained(render.Escape(r.Text)))
		}
	}
}

func orUnexplained(why string) string {
	if why == "" {
		return "for a reason that is not known"
	}
	return why
}
