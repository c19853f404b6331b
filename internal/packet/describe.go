package packet

import (
	"fmt"
	"net"
	"strings"
)

// Describe says what one layer's header says, on one line. It is "" for a
// payload and for what cannot be decoded. The text can hold whatever the
// packet holds: escape it.
func Describe(id uint16, p []byte) string {
	if id == dot11 {
		if h, ok := readDot11(p); ok {
			return h.String()
		}
		return ""
	}
	if s, ok := management(id, p); ok {
		return s
	}
	if len(p) < fixedLen(id) {
		return ""
	}
	mac, addr := func(at int) string { return net.HardwareAddr(p[at : at+6]).String() }, func(at, n int) string { return net.IP(p[at : at+n]).String() }
	u16, u32 := func(at int) int { return int(be.Uint16(p[at:])) }, func(at int) uint32 { return be.Uint32(p[at:]) }
	switch id {
	case ethernet:
		t := "LLC" // 802.3 has the length here
		if u16(12) >= 0x600 {
			t = etherType(be.Uint16(p[12:]))
		}
		return fmt.Sprintf("%s → %s type %s", mac(6), mac(0), t)
	case dot1q:
		return fmt.Sprintf("id %d prio %d type %s", u16(0)&0xfff, p[0]>>5, etherType(be.Uint16(p[2:])))
	case llc:
		control := int(p[2])
		if control&3 != 3 && len(p) > 3 {
			control = control<<8 | int(p[3])
		}
		return fmt.Sprintf("DSAP=%d IG=%t SSAP=%d CR=%t Control=%d", p[0]&^1, p[0]&1 != 0, p[1]&^1, p[1]&1 != 0, control)
	case snap:
		return fmt.Sprintf("OrganizationalCode=[%d, %d, %d] Type=%s", p[0], p[1], p[2], etherType(be.Uint16(p[3:])))
	case mpls:
		return fmt.Sprintf("label %d tc %d ttl %d", u32(0)>>12, p[2]>>1&7, p[3])
	case pppoe:
		return fmt.Sprintf("code 0x%02x session %d len %d", p[1], u16(2), u16(4))
	case ppp:
		return "protocol " + hex4(be.Uint16(p))
	case gre:
		return "type " + etherType(be.Uint16(p[2:]))
	case vxlan:
		return fmt.Sprintf("id %d", u32(4)>>8)
	case ip4:
		return describeIP4(p)
	case ip6:
		return fmt.Sprintf("%s → %s %s hlim %d len %d%s", addr(8, 16), addr(24, 16), protocol(p[6]), p[7], u16(4), nonzero(" tc 0x%x", u16(0)>>4&0xff))
	case ip6Hop, ip6Dest:
		return fmt.Sprintf("next %s options %d", protocol(p[0]), options(p[2:]))
	case ip6Routing:
		return fmt.Sprintf("next %s type %d segments left %d", protocol(p[0]), p[2], p[3])
	case ip6Fragment:
		return fmt.Sprintf("next %s frag %d id 0x%x", protocol(p[0]), u16(2)&^7, u32(4))
	case ah:
		return fmt.Sprintf("next %s spi 0x%x seq %d", protocol(p[0]), u32(4), u32(8))
	case esp:
		return fmt.Sprintf("spi 0x%x seq %d", u32(0), u32(4))
	case arp:
		return describeARP(p)
	case tcp:
		return describeTCP(p)
	case udp:
		return fmt.Sprintf("%d → %d len %d", u16(0), u16(2), u16(4))
	case udpLite:
		return fmt.Sprintf("%d → %d coverage %d", u16(0), u16(2), u16(4))
	case sctp:
		return fmt.Sprintf("%d → %d tag 0x%x", u16(0), u16(2), u32(4))
	case dns:
		return describeDNS(p)
	case igmp:
		return fmt.Sprintf("type 0x%02x group %s", p[0], addr(4, 4))
	case icmp4:
		return fmt.Sprintf("%s id %d seq %d", typeCode(icmp4Types[:], p), u16(4), u16(6))
	case icmp6:
		return typeCode(icmp6Types[:], p)
	case routerAdv:
		return fmt.Sprintf("hlim %d flags 0x%x lifetime %d", p[0], p[1], u16(2))
	case neighborSol:
		return "who has " + addr(4, 16)
	case neighborAdv:
		return fmt.Sprintf("%s is there, flags 0x%x", addr(4, 16), p[0])
	case redirect:
		return fmt.Sprintf("%s is by way of %s", addr(20, 16), addr(4, 16))
	case eapol:
		return describeEAPOL(p)
	case eap:
		return describeEAP(p)
	case eapolKey:
		return describeKey(p)
	case element:
		return describeElement(p)
	}
	return ""
}

func nonzero(format string, v int) string {
	if v == 0 {
		return ""
	}
	return fmt.Sprintf(format, v)
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

func describeIP4(p []byte) string {
	n, frag := be.Uint16(p[2:]), be.Uint16(p[6:])
	s := fmt.Sprintf("%s → %s %s ttl %d len %d id %d", net.IP(p[12:16]), net.IP(p[16:20]), protocol(p[9]), p[8], n, be.Uint16(p[4:]))
	s += nonzero(" tos 0x%x", int(p[1]))
	const dont, more, offset = 0x4000, 0x2000, 0x1fff
	if frag&dont != 0 {
		s += " DF"
	}
	if frag&(more|offset) != 0 {
		s += fmt.Sprintf(" frag %d", int(frag&offset)*8)
		if frag&more != 0 {
			s += "+"
		}
	}
	return s
}

func describeARP(p []byte) string {
	hw, proto := int(p[4]), int(p[5])
	if len(p) < 8+2*hw+2*proto {
		return ""
	}
	at := 8
	next := func(n int) []byte { at += n; return p[at-n : at] }
	srcHW, src := next(hw), next(proto)
	next(hw)
	dst := next(proto)
	addr := func(b []byte) string {
		if len(b) == 4 {
			return net.IP(b).String()
		}
		return fmt.Sprintf("%x", b)
	}
	switch op := be.Uint16(p[6:]); op {
	case 1:
		return fmt.Sprintf("who has %s tell %s", addr(dst), addr(src))
	case 2:
		return fmt.Sprintf("%s is at % x", addr(src), srcHW)
	default:
		return fmt.Sprintf("operation %d %s → %s", op, addr(src), addr(dst))
	}
}

func describeTCP(p []byte) string {
	bits := be.Uint16(p[12:])
	var flags []string
	for _, f := range [...]struct {
		bit  uint16
		name string
	}{{2, "SYN"}, {1, "FIN"}, {4, "RST"}, {8, "PSH"}, {16, "ACK"}, {32, "URG"}, {64, "ECE"}, {128, "CWR"}, {256, "NS"}} {
		if bits&f.bit != 0 {
			flags = append(flags, f.name)
		}
	}
	return fmt.Sprintf("%d → %d %s seq %d ack %d win %d", be.Uint16(p), be.Uint16(p[2:]), strings.Join(flags, "|"), be.Uint32(p[4:]), be.Uint32(p[8:]), be.Uint16(p[14:]))
}
