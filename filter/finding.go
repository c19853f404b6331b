package filter

import (
	"regexp"
	"slices"
	"strings"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/flow"
)

// findingFields are what a question about finding is about: what was found of the
// message, of its exchange, or either, as only one of them has some codes.
type findingFields struct{ message, exchange bool }

// findingsLike says which have a code that is meant.
func findingsLike(meant func(code string) bool) findingFields {
	return findingFields{slices.ContainsFunc(dissect.Codes(), meant), slices.ContainsFunc(flow.Codes(), meant)}
}

// isFinding says whether a term is the field of all findings.
func isFinding(e term) bool {
	w, ok := e.(*word)
	return ok && w.text == "finding"
}

// exchangeFinding is the field of an exchange's findings in the place of finding.
func exchangeFinding(e term) term { return &word{e.where(), "exchange.finding"} }

// literalText is the text of a term that is a value.
func literalText(e term) (string, bool) {
	switch e := e.(type) {
	case *word:
		return e.text, true
	case *quoted:
		return e.text, true
	}
	return "", false
}

// findingCompare is what a comparison with finding asks, one or the other, if it is
// about a code that only exchanges have, else nil.
func findingCompare(e *compare) []*compare {
	x, y, left := e.x, e.y, true
	if !isFinding(x) {
		x, y, left = y, x, false
	}
	s, ok := literalText(y)
	if !isFinding(x) || !ok {
		return nil
	}
	meant := func(code string) bool { return code == s }
	switch e.op {
	case tContains:
		meant = func(code string) bool { return strings.Contains(code, s) }
	case tMatches:
		re, err := regexp.Compile("(?i)" + s)
		if err != nil {
			return nil // the compiler says what is wrong
		}
		meant = re.MatchString
	}
	in := findingsLike(meant)
	if !in.exchange {
		return nil
	}
	other := *e
	if left {
		other.x = exchangeFinding(x)
	} else {
		other.y = exchangeFinding(x)
	}
	if !in.message {
		return []*compare{&other}
	}
	return []*compare{e, &other}
}

// findingMembership does the same for a set.
func findingMembership(e *membership) expr {
	if !isFinding(e.x) {
		return nil
	}
	own, other := *e, *e
	own.set, other.set = nil, nil
	own.not, other.not = false, false
	other.x = exchangeFinding(e.x)
	for _, v := range e.set {
		s, ok := literalText(v.lo)
		if ok && v.hi == nil && slices.Contains(flow.Codes(), s) {
			other.set = append(other.set, v)
		} else {
			own.set = append(own.set, v)
		}
	}
	var out expr = &other
	switch {
	case len(other.set) == 0:
		return nil
	case len(own.set) > 0:
		out = &logic{tOr, []expr{&own, &other}}
	}
	if e.not {
		out = &negation{out}
	}
	return out
}
