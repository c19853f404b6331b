package flow_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/flow"
	"github.com/nlsniff/nlsniff/internal/pcaptest"
	"github.com/nlsniff/nlsniff/internal/pipeline"
)

var update = flag.Bool("update", false, "write testdata/counts.txt")

// tracked is one run of a tracker over frames.
type tracked struct {
	refs [][]flow.Ref // by frame
	own  [][]dissect.Msg
	many []bool          // known to be for a group, by frame
	asks []bool          // asked for by nlsniff, by frame
	list []flow.Exchange // as they ended
}

// track runs frames through a tracker and a dissector.
func track(t testing.TB, frames []capture.Frame, o flow.Options) *tracked {
	t.Helper()
	r := &tracked{}
	o.Closed = func(e *flow.Exchange) {
		var c flow.Exchange
		e.CopyTo(&c, nil)
		r.list = append(r.list, c)
	}
	db := families.Embedded()
	tr, s, d := flow.NewTracker(db, o), dissect.NewSession(dissect.OrderAuto), dissect.New(db)
	for i := range frames {
		f := &frames[i]
		if f.Event != nil {
			pipeline.Happened(f, tr)
			r.refs, r.own, r.many, r.asks = append(r.refs, nil), append(r.own, nil), append(r.many, false), append(r.asks, false)
			continue
		}
		in := dissect.Input{Number: f.Number, Data: f.Data, OrigLen: f.OrigLen, Dir: dissect.Dir(f.Dir)}
		s.Prepare(&in, f.Section)
		ff := flow.Frame{Input: &in}
		pipeline.Tracked(f, &ff)
		refs := tr.Observe(&ff)
		r.many, r.asks = append(r.many, ff.Group != 0), append(r.asks, ff.Asked)
		r.refs = append(r.refs, append([]flow.Ref(nil), refs...))
		var own []dissect.Msg
		for m := range d.Frame(&in).Own() {
			own = append(own, *m)
		}
		r.own = append(r.own, own)
	}
	tr.Close()
	if n := tr.Len(); n != 0 {
		t.Errorf("%d exchanges are open behind the end", n)
	}
	return r
}

// check holds what must be true of every run: each request and each unicast of
// the kernel is in exactly one exchange, and each exchange is reported once.
func (r *tracked) check(t testing.TB) {
	t.Helper()
	count := map[uint64]map[flow.Role]int{}
	for i, refs := range r.refs {
		own := r.own[i]
		if len(refs) > len(own) || len(refs) < len(own) && !own[0].Datagram && own[0].Proto != families.ProtoUsersock {
			t.Fatalf("frame %d has %d messages, but %d references", i+1, len(own), len(refs))
		}
		for k, ref := range refs {
			m := &own[k]
			if (ref.Exchange == 0) != (ref.Role == flow.NoRole) {
				t.Errorf("frame %d.%d: exchange %d and role %q", i+1, k, ref.Exchange, ref.Role)
			}
			switch connector := m.Proto == families.ProtoConnector; {
			case connector && ref.Exchange != 0:
				t.Errorf("frame %d.%d: a connector message in exchange %d", i+1, k, ref.Exchange)
			case r.asks[i] && ref.Exchange != 0:
				t.Errorf("frame %d.%d: what nlsniff asked is in exchange %d", i+1, k, ref.Exchange)
			case connector, r.asks[i]:
			case m.Dir == dissect.DirToKernel && ref.Role != flow.Request:
				t.Errorf("frame %d.%d: a request is a %q", i+1, k, ref.Role)
			case m.Dir == dissect.DirFromKernel && (ref.Role == flow.Request || m.PortID != 0 && ref.Exchange == 0 && !r.many[i]):
				t.Errorf("frame %d.%d: a unicast to %d is a %q in exchange %d", i+1, k, m.PortID, ref.Role, ref.Exchange)
			}
			if ref.Exchange == 0 {
				continue
			}
			if count[ref.Exchange] == nil {
				count[ref.Exchange] = map[flow.Role]int{}
			}
			count[ref.Exchange][ref.Role]++
		}
	}
	seen := map[uint64]bool{}
	for i := range r.list {
		e := &r.list[i]
		if seen[e.ID] {
			t.Errorf("exchange %d is reported twice", e.ID)
		}
		seen[e.ID] = true
		c := count[e.ID]
		if c[flow.Request] != e.Messages || e.Messages > 1 && !e.Batch {
			t.Errorf("exchange %d has %d requests, not %d", e.ID, c[flow.Request], e.Messages)
		}
		// What comes late is its own, but not counted any more.
		// The parts of a dump whose numbers another had are listed there.
		for _, f := range e.Findings {
			if f.Code == flow.FindSeqReused {
				c[flow.Reply] += count[f.A][flow.Reply]
			}
		}
		if c[flow.Reply] < e.Replies || c[flow.Notification] < e.Notified {
			t.Errorf("exchange %d counts %d replies and %d notifications, there are %d and %d", e.ID, e.Replies, e.Notified,
				c[flow.Reply], c[flow.Notification])
		}
	}
	for id := range count {
		if !seen[id] {
			t.Errorf("exchange %d is not reported", id)
		}
	}
}

// summary counts how exchanges ended.
func (r *tracked) summary() string {
	var ok, failed, unanswered, orphan, other int
	for i := range r.list {
		switch e := &r.list[i]; {
		case e.State == flow.Orphan:
			orphan++
		case e.State == flow.Failed:
			failed++
		case e.OK() && e.State != flow.Unanswered:
			ok++
		case e.State == flow.Unanswered:
			unanswered++
		default:
			other++
		}
	}
	return fmt.Sprintf("ok %d, failed %d, unanswered %d, orphan %d, other %d", ok, failed, unanswered, orphan, other)
}

// TestCaptures joins every real capture and compares the counts with
// testdata/counts.txt.
func TestCaptures(t *testing.T) {
	var b strings.Builder
	for _, name := range pcaptest.Names {
		r := track(t, pcaptest.Frames(t, name), flow.Options{})
		t.Run(name, func(t *testing.T) { r.check(t) })
		fmt.Fprintf(&b, "%s: %s\n", name, r.summary())
	}
	const file = "testdata/counts.txt"
	if *update {
		if err := os.MkdirAll("testdata", 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(b.String()), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	got, lines := strings.Split(b.String(), "\n"), strings.Split(string(want), "\n")
	if len(got) != len(lines) {
		t.Fatalf("%d captures, %s has %d", len(got)-1, file, len(lines)-1)
	}
	for i := range got {
		if got[i] != lines[i] {
			t.Errorf("%s\nwant %s", got[i], lines[i])
		}
	}
}
