package slice

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/flow"
	"github.com/nlsniff/nlsniff/internal/pipeline"
)

// verdicts are the exchanges of a capture by their requests.
func verdicts(db *families.DB, frames []frame) map[flow.MsgRef]flow.Exchange {
	out := map[flow.MsgRef]flow.Exchange{}
	t := flow.NewTracker(db, flow.Options{Closed: func(e *flow.Exchange) { out[e.Request] = *e }})
	for i := range frames {
		f := &frames[i]
		if f.Event != nil {
			pipeline.Happened(&f.Frame, t)
			continue
		}
		ff := flow.Frame{Input: &f.input}
		pipeline.Tracked(&f.Frame, &ff)
		t.Observe(&ff)
	}
	t.Close()
	return out
}

// claims are reasons that say the same, for better or weaker evidence.
var claims = map[flow.Reason]flow.Reason{
	flow.Applied: flow.PresumablyApplied, flow.DoneQuietly: flow.PresumablyDone,
	flow.Ignored: flow.CaptureEnded, flow.NoneCame: flow.CaptureEnded, flow.Unread: flow.CaptureEnded, flow.SocketGone: flow.CaptureEnded,
}

func claim(r flow.Reason) flow.Reason {
	if c, ok := claims[r]; ok {
		return c
	}
	return r
}

// otherVerdicts says which request of a part has come to another end than in the
// whole, "" for none.
func otherVerdicts(db *families.DB, all, part []frame, n *Needs) string {
	was, is := verdicts(db, all), verdicts(db, part)
	var b strings.Builder
	at := 0
	for i := range all {
		if !n.Has(&all[i].Frame) {
			continue
		}
		number := part[at].Number
		at++
		for msg := range int32(1 << 10) {
			y, ok := is[flow.MsgRef{Frame: number, Msg: msg}]
			if !ok {
				if msg > 64 {
					break
				}
				continue
			}
			x := was[flow.MsgRef{Frame: all[i].Number, Msg: msg}]
			same := x.State == y.State && x.Errno == y.Errno && claim(x.Reason) == claim(y.Reason)
			if y.Reason == flow.LeftOut || n.joined.blind != 0 && y.Reason == flow.Unclear {
				same = n.marks(&all[i].Frame)
			}
			if !same {
				fmt.Fprintf(&b, "\n  request %d.%d: %s (%s) %d, was %s (%s) %d, marked %v", all[i].Number, msg, y.State, y.Reason, y.Errno, x.State, x.Reason, x.Errno, n.marks(&all[i].Frame))
			}
		}
	}
	return b.String()
}

// TestVerdicts: whichever exchanges are kept, they and the requests that come
// along end as they did in the whole.
func TestVerdicts(t *testing.T) {
	t.Parallel()
	db := families.Embedded()
	for _, name := range captures(t) {
		b, all := whole(t, db, name)
		for what, wanted := range map[string]func(*flow.Exchange) bool{
			"errors":                      func(e *flow.Exchange) bool { return e.Refused() },
			"every 5th":                   func(e *flow.Exchange) bool { return e.ID%5 == 0 },
			"every 5th, where few fit":    func(e *flow.Exchange) bool { return e.ID%5 == 0 },
			"errors, where no frames fit": func(e *flow.Exchange) bool { return e.Refused() },
		} {
			ids := map[uint64]bool{}
			for _, e := range verdicts(db, all) {
				ids[e.ID] = wanted(&e)
			}
			n := New(db)
			switch {
			case strings.HasSuffix(what, "few fit"):
				n.joined.exchanges = 9
			case strings.HasSuffix(what, "frames fit"):
				n.joined.frames = 15
			}
			tracker := flow.NewTracker(db, flow.Options{})
			for i := range all {
				f := &all[i]
				if f.Event != nil {
					n.Pass(&f.Frame, &f.input)
					pipeline.Happened(&f.Frame, tracker)
					continue
				}
				ff := flow.Frame{Input: &f.input}
				pipeline.Tracked(&f.Frame, &ff)
				for _, r := range tracker.Observe(&ff) {
					if ids[r.Exchange] {
						n.Want(f.Number)
					}
				}
				n.Pass(&f.Frame, &f.input)
			}
			n.Settle()
			raw, _ := write(t, b, "pcapng", n)
			var part []frame
			if len(raw) > 0 {
				part = prepare(t, raw)
			}
			if text := otherVerdicts(db, all, part, n); text != "" {
				t.Errorf("%s, %s: %s", filepath.Base(name), what, text)
			}
		}
	}
}
