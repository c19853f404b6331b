package nft

import (
	"net/netip"
	"strconv"
	"strings"
)

// nftType is how nft writes a value.
type nftType uint8

const (
	nftNumber nftType = iota // in the order of the wire
	nftHost                  // a number in the order of the host
	nftHex
	nftMark
	nftIPv4
	nftIPv6
	nftEther
	nftProto
	nftNFProto
	nftEtherType
	nftIfName
	nftIfIndex
	nftQuoted
	nftBoolean
	nftCTState
	nftCTStatus
	nftCTDir
	nftTCPFlags
	nftICMPType
	nftICMPv6Type
	nftICMPCode
	nftPktType
	nftAddrType
	nftARPOp
	nftARPHrd
	nftHandle
	nftDSCP
	nftECN
	nftSeconds
	nftMillis
	nftHour
	nftDay
	nftDCCPType
	nftIGMPType
)

// bitmask says whether a type's values are or-ed.
func (t nftType) bitmask() bool {
	return t == nftCTState || t == nftCTStatus || t == nftTCPFlags
}

// host says whether numbers of a type are in the order of the host.
func (t nftType) host() bool {
	switch t {
	case nftHost, nftMark, nftIfIndex, nftCTState, nftCTStatus, nftAddrType, nftHandle, nftARPHrd, nftMillis, nftHour:
		return true
	}
	return false
}

var (
	nftFamilies = map[uint64]string{1: "inet", 2: "ip", 3: "arp", 5: "netdev", 7: "bridge", 10: "ip6"}
	nftProtos   = map[uint64]string{1: "icmp", 2: "igmp", 6: "tcp", 17: "udp", 33: "dccp", 41: "ipv6", 47: "gre",
		50: "esp", 51: "ah", 58: "ipv6-icmp", 108: "ipcomp", 132: "sctp", 136: "udplite"}
	nftNFProtos   = map[uint64]string{2: "ipv4", 10: "ipv6"}
	nftEtherTypes = map[uint64]string{0x0800: "ip", 0x0806: "arp", 0x86dd: "ip6", 0x8100: "8021q", 0x88a8: "8021ad"}
	nftCTDirs     = map[uint64]string{0: "original", 1: "reply"}
	nftICMPTypes  = map[uint64]string{0: "echo-reply", 3: "destination-unreachable", 4: "source-quench", 5: "redirect",
		8: "echo-request", 9: "router-advertisement", 10: "router-solicitation", 11: "time-exceeded", 12: "parameter-problem",
		13: "timestamp-request", 14: "timestamp-reply", 15: "info-request", 16: "info-reply", 17: "address-mask-request",
		18: "address-mask-reply"}
	nftICMPv6Types = map[uint64]string{1: "destination-unreachable", 2: "packet-too-big", 3: "time-exceeded",
		4: "parameter-problem", 128: "echo-request", 129: "echo-reply", 130: "mld-listener-query", 131: "mld-listener-report",
		132: "mld-listener-done", 133: "nd-router-solicit", 134: "nd-router-advert", 135: "nd-neighbor-solicit",
		136: "nd-neighbor-advert", 137: "nd-redirect", 138: "router-renumbering", 141: "ind-neighbor-solicit",
		142: "ind-neighbor-advert", 143: "mld2-listener-report"}
	nftPktTypes  = map[uint64]string{0: "host", 1: "broadcast", 2: "multicast", 3: "other"}
	nftAddrTypes = map[uint64]string{0: "unspec", 1: "unicast", 2: "local", 3: "broadcast", 4: "anycast", 5: "multicast",
		6: "blackhole", 7: "unreachable", 8: "prohibit"}
	nftARPOps  = map[uint64]string{1: "request", 2: "reply", 3: "rrequest", 4: "rreply", 8: "inrequest", 9: "inreply", 10: "nak"}
	nftARPHrds = map[uint64]string{1: "ether", 512: "ppp", 772: "loopback", 65534: "none"}
	nftDSCPs   = map[uint64]string{0: "cs0", 8: "cs1", 10: "af11", 12: "af12", 14: "af13", 16: "cs2", 18: "af21", 20: "af22",
		22: "af23", 24: "cs3", 26: "af31", 28: "af32", 30: "af33", 32: "cs4", 34: "af41", 36: "af42", 38: "af43",
		40: "cs5", 44: "va", 46: "ef", 48: "cs6", 56: "cs7", 1: "lephb"}
	nftECNs      = map[uint64]string{0: "not-ect", 1: "ect1", 2: "ect0", 3: "ce"}
	nftDays      = map[uint64]string{0: "Sunday", 1: "Monday", 2: "Tuesday", 3: "Wednesday", 4: "Thursday", 5: "Friday", 6: "Saturday"}
	nftDCCPTypes = map[uint64]string{0: "request", 1: "response", 2: "data", 3: "ack", 4: "dataack", 5: "closereq",
		6: "close", 7: "reset", 8: "sync", 9: "syncack"}
	nftIGMPTypes = map[uint64]string{0x11: "membership-query", 0x12: "membership-report-v1", 0x16: "membership-report-v2",
		0x22: "membership-report-v3", 0x17: "leave-group"}
	nftBooleans = map[uint64]string{0: "missing", 1: "exists"}

	nftNames = map[nftType]map[uint64]string{nftProto: nftProtos, nftNFProto: nftNFProtos, nftEtherType: nftEtherTypes,
		nftCTDir: nftCTDirs, nftICMPType: nftICMPTypes, nftICMPv6Type: nftICMPv6Types, nftPktType: nftPktTypes,
		nftAddrType: nftAddrTypes, nftARPOp: nftARPOps, nftARPHrd: nftARPHrds, nftDSCP: nftDSCPs, nftECN: nftECNs,
		nftDay: nftDays, nftDCCPType: nftDCCPTypes, nftIGMPType: nftIGMPTypes, nftBoolean: nftBooleans}

	nftCTStates   = []nftBit{{0x1, "invalid"}, {0x2, "established"}, {0x4, "related"}, {0x8, "new"}, {0x40, "untracked"}}
	nftCTStatuses = []nftBit{{0x1, "expected"}, {0x2, "seen-reply"}, {0x4, "assured"}, {0x8, "confirmed"}, {0x10, "snat"},
		{0x20, "dnat"}, {0x200, "dying"}}
	nftTCPBits = []nftBit{{0x1, "fin"}, {0x2, "syn"}, {0x4, "rst"}, {0x8, "psh"}, {0x10, "ack"}, {0x20, "urg"}, {0x40, "ecn"}, {0x80, "cwr"}}
)

