package packet

import (
	"fmt"
	"strings"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
)

// Describe says what one layer's header says, on one line. It is "" for a
// payload and for what cannot be decoded. The text can hold whatever the
// packet holds: escape it.
func Describe(id uint16, data []byte) string {
	want := gopacket.LayerType(id)
	if want == gopacket.LayerTypePayload || len(data) == 0 {
		return ""
	}
	if want == layers.LayerTypeDot11 {
		var h layers.Dot11
		if !decodeDot11(&h, data) {
			return ""
		}
		return dot11(&h)
	}
	if s, ok := management(want, data); ok {
		return s
	}
	l := gopacket.NewPacket(data, want, gopacket.DecodeOptions{NoCopy: true, Lazy: true}).Layer(want)
	if l == nil {
		return ""
	}
	switch l := l.(type) {
	case *layers.Ethernet:
		return fmt.Sprintf("%v → %v type %s", l.SrcMAC, l.DstMAC, named(l.EthernetType.String(), int(l.EthernetType)))
	case *layers.Dot1Q:
		return fmt.Sprintf("id %d prio %d type %s", l.VLANIdentifier, l.Priority, named(l.Type.String(), int(l.Type)))
	case *layers.IPv4:
		return ipv4(l)
	case *layers.IPv6:
		return fmt.Sprintf("%v → %v %s hlim %d len %d%s", l.SrcIP, l.DstIP, number(l.NextHeader.String(), int(l.NextHeader)), l.HopLimit, l.Length, nonzero(" tc 0x%x", int(l.TrafficClass)))
	case *layers.ARP:
		return arp(l)
	case *layers.TCP:
		return tcp(l)
	case *layers.UDP:
		return fmt.Sprintf("%d → %d len %d", uint16(l.SrcPort), uint16(l.DstPort), l.Length)
	case *layers.SCTP:
		return fmt.Sprintf("%d → %d tag 0x%x", uint16(l.SrcPort), uint16(l.DstPort), l.VerificationTag)
	case *layers.ICMPv4:
		return fmt.Sprintf("%v id %d seq %d", l.TypeCode, l.Id, l.Seq)
	case *layers.ICMPv6:
		return l.TypeCode.String()
	case *layers.ICMPv6NeighborSolicitation:
		return fmt.Sprintf("who has %v", l.TargetAddress)
	case *layers.ICMPv6NeighborAdvertisement:
		return fmt.Sprintf("%v is there, flags 0x%x", l.TargetAddress, l.Flags)
	case *layers.IPv6HopByHop:
		return fmt.Sprintf("next %s options %d", number(l.NextHeader.String(), int(l.NextHeader)), len(l.Options))
	case *layers.IPv6Destination:
		return fmt.Sprintf("next %s options %d", number(l.NextHeader.String(), int(l.NextHeader)), len(l.Options))
	case *layers.IPv6Routing:
		return fmt.Sprintf("next %s type %d segments left %d", number(l.NextHeader.String(), int(l.NextHeader)), l.RoutingType, l.SegmentsLeft)
	case *layers.IPv6Fragment:
		return fmt.Sprintf("next %s frag %d id 0x%x", number(l.NextHeader.String(), int(l.NextHeader)), int(l.FragmentOffset)*8, l.Identification)
	case *layers.EAPOL:
		return fmt.Sprintf("%s version %d len %d", number(l.Type.String(), int(l.Type)), l.Version, l.Length)
	}
	return generic(l)
}

// generic lists the exported fields of a layer.
func generic(l gopacket.Layer) string {
	s := gopacket.LayerString(l)
	if _, fields, ok := strings.Cut(s, "\t"); ok {
		s = fields
	}
	s = strings.TrimSuffix(strings.TrimPrefix(s, "{"), "}")
	if strings.HasPrefix(s, "Contents=") { // the bytes, which the row has already
		if i := strings.Index(s, "]"); i >= 0 {
			s = strings.TrimLeft(s[i+1:], " ")
		}
		if rest, ok := strings.CutPrefix(s, "Payload=["); ok {
			if i := strings.Index(rest, "]"); i >= 0 {
				s = strings.TrimLeft(rest[i+1:], " ")
			}
		}
	}
	return s
}

// named is a name with what it stands for, or the number alone.
func named(name string, number int) string {
	if name == "" || strings.HasPrefix(name, "Unknown") {
		return fmt.Sprintf("0x%04x", number)
	}
	return name
}

// number is a name, or the number where gopacket has none.
func number(name string, n int) string {
	if name == "" || strings.HasPrefix(name, "Unknown") {
		return fmt.Sprint(n)
	}
	return name
}

func nonzero(format string, v int) string {
	if v == 0 {
		return ""
	}
	return fmt.Sprintf(format, v)
}

func ipv4(l *layers.IPv4) string {
	s := fmt.Sprintf("%v → %v %s ttl %d len %d id %d", l.SrcIP, l.DstIP, number(l.Protocol.String(), int(l.Protocol)), l.TTL, l.Length, l.Id)
	s += nonzero(" tos 0x%x", int(l.TOS))
	if l.Flags&layers.IPv4DontFragment != 0 {
		s += " DF"
	}
	if l.Flags&layers.IPv4MoreFragments != 0 || l.FragOffset != 0 {
		s += fmt.Sprintf(" frag %d", int(l.FragOffset)*8)
		if l.Flags&layers.IPv4MoreFragments != 0 {
			s += "+"
		}
	}
	return s
}

func arp(l *layers.ARP) string {
	addr := func(b []byte) string {
		if len(b) == 4 {
			return fmt.Sprintf("%d.%d.%d.%d", b[0], b[1], b[2], b[3])
		}
		return fmt.Sprintf("%x", b)
	}
	switch l.Operation {
	case layers.ARPRequest:
		return fmt.Sprintf("who has %s tell %s", addr(l.DstProtAddress), addr(l.SourceProtAddress))
	case layers.ARPReply:
		return fmt.Sprintf("%s is at % x", addr(l.SourceProtAddress), l.SourceHwAddress)
	}
	return fmt.Sprintf("operation %d %s → %s", l.Operation, addr(l.SourceProtAddress), addr(l.DstProtAddress))
}

func tcp(l *layers.TCP) string {
	var flags []string
	for _, f := range []struct {
		set  bool
		name string
	}{{l.SYN, "SYN"}, {l.FIN, "FIN"}, {l.RST, "RST"}, {l.PSH, "PSH"}, {l.ACK, "ACK"}, {l.URG, "URG"}, {l.ECE, "ECE"}, {l.CWR, "CWR"}, {l.NS, "NS"}} {
		if f.set {
			flags = append(flags, f.name)
		}
	}
	return fmt.Sprintf("%d → %d %s seq %d ack %d win %d", uint16(l.SrcPort), uint16(l.DstPort), strings.Join(flags, "|"), l.Seq, l.Ack, l.Window)
}

func dot11(l *layers.Dot11) string {
	s := number(l.Type.String(), int(l.Type))
	if l.Flags != 0 {
		// WEP was the only protection when gopacket named the bit.
		s += " flags " + strings.ReplaceAll(l.Flags.String(), "WEP", "Protected")
	}
	if l.Address2 != nil {
		s += fmt.Sprintf(" %v →", l.Address2)
	}
	s += fmt.Sprintf(" %v", l.Address1)
	if l.Address3 != nil {
		s += fmt.Sprintf(" bssid %v seq %d", l.Address3, l.SequenceNumber)
	}
	return s
}
