package store_test

import (
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/internal/pcaptest"
	"github.com/nlsniff/nlsniff/render"
)

// TestRefusal: the reasons are those that the request, the error and the
// descriptions tell, and say which message and which attribute of it they are about.
func TestRefusal(t *testing.T) {
	t.Parallel()
	s := open(t, pcaptest.Path("tour.pcapng"), options())
	wait(t, s)
	for _, tt := range []struct {
		id, message int
		mark        bool
		line, note  string
	}{
		{2, 0, false, `"Unknown device type"`, "EOPNOTSUPP"},
		{10, 0, true, `"requested channel count exceeds maximum" at ETHTOOL_A_CHANNELS_COMBINED_COUNT`, "EINVAL"},
		{13, 1, true, "at NFTA_RULE_TABLE of NFT_MSG_NEWRULE inet nope nope drop", "ENOENT"},
		{15, 0, false, `"Invalid header length"`, "EINVAL"},
	} {
		x := s.NewDecoder().Refusal(tt.id)
		if x == nil {
			t.Fatalf("exchange %d did not fail", tt.id)
		}
		if got := x.Line(); got != tt.line {
			t.Errorf("exchange %d: %s, want %s", tt.id, got, tt.line)
		}
		if x.Message != tt.message || x.Mark > 0 != tt.mark || x.Note != tt.note || x.Errno != tt.note {
			t.Errorf("exchange %d: message %d, mark %d, note %q, errno %q", tt.id, x.Message, x.Mark, x.Note, x.Errno)
		}
	}
	if s.NewDecoder().Refusal(1) != nil || s.NewDecoder().Refusal(1000) != nil {
		t.Error("an exchange that did not fail, or none, has a reason to")
	}
}

// TestRefusalsAreTheExchangesOwn: over all captures, each refused exchange has the
// outcome that the line of the exchange has, which is made on another way.
func TestRefusalsAreTheExchangesOwn(t *testing.T) {
	t.Parallel()
	refused := 0
	for _, c := range pcaptest.Names {
		s := open(t, pcaptest.Path(c+".pcap"), options())
		wait(t, s)
		for id := 1; id < s.State().EndExchange; id++ {
			e, _ := s.Exchange(id)
			x := s.NewDecoder().Refusal(id)
			if x == nil != !e.Refused() {
				t.Errorf("%s: exchange %d: refused %v", c, id, e.Refused())
			}
			if x == nil {
				continue
			}
			refused++
			if x.Row < 0 || !strings.Contains(x.Line()+x.Errno, x.Errno) {
				t.Errorf("%s: exchange %d has no error: %+v", c, id, x)
			}
			if r := s.NewDecoder().Rows([]int{x.Row})[0]; r.Result != render.ResultFailed {
				if c != "iscsi" { // whose errors stand in its answers
					t.Errorf("%s: exchange %d: its error is none", c, id)
				}
			} else if r.Outcome != x.Errno {
				t.Errorf("%s: exchange %d: %s, the message says %s", c, id, x.Errno, r.Outcome)
			} else if r.Words != x.Words {
				t.Errorf("%s: exchange %d: %s, the message says %s", c, id, x.Words, r.Words)
			}
		}
	}
	if refused < 100 {
		t.Errorf("only %d exchanges were refused", refused)
	}
}
