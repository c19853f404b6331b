package flow_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/flow"
	"github.com/nlsniff/nlsniff/internal/frametext"
)

// TestScenarios joins the frames of testdata/scenarios/*.txt and compares what
// comes out with the file NAME.out beside each. Together they have every
// state, reason and finding.
func TestScenarios(t *testing.T) {
	files, err := filepath.Glob("testdata/scenarios/*.txt")
	if err != nil || len(files) < 20 {
		t.Fatalf("%d scenarios: %v", len(files), err)
	}
	var all strings.Builder
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			r := track(t, frametext.Load(t, file), flow.Options{Keep: 1 << 15})
			r.check(t)
			got := r.describe()
			all.WriteString(got)
			out := strings.TrimSuffix(file, ".txt") + ".out"
			if *update {
				if err := os.WriteFile(out, []byte(got), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(out)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got\n%swant\n%s", got, want)
			}
		})
	}
	for _, s := range flow.States() {
		if !strings.Contains(all.String(), " "+s+":") && !strings.Contains(all.String(), " "+s+" (") {
			t.Errorf("no scenario has the state %s", s)
		}
	}
	for _, s := range flow.Reasons() {
		if !strings.Contains(all.String(), "("+s+")") && s != "evicted" { // TestBounded has that
			t.Errorf("no scenario has the reason %q", s)
		}
	}
	for c := range flow.NumCodes {
		if n := (flow.Finding{Code: c}).Name(); !strings.Contains(all.String(), "! "+n+":") {
			t.Errorf("no scenario has %s", n)
		}
	}
}

// describe writes down what a run came to: the exchanges by number, then the
// part of every message.
func (r *tracked) describe() string {
	var b strings.Builder
	x := flow.NewExplainer(families.Embedded())
	byID := map[uint64]*flow.Exchange{}
	for i := range r.list {
		byID[r.list[i].ID] = &r.list[i]
	}
	for id := uint64(1); byID[id] != nil; id++ {
		e := byID[id]
		parts := x.Explain(e)
		fmt.Fprintf(&b, "#%d %s", e.ID, e.State)
		if e.Reason != flow.NoReason {
			fmt.Fprintf(&b, " (%s)", e.Reason)
		}
		fmt.Fprintf(&b, ": request %s, seq %d, portid %d, %q, answer %s, errno %d, %d replies, %d notifications",
			at(e.Request), e.Seq, e.PortID, e.Process.Comm, at(e.Answer), e.Errno, e.Replies, e.Notified)
		if e.Copies > 0 {
			fmt.Fprintf(&b, " and %d copies", e.Copies)
		}
		if d, ok := e.Duration(); ok {
			fmt.Fprintf(&b, ", %d µs", d/1000)
		}
		b.WriteString("\n")
		for _, f := range e.Findings {
			fmt.Fprintf(&b, "  ! %s: %s: %s\n", f.Name(), f.Severity(), f.AppendText(nil))
		}
		for _, c := range flow.Why(e, parts) {
			kind := "why"
			if c.Inferred {
				kind = "inferred"
			}
			fmt.Fprintf(&b, "  %s: %s\n", kind, c.Text)
		}
	}
	for i, refs := range r.refs {
		for k, ref := range refs {
			if ref.Exchange == 0 {
				fmt.Fprintf(&b, "%d.%d event", i+1, k)
			} else {
				fmt.Fprintf(&b, "%d.%d %s of #%d", i+1, k, ref.Role, ref.Exchange)
			}
			if ref.Copy > 0 {
				fmt.Fprintf(&b, ", copy %d of frame %d", ref.Copy, ref.Of)
			}
			b.WriteString("\n")
		}
	}
	return b.String()
}

func at(m flow.MsgRef) string {
	if m.Frame == 0 {
		return "none"
	}
	return fmt.Sprintf("%d.%d", m.Frame, m.Msg)
}
