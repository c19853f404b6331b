package why

import (
	"os"
	"strings"
	"testing"
)

// Each line has a request that the kernel refuses there, which
// TestRefusalsInVM asks it.
func TestMeaningsAreOfRefusals(t *testing.T) {
	b, err := os.ReadFile("testdata/refusals.txt")
	if err != nil {
		t.Fatal(err)
	}
	refused := map[string]bool{}
	for line := range strings.Lines(string(b)) {
		if words := strings.Fields(line); len(words) > 1 && words[0] != "#" && words[0] != "+" {
			refused[strings.TrimSuffix(words[1], ":")+" "+words[0]] = true
		}
	}
	list := meanings()
	for _, m := range list {
		found := false
		for r := range refused {
			way, errno, _ := strings.Cut(r, " ")
			for _, f := range strings.Split(way, "<") {
				found = found || errno == m.Errno && f == m.Functions[0]
			}
		}
		if !found {
			t.Errorf("%s %s: no request in testdata/refusals.txt is refused there", m.Functions[0], m.Errno)
		}
		for _, f := range m.Functions {
			if got := Explain(f, m.Errno); len(got) != 1 {
				t.Errorf("%s %s: %d explanations", f, m.Errno, len(got))
			}
		}
	}
	if len(list) < 50 {
		t.Errorf("%d lines", len(list))
	}
	if got := Explain("br_add_if", ""); len(got) != 2 {
		t.Errorf("br_add_if: %v", got)
	}
	if got := Explain("br_add_if", "ENOENT"); got != nil {
		t.Errorf("br_add_if ENOENT: %v", got)
	}
}
