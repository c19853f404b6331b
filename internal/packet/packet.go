// Package packet takes the packets apart that netlink messages carry: those
// that netfilter queues or logs, samples, drops, 802.11 frames. Every byte is
// in one place; what is cut short or of a protocol that is not known here is
// payload.
package packet

import (
	"encoding/binary"

	"github.com/nlsniff/nlsniff/families"
)

// maxBytes bounds what is taken apart: no packet is larger, and headers can be
// as small as two bytes.
const maxBytes = 1 << 16

// be are the numbers of packets.
var be = binary.BigEndian

// Split appends the layers of a packet, which cover its first bytes without a
// gap. Behind them come 802.11 elements if elements is set, else nothing.
func Split(dst []Layer, first families.Layer, data []byte) (out []Layer, elements bool) {
	if len(data) == 0 {
		return dst, false
	}
	pos := 0
	if first == families.LayerRadiotap {
		n := 0
		if len(data) >= 4 {
			n = int(data[2]) | int(data[3])<<8
		}
		if n < 8 || n > len(data) {
			return append(dst, Layer{layerPayload, 0, len(data)}), false
		}
		dst = append(dst, Layer{radiotap, 0, n})
		if n == len(data) {
			return dst, false
		}
		pos, first = n, families.LayerIEEE80211
	}
	if first == families.LayerIEEE80211 {
		return wireless(dst, data, pos)
	}
	return chain(dst, start(first, data), data, pos), false
}

// chain appends the layers of data from pos on, the first of which is of the
// given type.
func chain(dst []Layer, id uint16, data []byte, pos int) []Layer {
	most := min(len(data), pos+maxBytes)
	end := most // of what the layers before say is theirs
	for pos < end && id != none {
		if id == layerPayload || id == fragment {
			dst = append(dst, Layer{id, pos, end})
			pos = end
			break
		}
		h, ok := header(id, data[pos:end])
		if !ok {
			end = most
			break
		}
		dst = append(dst, Layer{id, pos, pos + h.len})
		end = pos + h.end
		pos, id = pos+h.len, h.next
	}
	if end == most || id == none {
		end = len(data)
	}
	for _, e := range [2]int{end, len(data)} {
		if pos < e {
			dst = append(dst, Layer{layerPayload, pos, e})
			pos = e
		}
	}
	return dst
}

// start picks the first layer.
func start(first families.Layer, data []byte) uint16 {
	switch first {
	case families.LayerEthernet:
		return ethernet
	case families.LayerIPv4:
		return ip4
	case families.LayerIPv6:
		return ip6
	case families.LayerARP:
		return arp
	case families.LayerEAPOL:
		return eapol
	case families.LayerEthernetOrIP:
		if inEthernet(data) {
			return ethernet
		}
		if id := ip(data); id != none {
			return id
		}
		return ethernet
	case families.LayerIP:
		return ip(data)
	}
	return none
}

// ip is the version of IP that a packet says it is of.
func ip(data []byte) uint16 {
	switch data[0] >> 4 {
	case 4:
		return ip4
	case 6:
		return ip6
	}
	return none
}

// inEthernet says whether an IP packet has an Ethernet header before it: where
// that has its type is IP's, with the version behind it, or a VLAN's. A packet of
// a device without such headers, such as a tunnel, has its source address there.
func inEthernet(data []byte) bool {
	const header = 14
	if len(data) <= header {
		return false
	}
	switch byEtherType(be.Uint16(data[12:])) {
	case ip4:
		return data[header]>>4 == 4
	case ip6:
		return data[header]>>4 == 6
	case dot1q:
		return true
	}
	return false
}
