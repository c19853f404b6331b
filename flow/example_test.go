package flow_test

import (
	"fmt"
	"log"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/capture/pcapng"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/flow"
)

// What came of the requests of a capture. The package nlsniff does this and decodes
// them too.
func Example() {
	r, err := pcapng.Open("../testdata/pcaps/wireguard.pcap", pcapng.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer r.Close()
	db, states := families.Embedded(), map[flow.State]int{}
	tracker := flow.NewTracker(db, flow.Options{Closed: func(e *flow.Exchange) { states[e.State]++ }})
	session := dissect.NewSession(dissect.OrderAuto)
	var f capture.Frame
	for r.Next(&f) == nil {
		in := dissect.Input{Number: f.Number, Data: f.Data, OrigLen: f.OrigLen, Dir: dissect.Dir(f.Dir)}
		session.Prepare(&in, f.Stream())
		tracker.Observe(&flow.Frame{Input: &in, Time: f.Time})
	}
	tracker.Close()
	for s, name := range flow.States() {
		if n := states[flow.State(s)]; n > 0 {
			fmt.Println(n, name)
		}
	}
	// Output:
	// 1 answered
	// 96 acknowledged
	// 3 failed
}
