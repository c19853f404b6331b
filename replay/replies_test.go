//go:build linux

package replay

import (
	"bytes"
	"slices"
	"testing"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/need"
	"github.com/nlsniff/nlsniff/internal/pcaptest"
	"github.com/nlsniff/nlsniff/render"
)

// TestReplyContents: replies are compared attribute by attribute. What is
// changed in one is told with its path, then and now, unless it is a value that
// differs from run to run.
func TestReplyContents(t *testing.T) {
	all := pcaptest.File(t, "../testdata/monitors/nft_echo.pcap")
	load := func(old, new []byte) (*Capture, uint64) {
		list := slices.Clone(all)
		for i := range list {
			if n := list[i].Number; n < 190 || n > 191 { // the echo, and what another listener got
				continue
			}
			list[i].Data = bytes.Replace(list[i].Data, old, new, 1)
		}
		c, err := Load(&frames{list}, families.Embedded(), dissect.OrderAuto)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range c.Exchanges {
			if e != nil && e.Request.Frame == 189 {
				return c, e.ID
			}
		}
		t.Fatal("frame 189 begins no exchange")
		return nil, 0
	}
	same := []byte{}
	then, a := load(same, same)
	for _, x := range []struct {
		name     string
		old, new []byte
		want     []Difference
	}{
		{"nothing", same, same, nil},
		{"NFTA_RULE_HANDLE, an id of the kernel's", []byte{0, 0, 0, 0, 0, 0, 0, 4}, []byte{0, 0, 0, 0, 0, 0, 0, 9}, nil},
		{"the port", []byte{0, 23}, []byte{0, 24}, []Difference{{What: "value", Reply: 1,
			Path: "NFTA_RULE_EXPRESSIONS/NFTA_LIST_ELEM/NFTA_EXPR_DATA/NFTA_CMP_DATA/NFTA_DATA_VALUE", Then: "0017", Now: "0018"}}},
		{"the chain", []byte("c\x00"), []byte("d\x00"), []Difference{{What: "value", Reply: 1, Path: "NFTA_RULE_CHAIN", Then: `"c"`, Now: `"d"`}}},
	} {
		now, b := load(x.old, x.new)
		got := compareReplies(side{c: then, opt: render.Options{}}, side{c: now, opt: render.Options{}}, a, b)
		if !slices.Equal(got, x.want) {
			t.Errorf("%s: %+v, want %+v", x.name, got, x.want)
		}
	}
}

// TestEchoAgain: the kernel here echoes what the one of the capture echoed.
func TestEchoAgain(t *testing.T) {
	needNamespace(t)
	c := load(t, "../testdata/monitors/nft_echo.pcap")
	p, err := c.Plan(nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := Namespace{}.Run(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	rep, err := Compare(c, p, res, render.Options{})
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for i := range rep.Outcomes {
		x := &rep.Outcomes[i]
		if x.OtherOutcome() && x.Got.Error == "EOPNOTSUPP" {
			need.Need(t, false, "this kernel lacks nf_tables")
		}
		if x.Frame == 189 {
			seen++
			if !x.Same || x.Expected.Replies != 1 {
				t.Errorf("frame 189: %s, now %s: %+v", x.Expected, x.Got, x.Differs)
			}
		}
	}
	if seen != 1 {
		t.Errorf("frame 189 stands %d times in the report", seen)
	}
}
