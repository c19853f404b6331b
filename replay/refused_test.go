package replay

import (
	"encoding/binary"
	"testing"

	"github.com/nlsniff/nlsniff/capture/ebpf/why"
)

// said is a message of the kernel's with an errno.
func said(typ uint16, seq, portid uint32, errno int32) []byte {
	e := binary.NativeEndian
	b := e.AppendUint32(nil, 36)
	b = e.AppendUint16(b, typ)
	b = e.AppendUint16(b, 0)
	b = e.AppendUint32(b, seq)
	b = e.AppendUint32(b, portid)
	b = e.AppendUint32(b, uint32(errno))
	return append(b, make([]byte, 16)...)
}

// TestExplain: each refusal among the answers is asked for once, by what its
// header says, and none of the replay's own questions.
func TestExplain(t *testing.T) {
	r := &Result{Frames: []Frame{
		{Request: 0, Data: said(16, 1, 0, 0)},
		{Request: 0, Received: true, Data: append(said(2, 1, 77, -19), said(2, 2, 77, 0)...)},
		{Request: -1, Received: true, Data: said(2, 3, 77, -22)},
		{Request: 1, Received: true, Proto: 12, Data: said(3, 4, 78, -2)},
		{Request: 2, Received: true, Data: said(2, 5, 78, -1)}, // of which nothing is known
		{Request: 3, Received: true, Data: said(2, 6, 78, -1)[:20]},
	}}
	asked := 0
	r.Explain(func(proto uint16, portid, seq uint32, errno int32) (why.Reason, bool) {
		asked++
		switch {
		case proto == 0 && portid == 77 && seq == 1 && errno == -19, proto == 12 && portid == 78 && seq == 4 && errno == -2:
			return why.Reason{Errno: errno, Chain: []why.Step{{Function: "somewhere"}}, Sure: why.SureOne, Places: 1}, true
		}
		return why.Reason{}, false
	})
	if asked != 3 || len(r.Refused) != 2 {
		t.Fatalf("%d were asked for, %+v", asked, r.Refused)
	}
	at := r.refusals()
	for _, k := range []refusal{{1, 1}, {3, 4}} {
		if d := at[k]; d == nil || d.Function != "somewhere" || d.Sure != "only" {
			t.Errorf("%v: %+v", k, d)
		}
		if r.Frames[k.frame].Comment == "" {
			t.Errorf("frame %d has no comment", k.frame)
		}
	}
}
