//go:build linux

package replay

import (
	"slices"
	"strings"
	"testing"
)

// TestWhy: what a request was refused for here is said, whatever it is.
func TestWhy(t *testing.T) {
	ok, refused := Answer{Outcome: "ok"}, Answer{Outcome: "error", Errno: -22, Error: "EINVAL"}
	got := func(e, text string) Answer { return Answer{Outcome: "error", Errno: -1, Error: e, Text: text} }
	for _, c := range []struct {
		family        string
		expected, got Answer
		want          string
	}{
		{"nlctrl", ok, got("ENOENT", ""), "no such generic family"},
		{"ipset", ok, got("IPSET_ERR_FIND_TYPE", ""), "type, family and revision"},
		{"rt-nsid", ok, got("EINVAL", "Peer netns reference is invalid"), "network namespace by a descriptor"},
		{"audit", ok, got("ECONNREFUSED", ""), "in the first one only"},
		{"rt-link", ok, got("EPERM", ""), "rights outside"},
		{"rt-link", ok, got("EOPNOTSUPP", "Unknown device type"), "a module is missing"},
		{"tc", ok, got("ENOENT", "Specified qdisc kind is unknown"), "does not know it"},
		{"tc", ok, got("ENOENT", ""), "is not there"},
		{"rt-route", ok, got("EEXIST", ""), "there already"},
		{"nl802154", ok, got("EBUSY", ""), "in use here"},
		{"nl80211", ok, got("ENETDOWN", ""), "by ioctl"},
		{"rt-route", ok, got("EBADF", ""), "file descriptor"},
		{"rt-route", refused, ok, "stood in its way"},
		{"ovs_flow", Answer{Outcome: "ok", Inferred: true}, got("ENODEV", ""), "the capture has no answer"},
		{"iscsi", ok, Answer{Outcome: "unanswered"}, "addresses in the kernel"},
		{"audit", ok, Answer{Outcome: "unanswered"}, "in time"},
	} {
		x := Compared{Family: c.family, Expected: c.expected, Got: c.got, Differs: []Difference{{What: "outcome"}}}
		if s := because(&x); !strings.Contains(s, c.want) {
			t.Errorf("%s: %s, then %s: %q, want %q in it", c.family, c.expected, c.got, s, c.want)
		}
	}
}

// TestFollow: what names a thing that could not be made here is explained by
// that, and the shares count it so.
func TestFollow(t *testing.T) {
	c := open(t, "ipset")
	p, err := c.Plan(nil)
	if err != nil {
		t.Fatal(err)
	}
	// A kernel that lacks the type of the first set that the capture makes.
	var list []Compared
	first := 0
	for i := range p.Requests {
		q := &p.Requests[i]
		x := Compared{Frame: q.Frame, Op: q.Op, Family: "ipset", Expected: Answer{Outcome: "ok"}, Got: Answer{Outcome: "ok"}}
		switch {
		case first == 0 && q.Op == "IPSET_CMD_CREATE":
			first = q.Frame
			x.Got = Answer{Outcome: "error", Errno: -4098, Error: "IPSET_ERR_FIND_TYPE"}
		case first != 0 && q.Op == "IPSET_CMD_ADD":
			x.Got = Answer{Outcome: "error", Errno: -2, Error: "ENOENT"}
		}
		if x.Got.Errno != 0 {
			x.Differs = []Difference{{What: "outcome"}}
			x.Why = because(&x)
		}
		list = append(list, x)
	}
	follow(c, list)
	at := slices.IndexFunc(list, func(x Compared) bool { return x.Op == "IPSET_CMD_ADD" })
	if at < 0 || !strings.Contains(list[at].Why, "it follows frame ") || !strings.Contains(list[at].Why, "IPSET_ERR_FIND_TYPE") {
		t.Fatalf("the first set is made in frame %d; %+v", first, list[max(at, 0)])
	}
	s := shares(list)
	if len(s) != 1 || s[0].Requests != len(list) || s[0].Outcome >= s[0].Requests || len(s[0].Why) < 2 {
		t.Errorf("%+v", s)
	}
}
