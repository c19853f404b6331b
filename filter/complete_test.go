package filter

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nlsniff/nlsniff/families"
)

func TestComplete(t *testing.T) {
	env := NewEnv(families.Embedded(), time.UTC)
	for _, c := range []struct {
		expr string // | is the cursor
		want string // what there has to be, separated by blanks
		not  string
	}{
		{"|", "comm pid type len( not", "IFLA_IFNAME"},
		{"IFLA_IFN|", "IFLA_IFNAME", "IFLA_MTU"},
		{"ifla_ifn|", "IFLA_IFNAME", ""},
		{"pid == 5 and IFLA_MT|", "IFLA_MTU", ""},
		{"(IFLA_MT|", "IFLA_MTU", ""},
		{"len(IFLA_IFNA|", "IFLA_IFNAME", ""},
		{"netlink.hdr_fl|", "netlink.hdr_flags netlink.hdr_flags.request", ""},
		{"netlink-route.ifla_m|", "netlink-route.ifla_mtu", ""},
		{"rt-li|", "rt-link.", ""},
		{"rt-link.link|", "rt-link.linkinfo rt-link.link", "rt-link.mtu"},
		{"rt-link.linkinfo.|", "rt-link.linkinfo.kind rt-link.linkinfo.data", ""},
		{"rt-link.linkinfo.data.vx|", "rt-link.linkinfo.data.vxlan", ""},
		{"rt-link.linkinfo.data.vxlan.|", "rt-link.linkinfo.data.vxlan.id", "rt-link.linkinfo.data.vxlan.mode"},
		{"IFLA_LINKINFO/IFLA_INFO_|", "IFLA_LINKINFO/IFLA_INFO_KIND", ""},
		{"comm |", "== != contains matches in and", "&"},
		{"IFLA_MTU |", "== > & in", "contains"},
		{"IFLA_LINKINFO |", "and or", "=="},
		{"type |", "== contains", ""},
		{"len(comm) |", "== >", "matches"},
		{"IFLA_ADDRESS[0:3] |", "==", "&"},
		{"type == |", "RTM_NEWLINK NLMSG_ERROR ethtool", "ETHTOOL_MSG_LINKINFO_GET"},
		{"type == RTM_NEWL|", "RTM_NEWLINK", "RTM_DELLINK"},
		{"cmd == ETHTOOL_MSG_CHANNELS_|", "ETHTOOL_MSG_CHANNELS_SET", ""},
		{"error == EINV|", "EINVAL", ""},
		{"error in {EINVAL, EN|", "ENOENT", "EINVAL"},
		{"error in {EINVAL |", "ENOENT", ""},
		{"ifi_flags & |", "IFF_UP", ""},
		{"ifi_flags & IFF_UP|IFF_RUN|", "IFF_RUNNING", ""},
		{"family == wire|", "wireguard", ""},
		{"finding == attr.p|", "", ""},
		{"finding.severity >= w|", "warning", "note"},
		{"dir == to|", "to_kernel", ""},
		{"pid == 5 |", "and or xor", "comm"},
		{"error in {1} |", "and", ""},
		{"not |", "comm", "and"},
		{`comm == "ab|`, "", "comm"},
		{"pi| == 5", "pid", ""},
	} {
		cursor := strings.LastIndexByte(c.expr, '|')
		expr := c.expr[:cursor] + c.expr[cursor+1:]
		var got []string
		for _, x := range Complete(expr, cursor, env) {
			got = append(got, x.Text)
			if out, at := x.Apply(expr); out[:at] != expr[:x.From]+x.Text {
				t.Errorf("%s: applying %q makes %q", c.expr, x.Text, out)
			}
		}
		for _, w := range strings.Fields(c.want) {
			if !slices.Contains(got, w) {
				t.Errorf("%s: %s is not among %d candidates %.60q", c.expr, w, len(got), got)
			}
		}
		for _, w := range strings.Fields(c.not) {
			if slices.Contains(got, w) {
				t.Errorf("%s: %s is a candidate", c.expr, w)
			}
		}
	}
}

// TestCandidatesCompile holds that every field that is proposed is one.
func TestCandidatesCompile(t *testing.T) {
	env := NewEnv(families.Embedded(), time.UTC)
	n := 0
	for _, word := range []string{"", "IFLA_", "nl80211", "NL80211_ATTR_W", "rt-link.", "rt-link.linkinfo.", "ethtool.", "netlink.", "ct", "id", "tc.", "wireguard.peers."} {
		for _, x := range Complete(word, len(word), env) {
			if x.Kind != CandidateField || strings.HasSuffix(x.Text, ".") {
				continue
			}
			n++
			if _, err := Compile(x.Text, env); err != nil {
				t.Errorf("%s: %v", x.Text, err)
			}
		}
	}
	if n < 300 {
		t.Errorf("only %d candidates", n)
	}
}
