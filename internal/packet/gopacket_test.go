package packet

import (
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"

	"github.com/nlsniff/nlsniff/families"
)

// TestNames: numbers and names are gopacket's.
func TestNames(t *testing.T) {
	for id, name := range names {
		if want := gopacket.LayerType(id).String(); name != "" && name != want && id != layerPayload {
			t.Errorf("%d is %s, for gopacket %s", id, name, want)
		}
	}
	unknown := func(s string) bool { return s == "" || strings.HasPrefix(s, "Unknown") }
	for v := range 1 << 16 {
		got, want := string((&text{}).etherType(uint16(v)).b), layers.EthernetType(v)
		if !strings.HasPrefix(got, "0x") && got != want.String() {
			t.Errorf("Ethernet type %#x is %s, for gopacket %s", v, got, want)
		}
		if id := byEtherType(uint16(v)); id != none && id != uint16(want.LayerType()) {
			t.Errorf("Ethernet type %#x is %s, for gopacket %s", v, Name(id), want.LayerType())
		}
		if v > 0xff {
			continue
		}
		proto := layers.IPProtocol(v)
		if got := string((&text{}).protocol(byte(v)).b); got != fmt.Sprint(v) && got != proto.String() {
			t.Errorf("protocol %d is %s, for gopacket %s", v, got, proto)
		}
		if id := byProtocol(byte(v)); id != none && id != uint16(proto.LayerType()) {
			t.Errorf("protocol %d is %s, for gopacket %s", v, Name(id), proto.LayerType())
		}
		if v < 64 {
			kind := layers.Dot11Type(v).String()
			if unknown(kind) {
				kind = fmt.Sprint(v)
			}
			var x text
			(&dot11Header{kind: byte(v)}).frame(&x)
			if got := string(x.b); got != kind && v&3 != 3 && !(kind == "Ctrl" || kind == "Data") {
				t.Errorf("802.11 type %d is %s, for gopacket %s", v, got, kind)
			}
		}
		for code := range 18 {
			p := []byte{byte(v), byte(code)}
			if got, want := icmp(icmp4Types[:], p), layers.CreateICMPv4TypeCode(p[0], p[1]).String(); got != want {
				t.Errorf("ICMP %x is %s, for gopacket %s", p, got, want)
			}
			if got, want := icmp(icmp6Types[:], p), layers.CreateICMPv6TypeCode(p[0], p[1]).String(); got != want {
				t.Errorf("ICMPv6 %x is %s, for gopacket %s", p, got, want)
			}
		}
	}
}

func icmp(types []icmpType, p []byte) string {
	var x text
	typeCode(&x, types, p)
	return string(x.b)
}

