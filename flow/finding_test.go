package flow_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/flow"
)

var (
	codeHead = regexp.MustCompile("(?m)^### `([a-z_.]+)` (note|warning|error)$")
	italic   = regexp.MustCompile(`\*([ABX])\*`)
)

// TestFindingsPage: docs/findings.md has every code of exchanges, in the order
// of the code table, with its severity, its sentence and everything that a
// reader wants to know.
func TestFindingsPage(t *testing.T) {
	b, err := os.ReadFile("../docs/findings.md")
	if err != nil {
		t.Fatal(err)
	}
	_, page, _ := strings.Cut(string(b), "\n## Exchanges\n")
	heads := codeHead.FindAllStringSubmatchIndex(page, -1)
	if len(heads) != int(flow.NumCodes) {
		t.Fatalf("%d codes are documented of %d", len(heads), flow.NumCodes)
	}
	for i, h := range heads {
		end := len(page)
		if i+1 < len(heads) {
			end = heads[i+1][0]
		}
		name, sev, text := page[h[2]:h[3]], page[h[4]:h[5]], page[h[1]:end]
		f := flow.Finding{Code: flow.Code(i), A: 111, B: 222}
		if f.Name() != name || f.Severity().String() != sev {
			t.Errorf("the page has %s %s where the code has %s %s", name, sev, f.Name(), f.Severity())
			continue
		}
		sentence, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
		sentence = italic.ReplaceAllStringFunc(strings.TrimPrefix(sentence, "> "), func(s string) string {
			return map[string]string{"*A*": "111", "*B*": "222", "*X*": "0x6f"}[s]
		})
		if want := string(f.AppendText(nil)); sentence != want {
			t.Errorf("%s: the page says %q, the code %q", name, sentence, want)
		}
		for _, part := range []string{"- **Means:** ", "- **Cause:** ", "- **Kernel:** "} {
			if strings.Count(text, part) != 1 {
				t.Errorf("%s: %q does not stand there once", name, part)
			}
		}
	}
}

// TestNote keeps findings sorted, the worst first, each code once.
func TestNote(t *testing.T) {
	var e flow.Exchange
	for _, c := range []flow.Code{flow.FindOrphan, flow.FindError, flow.FindSlow, flow.FindError, flow.FindTruncated} {
		e.Note(c, 1, 0)
	}
	last := dissect.Error
	for i, f := range e.Findings {
		if i > 0 && f.Code <= e.Findings[i-1].Code || f.Severity() > last {
			t.Errorf("%s stands behind %s", f.Name(), e.Findings[max(i-1, 0)].Name())
		}
		last = f.Severity()
	}
	if len(e.Findings) != 4 || !e.Has(flow.FindSlow) || e.Has(flow.FindNoAck) {
		t.Errorf("%v", e.Findings)
	}
}
