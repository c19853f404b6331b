package nft

// nftField is a field of a header. Offsets and lengths are in bits.
type nftField struct {
	off, len int
	name     string
	typ      nftType
}

// nftHeader is a protocol's header as nft calls its fields.
type nftHeader struct {
	name   string
	fields []nftField
}

// Bases of a payload expression (enum nft_payload_bases).
const (
	nftLink = iota
	nftNetwork
	nftTransport
	nftInner
)

var (
	nftEthernet = &nftHeader{"ether", []nftField{{0, 48, "daddr", nftEther}, {48, 48, "saddr", nftEther}, {96, 16, "type", nftEtherType}}}
	nftVLAN     = &nftHeader{"vlan", []nftField{{112, 3, "pcp", nftNumber}, {115, 1, "dei", nftNumber}, {116, 12, "id", nftNumber},
		{128, 16, "type", nftEtherType}}}
	nftIP = &nftHeader{"ip", []nftField{{0, 4, "version", nftNumber}, {4, 4, "hdrlength", nftNumber}, {8, 6, "dscp", nftDSCP},
		{14, 2, "ecn", nftECN}, {16, 16, "length", nftNumber}, {32, 16, "id", nftNumber}, {48, 16, "frag-off", nftHex},
		{64, 8, "ttl", nftNumber}, {72, 8, "protocol", nftProto}, {80, 16, "checksum", nftNumber}, {96, 32, "saddr", nftIPv4},
		{128, 32, "daddr", nftIPv4}}}
	nftIP6 = &nftHeader{"ip6", []nftField{{0, 4, "version", nftNumber}, {4, 6, "dscp", nftDSCP}, {10, 2, "ecn", nftECN},
		{12, 20, "flowlabel", nftNumber}, {32, 16, "length", nftNumber}, {48, 8, "nexthdr", nftProto}, {56, 8, "hoplimit", nftNumber},
		{64, 128, "saddr", nftIPv6}, {192, 128, "daddr", nftIPv6}}}
	nftARP = &nftHeader{"arp", []nftField{{0, 16, "htype", nftNumber}, {16, 16, "ptype", nftEtherType}, {32, 8, "hlen", nftNumber},
		{40, 8, "plen", nftNumber}, {48, 16, "operation", nftARPOp}, {64, 48, "saddr ether", nftEther}, {112, 32, "saddr ip", nftIPv4},
		{144, 48, "daddr ether", nftEther}, {192, 32, "daddr ip", nftIPv4}}}

	nftTCP = &nftHeader{"tcp", []nftField{{0, 16, "sport", nftNumber}, {16, 16, "dport", nftNumber}, {32, 32, "sequence", nftNumber},
		{64, 32, "ackseq", nftNumber}, {96, 4, "doff", nftNumber}, {100, 4, "reserved", nftNumber}, {104, 8, "flags", nftTCPFlags},
		{112, 16, "window", nftNumber}, {128, 16, "checksum", nftNumber}, {144, 16, "urgptr", nftNumber}}}
	nftUDP = &nftHeader{"udp", []nftField{{0, 16, "sport", nftNumber}, {16, 16, "dport", nftNumber}, {32, 16, "length", nftNumber},
		{48, 16, "checksum", nftNumber}}}
	nftUDPLite = &nftHeader{"udplite", []nftField{{0, 16, "sport", nftNumber}, {16, 16, "dport", nftNumber},
		{32, 16, "csumcov", nftNumber}, {48, 16, "checksum", nftNumber}}}
	nftSCTP = &nftHeader{"sctp", []nftField{{0, 16, "sport", nftNumber}, {16, 16, "dport", nftNumber}, {32, 32, "vtag", nftNumber},
		{64, 32, "checksum", nftNumber}}}
	nftDCCP = &nftHeader{"dccp", []nftField{{0, 16, "sport", nftNumber}, {16, 16, "dport", nftNumber}, {67, 4, "type", nftDCCPType}}}
	nftICMP = &nftHeader{"icmp", []nftField{{0, 8, "type", nftICMPType}, {8, 8, "code", nftICMPCode}, {16, 16, "checksum", nftNumber},
		{32, 16, "id", nftNumber}, {48, 16, "sequence", nftNumber}, {32, 32, "gateway", nftNumber}, {48, 16, "mtu", nftNumber}}}
	nftICMPv6 = &nftHeader{"icmpv6", []nftField{{0, 8, "type", nftICMPv6Type}, {8, 8, "code", nftICMPCode}, {16, 16, "checksum", nftNumber},
		{32, 16, "id", nftNumber}, {48, 16, "sequence", nftNumber}, {32, 32, "mtu", nftNumber}, {64, 128, "taddr", nftIPv6}}}
	nftIGMP = &nftHeader{"igmp", []nftField{{0, 8, "type", nftIGMPType}, {8, 8, "mrt", nftNumber}, {16, 16, "checksum", nftNumber},
		{32, 32, "group", nftIPv4}}}
	nftESP = &nftHeader{"esp", []nftField{{0, 32, "spi", nftNumber}, {32, 32, "sequence", nftNumber}}}
	nftAH  = &nftHeader{"ah", []nftField{{0, 8, "nexthdr", nftProto}, {8, 8, "hdrlength", nftNumber}, {16, 16, "reserved", nftNumber},
		{32, 32, "spi", nftNumber}, {64, 32, "sequence", nftNumber}}}
	nftComp = &nftHeader{"comp", []nftField{{0, 8, "nexthdr", nftProto}, {8, 8, "flags", nftHex}, {16, 16, "cpi", nftNumber}}}
	nftAny  = &nftHeader{"th", []nftField{{0, 16, "sport", nftNumber}, {16, 16, "dport", nftNumber}}}

	nftTransports = map[int]*nftHeader{1: nftICMP, 2: nftIGMP, 6: nftTCP, 17: nftUDP, 33: nftDCCP, 50: nftESP, 51: nftAH,
		58: nftICMPv6, 108: nftComp, 132: nftSCTP, 136: nftUDPLite}
)

