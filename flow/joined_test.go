package flow_test

import (
	"testing"

	"github.com/nlsniff/nlsniff/flow"
	"github.com/nlsniff/nlsniff/internal/pcaptest"
)

// TestJoined: messages that were once in the exchange of another request, by
// frame and message, with the frame of the request that they answer; 0 for none.
func TestJoined(t *testing.T) {
	type message struct {
		frame, msg int
		role       flow.Role
		request    int
	}
	for _, tt := range []struct {
		file string
		want []message
		// replies is how many answers the requests of some frames got.
		replies map[int]int
	}{
		// Open vSwitch asks for the same vports again and again, while others get
		// notifications of theirs with its numbers.
		{"pcaps/ovs", []message{
			{444, 0, flow.Reply, 443}, {446, 0, flow.Reply, 445}, {448, 0, flow.Reply, 447}, {467, 0, flow.Reply, 466}, {469, 0, flow.Reply, 468},
		}, map[int]int{443: 1, 445: 1, 447: 1, 454: 0, 459: 0, 462: 0, 466: 1, 468: 1}},
		// Two with one number in one second; the error has the second's bytes.
		{"cases/tc-get-shown-as-failed", []message{{3, 0, flow.Reply, 2}, {10, 0, flow.Failure, 9}}, map[int]int{2: 1, 9: 0}},
		// Parts without a portid and a number, before a DONE that has both.
		{"pcaps/genl_misc", []message{
			{204, 0, flow.Reply, 203}, {204, 1, flow.Done, 203}, {214, 0, flow.Reply, 213}, {214, 1, flow.Done, 213},
		}, map[int]int{203: 1, 213: 1}},
	} {
		t.Run(tt.file, func(t *testing.T) {
			r := track(t, pcaptest.File(t, "../testdata/"+tt.file+".pcap"), flow.Options{})
			byID, byFrame := map[uint64]*flow.Exchange{}, map[int]*flow.Exchange{}
			for i := range r.list {
				byID[r.list[i].ID], byFrame[r.list[i].Request.Frame] = &r.list[i], &r.list[i]
			}
			for _, m := range tt.want {
				ref, request := r.refs[m.frame-1][m.msg], 0
				if e := byID[ref.Exchange]; e != nil {
					request = e.Request.Frame
				}
				if ref.Role != m.role || request != m.request {
					t.Errorf("frame %d.%d is the %v of frame %d, want the %v of frame %d", m.frame, m.msg, ref.Role, request, m.role, m.request)
				}
			}
			for frame, n := range tt.replies {
				if e := byFrame[frame]; e == nil || e.Replies != n {
					t.Errorf("frame %d: %+v, want %d replies", frame, e, n)
				}
			}
		})
	}
}
