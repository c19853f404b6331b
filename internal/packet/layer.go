package packet

import "strconv"

// Layer is one header of a packet, or the payload behind the last one.
type Layer struct {
	ID       uint16 // gopacket's number of the layer type
	Off, End int    // bytes within the packet
}

// The layers that are known. Their numbers and names are gopacket's, so that a
// program that uses both sees one set of them; this package does without it, as
// its tables cost every program that links them several milliseconds and
// megabytes. A test compares the two.
const (
	none         = 0
	layerPayload = 2
	fragment     = 3
	arp          = 10
	dot1q        = 15
	ethernet     = 17
	gre          = 18
	icmp4        = 19
	ip4          = 20
	ip6          = 21
	llc          = 22
	snap         = 23
	mpls         = 24
	ppp          = 25
	pppoe        = 26
	sctp         = 28
	tcp          = 44
	udp          = 45
	ip6Hop       = 46
	ip6Routing   = 47
	ip6Fragment  = 48
	ip6Dest      = 49
	ah           = 50
	esp          = 51
	udpLite      = 52
	eap          = 55
	eapol        = 56
	icmp6        = 57
	igmp         = 62
	radiotap     = 64
	dot11        = 65
	element      = 82
	assocReq     = 91
	assocResp    = 92
	reassocReq   = 93
	reassocResp  = 94
	probeReq     = 95
	probeResp    = 96
	beacon       = 98
	disassoc     = 100
	auth         = 101
	deauth       = 102
	action       = 103
	dns          = 107
	vxlan        = 116
	routerAdv    = 125
	neighborSol  = 126
	neighborAdv  = 127
	redirect     = 128
	eapolKey     = 130
)

var names = [...]string{
	layerPayload: "payload", fragment: "Fragment", arp: "ARP", dot1q: "Dot1Q", ethernet: "Ethernet", gre: "GRE",
	icmp4: "ICMPv4", ip4: "IPv4", ip6: "IPv6", llc: "LLC", snap: "SNAP", mpls: "MPLS", ppp: "PPP", pppoe: "PPPoE",
	sctp: "SCTP", tcp: "TCP", udp: "UDP", ip6Hop: "IPv6HopByHop", ip6Routing: "IPv6Routing",
	ip6Fragment: "IPv6Fragment", ip6Dest: "IPv6Destination", ah: "IPSecAH", esp: "IPSecESP", udpLite: "UDPLite",
	eap: "EAP", eapol: "EAPOL", icmp6: "ICMPv6", igmp: "IGMP", radiotap: "RadioTap", dot11: "Dot11",
	element: "Dot11InformationElement", assocReq: "Dot11MgmtAssociationReq", assocResp: "Dot11MgmtAssociationResp",
	reassocReq: "Dot11MgmtReassociationReq", reassocResp: "Dot11MgmtReassociationResp",
	probeReq: "Dot11MgmtProbeReq", probeResp: "Dot11MgmtProbeResp", beacon: "Dot11MgmtBeacon",
	disassoc: "Dot11MgmtDisassociation", auth: "Dot11MgmtAuthentication", deauth: "Dot11MgmtDeauthentication",
	action: "Dot11MgmtAction", dns: "DNS", vxlan: "VXLAN", routerAdv: "ICMPv6RouterAdvertisement",
	neighborSol: "ICMPv6NeighborSolicitation", neighborAdv: "ICMPv6NeighborAdvertisement",
	redirect: "ICMPv6Redirect", eapolKey: "EAPOLKey",
}

// Name returns the name of a layer.
func Name(id uint16) string {
	if int(id) < len(names) && names[id] != "" {
		return names[id]
	}
	return strconv.Itoa(int(id))
}
