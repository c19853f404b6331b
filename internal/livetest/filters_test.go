//go:build linux

package livetest

import (
	"encoding/binary"
	"path/filepath"
	"regexp"
	"strconv"
	"syscall"
	"testing"

	nl "github.com/nlsniff/nlsniff/capture"
)

// errno is what an NLMSG_ERROR, or the end of a dump, reports.
func (m *header) errno() int32 {
	if m.typ != syscall.NLMSG_ERROR && m.typ != syscall.NLMSG_DONE || len(m.body) < 4 {
		return 0
	}
	return int32(binary.NativeEndian.Uint32(m.body))
}

// about is the type of a message, or of the request that it answers.
func (m *header) about() uint16 {
	if m.typ == syscall.NLMSG_ERROR && len(m.body) >= 12 {
		return binary.NativeEndian.Uint16(m.body[8:]) // behind errno and nlmsg_len
	}
	return m.typ
}

func (m *header) isRequest() bool { return m.flags&syscall.NLM_F_REQUEST != 0 }

// id returns the id that a family has on this machine.
func id(t *testing.T, family string) uint16 {
	t.Helper()
	out := sh(t, "genl ctrl get name "+family)
	m := regexp.MustCompile(`ID: 0x([0-9a-f]+)`).FindStringSubmatch(out)
	if m == nil {
		t.Fatalf("no id in %s", out)
	}
	n, err := strconv.ParseUint(m[1], 16, 16)
	if err != nil {
		t.Fatal(err)
	}
	return uint16(n)
}

// captureFilters runs several filters beside a capture of everything. Each has
// to find what the test itself finds in that: no less, and no more.
func captureFilters(t *testing.T) {
	sh(t, "modprobe -r macsec; ip link add nlmon0 type nlmon; ip link set nlmon0 up")
	defer sh(t, "ip link del nlmon0")
	var macsec uint16 // not known yet
	nl80211 := id(t, "nl80211")
	const newRule = 10<<8 | 6 // NFNL_SUBSYS_NFTABLES, NFT_MSG_NEWRULE
	filters := []struct {
		filter string
		passes func(header) bool
		proc   *process
		path   string
	}{
		{filter: "proto route and type RTM_NEWLINK", passes: func(m header) bool {
			return m.protocol == syscall.NETLINK_ROUTE && m.about() == syscall.RTM_NEWLINK
		}},
		{filter: "error", passes: func(m header) bool { return m.errno() < 0 }},
		{filter: "family nl80211 and request", passes: func(m header) bool {
			return m.protocol == syscall.NETLINK_GENERIC && m.typ == nl80211 && m.isRequest()
		}},
		{filter: "request and not proto generic", passes: func(m header) bool {
			return m.isRequest() && m.protocol != syscall.NETLINK_GENERIC
		}},
		// One of several messages in a datagram.
		{filter: "type NFT_MSG_NEWRULE", passes: func(m header) bool {
			return m.protocol == syscall.NETLINK_NETFILTER && m.about() == newRule
		}},
		// A family that is registered later.
		{filter: "family macsec", passes: func(m header) bool {
			return m.protocol == syscall.NETLINK_GENERIC && m.about() == macsec
		}},
	}
	allPath := filepath.Join(tmp, "all.pcapng")
	all := capture(t, "-w", allPath)
	for i := range filters {
		f := &filters[i]
		f.path = filepath.Join(tmp, "filter"+strconv.Itoa(i)+".pcapng")
		f.proc = capture(t, "-v", "-w", f.path, "-f", f.filter)
	}
	sh(t, `ip link add mark1 type dummy
		ip link show nowhere || true; ip route add 10.99.0.0/16 dev mark1 || true; ip addr show
		iw dev; iw phy
		nft add table inet f; nft add chain inet f c; nft 'add rule inet f c counter; add rule inet f c accept'; nft list ruleset; nft delete table inet f
		modprobe macsec; ip link add link mark1 name sec1 type macsec; ip macsec show; ip link del sec1
		ip link del mark1`)
	macsec = id(t, "macsec")
	for _, f := range filters {
		f.proc.ends(f.proc.signal(syscall.SIGINT), 0, "nlsniff: filter in the kernel: ", ", 0 dropped by the kernel")
	}
	all.ends(all.signal(syscall.SIGINT), 0, ", 0 dropped by the kernel")

	_, everything, _ := split(frames(t, allPath), nil)
	everything = between(t, everything, "mark1\x00")
	for _, f := range filters {
		t.Run(f.filter, func(t *testing.T) {
			passes := func(fr nl.Frame) bool {
				for _, m := range headers(&fr) {
					if f.passes(m) {
						return true
					}
				}
				return false
			}
			var want []nl.Frame
			for _, fr := range everything {
				if passes(fr) {
					want = append(want, fr)
				}
			}
			_, got, _ := split(frames(t, f.path), nil)
			t.Logf("%d of %d frames pass, %d with what came before and after", len(want), len(everything), len(got))
			same(t, want, got)
			for _, fr := range got {
				if !passes(fr) {
					t.Errorf("frame %d should not have passed: %x", fr.Number, fr.Data)
				}
			}
		})
	}
}

// between returns the frames from the first to the last that hold some bytes.
func between(t *testing.T, list []nl.Frame, mark string) []nl.Frame {
	t.Helper()
	first, last := -1, -1
	for i := range list {
		if about(list[i:i+1], mark) > 0 {
			if first < 0 {
				first = i
			}
			last = i
		}
	}
	if first < 0 {
		t.Fatalf("%q is not in the capture", mark)
	}
	return list[first : last+1]
}
