package packet

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

func describeEAPOL(t *text, p []byte) {
	if id := byEAPOL(p[1]); id != layerPayload {
		t.str(names[id])
	} else {
		t.num(uint64(p[1]))
	}
	t.str(" version ").num(uint64(p[0])).str(" len ").num(uint64(be.Uint16(p[2:])))
}

var (
	eapCodes       = []string{1: "request", "response", "success", "failure"}
	eapTypes       = []string{1: "identity", "notification", "NAK"}
	keyDescriptors = []string{1: "RC4", 2: "802.11", 254: "WPA"}
	keyVersions    = []string{"Other", "RC4-HMAC-MD5", "AES-HMAC-SHA1-128", "AES-128-CMAC"}
	keyBits        = []string{"Install", "KeyACK", "KeyMIC", "Secure", "MICError", "Request", "HasEncryptedKeyData", "SMKMessage"}
	elements       = []string{48: "RSN Information", 54: "Mobility Domain", 55: "Fast BSS Transition", 221: "Vendor", 244: "RSN Extension"}
)

// describeEAP: RFC 3748.
func describeEAP(t *text, p []byte) {
	t.name(eapCodes, "code ", p[0])
	if len(p) > 4 {
		t.str(" ").name(eapTypes, "type ", p[4])
	}
	t.str(" id ").num(uint64(p[1])).str(" len ").num(uint64(be.Uint16(p[2:])))
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

func describeKey(t *text, p []byte) {
	info := be.Uint16(p[1:])
	if len(p) < 95+int(be.Uint16(p[93:])) {
		return // the elements behind it say what matters
	}
	bit := func(n int) bool { return info>>n&1 != 0 }
	kind := "Group/SMK"
	if bit(3) {
		kind = "Pairwise"
	}
	t.str("KeyDescriptorType=").name(keyDescriptors, "unknown descriptor type ", p[0])
	t.str(" KeyDescriptorVersion=").name(keyVersions, "unknown version ", byte(info&7))
	t.str(" KeyType=").str(kind).str(" KeyIndex=").num(uint64(info >> 4 & 3))
	for i, name := range keyBits {
		t.str(" ").str(name).str("=").bool(bit(6 + i))
	}
	// The nonce and what follows is key material, or nothing without the key.
	t.str(" KeyLength=").num(uint64(be.Uint16(p[3:]))).str(" ReplayCounter=").num(be.Uint64(p[5:]))
	t.str(" Nonce=[..32..] IV=[..16..] RSC=").num(be.Uint64(p[61:])).str(" ID=").num(be.Uint64(p[69:]))
	t.str(" MIC=[..16..] KeyDataLength=").num(uint64(be.Uint16(p[93:]))).str(" EncryptedKeyData=[")
	if n := len(p) - 95; n > 0 && info&encrypted != 0 {
		t.str("..").num(uint64(n)).str("..")
	}
	t.str("]")
}

// describeElement is an element in the data of an EAPOL-Key frame, where few are
// sent.
func describeElement(t *text, p []byte) {
	t.str("802.11 Information Element (ID: ").name(elements, "", p[0]).str(", Length: ").num(uint64(p[1])).str(", Info: ")
	for _, c := range p[2:] {
		const digits = "0123456789ABCDEF"
		t.b = append(t.b, digits[c>>4], digits[c&15])
	}
	t.str(")")
}