// nftBit is a bit of a bitmask with its name.
type nftBit struct {
	mask uint64
	name string
}

// flags writes an or-ed value with sep between the names.
func (t nftType) flags(v uint64, sep string) string {
	list := nftTCPBits
	switch t {
	case nftCTState:
		list = nftCTStates
	case nftCTStatus:
		list = nftCTStatuses
	}
	var out []string
	for _, b := range list {
		if v&b.mask != 0 {
			out = append(out, b.name)
			v &^= b.mask
		}
	}
	if v != 0 || out == nil {
		out = append(out, "0x"+strconv.FormatUint(v, 16))
	}
	return strings.Join(out, sep)
}

// nftNum reads up to eight bytes as a number.
func nftNum(b []byte, big bool) uint64 {
	var v uint64
	for i := range b {
		c := b[i]
		if !big {
			c = b[len(b)-1-i]
		}
		v = v<<8 | uint64(c)
	}
	return v
}

// text writes a value; big says whether numbers of the host are big-endian.
func (r *nftRule) text(t nftType, b []byte, big bool) string {
	switch {
	case len(b) == 0:
		return "0"
	case t == nftIPv4 && len(b) == 4, t == nftIPv6 && len(b) == 16:
		a, _ := netip.AddrFromSlice(b)
		return a.String()
	case t == nftEther && len(b) == 6:
		return mac(b)
	case t == nftIfName, t == nftQuoted:
		s := cstring(b)
		if t == nftIfName && len(s) == len(b) && len(b) < 16 { // the beginning of a name
			return `"` + string(s) + `*"`
		}
		return `"` + string(s) + `"`
	case len(b) > 8:
		return "0x" + string(appendHex(nil, b))
	}
	v := nftNum(b, big || !t.host())
	if t.bitmask() {
		return t.flags(v, ",")
	}
	if name := nftNames[t][v]; name != "" {
		return name
	}
	switch t {
	case nftMark:
		return nftHexNumber(v, 8)
	case nftHex:
		return nftHexNumber(v, 2*len(b))
	case nftDSCP:
		return nftHexNumber(v, 2)
	case nftIfIndex:
		if name := r.ifname(uint32(v)); name != "" {
			return `"` + name + `"`
		}
	case nftHandle:
		return strconv.FormatUint(v>>16, 16) + ":" + strconv.FormatUint(v&0xffff, 16)
	case nftEtherType:
		return nftHexNumber(v, 4)
	case nftSeconds:
		return nftTime(v * 1000)
	case nftMillis:
		return nftTime(v)
	}
	return strconv.FormatUint(v, 10)
}

func nftHexNumber(v uint64, digits int) string {
	s := strconv.FormatUint(v, 16)
	return "0x" + strings.Repeat("0", max(digits-len(s), 0)) + s
}

// nftTime writes milliseconds as nft does: 1d2h3m4s5ms.
func nftTime(ms uint64) string {
	var out []byte
	for _, u := range []struct {
		ms   uint64
		name string
	}{{24 * 3600 * 1000, "d"}, {3600 * 1000, "h"}, {60 * 1000, "m"}, {1000, "s"}, {1, "ms"}} {
		if n := ms / u.ms; n > 0 {
			out = append(strconv.AppendUint(out, n, 10), u.name...)
			ms %= u.ms
		}
	}
	if out == nil {
		return "0s"
	}
	return string(out)
}

// nftPrefix is the length of a mask that is a prefix, -1 if it is none.
func nftPrefix(mask []byte) int {
	n, ended := 0, false
	for _, c := range mask {
		for bit := byte(0x80); bit != 0; bit >>= 1 {
			switch {
			case c&bit == 0:
				ended = true
			case ended:
				return -1
			default:
				n++
			}
		}
	}
	return n
}
