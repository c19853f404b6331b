package filter

import (
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/need"
	"github.com/nlsniff/nlsniff/internal/pcaptest"
	"github.com/nlsniff/nlsniff/render"
)

// tsharkFilters mean the same to tshark: for each, as many frames match there
// as here. A negated test of a frame with several messages is another
// question there, so there is none; nor is there what tshark reads as another
// thing than it is (the attributes of IPCTNL_MSG_CT_GET_STATS_CPU) or not at
// all (the header of RTM_NEWLINKPROP).
var tsharkFilters = []string{
	"netlink.hatype == 824", "netlink.family == 0", "netlink.family == 12", "netlink.family == 16", "frame.len > 500", "frame.number >= 100",
	"netlink.hdr_type == 2", "netlink.hdr_type == 3", "netlink.hdr_len > 500", "netlink.hdr_len == 36", "netlink.hdr_seq == 5", "netlink.hdr_pid == 0",
	"netlink.hdr_flags == 0x305", "netlink.hdr_flags == 0", "netlink.hdr_flags & 2", "netlink.hdr_flags.request", "netlink.hdr_flags.request == 1",
	"netlink.hdr_flags.multi == 1", "netlink.hdr_flags.ack == 1", "netlink.hdr_flags.echo == 1", "netlink.hdr_flags.dump_intr == 1",
	"netlink.hdr_flags.root", "netlink.hdr_flags.root == 1", "netlink.hdr_flags.match == 1", "netlink.hdr_flags.atomic == 1",
	"netlink.hdr_flags.replace == 1", "netlink.hdr_flags.excl == 1", "netlink.hdr_flags.create == 1", "netlink.hdr_flags.append == 1",
	"netlink.error", "netlink.error == 0", "netlink.error < 0", "netlink.error == -2", "netlink.error == -22 || netlink.error == -2",
	"genl.family_id", "genl.family_id == 16", "genl.version == 1", "genl.version > 1", "genl.ctrl.cmd == 3", "genl.ctrl.cmd == 1", "nl80211.cmd", "nl80211.cmd == 1", "nl80211.cmd > 30",
	"genl.ctrl.family_name == \"nl80211\"", "genl.ctrl.family_name contains \"eth\"", "genl.ctrl.family_name matches \"^n\"", "genl.ctrl.family_id", "genl.ctrl.version > 1",
	"genl.ctrl.hdrsize > 0", "genl.ctrl.maxattr > 20", "genl.ctrl.op_id == 3", "genl.ctrl.op_flags & 1", "genl.ctrl.group_name == \"mlme\"", "genl.ctrl.group_id",
	"netlink-route.nltype", "netlink-route.nltype == 16", "netlink-route.nltype in {20 .. 24}", "netlink-route.nltype == 16 && netlink.hdr_flags.multi == 1",
	"netlink-route.ifi_index == 1", "netlink-route.ifi_type == 1", "netlink-route.ifi_flags & 1", "netlink-route.ifi_change == 0xffffffff",
	"netlink-route.ifla_ifname", "netlink-route.ifla_ifname == \"lo\"", "netlink-route.ifla_ifname contains \"v\"", "netlink-route.ifla_ifname matches \"^d[0-9]\"",
	"netlink-route.ifla_mtu > 1400", "netlink-route.ifla_mtu == 65536", "netlink-route.ifla_txqlen == 1000", "netlink-route.ifla_operstate == 6", "netlink-route.ifla_promiscuity > 0",
	"netlink-route.ifla_txqnum > 1", "netlink-route.ifla_rxqnum == 1", "netlink-route.ifla_group == 0", "netlink-route.ifla_gso_maxsize == 65536", "netlink-route.ifla_gso_maxsegs > 0",
	"netlink-route.ifla_carrier == 1", "netlink-route.ifla_qdisc == \"noqueue\"", "netlink-route.ifla_carrier_changes > 0", "netlink-route.ifla_hwaddr", "netlink-route.ifla_broadcast == ff:ff:ff:ff:ff:ff",
	"netlink-route.ifla_carrier_up_count > 0", "netlink-route.ifla_min_mtu == 68", "netlink-route.ifla_max_mtu > 9000", "netlink-route.ifla_map.irq == 0",
	"netlink-route.ifa_family == 2", "netlink-route.ifa_prefixlen == 24", "netlink-route.ifa_scope == 0", "netlink-route.ifa_index > 1", "netlink-route.ifa_label", "netlink-route.ifa_label contains \":\"", "netlink-route.ifa_flags32 & 0x80",
	"netlink-route.ifa_address.ipv4 == 192.0.2.1", "netlink-route.ifa_address.ipv4 == 10.0.0.0/8", "netlink-route.ifa_address.ipv6 == fe80::/10",
	"netlink-route.rt_family == 10", "netlink-route.rt_dst_len == 24", "netlink-route.rt_table == 254", "netlink-route.rt_protocol == 2", "netlink-route.rt_scope == 253", "netlink-route.rt_type == 1", "netlink-route.rta_oif > 1", "netlink-route.rta_iif",
	"netlink-route.nd_family == 2", "netlink-route.nd_state & 0x80", "netlink-route.nd_index > 1", "netlink-route.nd_flags == 0", "netlink-route.nd_type == 1",
	"nl80211.ifname", "nl80211.wiphy_name", "nl80211.alpha2", "nl80211.channel_type", "nl80211.chan_width", "nl80211.reg_type",
	"netlink-netfilter.ct_attr.timeout > 100", "netlink-netfilter.ct_attr.status & 0x8",
	"netlink-netfilter.nfct_tuple.proto.num == 6", "netlink-netfilter.nfct_tuple.proto.dst_port == 80", "netlink-netfilter.nfct_tuple.proto.src_port > 1000",
	"netlink-netfilter.queue.nfmark", "netlink-netfilter.queue.config.queue_maxlen", "netlink-netfilter.queue.ifindex_outdev", "netlink-netfilter.ipset.setname", "netlink-netfilter.ipset.timeout > 0", "netlink-netfilter.ipset.family == 2",
	"netlink-netfilter.nfexp.timeout", "netlink-netfilter.ct_help_attr.help_name",
	"netlink-sock_diag.nltype == 20", "netlink-sock_diag.nltype",
	"netlink-route.ifla_mtu > 1400 && netlink-route.ifla_qdisc == \"noqueue\"", "netlink.error == 0 || netlink.hdr_type == 3", "len(netlink-route.ifla_ifname) == 2", "upper(netlink-route.ifla_ifname) == \"LO\"",
}

