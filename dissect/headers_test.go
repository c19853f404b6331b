package dissect_test

import (
	"testing"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/pcaptest"
)

// TestScan: a walk over the headers finds the messages that decoding finds.
func TestScan(t *testing.T) {
	d := dissect.New(families.Embedded())
	for _, name := range pcaptest.Names {
		for _, in := range pcaptest.Inputs(t, name, dissect.NewSession(dissect.OrderAuto)) {
			sameMessages(t, &in, d.Frame(&in))
		}
	}
}

func FuzzScan(f *testing.F) {
	for _, name := range []string{"tc_all", "audit", "uevent_all"} {
		for i, in := range pcaptest.Inputs(f, name, dissect.NewSession(dissect.OrderAuto)) {
			if i%50 == 0 {
				f.Add(in.Data, in.Big)
			}
		}
	}
	d := dissect.New(families.Embedded())
	f.Fuzz(func(t *testing.T, data []byte, big bool) {
		in := dissect.Input{Number: 1, Data: data, OrigLen: len(data), Big: big}
		sameMessages(t, &in, d.Frame(&in))
	})
}

func sameMessages(t *testing.T, in *dissect.Input, tree *dissect.Tree) {
	t.Helper()
	walk, n := dissect.Scan(in), 0
	for m := range tree.Own() {
		n++
		if m.Datagram {
			if !walk.Datagram() {
				t.Errorf("frame %d has no message header", in.Number)
			}
			continue
		}
		var h dissect.Header
		if !walk.Next(&h) {
			t.Errorf("frame %d: no message at %d", in.Number, m.Off)
			continue
		}
		if h.Off != int(m.Off) || h.Len != m.Len || h.Type != m.Type || h.Flags != m.Flags || h.Seq != m.Seq || h.PortID != m.PortID || h.Proto != m.Proto {
			t.Errorf("frame %d: %+v, decoded %+v", in.Number, h, m)
		}
	}
	if h := (dissect.Header{}); walk.Next(&h) {
		t.Errorf("frame %d: a message at %d that decoding does not find", in.Number, h.Off)
	}
	if count := dissect.MessageCount(in); count != n {
		t.Errorf("frame %d: counted %d messages, decoded %d", in.Number, count, n)
	}
}

// TestFork: a session that decodes a frame again, after the one with its
// request, explains it as the first did.
func TestFork(t *testing.T) {
	found := 0
	for _, name := range []string{"ethtool_all", "genl_misc", "nft_all", "nft_more"} {
		s := dissect.NewSession(dissect.OrderAuto)
		list := pcaptest.Inputs(t, name, s)
		frames := pcaptest.Frames(t, name)
		at := map[int]int{}
		for i := range frames {
			at[frames[i].Number] = i
		}
		for i := range list {
			want := &list[i]
			if want.Request == nil {
				continue
			}
			found++
			again := s.Fork()
			for _, k := range []int{at[want.RequestFrame], i} {
				f := &frames[k]
				in := dissect.Input{Number: f.Number, Data: f.Data, OrigLen: f.OrigLen, Dir: dissect.Dir(f.Dir)}
				again.Prepare(&in, f.Section)
				if k == i && (string(in.Request) != string(want.Request) || in.RequestFrame != want.RequestFrame) {
					t.Errorf("%s frame %d: request % x of frame %d, want % x of frame %d", name, f.Number,
						in.Request, in.RequestFrame, want.Request, want.RequestFrame)
				}
			}
		}
	}
	if found == 0 {
		t.Error("no answer without its request in these captures")
	}
}
