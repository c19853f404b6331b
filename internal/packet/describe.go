package packet

// Append appends what one layer's header says, on one line. It appends nothing for
// a payload and for what cannot be decoded. The text can hold whatever the packet
// holds: escape it.
func Append(dst []byte, id uint16, p []byte) []byte {
	t := text{dst}
	if id == dot11 {
		if h, ok := readDot11(p); ok {
			h.describe(&t)
		}
		return t.b
	}
	if management(&t, id, p) || len(p) < fixedLen(id) {
		return t.b
	}
	describe(&t, id, p)
	return t.b
}

func describe(t *text, id uint16, p []byte) {
	u16 := func(at int) uint64 { return uint64(be.Uint16(p[at:])) }
	u32 := func(at int) uint64 { return uint64(be.Uint32(p[at:])) }
	switch id {
	case ethernet:
		t.mac(p[6:]).str(" → ").mac(p).str(" type ")
		if u16(12) < 0x600 { // 802.3 has the length here
			t.str("LLC")
		} else {
			t.etherType(be.Uint16(p[12:]))
		}
	case dot1q:
		t.str("id ").num(u16(0) & 0xfff).str(" prio ").num(uint64(p[0] >> 5)).str(" type ").etherType(be.Uint16(p[2:]))
	case llc:
		describeLLC(t, p)
	case snap:
		t.str("OrganizationalCode=[").num(uint64(p[0])).str(", ").num(uint64(p[1])).str(", ").num(uint64(p[2]))
		t.str("] Type=").etherType(be.Uint16(p[3:]))
	case mpls:
		t.str("label ").num(u32(0) >> 12).str(" tc ").num(uint64(p[2] >> 1 & 7)).str(" ttl ").num(uint64(p[3]))
	case pppoe:
		t.str("code ").hex(uint64(p[1])).str(" session ").num(u16(2)).str(" len ").num(u16(4))
	case ppp:
		t.str("protocol ").hex(u16(0))
	case gre:
		t.str("type ").etherType(be.Uint16(p[2:]))
	case vxlan:
		t.str("id ").num(u32(4) >> 8)
	case ip4:
		describeIP4(t, p)
	case ip6:
		t.ip6(p[8:24]).str(" → ").ip6(p[24:40]).str(" ").protocol(p[6]).str(" hlim ").num(uint64(p[7])).str(" len ").num(u16(4))
		t.nonzero(" tc ", u16(0)>>4&0xff)
	case ip6Hop, ip6Dest:
		t.str("next ").protocol(p[0]).str(" options ").num(uint64(options(p[2:])))
	case ip6Routing:
		t.str("next ").protocol(p[0]).str(" type ").num(uint64(p[2])).str(" segments left ").num(uint64(p[3]))
	case ip6Fragment:
		t.str("next ").protocol(p[0]).str(" frag ").num(u16(2) &^ 7).str(" id ").hex(u32(4))
	case ah:
		t.str("next ").protocol(p[0]).str(" spi ").hex(u32(4)).str(" seq ").num(u32(8))
	case esp:
		t.str("spi ").hex(u32(0)).str(" seq ").num(u32(4))
	case arp:
		describeARP(t, p)
	case tcp:
		describeTCP(t, p)
	case udp:
		t.num(u16(0)).str(" → ").num(u16(2)).str(" len ").num(u16(4))
	case udpLite:
		t.num(u16(0)).str(" → ").num(u16(2)).str(" coverage ").num(u16(4))
	case sctp:
		t.num(u16(0)).str(" → ").num(u16(2)).str(" tag ").hex(u32(4))
	case dns:
		describeDNS(t, p)
	case igmp:
		t.str("type ").hex(uint64(p[0])).str(" group ").ip4(p[4:8])
	case icmp4:
		typeCode(t, icmp4Types[:], p)
		t.str(" id ").num(u16(4)).str(" seq ").num(u16(6))
	case icmp6:
		typeCode(t, icmp6Types[:], p)
	case routerAdv:
		t.str("hlim ").num(uint64(p[0])).str(" flags ").hex(uint64(p[1])).str(" lifetime ").num(u16(2))
	case neighborSol:
		t.str("who has ").ip6(p[4:20])
	case neighborAdv:
		t.ip6(p[4:20]).str(" is there, flags ").hex(uint64(p[0]))
	case redirect:
		t.ip6(p[20:36]).str(" is by way of ").ip6(p[4:20])
	case eapol:
		describeEAPOL(t, p)
	case eap:
		describeEAP(t, p)
	case eapolKey:
		describeKey(t, p)
	case element:
		describeElement(t, p)
	}
}

