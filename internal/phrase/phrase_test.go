package phrase_test

import (
	"testing"

	"github.com/nlsniff/nlsniff/internal/phrase"
)

func TestCount(t *testing.T) {
	for _, c := range []struct {
		n    int
		one  string
		want string
	}{
		{0, "frame", "0 frames"}, {1, "frame", "1 frame"}, {2, "frame", "2 frames"}, {1, "process", "1 process"},
		{3, "process", "3 processes"}, {1, "reply", "1 reply"}, {4, "reply", "4 replies"}, {-1, "byte", "-1 bytes"},
	} {
		if got := phrase.Count(c.n, c.one); got != c.want {
			t.Errorf("Count(%d, %q) is %q, want %q", c.n, c.one, got, c.want)
		}
	}
}

func TestChoose(t *testing.T) {
	for n, want := range []string{"are", "is", "are"} {
		if got := phrase.Choose(uint64(n), "is|are"); got != want {
			t.Errorf("Choose(%d) is %q, want %q", n, got, want)
		}
	}
}
