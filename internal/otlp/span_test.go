package otlp

import (
	"strings"
	"testing"
	"unicode/utf8"
	"unsafe"
)

// TestClip: what is cut is UTF-8 and within the limit, and does not keep the rest.
func TestClip(t *testing.T) {
	for _, x := range []struct {
		text, want string
	}{
		{"", ""}, {"short", "short"}, {"exactly8", "exactly8"}, {"ninebytes", "ninebyte"},
		{"seven..é", "seven.."}, {"\xff", "�"}, {strings.Repeat("\xff", 9), "�"}, {"1234\xff", "1234�"}, {"123456\xff", "123456"},
	} {
		if got := clip(x.text, 8); got != x.want || !utf8.ValidString(got) {
			t.Errorf("%q: %q, want %q", x.text, got, x.want)
		}
	}
	long := strings.Repeat("x", 100)
	if got := clip(long, 8); unsafe.StringData(got) == unsafe.StringData(long) {
		t.Error("the whole text is kept")
	}
}
