//go:build linux

package replay_test

import (
	"runtime"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/nlsniff/nlsniff/capture/pcapng"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/pcaptest"
	"github.com/nlsniff/nlsniff/internal/vmtest"
	"github.com/nlsniff/nlsniff/render"
	"github.com/nlsniff/nlsniff/replay"
)

// TestReplayInVM replays captures as root on the kernel that they are from. What it
// refused then it refuses for the same reason, in the same words, about the same
// attribute; and of all requests at least a share comes to the same.
func TestReplayInVM(t *testing.T) {
	vmtest.Run(t, vmtest.Test{
		Kernels: []string{"6.12"},
		Modules: []string{"nlmon", "dummy"},
		Timeout: 15 * time.Minute,
		Guest:   replayAll,
	})
}

func replayAll(t *testing.T) {
	for _, c := range []struct {
		name    string
		percent int // of requests with the same outcome, at least
		refused int // requests that the capture's kernel refused
	}{
		{"route_links", 98, 54}, // two name a file descriptor of the captured process
		{"route_addrs", 100, 9}, {"tc_all", 100, 16}, {"nft_all", 100, 20}, {"wireguard", 100, 3},
		{"ethtool_all", 100, 33}, {"conntrack_all", 100, 4}, {"ipset", 100, 5}, {"xfrm", 100, 4},
		{"strongswan", 95, 0}, // two are about routes and addresses of the machine
	} {
		t.Run(c.name, func(t *testing.T) { replayed(t, c.name, c.percent, c.refused) })
	}
	t.Run("why", saysWhy)
}

// saysWhy: what is refused comes with the place in the kernel, which is that of
// capture/ebpf/why's own test.
func saysWhy(t *testing.T) {
	src, err := pcapng.Open(pcaptest.Path("route_addrs.pcap"), pcapng.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	db := families.Embedded()
	c, err := replay.Load(src, db, dissect.OrderAuto)
	if err != nil {
		t.Fatal(err)
	}
	p, err := c.Plan(nil)
	if err != nil {
		t.Fatal(err)
	}
	c.Before(p)
	p.Why = true
	runtime.LockOSThread() // and never unlocked, so the namespace ends with the test
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		t.Fatal(err)
	}
	res, err := replay.RunAsking(t.Context(), p, db)
	if err != nil {
		t.Fatal(err)
	}
	if res.NoWhy != "" {
		t.Fatal(res.NoWhy)
	}
	rep, err := replay.Compare(c, p, res, render.Options{})
	if err != nil {
		t.Fatal(err)
	}
	places := map[string]string{}
	for i := range rep.Outcomes {
		x := &rep.Outcomes[i]
		switch {
		case x.Got.Errno == 0:
		case x.Got.Refused == nil || x.Got.Refused.Function == "":
			t.Errorf("frame %d %s: %s, and nothing says where", x.Frame, x.Op, x.Got)
		default:
			t.Logf("frame %d %s: %s", x.Frame, x.Op, x.Got.Refused.Text)
			places[x.Op+" "+x.Got.Error] = x.Got.Refused.Function
		}
	}
	for op, function := range map[string]string{"RTM_DELROUTE ESRCH": "fib_table_delete", "RTM_NEWROUTE EEXIST": "fib_table_insert"} {
		if got, asked := places[op]; asked && got != function {
			t.Errorf("%s is refused in %s, want %s", op, got, function)
		}
	}
	if len(places) < 5 {
		t.Errorf("only %d kinds of refusals", len(places))
	}
}

func replayed(t *testing.T, name string, percent, want int) {
	src, err := pcapng.Open(pcaptest.Path(name+".pcap"), pcapng.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	db := families.Embedded()
	c, err := replay.Load(src, db, dissect.OrderAuto)
	if err != nil {
		t.Fatal(err)
	}
	p, err := c.Plan(nil)
	if err != nil {
		t.Fatal(err)
	}
	c.Before(p)
	runtime.LockOSThread() // and never unlocked, so the namespace ends with the test
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		t.Fatal(err)
	}
	res, err := replay.Run(t.Context(), p, db)
	if err != nil {
		t.Fatal(err)
	}
	rep, err := replay.Compare(c, p, res, render.Options{})
	if err != nil {
		t.Fatal(err)
	}
	refused, words := 0, 0
	for i := range rep.Outcomes {
		x := &rep.Outcomes[i]
		if x.Expected.Errno == 0 {
			if x.OtherOutcome() {
				t.Logf("frame %d %s: expected %s, got %s (%s)", x.Frame, x.Op, x.Expected, x.Got, x.Why)
			}
			continue
		}
		refused++
		if x.Expected.Text != "" || x.Expected.Attr != "" {
			words++
		}
		if slices.ContainsFunc(x.Differs, func(d replay.Difference) bool { return d.What != "value" && d.What != "reply" && d.What != "replies" }) {
			t.Errorf("frame %d %s: expected %s, got %s (%s)", x.Frame, x.Op, x.Expected, x.Got, x.Why)
		}
	}
	all := rep.Same + rep.Differ
	t.Logf("%d requests, %d with the same outcome; %d refused, %d with words", all, all-rep.Outcome, refused, words)
	if 100*(all-rep.Outcome) < percent*all {
		t.Errorf("%d of %d requests come to another end", rep.Outcome, all)
	}
	if refused != want {
		t.Errorf("%d requests were refused in the capture, want %d", refused, want)
	}
}
