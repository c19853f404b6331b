package golden_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/flow"
	"github.com/nlsniff/nlsniff/internal/pcaptest"
	"github.com/nlsniff/nlsniff/render"
)

// outcomes returns what came of each exchange of a capture, by the frame of
// the answer.
func outcomes(t *testing.T, name string) map[int]render.ExchangeText {
	t.Helper()
	db := families.Embedded()
	texts := render.NewExchangeTexts(render.Options{}, db)
	out := map[int]render.ExchangeText{}
	tr := flow.NewTracker(db, flow.Options{Keep: 1 << 15, Closed: func(e *flow.Exchange) { out[e.Answer.Frame] = texts.Text(e) }})
	s := dissect.NewSession(dissect.OrderAuto)
	for _, f := range pcaptest.Frames(t, name) {
		in := dissect.Input{Number: f.Number, Data: f.Data, OrigLen: f.OrigLen, Dir: dissect.Dir(f.Dir)}
		s.Prepare(&in, f.Section)
		tr.Observe(&flow.Frame{Input: &in, Time: f.Time, Section: f.Section})
	}
	tr.Close()
	return out
}

// TestExchangeReasons: what a program printed as the kernel's reason is what
// came of one of its exchanges, and each offset of an extended ACK leads to
// the same attribute of the exchange's own request, echoed or not.
func TestExchangeReasons(t *testing.T) {
	line := regexp.MustCompile(`^Error: (.*?)\.?$`)
	reasons, places := 0, 0
	for _, name := range pcaptest.Names {
		all := outcomes(t, name)
		said := func(text string) bool {
			for _, o := range all {
				if strings.Contains(o.Outcome, `"`+text+`"`) || strings.Contains(o.Outcome, `"`+text+`."`) {
					return true
				}
			}
			return false
		}
		for _, l := range pcaptest.Log(t, name) {
			if m := line.FindStringSubmatch(l); m != nil && ownWords[m[1]] == "" {
				if !said(m[1]) {
					t.Errorf("%s.log says %q, but no exchange ends so", name, m[1])
				}
				reasons++
			}
		}
		for frame, o := range all {
			if want, ok := offsets[fmt.Sprint(name, " ", frame)]; ok && strings.Contains(o.Outcome, " at ") {
				if !strings.HasSuffix(o.Outcome, " at "+want) {
					t.Errorf("%s %d: %s, want %s", name, frame, o.Outcome, want)
				}
				places++
			}
		}
	}
	if reasons < 14 || places < len(offsets) {
		t.Errorf("only %d reasons and %d places compared", reasons, places)
	}
}

// TestPrintedOffset: ethtool prints the offset that the kernel points at; the
// exchange names the attribute there.
func TestPrintedOffset(t *testing.T) {
	printed := regexp.MustCompile(`^netlink error: (.*) \(offset (\d+)\)$`)
	found := 0
	for _, l := range pcaptest.Log(t, "ethtool_all") {
		m := printed.FindStringSubmatch(l)
		if m == nil {
			continue
		}
		for _, o := range outcomes(t, "ethtool_all") {
			if strings.Contains(o.Outcome, `"`+m[1]+`" at ETHTOOL_A_CHANNELS_COMBINED_COUNT`) && o.Op == "ETHTOOL_MSG_CHANNELS_SET" {
				found++
			}
		}
	}
	if found != 1 {
		t.Errorf("%d exchanges end as ethtool says", found)
	}
}
