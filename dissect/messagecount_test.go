package dissect_test

import (
	"testing"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/pcaptest"
)

// own counts the messages of a decoded frame.
func own(t *dissect.Tree) int {
	n := 0
	for range t.Own() {
		n++
	}
	return n
}

// TestMessageCount: counting by lengths finds what decoding finds.
func TestMessageCount(t *testing.T) {
	d := dissect.New(families.Embedded())
	for _, name := range pcaptest.Names {
		for _, in := range pcaptest.Inputs(t, name, dissect.NewSession(dissect.OrderAuto)) {
			if got, want := d.MessageCount(&in), own(d.Frame(&in)); got != want {
				t.Errorf("%s frame %d: counted %d messages, decoded %d", name, in.Number, got, want)
			}
		}
	}
}

func FuzzMessageCount(f *testing.F) {
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
		if got, want := d.MessageCount(&in), own(d.Frame(&in)); got != want {
			t.Errorf("counted %d messages, decoded %d", got, want)
		}
	})
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
