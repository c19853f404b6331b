package packet

import (
	"fmt"
	"strconv"
)

// byEAPOL is the layer in an EAPOL packet of a type.
func byEAPOL(t byte) uint16 {
	switch t {
	case 0:
		return eap
	case 3:
		return eapolKey
	}
	return layerPayload
}

func describeEAPOL(p []byte) string {
	t := strconv.Itoa(int(p[1]))
	if id := byEAPOL(p[1]); id != layerPayload {
		t = names[id]
	}
	return fmt.Sprintf("%s version %d len %d", t, p[0], be.Uint16(p[2:]))
}

// describeEAP: RFC 3748.
func describeEAP(p []byte) string {
	s := numbered([]string{1: "request", "response", "success", "failure"}, "code ", p[0])
	if len(p) > 4 {
		s += " " + numbered([]string{1: "identity", "notification", "NAK"}, "type ", p[4])
	}
	return fmt.Sprintf("%s id %d len %d", s, p[1], be.Uint16(p[2:]))
}

// numbered is a number's name, or the number behind what it is.
func numbered(names []string, what string, v byte) string {
	if int(v) < len(names) && names[v] != "" {
		return names[v]
	}
	return what + strconv.Itoa(int(v))
}

// encrypted is the bit of an EAPOL-Key frame's information that its data are.
const encrypted = 0x1000

// keyHeader reads an EAPOL-Key frame (IEEE 802.11-2020, 12.7.2): what is not
// encrypted of its data are elements.
func keyHeader(p []byte, h head) (head, bool) {
	data := int(be.Uint16(p[93:]))
	if len(p) < h.len+data {
		return h, false
	}
	switch {
	case be.Uint16(p[1:])&encrypted != 0:
		h.len += data
	case data > 0:
		h.next = element
	}
	return h, true
}

func describeKey(p []byte) string {
	info := be.Uint16(p[1:])
	if len(p) < 95+int(be.Uint16(p[93:])) {
		return "" // the elements behind it say what matters
	}
	bit := func(n int) bool { return info>>n&1 != 0 }
	kind := "Group/SMK"
	if bit(3) {
		kind = "Pairwise"
	}
	descriptor := numbered([]string{1: "RC4", 2: "802.11", 254: "WPA"}, "unknown descriptor type ", p[0])
	version := numbered([]string{"Other", "RC4-HMAC-MD5", "AES-HMAC-SHA1-128", "AES-128-CMAC"}, "unknown version ", byte(info&7))
	s := fmt.Sprintf("KeyDescriptorType=%s KeyDescriptorVersion=%s KeyType=%s KeyIndex=%d", descriptor, version, kind, info>>4&3)
	for i, name := range [...]string{"Install", "KeyACK", "KeyMIC", "Secure", "MICError", "Request", "HasEncryptedKeyData", "SMKMessage"} {
		s += fmt.Sprintf(" %s=%t", name, bit(6+i))
	}
	// The nonce and what follows is key material, or nothing without the key.
	data := "[]"
	if n := len(p) - 95; n > 0 && info&encrypted != 0 {
		data = fmt.Sprintf("[..%d..]", n)
	}
	return s + fmt.Sprintf(" KeyLength=%d ReplayCounter=%d Nonce=[..32..] IV=[..16..] RSC=%d ID=%d MIC=[..16..] KeyDataLength=%d EncryptedKeyData=%s",
		be.Uint16(p[3:]), be.Uint64(p[5:]), be.Uint64(p[61:]), be.Uint64(p[69:]), be.Uint16(p[93:]), data)
}

// describeElement is an element in the data of an EAPOL-Key frame, where few are
// sent.
func describeElement(p []byte) string {
	name := numbered([]string{48: "RSN Information", 54: "Mobility Domain", 55: "Fast BSS Transition", 221: "Vendor", 244: "RSN Extension"}, "", p[0])
	return fmt.Sprintf("802.11 Information Element (ID: %s, Length: %d, Info: %X)", name, p[1], p[2:])
}
