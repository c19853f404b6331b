package vmtest

import (
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
)

const streamVar = "NLSNIFF_VMTEST_STREAM"

// TestReportChild is what TestReport starts: it fails as the stream says.
func TestReportChild(t *testing.T) {
	stream := os.Getenv(streamVar)
	if stream == "" {
		t.Skip("started by TestReport")
	}
	events, w := newEvents()
	go func() {
		io.WriteString(w, strings.ReplaceAll(stream, "^", mark))
		w.Close()
	}()
	events.report(t, "TestX")
	events.drain(t)
}

func TestReport(t *testing.T) {
	if Guest() {
		t.Skip("nothing to do in a machine")
	}
	for _, tt := range []struct{ name, stream, want string }{
		{"nested", "^=== RUN   TestX\n^=== RUN   TestX/a\n    x_test.go:1: hello\n^=== RUN   TestX/a/b#01\n^--- PASS: TestX/a/b#01 (0.00s)\n" +
			"^=== NAME  TestX/a\nend^--- PASS: TestX/a (0.00s)\n^=== NAME  TestX\n^--- PASS: TestX (0.00s)\n^PASS\n", `
--- PASS: TestReportChild
    --- PASS: TestReportChild/a
        --- PASS: TestReportChild/a/b#01
PASS
`},
		{"failed", "^=== RUN   TestX\n^=== RUN   TestX/a\n    x_test.go:1: wrong\n^--- FAIL: TestX/a (0.00s)\n^=== RUN   TestX/b\n^--- SKIP: TestX/b (0.00s)\n^--- FAIL: TestX (0.00s)\n^FAIL\n", `
--- FAIL: TestReportChild
    --- FAIL: TestReportChild/a
    --- SKIP: TestReportChild/b
FAIL
`},
		{"ended early", "^=== RUN   TestX\n^=== RUN   TestX/a\npanic: oh\n", `
--- FAIL: TestReportChild
    --- FAIL: TestReportChild/a
FAIL
`},
		{"no tests", "testing: warning: no tests to run\n^PASS\n", `
--- FAIL: TestReportChild
FAIL
`},
		{"parallel", "^=== RUN   TestX\n^=== RUN   TestX/a\n^=== PAUSE TestX/a\n^--- PASS: TestX (0.00s)\n", `
--- FAIL: TestReportChild
    --- FAIL: TestReportChild/a
FAIL
`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cmd := exec.Command(os.Args[0], "-test.v", "-test.run=^TestReportChild$")
			cmd.Env = append(os.Environ(), streamVar+"="+tt.stream)
			out, _ := cmd.CombinedOutput() // the status is that of the text
			var got strings.Builder
			got.WriteByte('\n')
			for line := range strings.Lines(string(out)) {
				if word := strings.TrimSpace(line); strings.HasPrefix(word, "---") || word == "PASS" || word == "FAIL" {
					line, _, _ = strings.Cut(strings.TrimRight(line, "\n"), " (")
					got.WriteString(line + "\n")
				}
			}
			if got.String() != tt.want {
				t.Errorf("got %s\nwant %s\nall of it:\n%s", got.String(), tt.want, out)
			}
			if strings.Contains(tt.stream, "hello") && !strings.Contains(string(out), "\n    x_test.go:1: hello\n") {
				t.Errorf("what the test said is not there:\n%s", out)
			}
		})
	}
}
