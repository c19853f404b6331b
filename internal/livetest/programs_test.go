//go:build linux

package livetest

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/nlsniff/nlsniff/internal/vmtest"
)

// beside captures the same with nlsniff and with tcpdump, which runs a little
// longer at both ends. What run does happens between two marks that are in
// both files, and nothing may be lost.
func beside(t *testing.T, path string, run func()) {
	t.Helper()
	sh(t, "ip link add nlmon0 type nlmon; ip link set nlmon0 up")
	defer sh(t, "ip link del nlmon0")
	theirs := filepath.Join(tmp, "tcpdump.pcap")
	tcpdump := start(t, "tcpdump", "-i", "nlmon0", "-s", "0", "-U", "-B", "65536", "-Z", "root", "-w", theirs)
	tcpdump.says("listening on")
	n := capture(t, "-w", path)
	sh(t, "ip link add mark1 type dummy")
	run()
	sh(t, "ip link add mark2 type dummy; ip link del mark1; ip link del mark2")
	n.ends(n.signal(syscall.SIGINT), 0, ", 0 dropped by the kernel")
	// libpcap hands on what it has after a while, and not at the end. What
	// comes after it all tells that it is there.
	sh(t, "ip link add mark3 type dummy; ip link del mark3")
	until(t, "tcpdump has written it all", func() bool {
		b, err := os.ReadFile(theirs)
		return err == nil && bytes.Contains(b, []byte("mark3\x00"))
	})
	tcpdump.ends(tcpdump.signal(syscall.SIGINT), 0, "\n0 packets dropped by kernel")

	intro, captured, others := split(frames(t, path), frames(t, theirs))
	t.Logf("%d frames by nlsniff and %d of its own, %d by tcpdump", len(captured), len(intro), len(others))
	same(t, captured, others)
	for _, mark := range []string{"mark1\x00", "mark2\x00"} {
		if about(captured, mark) == 0 {
			t.Errorf("%s is not there", mark)
		}
	}
	if about(intro, "nlctrl\x00") == 0 || about(intro, "lo\x00") == 0 {
		t.Error("the file does not begin with the names of families and interfaces")
	}
}

// everyday is what people do with netlink, one program after the other.
const everyday = `
ip link add d0 type dummy; ip addr add 10.0.0.1/24 dev d0; ip link set d0 up mtu 1400
ip link add v0 type veth peer name v1; ip link add br0 type bridge; ip link set v0 master br0
ip route add 10.1.0.0/16 via 10.0.0.2; ip rule add from 10.2.0.0/16 lookup 100; ip neigh add 10.0.0.9 lladdr 02:00:00:00:00:09 dev d0
ip -d link; ip addr; ip route show table all; ip rule; ip neigh; ip netconf; ip monitor all & sleep 0.2; ip link set d0 down; ip link set d0 up; kill $!
tc qdisc add dev d0 root handle 1: htb default 10; tc class add dev d0 parent 1: classid 1:10 htb rate 10mbit; tc -s qdisc; tc class show dev d0
nft add table inet t; nft add chain inet t c '{ type filter hook input priority 0; }'; nft add rule inet t c tcp dport 22 counter accept
nft add set inet t s '{ type ipv4_addr; flags interval; }'; nft add element inet t s '{ 10.0.0.0/8, 192.168.0.1 }'; nft list ruleset
iw dev; iw phy; iw reg get; ip link set wlan0 up; iw dev wlan0 scan; iw dev wlan1 set type monitor; iw event & sleep 0.2; iw dev wlan1 set type managed; kill $!
ip link add wg0 type wireguard; wg genkey > /run/tmp/key; wg set wg0 private-key /run/tmp/key listen-port 51820 peer $(wg pubkey < /run/tmp/key) allowed-ips 10.9.0.0/16; wg show
ethtool d0; ethtool -k d0; ethtool -i v0; ethtool -K v0 tso off; ethtool -S v0
ss -tuan; ss -xae; ss -0; ss -A netlink
`

func programs(t *testing.T) {
	path := filepath.Join(vmtest.Dir(), "programs.pcapng")
	beside(t, path, func() {
		for line := range strings.Lines(everyday) {
			// Some say that there is nothing to say.
			sh(t, strings.NewReplacer("ethtool d0;", "ethtool d0 || true;", "ethtool -S v0", "ethtool -S v0 || true").Replace(line))
		}
	})
}

// manyRoutes is more at a time than the machine's ring would hold if nobody
// emptied it, and a dump whose datagrams are as large as they get.
func manyRoutes(t *testing.T) {
	const routes = 10000
	var batch strings.Builder
	for i := range routes {
		batch.WriteString("route add 10." + strconv.Itoa(i/250+50) + "." + strconv.Itoa(i%250) + ".0/24 dev many\n")
	}
	if err := os.WriteFile(tmp+"/batch", []byte(batch.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	sh(t, "ip link add many type dummy; ip link set many up")
	defer sh(t, "ip link del many")
	path := filepath.Join(tmp, "many.pcapng")
	beside(t, path, func() {
		sh(t, "ip -batch "+tmp+"/batch")
		if n := strings.Count(sh(t, "ip route show"), " dev many "); n != routes {
			t.Errorf("there are %d routes", n)
		}
	})
	var asked, dumped int
	for _, f := range frames(t, path) {
		for _, m := range headers(&f) {
			switch {
			case m.protocol != syscall.NETLINK_ROUTE || m.typ != syscall.RTM_NEWROUTE:
			case m.flags&syscall.NLM_F_REQUEST != 0:
				asked++
			case m.flags&syscall.NLM_F_MULTI != 0:
				dumped++
			}
		}
	}
	if asked != routes || dumped < routes {
		t.Errorf("%d routes are asked for and %d listed, want %d", asked, dumped, routes)
	}
}
