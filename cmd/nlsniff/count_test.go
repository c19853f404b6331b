package main

import (
	"bytes"
	"os"
	"testing"
)

// TestCountParts: a file that is counted in parts has as many matches as the
// same bytes on standard input, which are counted in one loop. Each of the
// captures in it gives the generic families other ids.
func TestCountParts(t *testing.T) {
	path, _ := benchFile(t, 12<<20)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, filter := range []string{
		"", "frame.number", "frame.number > 20000", "frame.time_delta > 1s", "type == RTM_NEWLINK", "netlink.hdr_type == 2", "error == EINVAL",
		`IFLA_IFNAME == "lo"`, `netlink-route.ifla_ifname == "lo"`, "nl80211.cmd == 34", "cmd == ETHTOOL_MSG_RINGS_GET", `family == "ethtool"`,
		"NL80211_ATTR_WIPHY", `dev == "lo"`, "proto == 15", "proto == 9 && seq > 3", "frame.len > 4000", "op contains LINK",
	} {
		var parts, loop, errs bytes.Buffer
		if code := run([]string{"read", "-q", "-Y", filter, path}, nil, &parts, &errs); code != 0 {
			t.Fatalf("%s: %s", filter, errs.String())
		}
		if code := run([]string{"read", "-q", "-Y", filter, "-"}, bytes.NewReader(data), &loop, &errs); code != 0 {
			t.Fatalf("%s: %s", filter, errs.String())
		}
		if parts.String() != loop.String() || parts.Len() == 0 {
			t.Errorf("%s: %sand in one loop %s", filter, parts.String(), loop.String())
		}
	}
}
