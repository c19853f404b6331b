package flow_test

import (
	"testing"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/flow"
	"github.com/nlsniff/nlsniff/internal/frametext"
)

// TestPartsWithoutPortID: nfnetlink_hook's parts do not say whose they are, but a
// capture may: that of the socket, which then has the portid of the DONE.
func TestPartsWithoutPortID(t *testing.T) {
	frames, err := frametext.Parse(`
frame 0ms netfilter
  3072 REQUEST|DUMP seq 1 portid 0 hex:02000000
frame 1ms netfilter
  3072 MULTI seq 1 portid 0 hex:02000000
frame 2ms netfilter
  NLMSG_DONE MULTI seq 1 portid 7 errno 0
`)
	if err != nil {
		t.Fatal(err)
	}
	for _, portid := range []uint32{0, 7} {
		var got *flow.Exchange
		tr := flow.NewTracker(families.Embedded(), flow.Options{Closed: func(e *flow.Exchange) { got = e }})
		for i := range frames {
			f := &frames[i]
			tr.Observe(&flow.Frame{Input: &dissect.Input{Number: f.Number, Data: f.Data, OrigLen: f.OrigLen}, Time: f.Time, Socket: flow.Socket{PortID: portid}})
		}
		tr.Close()
		if got == nil || got.Replies != 1 || got.Request.Frame != 1 {
			t.Errorf("portid %d: %+v", portid, got)
		}
	}
}
