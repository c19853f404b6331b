package render_test

import (
	"os"
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/render"
)

// nftDiffers are rules that nft lists in another way, each with the reason.
var nftDiffers = map[string]string{
	"add @dyn { ip saddr limit rate 10/second counter }":                                                      "we show the burst that nft knows as the default, and the counter's value",
	"ether saddr 02:00:00:00:00:01 ip6 daddr 2001:db8::/32 exthdr frag exists meta cgroup 3 iifname \"eth*\"": "nft takes two payloads apart that it had merged into one comparison",
	"dnat ip to tcp dport map { 22 : 10.0.0.5 . 2222 }":                                                       "the type of an anonymous map's data is in nft's own bytes",
}

// listed returns the rules of the ruleset that nft printed.
func listed(t *testing.T, log string) []string {
	t.Helper()
	_, text, ok := strings.Cut(log, "$ nft list ruleset\n")
	if !ok {
		t.Fatal("the log has no ruleset")
	}
	text, _, _ = strings.Cut(text, "\n$ ")
	var out []string
	chain := false
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		switch rule, inside := strings.CutPrefix(line, "\t\t"); {
		case strings.HasPrefix(line, "\tchain "):
			chain = true
		case !inside:
			chain = false
		case chain && !strings.HasPrefix(rule, "type "):
			out = append(out, rule)
		}
	}
	return out
}

// TestNftRuleset: a rule reads in our line as nft lists it.
func TestNftRuleset(t *testing.T) {
	log, err := os.ReadFile("../testdata/pcaps/nft_more.log")
	if err != nil {
		t.Fatal(err)
	}
	rules := listed(t, string(log))
	var lines []string
	d := newDecoder()
	eachFrame(t, "../testdata/pcaps/nft_more.pcap", func(f *capture.Frame) {
		ev := d.event(f)
		for m := range ev.Tree.Own() {
			if m.Message != nil && m.Message.Name == "NFT_MSG_NEWRULE" {
				lines = append(lines, string(render.AppendMessage(nil, render.Options{}, ev, m)))
			}
		}
	})
	all, same := strings.Join(lines, "\n"), 0
	for _, rule := range rules {
		found := strings.Contains(all, " "+rule+"  ") || strings.Contains(all, " "+rule+" # ")
		if found == (nftDiffers[rule] != "") {
			t.Errorf("%s: found %v, expected to differ: %q", rule, found, nftDiffers[rule])
		}
		if found {
			same++
		}
	}
	t.Logf("%d of %d rules read as nft lists them", same, len(rules))
	if same < 20 {
		t.Errorf("only %d rules compared", same)
	}
}