// TestGopacket compares where layers begin and end with gopacket, on packets
// that gopacket makes. What captures carry is in the golden files.
func TestGopacket(t *testing.T) {
	mac := net.HardwareAddr{2, 0, 0, 0, 0, 1}
	type list = []gopacket.SerializableLayer
	eth := func(t layers.EthernetType) *layers.Ethernet {
		return &layers.Ethernet{SrcMAC: mac, DstMAC: mac, EthernetType: t}
	}
	v4 := func(p layers.IPProtocol) *layers.IPv4 {
		return &layers.IPv4{Version: 4, TTL: 64, Protocol: p, SrcIP: net.IP{10, 0, 0, 1}, DstIP: net.IP{10, 0, 0, 2}}
	}
	v6 := func(p layers.IPProtocol) *layers.IPv6 {
		return &layers.IPv6{Version: 6, HopLimit: 64, NextHeader: p, SrcIP: net.ParseIP("fe80::1"), DstIP: net.ParseIP("ff02::1")}
	}
	udp := &layers.UDP{SrcPort: 1000, DstPort: 2000}
	body := gopacket.Payload("some bytes that are a payload")
	options := v4(layers.IPProtocolUDP)
	options.Options = []layers.IPv4Option{{OptionType: 148, OptionLength: 4, OptionData: []byte{0, 0}}}
	fragment := v4(layers.IPProtocolUDP)
	fragment.FragOffset = 100
	for name, made := range map[string]list{
		"UDP":            {eth(layers.EthernetTypeIPv4), v4(layers.IPProtocolUDP), udp, body},
		"options":        {eth(layers.EthernetTypeIPv4), options, udp, body},
		"fragment":       {eth(layers.EthernetTypeIPv4), fragment, body},
		"VLAN":           {eth(layers.EthernetTypeDot1Q), &layers.Dot1Q{VLANIdentifier: 5, Type: layers.EthernetTypeIPv6}, v6(layers.IPProtocolUDP), udp, body},
		"TCP":            {eth(layers.EthernetTypeIPv4), v4(layers.IPProtocolTCP), &layers.TCP{SYN: true, Options: []layers.TCPOption{{OptionType: 2, OptionLength: 4, OptionData: []byte{5, 180}}}}},
		"TCP, data":      {eth(layers.EthernetTypeIPv6), v6(layers.IPProtocolTCP), &layers.TCP{ACK: true}, body},
		"ICMP":           {eth(layers.EthernetTypeIPv4), v4(layers.IPProtocolICMPv4), &layers.ICMPv4{TypeCode: 8 << 8}, body},
		"ICMPv6":         {eth(layers.EthernetTypeIPv6), v6(layers.IPProtocolICMPv6), &layers.ICMPv6{TypeCode: 135 << 8}, &layers.ICMPv6NeighborSolicitation{TargetAddress: net.ParseIP("fe80::2")}},
		"advertisement":  {eth(layers.EthernetTypeIPv6), v6(layers.IPProtocolICMPv6), &layers.ICMPv6{TypeCode: 134 << 8}, &layers.ICMPv6RouterAdvertisement{Options: layers.ICMPv6Options{{Type: layers.ICMPv6OptMTU, Data: make([]byte, 6)}}}},
		"ARP":            {eth(layers.EthernetTypeARP), &layers.ARP{AddrType: 1, Protocol: 0x800, HwAddressSize: 6, ProtAddressSize: 4, Operation: 1, SourceHwAddress: mac, SourceProtAddress: []byte{10, 0, 0, 1}, DstHwAddress: mac, DstProtAddress: []byte{10, 0, 0, 2}}},
		"MPLS":           {eth(layers.EthernetTypeMPLSUnicast), &layers.MPLS{Label: 100}, &layers.MPLS{Label: 200, StackBottom: true}, v4(layers.IPProtocolUDP), udp, body},
		"GRE":            {eth(layers.EthernetTypeIPv4), v4(layers.IPProtocolGRE), &layers.GRE{Protocol: layers.EthernetTypeIPv4, KeyPresent: true, SeqPresent: true}, v4(layers.IPProtocolUDP), udp, body},
		"VXLAN":          {eth(layers.EthernetTypeIPv4), v4(layers.IPProtocolUDP), &layers.UDP{SrcPort: 1000, DstPort: 4789}, &layers.VXLAN{VNI: 7}, eth(layers.EthernetTypeARP)},
		"DNS":            {eth(layers.EthernetTypeIPv4), v4(layers.IPProtocolUDP), &layers.UDP{SrcPort: 1000, DstPort: 53}, &layers.DNS{ID: 9, Questions: []layers.DNSQuestion{{Name: []byte("example.com"), Type: layers.DNSTypeA, Class: layers.DNSClassIN}}}},
		"LLC":            {&layers.Ethernet{SrcMAC: mac, DstMAC: mac, EthernetType: layers.EthernetTypeLLC}, &layers.LLC{DSAP: 0xaa, SSAP: 0xaa, Control: 3}, &layers.SNAP{OrganizationalCode: []byte{0, 0, 0}, Type: layers.EthernetTypeIPv4}, v4(layers.IPProtocolUDP), udp, body},
		"EAP":            {eth(layers.EthernetTypeEAPOL), &layers.EAPOL{Version: 2, Length: 5}, &layers.EAP{Code: 1, Id: 1, Length: 5, Type: 1}},
		"EAPOL-Key":      {eth(layers.EthernetTypeEAPOL), &layers.EAPOL{Version: 2, Type: 3, Length: 97}, &layers.EAPOLKey{KeyDescriptorType: 2, KeyDescriptorVersion: 2, KeyType: 1, Nonce: make([]byte, 32), IV: make([]byte, 16), MIC: make([]byte, 16), HasEncryptedKeyData: true, KeyDataLength: 6, EncryptedKeyData: []byte("abcdef")}},
		"PPPoE":          {eth(layers.EthernetTypePPPoESession), &layers.PPPoE{Version: 1, Type: 1}, &layers.PPP{PPPType: layers.PPPTypeIPv4, HasPPTPHeader: false}, v4(layers.IPProtocolUDP), udp, body},
		"unknown inside": {eth(0x1234), body},
	} {
		b := gopacket.NewSerializeBuffer()
		if err := gopacket.SerializeLayers(b, gopacket.SerializeOptions{FixLengths: true}, made...); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		compare(t, name, b.Bytes())
		switch name {
		case "PPPoE", "DNS", "advertisement": // gopacket reads past the end, or looks at the options that are cut
		default:
			compare(t, name+", cut", b.Bytes()[:len(b.Bytes())-1])
		}
	}
}

func compare(t *testing.T, name string, data []byte) {
	got, _ := Split(nil, families.LayerEthernet, data)
	pos := 0
	for _, l := range gopacket.NewPacket(data, layers.LayerTypeEthernet, gopacket.DecodeOptions{NoCopy: true}).Layers() {
		n := len(l.LayerContents())
		if l.LayerType() == gopacket.LayerTypeDecodeFailure {
			break
		}
		if n == 0 {
			continue
		}
		if want := (Layer{uint16(l.LayerType()), pos, pos + n}); len(got) == 0 || got[0] != want {
			t.Errorf("%s: %v, for gopacket %s %v: %x", name, got, l.LayerType(), want, data)
			return
		}
		got, pos = got[1:], pos+n
	}
	for _, l := range got {
		if l.ID != layerPayload {
			t.Errorf("%s: gopacket does not have %s %v: %x", name, Name(l.ID), l, data)
		}
	}
}
