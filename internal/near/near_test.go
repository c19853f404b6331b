package near

import "testing"

func TestHint(t *testing.T) {
	list := []string{"IFLA_IFNAME", "IFLA_MTU", "IFLA_ALT_IFNAME", "IFLA_TXQLEN"}
	for _, c := range []struct{ in, want string }{
		{"IFLA_IFNANE", "did you mean IFLA_IFNAME?"},
		{"ifla_mtu", "did you mean IFLA_MTU?"},
		{"IFLA_MUT", "did you mean IFLA_MTU?"},
		{"TXQLEN", "did you mean IFLA_TXQLEN?"},
		{"IFNAME", "did you mean IFLA_IFNAME or IFLA_ALT_IFNAME?"},
		{"zebra", ""},
	} {
		if got := Hint(c.in, list); got != c.want {
			t.Errorf("%s: %s", c.in, got)
		}
	}
}