// at finds the field that has, or that starts with, those bits.
func (h *nftHeader) at(off, len int) *nftField {
	if h == nil {
		return nil
	}
	for i := range h.fields {
		f := &h.fields[i]
		if f.off == off && f.len == len {
			return f
		}
	}
	for i := range h.fields {
		f := &h.fields[i]
		if f.off == off && len < f.len && (f.typ == nftIPv4 || f.typ == nftIPv6) {
			return f // nft loads no more of an address than its prefix
		}
	}
	return nil
}

// exthdrs are the fields of IPv6's extension headers, by the header's number.
var nftExtHeaders = map[uint64]*nftHeader{
	0:  {"hbh", []nftField{{0, 8, "nexthdr", nftProto}, {8, 8, "hdrlength", nftNumber}}},
	43: {"rt", []nftField{{0, 8, "nexthdr", nftProto}, {8, 8, "hdrlength", nftNumber}, {16, 8, "type", nftNumber}, {24, 8, "seg-left", nftNumber}}},
	44: {"frag", []nftField{{0, 8, "nexthdr", nftProto}, {8, 8, "reserved", nftNumber}, {16, 13, "frag-off", nftNumber},
		{31, 1, "more-fragments", nftNumber}, {32, 32, "id", nftNumber}}},
	60:  {"dst", []nftField{{0, 8, "nexthdr", nftProto}, {8, 8, "hdrlength", nftNumber}}},
	135: {"mh", []nftField{{0, 8, "nexthdr", nftProto}, {8, 8, "hdrlength", nftNumber}, {16, 8, "type", nftNumber}}},
}

// nftTCPOptions are the fields of TCP's options.
var nftTCPOptions = map[uint64]*nftHeader{
	0: {"eol", nil}, 1: {"nop", nil},
	2:  {"maxseg", []nftField{{8, 8, "length", nftNumber}, {16, 16, "size", nftNumber}}},
	3:  {"window", []nftField{{8, 8, "length", nftNumber}, {16, 8, "count", nftNumber}}},
	4:  {"sack-perm", []nftField{{8, 8, "length", nftNumber}}},
	5:  {"sack", []nftField{{8, 8, "length", nftNumber}, {16, 32, "left", nftNumber}, {48, 32, "right", nftNumber}}},
	8:  {"timestamp", []nftField{{8, 8, "length", nftNumber}, {16, 32, "tsval", nftNumber}, {48, 32, "tsecr", nftNumber}}},
	19: {"md5sig", []nftField{{8, 8, "length", nftNumber}}},
	30: {"mptcp", []nftField{{8, 8, "length", nftNumber}, {16, 4, "subtype", nftNumber}}},
	34: {"fastopen", []nftField{{8, 8, "length", nftNumber}}},
}

