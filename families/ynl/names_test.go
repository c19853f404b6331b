package ynl

import (
	"strings"
	"testing"
)

func TestNames(t *testing.T) {
	for _, x := range []struct{ got, want string }{
		{upper("max-P_x"), "MAX_P_X"},
		{ident("max-P"), "max_P"},
		{prefix("ifla-"), "IFLA_"},
		{prefix("phy-upstream"), "PHY_UPSTREAM_"},
		{prefix(""), ""},
		{setPrefix("rt-link", "bond"), "RT_LINK_A_BOND_"},
		{setPrefix("net-shaper", "net-shaper"), "NET_SHAPER_A_"},
		{enumPrefix("netdev", "xdp-act"), "NETDEV_XDP_ACT_"},
		{opPrefix("tcp_metrics"), "TCP_METRICS_CMD_"},
		{quote("a\x1b[1m\n"), `"a\x1b[1m\n"`},
	} {
		if x.got != x.want {
			t.Errorf("%q, want %q", x.got, x.want)
		}
	}
	if n := len(quote(strings.Repeat("x", 1000))); n > maxName+10 {
		t.Errorf("%d bytes", n)
	}
	for s, want := range map[string]bool{
		"": false, "a": true, "8021ad": true, "-x_Y.1+": true, "a b": false, "a\x1b": false, "ü": false,
		strings.Repeat("x", maxName): true, strings.Repeat("x", maxName+1): false,
	} {
		if validName(s) != want {
			t.Errorf("%.20q: %t", s, !want)
		}
	}
}
