package golden_test

import (
	"fmt"
	"regexp"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/internal/pcaptest"
)

// logged checks that a log still has the line that a test takes its values
// from.
func logged(t *testing.T, capture, line string) {
	t.Helper()
	for _, l := range pcaptest.Log(t, capture) {
		if strings.Contains(l, line) {
			return
		}
	}
	t.Errorf("%s.log has no line with %q", capture, line)
}

// values fails unless the messages at hand have exactly these values, in any
// order, at a path.
func values(t *testing.T, what string, list []object, path string, want ...string) {
	t.Helper()
	var got []string
	for _, o := range list {
		for _, w := range words(o, path) {
			if !slices.Contains(got, w) {
				got = append(got, w)
			}
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("%s: %s is %q, want %q", what, path, got, want)
	}
}

func TestLinks(t *testing.T) {
	all := messages(t, "route_links")
	const info = "attrs/IFLA_LINKINFO/"

	logged(t, "route_links", "vxlan id 42 group 239.1.1.1 dev veth0 srcport 0 0 dstport 4789 ttl 5")
	vxlan := where(all, "RTM_NEWLINK", info+"IFLA_INFO_KIND", "vxlan")
	values(t, "vxlan", vxlan, info+"IFLA_INFO_DATA/IFLA_VXLAN_ID", "42")
	values(t, "vxlan", vxlan, info+"IFLA_INFO_DATA/IFLA_VXLAN_GROUP", "239.1.1.1")
	values(t, "vxlan", vxlan, info+"IFLA_INFO_DATA/IFLA_VXLAN_PORT", "4789")
	values(t, "vxlan", vxlan, info+"IFLA_INFO_DATA/IFLA_VXLAN_TTL", "5")

	logged(t, "route_links", "bond mode active-backup miimon 100")
	bond := where(all, "RTM_NEWLINK", info+"IFLA_INFO_KIND", "bond")
	values(t, "bond", bond, info+"IFLA_INFO_DATA/IFLA_BOND_MODE", "BOND_MODE_ACTIVEBACKUP")
	values(t, "bond", bond, info+"IFLA_INFO_DATA/IFLA_BOND_MIIMON", "100")

	logged(t, "route_links", "vlan protocol 802.1Q id 10 <REORDER_HDR>")
	vlan := where(where(all, "RTM_NEWLINK", info+"IFLA_INFO_KIND", "vlan"), "", "attrs/IFLA_IFNAME", "vlan10")
	values(t, "vlan", vlan, info+"IFLA_INFO_DATA/IFLA_VLAN_ID", "10")

	// bridge vlan add dev … vid 10-20: the ends of a range.
	vlans := where(all, "RTM_SETLINK", "header/ifi_family", "AF_BRIDGE")
	values(t, "bridge vlans", vlans, "attrs/IFLA_AF_SPEC/IFLA_BRIDGE_VLAN_INFO/vid", "10", "20")
	values(t, "bridge vlans", vlans, "attrs/IFLA_AF_SPEC/IFLA_BRIDGE_VLAN_INFO/flags", "RANGE_BEGIN", "RANGE_END")
	logged(t, "route_links", "t-bridge          1 PVID Egress Untagged")
	const entry = "attrs/BRIDGE_VLANDB_ENTRY/BRIDGE_VLANDB_ENTRY_INFO/"
	shown := where(all, "RTM_NEWVLAN", "header/family", "AF_BRIDGE")
	values(t, "bridge vlans", shown, entry+"vid", "1")
	values(t, "bridge vlans", shown, entry+"flags", "PVID", "UNTAGGED")
}

func TestRoutes(t *testing.T) {
	all := messages(t, "route_addrs")
	route := func(dst string) []object {
		list := where(all, "RTM_NEWROUTE", "attrs/RTA_DST", dst)
		if len(list) < 2 { // asked for and shown
			t.Errorf("%d routes to %s", len(list), dst)
		}
		return list
	}
	logged(t, "route_addrs", "203.0.113.0/24 via 192.0.2.254 dev d0 proto static metric 50 mtu lock 1400")
	r := route("203.0.113.0")
	values(t, "locked mtu", r, "attrs/RTA_METRICS/RTAX_MTU", "1400")
	values(t, "locked mtu", r, "attrs/RTA_METRICS/RTAX_LOCK", "mtu")
	values(t, "locked mtu", r, "attrs/RTA_GATEWAY", "192.0.2.254")
	values(t, "locked mtu", r, "attrs/RTA_PRIORITY", "50")
	values(t, "locked mtu", r, "header/rtm_protocol", "RTPROT_STATIC")

	logged(t, "route_addrs", "nexthop via 192.0.2.3 dev d0 weight 5")
	for _, o := range route("10.50.0.0") {
		if got := fmt.Sprint(words(o, "attrs/RTA_MULTIPATH/RTA_GATEWAY"), words(o, "attrs/RTA_MULTIPATH/rtnh_hops")); got != "[192.0.2.2 192.0.2.3] [0 4]" {
			t.Errorf("multipath: %s; rtnh_hops is the weight less 1", got)
		}
	}

	for _, dst := range []string{"10.70.0.0", "2001:db8:2::"} {
		logged(t, "route_addrs", dst+"/")
		for _, o := range route(dst) {
			if got := fmt.Sprint(words(o, "attrs/RTA_ENCAP/SEG6_IPTUNNEL_SRH/segments")); got != "[fc00::2 fc00::1]" {
				t.Errorf("route to %s: segments %s; the last one comes first", dst, got)
			}
		}
		values(t, "seg6", route(dst), "attrs/RTA_ENCAP/SEG6_IPTUNNEL_SRH/mode", "SEG6_IPTUN_MODE_ENCAP")
	}

	logged(t, "route_addrs", "10.71.0.0/16  encap mpls  100/200 via 192.0.2.9")
	values(t, "mpls", route("10.71.0.0"), "attrs/RTA_ENCAP/MPLS_IPTUNNEL_DST", "100/200")

	logged(t, "route_addrs", "nexthop via 192.0.2.5 dev d0 weight 5")
	logged(t, "route_addrs", "nexthop via 192.0.2.6 dev d0 weight 3")
	group := where(all, "RTM_NEWNEXTHOP", "attrs/NHA_ID", "10")
	for _, o := range group {
		if got := fmt.Sprint(words(o, "attrs/NHA_GROUP/id"), words(o, "attrs/NHA_GROUP/weight")); got != "[1 2] [4 2]" {
			t.Errorf("nexthop group: %s; weight is the weight less 1", got)
		}
	}
	if len(group) == 0 {
		t.Error("no nexthop group")
	}
}

// TestWireguard compares every peer with what wg printed.
func TestWireguard(t *testing.T) {
	type peer struct{ endpoint, allowed string }
	want := map[string]peer{}
	dump := regexp.MustCompile(`^([A-Za-z0-9+/]{43}=)\t\S+\t(\S+)\t(\S+)\t`) // wg show wg0 dump
	for _, l := range pcaptest.Log(t, "wireguard") {
		if m := dump.FindStringSubmatch(l); m != nil {
			if m[2] == "(none)" {
				m[2] = ""
			}
			want[m[1]] = peer{m[2], m[3]}
		}
	}
	if len(want) < 40 {
		t.Fatalf("the log lists %d peers", len(want))
	}
	got := map[string]peer{}
	for _, o := range messages(t, "wireguard") {
		for _, p := range at(o, "attrs/WGDEVICE_A_PEERS") {
			addrs, masks := words(p, "WGPEER_A_ALLOWEDIPS/WGALLOWEDIP_A_IPADDR"), words(p, "WGPEER_A_ALLOWEDIPS/WGALLOWEDIP_A_CIDR_MASK")
			if len(addrs) != len(masks) {
				t.Fatalf("%v: %d addresses with %d lengths", p, len(addrs), len(masks))
			}
			for i := range addrs {
				addrs[i] += "/" + masks[i]
			}
			sort.Strings(addrs)
			if len(addrs) > 0 { // neither removed nor split off
				got[strings.Join(words(p, "WGPEER_A_PUBLIC_KEY"), "")] = peer{
					strings.Join(append(words(p, "WGPEER_A_ENDPOINT/address"), words(p, "WGPEER_A_ENDPOINT/port")...), ":"), strings.Join(addrs, ",")}
			}
		}
	}
	for key, w := range want {
		if got[key] != w {
			t.Errorf("peer %s: %+v, wg printed %+v", key, got[key], w)
		}
	}
	// One more was printed in another form.
	logged(t, "wireguard", "allowed ips: 10.0.0.0/8, fd00::/8")
	if p := got["jSJv95PHle7a8QYJPg6LQGY7XOpcOF+mvUuWTdU3nGU="]; p.endpoint != "192.0.2.1:51820" || p.allowed != "10.0.0.0/8,fd00::/8" {
		t.Errorf("the first peer is %+v", p)
	}
	logged(t, "wireguard", "sJ+FZlMsNTeE+GI7RJxn+irQJgpM50+avQOXXue5hHI=\tMOInS3jdrqFC5ZbCoHaqUmj5a2DIF56i+vRqOG9zBmc=\t51820\toff")
	keys := where(messages(t, "wireguard"), "", "attrs/WGDEVICE_A_PUBLIC_KEY", "MOInS3jdrqFC5ZbCoHaqUmj5a2DIF56i+vRqOG9zBmc=")
	values(t, "keys", keys, "attrs/WGDEVICE_A_PRIVATE_KEY", "sJ+FZlMsNTeE+GI7RJxn+irQJgpM50+avQOXXue5hHI=")
}
