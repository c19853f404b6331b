// Package phrase writes numbers together with what they count.
package phrase

import (
	"fmt"
	"strings"
)

// Count is a number and what it counts: 1 frame, 2 frames, 3 processes, 4 replies.
func Count[N ~int | ~int64 | ~uint16 | ~uint32 | ~uint64](n N, one string) string {
	return fmt.Sprintf("%d %s", n, Word(n, one))
}

// Word is what a number counts: frame or frames.
func Word[N ~int | ~int64 | ~uint16 | ~uint32 | ~uint64](n N, one string) string {
	if n == 1 {
		return one
	}
	switch stem := one[:len(one)-1]; one[len(one)-1] {
	case 's', 'x':
		return one + "es"
	case 'y':
		return stem + "ies"
	}
	return one + "s"
}

// Choose reads the inside of a choice between the words for one and for more,
// is|are. A text with %(a is|are) in it agrees with its number a that way.
func Choose(n uint64, choice string) string {
	one, more, _ := strings.Cut(choice, "|")
	if n == 1 {
		return one
	}
	return more
}
