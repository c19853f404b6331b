package align_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/internal/align"
)

func TestAlign(t *testing.T) {
	for _, c := range []struct{ a, b, want string }{
		{"", "", ""},
		{"abc", "abc", "abc"},
		{"", "ab", "+a+b"},
		{"ab", "", "-a-b"},
		{"abc", "axc", "a-b+xc"},
		{"abcd", "acd", "a-bcd"},
		{"acd", "abcd", "a+bcd"},
		{"aaa", "aa", "aa-a"},
	} {
		got := ""
		for _, p := range align.Lists([]byte(c.a), []byte(c.b)) {
			switch {
			case p.B < 0:
				got += "-" + c.a[p.A:p.A+1]
			case p.A < 0:
				got += "+" + c.b[p.B:p.B+1]
			default:
				got += c.a[p.A : p.A+1]
			}
		}
		if got != c.want {
			t.Errorf("%s and %s: %s, want %s", c.a, c.b, got, c.want)
		}
	}
}

// TestAlignRandom: every element stands once, in order, pairs are equal, and
// no alignment has more of them.
func TestAlignRandom(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		a, b := make([]byte, rnd.IntN(12)), make([]byte, rnd.IntN(12))
		for i := range a {
			a[i] = 'a' + byte(rnd.IntN(3))
		}
		for i := range b {
			b[i] = 'a' + byte(rnd.IntN(3))
		}
		pairs := align.Lists(a, b)
		i, j, equal := 0, 0, 0
		for _, p := range pairs {
			if p.A >= 0 && p.A != i || p.B >= 0 && p.B != j {
				t.Fatalf("%s and %s: %v", a, b, pairs)
			}
			if p.A >= 0 && p.B >= 0 {
				if a[i] != b[j] {
					t.Fatalf("%s and %s: %v", a, b, pairs)
				}
				equal++
			}
			if p.A >= 0 {
				i++
			}
			if p.B >= 0 {
				j++
			}
		}
		if i != len(a) || j != len(b) || equal != longest(a, b) {
			t.Fatalf("%s and %s: %v has %d equals of %d", a, b, pairs, equal, longest(a, b))
		}
	}
}

// longest is the length of the longest common subsequence, by the book.
func longest(a, b []byte) int {
	n := make([][]int, len(a)+1)
	for i := range n {
		n[i] = make([]int, len(b)+1)
	}
	for i := range a {
		for j := range b {
			n[i+1][j+1] = max(n[i][j+1], n[i+1][j])
			if a[i] == b[j] {
				n[i+1][j+1] = n[i][j] + 1
			}
		}
	}
	return n[len(a)][len(b)]
}

// TestAlignLarge: lists that have little in common take no time without end.
func TestAlignLarge(t *testing.T) {
	var a, b []string
	for i := range 20_000 {
		a = append(a, fmt.Sprint("a", i%5000))
		b = append(b, fmt.Sprint("b", i%5000))
		if i%10 == 0 {
			a, b = append(a, "x"), append(b, "x")
		}
	}
	equal := 0
	for _, p := range align.Lists(a, b) {
		if p.A >= 0 && p.B >= 0 {
			if !strings.HasPrefix(a[p.A], "x") {
				t.Fatal(a[p.A], b[p.B])
			}
			equal++
		}
	}
	if equal < 1000 {
		t.Errorf("only %d equals", equal)
	}
}