// nftKey is what an expression can ask for.
type nftKey struct {
	name string
	typ  nftType
}

var nftMetaKeys = map[uint64]nftKey{
	0: {"meta length", nftHost}, 1: {"meta protocol", nftEtherType}, 2: {"meta priority", nftHandle}, 3: {"meta mark", nftMark},
	4: {"iif", nftIfIndex}, 5: {"oif", nftIfIndex}, 6: {"iifname", nftIfName}, 7: {"oifname", nftIfName},
	8: {"meta iiftype", nftARPHrd}, 9: {"meta oiftype", nftARPHrd}, 10: {"meta skuid", nftHost}, 11: {"meta skgid", nftHost},
	12: {"meta nftrace", nftHost}, 13: {"meta rtclassid", nftHost}, 14: {"meta secmark", nftHost}, 15: {"meta nfproto", nftNFProto},
	16: {"meta l4proto", nftProto}, 17: {"meta ibrname", nftIfName}, 18: {"meta obrname", nftIfName}, 19: {"meta pkttype", nftPktType},
	20: {"meta cpu", nftHost}, 21: {"iifgroup", nftHost}, 22: {"oifgroup", nftHost}, 23: {"meta cgroup", nftHost},
	24: {"meta random", nftHost}, 25: {"meta ipsec", nftBoolean}, 26: {"meta iifkind", nftQuoted}, 27: {"meta oifkind", nftQuoted},
	28: {"meta ibrpvid", nftHost}, 29: {"meta ibrvproto", nftEtherType}, 30: {"meta time", nftHost}, 31: {"meta day", nftDay},
	32: {"meta hour", nftHour}, 33: {"meta sdif", nftIfIndex}, 34: {"meta sdifname", nftIfName}, 35: {"meta broute", nftHost},
	37: {"meta ibrhwaddr", nftEther},
}

var nftCTKeys = map[uint64]nftKey{
	0: {"state", nftCTState}, 1: {"direction", nftCTDir}, 2: {"status", nftCTStatus}, 3: {"mark", nftMark}, 4: {"secmark", nftHost},
	5: {"expiration", nftMillis}, 6: {"helper", nftQuoted}, 7: {"l3proto", nftNFProto}, 8: {"saddr", nftIPv4}, 9: {"daddr", nftIPv4},
	10: {"protocol", nftProto}, 11: {"proto-src", nftNumber}, 12: {"proto-dst", nftNumber}, 13: {"label", nftHex},
	14: {"packets", nftHost}, 15: {"bytes", nftHost}, 16: {"avgpkt", nftHost}, 17: {"zone", nftHost}, 18: {"event", nftHost},
	19: {"ip saddr", nftIPv4}, 20: {"ip daddr", nftIPv4}, 21: {"ip6 saddr", nftIPv6}, 22: {"ip6 daddr", nftIPv6}, 23: {"id", nftNumber},
}

var (
	nftRTKeys = map[uint64]nftKey{0: {"rt classid", nftHost}, 1: {"rt ip nexthop", nftIPv4}, 2: {"rt ip6 nexthop", nftIPv6},
		3: {"rt mtu", nftHost}, 4: {"rt ipsec", nftBoolean}}
	nftSocketKeys = map[uint64]nftKey{0: {"socket transparent", nftNumber}, 1: {"socket mark", nftMark},
		2: {"socket wildcard", nftNumber}, 3: {"socket cgroupv2", nftHost}}
	nftXfrmKeys = map[uint64]nftKey{1: {"ip daddr", nftIPv4}, 2: {"ip6 daddr", nftIPv6}, 3: {"ip saddr", nftIPv4},
		4: {"ip6 saddr", nftIPv6}, 5: {"reqid", nftHost}, 6: {"spi", nftNumber}}
)
