package main

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/bpf/capfilter"
	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/need"
	"github.com/nlsniff/nlsniff/internal/pcaptest"
)

// filterExamples returns the examples of docs/capture-filter.md: the lines of
// its tables whose first cell is a filter.
func filterExamples(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("../../docs/capture-filter.md")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, line := range strings.Split(string(text), "\n") {
		if rest, ok := strings.CutPrefix(line, "| `"); ok {
			example, _, _ := strings.Cut(rest, "` |")
			out = append(out, strings.ReplaceAll(example, `\|`, "|"))
		}
	}
	if len(out) < 20 {
		t.Fatalf("only %d examples", len(out))
	}
	return out
}

// filterFrames returns a capture's frames as a filter sees them.
func filterFrames(t *testing.T, name string) []capfilter.Frame {
	t.Helper()
	session := dissect.NewSession(dissect.OrderAuto)
	inputs := pcaptest.Inputs(t, name, session)
	session.Complete() // a family may be named late
	frames := make([]capfilter.Frame, len(inputs))
	for i, in := range inputs {
		frames[i] = capfilter.Frame{Proto: in.Data[capture.CookedLen-1], Data: in.Data[capture.CookedLen:], Big: in.Big, Number: in.Number, IDs: in.IDs}
	}
	return frames
}

func matching(f *capfilter.Filter, frames []capfilter.Frame) (n int) {
	for i := range frames {
		if f.Match(&frames[i]) {
			n++
		}
	}
	return n
}

// Each example in the documentation is a filter, and chooses something of the
// captures that the tests have, but not everything.
func TestCaptureFilterExamples(t *testing.T) {
	names := filterNames{families.Embedded()}
	var frames [][]capfilter.Frame
	all := 0
	for _, name := range pcaptest.Names {
		f := filterFrames(t, name)
		frames, all = append(frames, f), all+len(f)
	}
	for _, example := range filterExamples(t) {
		f, err := capfilter.Parse(example, names)
		if err != nil {
			t.Errorf("%s: %v", example, err)
			continue
		}
		passed := 0
		for _, fr := range frames {
			passed += matching(f, fr)
		}
		if passed == 0 || passed == all {
			t.Errorf("%s: %d of %d frames pass", example, passed, all)
		}
	}
}

// The examples' frames are those that tshark chooses.
func TestCaptureFilterAgainstTshark(t *testing.T) {
	tshark := need.Tool(t, "tshark")
	tests := []struct{ capture, filter, display string }{
		{"route_links", "proto route and type RTM_NEWLINK", "netlink-route.nltype == 16 || netlink.hdr_type == 16"},
		{"route_links", "type RTM_NEWLINK and request", "netlink-route.nltype == 16 && netlink.hdr_flags.request == 1"},
		{"route_links", "type RTM_*LINK and not type NLMSG_ERROR", "netlink-route.nltype in {16..19}"},
		{"nft_all", "proto netfilter", "netlink.family == 12"},
		{"nft_all", "type NLMSG_ERROR", "netlink.hdr_type == 2"},
		{"nft_all", "error", "netlink.error < 0"},
		{"nft_all", "error ENOENT", "netlink.error == -2"},
		{"nft_all", "family nftables and not type NLMSG_ERROR", "netlink-netfilter.subsys == 10"},
		{"wifi", "cmd NL80211_CMD_GET_STATION", "nl80211.cmd == 17"},
		{"wifi", "cmd CTRL_CMD_GETFAMILY and request", "genl.ctrl.cmd == 3"},
		{"sock_diag", "proto sock_diag and len > 100", "netlink.family == 4 && netlink.hdr_len > 100"},
		{"route_addrs", "seq 0", "netlink.hdr_seq == 0"},
		{"route_addrs", "portid > 0", "netlink.hdr_pid > 0"},
	}
	names := filterNames{families.Embedded()}
	for _, tt := range tests {
		f, err := capfilter.Parse(tt.filter, names)
		if err != nil {
			t.Errorf("%s: %v", tt.filter, err)
			continue
		}
		passed := matching(f, filterFrames(t, tt.capture))
		out, err := exec.Command(tshark, "-r", pcaptest.Path(tt.capture+".pcap"), "-2", "-Y", tt.display, "-T", "fields", "-e", "frame.number").Output()
		if err != nil {
			t.Errorf("%s: %v", tt.display, err)
			continue
		}
		if want := strings.Count(string(out), "\n"); passed != want {
			t.Errorf("%s: %s passes %d frames, tshark's %s %d", tt.capture, tt.filter, passed, tt.display, want)
		}
	}
}