// options counts the options of an IPv6 header.
func options(p []byte) (n int) {
	for ; len(p) > 0; n++ {
		size := 1 // a byte of padding
		if p[0] != 0 && len(p) > 1 {
			size = 2 + int(p[1])
		}
		p = p[min(size, len(p)):]
	}
	return n
}

func describeLLC(t *text, p []byte) {
	control := uint64(p[2])
	if control&3 != 3 && len(p) > 3 {
		control = control<<8 | uint64(p[3])
	}
	t.str("DSAP=").num(uint64(p[0] &^ 1)).str(" IG=").bool(p[0]&1 != 0)
	t.str(" SSAP=").num(uint64(p[1] &^ 1)).str(" CR=").bool(p[1]&1 != 0).str(" Control=").num(control)
}

func describeIP4(t *text, p []byte) {
	frag := be.Uint16(p[6:])
	t.ip4(p[12:16]).str(" → ").ip4(p[16:20]).str(" ").protocol(p[9]).str(" ttl ").num(uint64(p[8]))
	t.str(" len ").num(uint64(be.Uint16(p[2:]))).str(" id ").num(uint64(be.Uint16(p[4:])))
	t.nonzero(" tos ", uint64(p[1]))
	const dont, more, offset = 0x4000, 0x2000, 0x1fff
	if frag&dont != 0 {
		t.str(" DF")
	}
	if frag&(more|offset) != 0 {
		t.str(" frag ").num(uint64(frag&offset) * 8)
		if frag&more != 0 {
			t.str("+")
		}
	}
}

func describeARP(t *text, p []byte) {
	hw, proto := int(p[4]), int(p[5])
	if len(p) < 8+2*hw+2*proto {
		return
	}
	from := p[8+hw : 8+hw+proto]
	to := p[8+2*hw+proto : 8+2*hw+2*proto]
	addr := func(b []byte) *text {
		if len(b) == 4 {
			return t.ip4(b)
		}
		return t.raw(b, "")
	}
	switch op := be.Uint16(p[6:]); op {
	case 1:
		t.str("who has ")
		addr(to).str(" tell ")
		addr(from)
	case 2:
		addr(from).str(" is at ").raw(p[8:8+hw], " ")
	default:
		t.str("operation ").num(uint64(op)).str(" ")
		addr(from).str(" → ")
		addr(to)
	}
}

// tcpFlags are the flags in the order in which they are named.
var tcpFlags = [...]struct {
	bit  uint16
	name string
}{{2, "SYN"}, {1, "FIN"}, {4, "RST"}, {8, "PSH"}, {16, "ACK"}, {32, "URG"}, {64, "ECE"}, {128, "CWR"}, {256, "NS"}}

func describeTCP(t *text, p []byte) {
	t.num(uint64(be.Uint16(p))).str(" → ").num(uint64(be.Uint16(p[2:]))).str(" ")
	some := false
	for _, f := range tcpFlags {
		if be.Uint16(p[12:])&f.bit != 0 {
			if some {
				t.str("|")
			}
			some = true
			t.str(f.name)
		}
	}
	t.str(" seq ").num(uint64(be.Uint32(p[4:]))).str(" ack ").num(uint64(be.Uint32(p[8:]))).str(" win ").num(uint64(be.Uint16(p[14:])))
}
