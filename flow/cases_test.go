package flow_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/flow"
	"github.com/nlsniff/nlsniff/internal/pcaptest"
)

// TestCases: real captures that were once read wrongly, most of them of
// situations that programs rarely get into. A letter stands for each exchange:
// + done, x refused, - not done or not known to be, ? a request that is not in
// the capture; the reason and what followed stand behind it.
func TestCases(t *testing.T) {
	for name, want := range map[string]string{
		"batch-without-end":   "- acknowledged thrown away; + acknowledged, 1 replies",
		"libudev-from-kernel": "",
		// What the kernel asks of whoever resolves neighbours is no request.
		"fib-lookup-and-solicit":      "+ answered, 1 replies; + answered, 1 replies; + answered, 1 replies",
		"nft-batch-late-error":        "x failed ENOENT; + answered, 1 replies",
		"nft-echo":                    "+ answered, 1 replies, 1 notified, 2 copies",
		"three-listeners":             "4 copies",
		"tc-get-shown-as-failed":      "? orphan; + answered, 1 replies; + acknowledged, 7 replies; x failed ENOENT",
		"two-batches-one-datagram":    "+ acknowledged; - unanswered not looked at",
		"nexthop-notify-request-flag": "+ acknowledged, 1 notified; + acknowledged, 1 notified",
		// One sends no ACKs of the filters, as the capture is cut.
		"tc-notify-request-flag": "- unanswered none came, 1 notified; + answered, 1 replies; - unanswered none came, 1 notified; + answered, 1 replies; " +
			"- unanswered capture ended, 1 notified; ? orphan, 2 replies",
		// A program that never changes its number and asks for no ACK, and two
		// listeners. Of two messages with one number in one datagram, the first
		// gets what is told of both.
		"nexthop-same-seq": strings.Repeat("+ unanswered applied, 1 notified, 1 copies; ", 3) +
			"+ unanswered applied, 2 notified, 2 copies; + unanswered applied; " + strings.Repeat("+ unanswered applied, 1 notified, 1 copies; ", 4) +
			"x failed EEXIST; + unanswered presumably applied, 1 notified, 1 copies; - unanswered capture ended",
	} {
		r := track(t, pcaptest.File(t, "../testdata/cases/"+name+".pcap"), flow.Options{})
		r.check(t)
		byID := map[uint64]string{}
		copies := 0
		for _, refs := range r.refs {
			for _, ref := range refs {
				if ref.Exchange == 0 && ref.Copy > 0 {
					copies++
				}
			}
		}
		for i := range r.list {
			e := &r.list[i]
			byID[e.ID] = outcome(e)
		}
		var all []string
		for id := uint64(1); byID[id] != ""; id++ {
			all = append(all, byID[id])
		}
		if copies > 0 {
			all = append(all, fmt.Sprintf("%d copies", copies))
		}
		if got := strings.Join(all, "; "); got != want {
			t.Errorf("%s:\n%s, want\n%s", name, got, want)
		}
	}
}

func outcome(e *flow.Exchange) string {
	s := map[bool]string{true: "+ ", false: "- "}[e.OK()]
	switch {
	case e.Refused() && e.State == flow.Failed:
		s = "x "
	case e.State == flow.Orphan:
		s = "? "
	}
	s += e.State.String()
	if e.State == flow.Failed {
		s += " " + map[int32]string{-2: "ENOENT", -17: "EEXIST"}[e.Errno]
	}
	if e.Reason != flow.NoReason && e.State != flow.Orphan {
		s += " " + e.Reason.String()
	}
	for _, n := range []struct {
		n    int
		what string
	}{{e.Replies, "replies"}, {e.Notified, "notified"}, {e.Copies, "copies"}} {
		if n.n > 0 {
			s += fmt.Sprintf(", %d %s", n.n, n.what)
		}
	}
	return s
}

// TestClonesOfOneBuffer: two listeners get the messages of one buffer, before
// which the unused bytes of nlmon's header are whatever was in memory.
func TestClonesOfOneBuffer(t *testing.T) {
	r := track(t, pcaptest.File(t, "../testdata/monitors/nft_echo.pcap"), flow.Options{})
	for i := range r.list {
		if e := &r.list[i]; e.Request.Frame == 189 {
			if got, want := outcome(e), "+ answered, 1 replies, 1 notified, 2 copies"; got != want {
				t.Errorf("frame 189: %s, want %s", got, want)
			}
			return
		}
	}
	t.Error("frame 189 begins no exchange")
}
