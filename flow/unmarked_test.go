package flow_test

import (
	"encoding/binary"
	"testing"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/flow"
	"github.com/nlsniff/nlsniff/internal/pcaptest"
)

// TestUnmarked: of each request that a description says the kernel takes with nests
// that lack NLA_F_NESTED, a capture has one that it did take; strict checking answers
// EINVAL.
func TestUnmarked(t *testing.T) {
	const eINVAL = -22
	taken := map[string]bool{}
	for _, name := range []string{"genl_more", "ovs", "radio_wifi", "wifi"} {
		frames := pcaptest.Frames(t, name)
		s, d := dissect.NewSession(dissect.OrderAuto), dissect.New(nil)
		r := track(t, frames, flow.Options{})
		ended := map[uint64]int32{}
		for i := range r.list {
			ended[r.list[i].ID] = r.list[i].Errno
		}
		for i := range frames {
			in := dissect.Input{Number: frames[i].Number, Data: frames[i].Data, OrigLen: frames[i].OrigLen, Dir: dissect.Dir(frames[i].Dir)}
			s.Prepare(&in, frames[i].Section)
			tree := d.Frame(&in)
			for k, ref := range r.refs[i] {
				m := r.own[i][k].Message
				if ref.Role == flow.Request && m != nil && m.Unmarked && ended[ref.Exchange] != eINVAL && bareNest(tree) {
					taken[m.Name] = true
				}
			}
		}
	}
	n := 0
	all, err := families.Embedded().LoadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range all {
		for _, m := range f.Messages {
			if !m.Unmarked {
				continue
			}
			n++
			if !taken[m.Name] {
				t.Errorf("no capture has a %s with an unmarked nest that the kernel took", m.Name)
			}
		}
	}
	if n == 0 {
		t.Error("no request is marked")
	}
}

// bareNest says whether a frame has a nest without NLA_F_NESTED.
func bareNest(tree *dissect.Tree) bool {
	const nested = 0x8000
	holds := map[families.Kind]bool{families.KindNest: true, families.KindIndexed: true, families.KindTypeValue: true}
	for i := range tree.Nodes {
		n := &tree.Nodes[i]
		if n.Kind == dissect.KindAttr && n.Type != nil && holds[n.Type.Kind] && binary.LittleEndian.Uint16(tree.Data[n.Off+2:])&nested == 0 {
			return true
		}
	}
	return false
}
