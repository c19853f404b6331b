package extcap

import (
	"fmt"
	"strings"
	"testing"
)

// FuzzSentences: whatever a version and the names of namespaces are, what is written are
// sentences of Wireshark's, as many as there are names that one can hold, and each value
// is one of those names.
func FuzzSentences(f *testing.F) {
	f.Add("v1.0", "blue", "a b", Here)
	f.Add("{}{x=y}", "x}{value=evil", "line\nbreak", All)
	f.Add("(devel)\r", "\x7f\u2028\xff", "--write=x", EBPF)
	f.Add("", "", "\x00", "eth0")
	f.Fuzz(func(t *testing.T, version, first, second, iface string) {
		var names strings.Builder
		if err := Namespaces(&names, []string{first, second}); err != nil {
			t.Fatal(err)
		}
		allowed := "\n{value=}{display=This one}{default=true}\n"
		for _, name := range []string{first, second} {
			allowed += fmt.Sprintf("{value=%s}{display=%s}\n", name, name)
		}
		for line := range strings.Lines(names.String()) {
			rest, ok := strings.CutPrefix(line, "value {arg=0}")
			if !ok || !strings.Contains(allowed, "\n"+rest) {
				t.Fatalf("%q of %q and %q", line, first, second)
			}
		}
		var b strings.Builder
		if err := Interfaces(&b, version, strings.Contains(iface, EBPF)); err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(b.String(), "\n"); n != 3 && n != 4 {
			t.Fatalf("%d lines of version %q", n, version)
		}
		if err := Config(&b, iface); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(b.String() + names.String()) {
			if !sentence.MatchString(strings.TrimSuffix(line, "\n")) {
				t.Fatalf("no sentence: %q", line)
			}
		}
	})
}
