package filter

import (
	"bytes"
	"cmp"
	"slices"
)

// pairs compares each value of a with each of b: whether any pair that can be
// compared passes, whether all do, and whether there is one. It sorts both, so
// that it takes n log n steps and not n times n.
func pairs(op kind, a, b []value) (any, every, some bool) {
	slices.SortFunc(a, compareValues)
	slices.SortFunc(b, compareValues)
	every = true
	for len(a) > 0 && len(b) > 0 {
		if c := cmp.Compare(a[0].kind, b[0].kind); c < 0 {
			a = a[1:]
			continue
		} else if c > 0 {
			b = b[1:]
			continue
		}
		x, y := sameKind(a), sameKind(b)
		if a[0].kind != valNone {
			p, q := pairsOfKind(op, a[:x], b[:y])
			any, every, some = any || p, every && q, true
		}
		a, b = a[x:], b[y:]
	}
	return any, every, some
}

// compareValues orders values by kind, then by what they are.
func compareValues(a, b value) int {
	if c := cmp.Compare(a.kind, b.kind); c != 0 {
		return c
	}
	switch a.kind {
	case valNone:
		return 0
	case valNum:
		return num{u: b.num, neg: b.neg}.cmp(a.num, a.neg)
	}
	return bytes.Compare(a.b, b.b)
}

// sameKind returns how many values at the start have one kind.
func sameKind(v []value) int {
	for i := range v {
		if v[i].kind != v[0].kind {
			return i
		}
	}
	return len(v)
}

// pairsOfKind is pairs for sorted values of one kind.
func pairsOfKind(op kind, a, b []value) (any, every bool) {
	low, high := compareValues(a[0], b[len(b)-1]), compareValues(a[len(a)-1], b[0])
	switch op {
	case tEq, tAllEq:
		return common(a, b), low == 0 && high == 0
	case tNe, tAnyNe:
		return low != 0 || high != 0, !common(a, b)
	case tLt:
		return low < 0, high < 0
	case tLe:
		return low <= 0, high <= 0
	case tGt:
		return high > 0, low > 0
	case tGe:
		return high >= 0, low >= 0
	}
	return false, false
}

// common says whether two sorted lists have a value in common.
func common(a, b []value) bool {
	for len(a) > 0 && len(b) > 0 {
		switch c := compareValues(a[0], b[0]); {
		case c == 0:
			return true
		case c < 0:
			a = a[1:]
		default:
			b = b[1:]
		}
	}
	return false
}