// TestTshark counts the frames of captures that match, and has tshark count.
func TestTshark(t *testing.T) {
	if slow {
		t.Skip("nearly all of it is waiting for tshark")
	}
	tshark := need.Tool(t, "tshark")
	env := NewEnv(families.Embedded(), time.UTC)
	env.everything()
	var filters []*Filter
	for _, s := range tsharkFilters {
		f, err := Compile(s, env)
		if err != nil {
			t.Fatalf("%s: %v", s, err)
		}
		filters = append(filters, f)
	}
	hits := make([]int, len(filters))
	d := dissect.New(env.db)
	for _, name := range []string{"route_links", "route_addrs", "genl_misc", "wifi", "conntrack_all", "sock_diag", "ipset", "bird", "nft_all"} {
		inputs := pcaptest.Inputs(t, name, dissect.NewSession(dissect.OrderAuto))
		full := dissect.NewSession(dissect.OrderAuto)
		for i := range inputs {
			full.Prepare(&inputs[i], 0)
		}
		full.Complete()
		s := dissect.NewSession(dissect.OrderAuto)
		s.Adopt(full)
		inputs = pcaptest.Inputs(t, name, s)
		want := tsharkCounts(t, tshark, pcaptest.Path(name+".pcap"))
		for k, f := range filters {
			m, got := f.Matcher(), 0
			for i := range inputs {
				in := &inputs[i]
				ev := &render.Event{Number: in.Number, OrigLen: in.OrigLen, Links: in.Links}
				n, known := m.Quick(in, ev)
				if !known {
					ev.Tree = d.Frame(in)
					n, _ = m.Frame(ev)
				}
				if n > 0 {
					got++
				}
			}
			if got != want[k] {
				t.Errorf("%s: %s matches %d frames, tshark says %d", name, tsharkFilters[k], got, want[k])
			}
			hits[k] += got
		}
	}
	none := 0
	for k := range hits {
		if hits[k] == 0 {
			none++
			t.Logf("nothing matches %s", tsharkFilters[k])
		}
	}
	if none > len(hits)/5 {
		t.Errorf("%d of %d filters match nothing", none, len(hits))
	}
}

// tsharkCounts has tshark count the frames of all filters in one run. Commas
// separate filters there.
func tsharkCounts(t *testing.T, tshark, file string) []int {
	t.Helper()
	out, err := exec.Command(tshark, "-q", "-r", file, "-z", "io,stat,0,"+strings.Join(tsharkFilters, ",")).Output()
	if err != nil {
		t.Fatalf("tshark: %v", err)
	}
	row := regexp.MustCompile(`(?m)^\| *[0-9.]+ +<> +[0-9.]+ +\|(.*)$`).FindSubmatch(out)
	if row == nil {
		t.Fatalf("no row of numbers in\n%s", out)
	}
	var counts []int
	for i, cell := range strings.Split(strings.Trim(string(row[1]), "| "), "|") {
		if i%2 == 1 {
			continue // bytes
		}
		n, err := strconv.Atoi(strings.TrimSpace(cell))
		if err != nil {
			t.Fatalf("%q is no number of frames", cell)
		}
		counts = append(counts, n)
	}
	if len(counts) != len(tsharkFilters) {
		t.Fatalf("tshark counted for %d filters of %d", len(counts), len(tsharkFilters))
	}
	return counts
}
