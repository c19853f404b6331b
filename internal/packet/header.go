package packet

// head is what a header says of itself and of what follows.
type head struct {
	len, end int    // its bytes, and those up to the end of what it holds
	next     uint16 // the layer behind it
}

// byEtherType is the layer that an Ethernet type stands for.
func byEtherType(t uint16) uint16 {
	switch t {
	case 0x0800:
		return ip4
	case 0x0806:
		return arp
	case 0x6558:
		return ethernet
	case 0x8100, 0x88a8:
		return dot1q
	case 0x86dd:
		return ip6
	case 0x8847, 0x8848:
		return mpls
	case 0x8863, 0x8864:
		return pppoe
	case 0x888e:
		return eapol
	}
	return none
}

// etherTypeName is the name of an Ethernet type, "" if it has none.
func etherTypeName(t uint16) string {
	switch t {
	case 0x6558:
		return "TransparentEthernetBridging"
	case 0x8847:
		return "MPLSUnicast"
	case 0x8848:
		return "MPLSMulticast"
	case 0x8863:
		return "PPPoEDiscovery"
	case 0x8864:
		return "PPPoESession"
	case 0x88cc:
		return "LinkLayerDiscovery"
	}
	if id := byEtherType(t); id != none {
		return names[id]
	}
	return ""
}

// byProtocol is the layer that a protocol number of IP stands for.
func byProtocol(p byte) uint16 {
	switch p {
	case 0:
		return ip6Hop
	case 1:
		return icmp4
	case 2:
		return igmp
	case 4, 94:
		return ip4
	case 6:
		return tcp
	case 17:
		return udp
	case 41:
		return ip6
	case 43:
		return ip6Routing
	case 44:
		return ip6Fragment
	case 47:
		return gre
	case 50:
		return esp
	case 51:
		return ah
	case 58:
		return icmp6
	case 59:
		return layerPayload
	case 60:
		return ip6Dest
	case 132:
		return sctp
	case 136:
		return udpLite
	case 137:
		return mpls
	}
	return none
}

// protocolName is the name of a protocol number of IP, "" if it has none.
func protocolName(p byte) string {
	switch p {
	case 59:
		return "NoNextHeader"
	case 89:
		return "OSPF"
	case 112:
		return "VRRP"
	}
	if id := byProtocol(p); id != none {
		return names[id]
	}
	return ""
}

// header reads a layer's header. ok is false if it is cut short or wrong.
func header(id uint16, p []byte) (h head, ok bool) {
	h = head{len: fixedLen(id), end: len(p), next: layerPayload}
	if len(p) < h.len {
		return h, false
	}
	switch id {
	case ethernet:
		t := be.Uint16(p[12:])
		if h.next = byEtherType(t); t < 0x600 { // the length of what follows
			h.next, h.end = llc, min(h.end, h.len+int(t))
		}
	case dot1q:
		h.next = byEtherType(be.Uint16(p[2:]))
	case llc:
		if p[2]&3 != 3 { // two bytes of control
			h.len++
		}
		if h.next = none; p[0] == 0xaa && p[1]&^1 == 0xaa {
			h.next = snap
		}
	case snap:
		h.next = byEtherType(be.Uint16(p[3:]))
	case mpls:
		if h.next = mpls; p[2]&1 != 0 { // the last label
			if h.next = none; len(p) > h.len {
				h.next = ip(p[h.len:])
			}
		}
	case pppoe:
		h.end = min(h.end, h.len+int(be.Uint16(p[4:])))
		if p[1] == 0 { // a session
			h.next = ppp
		}
	case ppp:
		switch be.Uint16(p) {
		case 0x21:
			h.next = ip4
		case 0x57:
			h.next = ip6
		}
	case gre:
		return greHeader(p, h)
	case ip4:
		return ip4Header(p, h)
	case ip6:
		h.next = byProtocol(p[6])
		if n := int(be.Uint16(p[4:])); n > 0 { // else a jumbogram
			h.end = min(h.end, h.len+n)
		}
	case ip6Hop, ip6Dest, ip6Routing:
		h.next, h.len = byProtocol(p[0]), 8+8*int(p[1])
	case ip6Fragment:
		h.next = fragment
	case ah:
		h.next, h.len = byProtocol(p[0]), 8+4*int(p[1])
	case esp, igmp, dns, routerAdv, neighborSol, neighborAdv, redirect:
		h.len = len(p)
	case arp:
		h.len += 2*int(p[4]) + 2*int(p[5])
	case tcp:
		if h.len = int(p[12]>>4) * 4; h.len < 20 {
			return h, false
		}
		h.len = min(h.len, len(p))
	case udp:
		n := int(be.Uint16(p[4:]))
		if n > 0 && n < h.len {
			return h, false
		}
		if n > 0 { // else a jumbogram
			h.end = min(h.end, n)
		}
		h.next = byPort(p, h.end)
	case icmp6:
		h.next = byICMP6(p[0])
	case vxlan:
		h.next = ethernet
	case eapol:
		h.next = byEAPOL(p[1])
	case eap:
		h.len = int(be.Uint16(p[2:]))
	case eapolKey:
		return keyHeader(p, h)
	case element:
		h.len += int(p[1])
		h.next = element
	}
	return h, h.len >= fixedLen(id) && h.len <= h.end
}

// fixedLen is how many bytes a header of a layer has at least.
func fixedLen(id uint16) int {
	switch id {
	case ethernet:
		return 14
	case dot1q, mpls, gre, eap, eapol, icmp6:
		return 4
	case llc:
		return 3
	case snap:
		return 5
	case ppp, element:
		return 2
	case pppoe:
		return 6
	case ip4, neighborSol, neighborAdv, tcp:
		return 20
	case ip6:
		return 40
	case ah, sctp, dns, routerAdv:
		return 12
	case redirect:
		return 36
	case eapolKey:
		return 95
	}
	return 8
}

// ip4Header reads an IPv4 header with its options.
func ip4Header(p []byte, h head) (head, bool) {
	n := int(be.Uint16(p[2:]))
	if n == 0 { // the network card was to split it
		n = len(p)
	}
	h.len, h.end = int(p[0]&15)*4, min(h.end, n)
	if h.next = byProtocol(p[9]); be.Uint16(p[6:])&0x3fff != 0 {
		h.next = fragment
	}
	return h, h.len >= 20 && h.len <= h.end
}

// greHeader reads a header of GRE, RFC 2784 and 2890, without the routes that
// nobody uses.
func greHeader(p []byte, h head) (head, bool) {
	flags := be.Uint16(p)
	h.next = byEtherType(be.Uint16(p[2:]))
	for _, bit := range [4]uint16{0x8000, 0x2000, 0x1000, 0x80} { // checksum, key, sequence, acknowledgement
		if flags&bit != 0 {
			h.len += 4
		}
	}
	const routing = 0x4000
	return h, flags&routing == 0 && h.len <= len(p)
}

// byPort is the layer in a UDP packet of end bytes, as its ports say.
func byPort(p []byte, end int) uint16 {
	for _, port := range [2]uint16{be.Uint16(p[2:]), be.Uint16(p)} {
		switch {
		case port == 53 && isDNS(p[8:end]):
			return dns
		case port == 4789:
			return vxlan
		}
	}
	return layerPayload
}
