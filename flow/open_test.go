package flow_test

import (
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/flow"
	"github.com/nlsniff/nlsniff/internal/frametext"
)

// TestOpenUntilThen: what has no answer stays open while nothing happens and
// while others speak, however long that takes. Its socket's next answer ends it,
// not the next request.
func TestOpenUntilThen(t *testing.T) {
	const opening = `
frame 0ms route
  RTM_GETRULE REQUEST seq 1 portid 5 zero:12
frame 1ms route
  RTM_NEWRULE - seq 1 portid 5 zero:12
`
	const next = `
frame 900s route
  RTM_GETRULE REQUEST seq 9 portid 5 zero:12
`
	const answer = `
frame 901s route
  RTM_NEWRULE - seq 9 portid 5 zero:12
`
	others := strings.Repeat(`
frame 800s route
  RTM_GETLINK REQUEST|ACK seq 3 portid 8 zero:16
frame 800s route
  NLMSG_ERROR CAPPED seq 3 portid 8 errno 0 header 4
`, 20)
	for _, tt := range []struct{ name, request, want string }{
		{"a change", "frame 2ms route\n  RTM_NEWRULE REQUEST|CREATE seq 2 portid 5 zero:12\n", "unanswered (applied)"},
		{"a change with an ACK", "frame 2ms route\n  RTM_NEWRULE REQUEST|CREATE|ACK seq 2 portid 5 zero:12\n", "unanswered (ignored, or its answer was lost)"},
		{"a question", "frame 2ms route\n  RTM_GETRULE REQUEST seq 2 portid 5 zero:12\n", "unanswered (ignored, or its answer was lost)"},
		{"a dump", "frame 2ms route\n  RTM_GETRULE REQUEST|DUMP seq 2 portid 5 zero:12\n", "unanswered (ignored, or its answer was lost)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			frames, err := frametext.Parse(opening + tt.request + others + next + answer + others)
			if err != nil {
				t.Fatal(err)
			}
			got, at := "", 0
			tr := flow.NewTracker(families.Embedded(), flow.Options{Closed: func(e *flow.Exchange) {
				if e.Request.Frame == 3 {
					got = e.State.String() + " (" + e.Reason.String() + ")"
				}
			}})
			answered := 3 + 40 + 2
			for i := range frames {
				f := &frames[i]
				tr.Observe(&flow.Frame{Input: &dissect.Input{Number: f.Number, Data: f.Data, OrigLen: f.OrigLen}, Time: f.Time})
				if got != "" && at == 0 {
					at = f.Number
				}
			}
			if got != tt.want || at <= answered {
				t.Errorf("%s in frame %d, want %s behind frame %d", got, at, tt.want, answered)
			}
		})
	}
}
