package why

import (
	"encoding/json"
	"testing"
)

func TestData(t *testing.T) {
	for _, c := range []struct {
		reason Reason
		want   string
	}{
		{
			Reason{Errno: -19, Chain: []Step{{"fib_check_nh", ""}, {"inet_rtm_newroute", ""}}, Sure: SureOne, Places: 1},
			`{"function":"fib_check_nh","file":"net/ipv4/fib_semantics.c","way":["inet_rtm_newroute"],"sure":"only","places":1,"text":"refused in fib_check_nh (net/ipv4/fib_semantics.c) ← inet_rtm_newroute; the only place there that makes this errno"}`,
		},
		{
			Reason{Errno: -22, Chain: []Step{{"wg_set_device", "wireguard"}}, Sure: SurePassed, Lost: true},
			`{"function":"wg_set_device","file":"drivers/net/wireguard/netlink.c","module":"wireguard","sure":"passed on","lost":true,"text":"refused in or below wg_set_device [wireguard] (drivers/net/wireguard/netlink.c); not sure: passed on from deeper; not sure: records were lost"}`,
		},
		{
			Reason{Errno: -22},
			`{"sure":"unknown","text":"refused where no probe sits; a module that was loaded since has none"}`,
		},
	} {
		got, err := json.Marshal(c.reason.Data())
		if err != nil || string(got) != c.want {
			t.Errorf("%v\n got %s\nwant %s", err, got, c.want)
		}
	}
}
