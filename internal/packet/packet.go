// Package packet takes the packets apart that netlink messages carry: those
// that netfilter queues or logs, samples, drops, 802.11 frames. gopacket does
// the work; this package keeps the promise that every byte is in one place.
package packet

import (
	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"

	"github.com/nlsniff/nlsniff/families"
)

// Layer is one header of a packet, or the payload behind the last one.
type Layer struct {
	ID       uint16 // gopacket's number of the layer type
	Off, End int    // bytes within the packet
}

// maxBytes bounds what is handed to gopacket: no packet is larger.
const maxBytes = 1 << 16

// noCopy decodes in place, and all at once; a decoder that panics counts as
// one that fails.
var noCopy = gopacket.DecodeOptions{NoCopy: true}

// Split appends the layers of a packet, which cover its first bytes without a
// gap. Behind them come 802.11 elements if elements is set, else nothing.
func Split(dst []Layer, first families.Layer, data []byte) (out []Layer, elements bool) {
	if len(data) == 0 {
		return dst, false
	}
	decoder, pos := start(first, data), 0
	if first == families.LayerRadiotap {
		n := 0
		if len(data) >= 4 {
			n = int(data[2]) | int(data[3])<<8
		}
		if n < 8 || n > len(data) {
			return append(dst, payload(0, len(data))), false
		}
		dst = append(dst, Layer{uint16(layers.LayerTypeRadioTap), 0, n})
		if n == len(data) {
			return dst, false
		}
		decoder, pos, first = layers.LayerTypeDot11, n, families.LayerIEEE80211
	}
	if first == families.LayerIEEE80211 {
		return wireless(dst, data, pos)
	}
	return chain(dst, decoder, data, pos, len(data)), false
}

// chain appends the layers of data[pos:end].
func chain(dst []Layer, decoder gopacket.Decoder, data []byte, pos, end int) []Layer {
	if pos < end && decoder != nil {
		whole := data[pos:min(end, pos+maxBytes)]
		for _, l := range gopacket.NewPacket(whole, decoder, noCopy).Layers() {
			c := l.LayerContents()
			if len(c) == 0 {
				continue
			}
			if pos >= end || len(c) > end-pos || &c[0] != &data[pos] || l.LayerType() == gopacket.LayerTypeDecodeFailure {
				break
			}
			dst = append(dst, Layer{uint16(l.LayerType()), pos, pos + len(c)})
			pos += len(c)
		}
	}
	if pos < end {
		dst = append(dst, payload(pos, end))
	}
	return dst
}

func payload(from, to int) Layer { return Layer{uint16(gopacket.LayerTypePayload), from, to} }

// start picks the decoder of the first layer.
func start(first families.Layer, data []byte) gopacket.Decoder {
	switch first {
	case families.LayerEthernet:
		return layers.LayerTypeEthernet
	case families.LayerIPv4:
		return layers.LayerTypeIPv4
	case families.LayerIPv6:
		return layers.LayerTypeIPv6
	case families.LayerARP:
		return layers.LayerTypeARP
	case families.LayerEAPOL:
		return layers.LayerTypeEAPOL
	case families.LayerEthernetOrIP:
		if inEthernet(data) {
			return layers.LayerTypeEthernet
		}
		if d := start(families.LayerIP, data); d != nil {
			return d
		}
		return layers.LayerTypeEthernet
	case families.LayerIP:
		switch data[0] >> 4 {
		case 4:
			return layers.LayerTypeIPv4
		case 6:
			return layers.LayerTypeIPv6
		}
	}
	return nil
}

// inEthernet says whether an IP packet has an Ethernet header before it: where
// that has its type is IP's, with the version behind it, or a VLAN's. A packet of
// a device without such headers, such as a tunnel, has its source address there.
func inEthernet(data []byte) bool {
	const header = 14
	if len(data) <= header {
		return false
	}
	switch t := layers.EthernetType(data[12])<<8 | layers.EthernetType(data[13]); t {
	case layers.EthernetTypeIPv4:
		return data[header]>>4 == 4
	case layers.EthernetTypeIPv6:
		return data[header]>>4 == 6
	case layers.EthernetTypeDot1Q, layers.EthernetTypeQinQ:
		return true
	}
	return false
}

// Name returns the name of a layer, as gopacket has it.
func Name(id uint16) string {
	if gopacket.LayerType(id) == gopacket.LayerTypePayload {
		return "payload"
	}
	return gopacket.LayerType(id).String()
}
