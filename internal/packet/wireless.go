package packet

// dot11Header is the header of an 802.11 frame (IEEE 802.11-2020, 9.2).
type dot11Header struct {
	kind  byte // subtype<<2 | type
	flags byte
	addr  [3][]byte // those that it has
	seq   uint16
	len   int
}

// The types of frames, the low two bits of a kind.
const (
	typeMgmt = iota
	typeCtrl
	typeData
)

// qos is the bit of a data frame's subtype for a header with two bytes more.
const qos = 0x20

// The flags that change the header or what is behind it.
const (
	flagToDS      = 0x01
	flagFromDS    = 0x02
	flagProtected = 0x40
	flagOrder     = 0x80
)

// readDot11 reads the header that a frame begins with.
func readDot11(p []byte) (h dot11Header, ok bool) {
	if len(p) < 2 {
		return h, false
	}
	h.kind, h.flags = p[0]>>2, p[1]
	sub, addrs := h.kind>>2, 1
	h.len = 10
	switch h.kind & 3 {
	case typeCtrl:
		if sub == 10 || sub == 11 || sub == 14 || sub == 15 { // PS-Poll, RTS, CF-End with and without an ACK
			addrs, h.len = 2, 16
		}
	case typeMgmt, typeData:
		addrs, h.len = 3, 24
	}
	hasQoS := h.kind&3 == typeData && h.kind&qos != 0
	if both := byte(flagToDS | flagFromDS); h.kind&3 == typeData && h.flags&both == both {
		h.len += 6 // a fourth address
	}
	if hasQoS {
		h.len += 2
	}
	if h.flags&flagOrder != 0 && (hasQoS || h.kind&3 == typeMgmt) {
		h.len += 4 // HT Control
	}
	if len(p) < h.len {
		return h, false
	}
	for i := range addrs {
		h.addr[i] = p[4+6*i : 10+6*i]
	}
	if addrs == 3 {
		h.seq = (uint16(p[22]) | uint16(p[23])<<8) >> 4
	}
	return h, true
}

// mgmtFrames are the management frames by their subtype: their name, and what
// stands before their elements (IEEE 802.11-2020, 9.3.3). Those without a layer
// have a body of another shape.
var mgmtFrames = [16]struct {
	name  string
	layer uint16
	size  int
}{
	0: {"AssociationReq", assocReq, 4}, 1: {"AssociationResp", assocResp, 6}, 2: {"ReassociationReq", reassocReq, 10},
	3: {"ReassociationResp", reassocResp, 6}, 4: {"ProbeReq", probeReq, 0}, 5: {"ProbeResp", probeResp, 12},
	6: {"MeasurementPilot", none, 0}, 8: {"Beacon", beacon, 12}, 9: {"ATIM", none, 0}, 10: {"Disassociation", disassoc, 2},
	11: {"Authentication", auth, 6}, 12: {"Deauthentication", deauth, 2}, 13: {"Action", none, 0}, 14: {"ActionNoAck", none, 0},
}

// Subtypes of management frames that are looked at more closely.
const (
	subAuth        = 11
	subAction      = 13
	subActionNoAck = 14
)

var (
	ctrlFrames = [16]string{7: "Wrapper", 8: "BlockAckReq", 9: "BlockAck", 10: "PowersavePoll", 11: "RTS", 12: "CTS",
		13: "Ack", 14: "CFEnd", 15: "CFEndAck"}
	dataFrames = [16]string{"Data", "DataCFAck", "DataCFPoll", "DataCFAckPoll", "DataNull", "DataCFAckNoData",
		"DataCFPollNoData", "DataCFAckPollNoData", "DataQOSData", "DataQOSDataCFAck", "DataQOSDataCFPoll",
		"DataQOSDataCFAckPoll", "DataQOSNull", "", "DataQOSCFPollNoData", "DataQOSCFAckPollNoData"}
	dot11Flags = [8]string{"TO-DS", "FROM-DS", "MF", "Retry", "PowerManagement", "MD", "Protected", "Order"}
)

// frame appends the name of the frame's type.
func (h *dot11Header) frame(t *text) {
	kind, name := "", ""
	switch sub := h.kind >> 2; h.kind & 3 {
	case typeMgmt:
		kind, name = "Mgmt", mgmtFrames[sub].name
	case typeCtrl:
		kind, name = "Ctrl", ctrlFrames[sub]
	case typeData:
		name = dataFrames[sub]
	}
	if name == "" {
		t.num(uint64(h.kind))
		return
	}
	t.str(kind).str(name)
}

func (h *dot11Header) describe(t *text) {
	h.frame(t)
	between := " flags "
	for i, name := range dot11Flags {
		if h.flags>>i&1 != 0 {
			t.str(between).str(name)
			between = ","
		}
	}
	if h.addr[1] != nil {
		t.str(" ").mac(h.addr[1]).str(" →")
	}
	t.str(" ").mac(h.addr[0])
	if h.addr[2] != nil {
		t.str(" bssid ").mac(h.addr[2]).str(" seq ").num(uint64(h.seq))
	}
}

// authSAE is the number of the authentication algorithm whose messages are no
// elements (WLAN_AUTH_SAE in include/linux/ieee80211.h).
const authSAE = 3

// wireless appends the layers of an 802.11 frame that starts at pos. nl80211
// hands frames over without their checksum.
func wireless(dst []Layer, data []byte, pos int) ([]Layer, bool) {
	h, ok := readDot11(data[pos:])
	if !ok {
		return append(dst, Layer{layerPayload, pos, len(data)}), false
	}
	head := pos + h.len
	dst = append(dst, Layer{dot11, pos, head})
	if head == len(data) {
		return dst, false
	}
	kind, sub := h.kind&3, h.kind>>2
	if kind == typeMgmt && sub == subAuth && len(data)-head >= 6 && data[head] == authSAE {
		fixed := Layer{auth, head, head + 6}
		if dst = append(dst, fixed); fixed.End < len(data) {
			dst = append(dst, Layer{layerPayload, fixed.End, len(data)})
		}
		return dst, false
	}
	// Of a frame that was protected the kernel hands up the plain text and leaves
	// the bit set. Two bytes cannot be anything else.
	plain := h.flags&flagProtected == 0 || len(data)-head == 2
	switch f := &mgmtFrames[sub]; {
	case kind == typeMgmt && f.layer != none && plain && head+f.size <= len(data):
		if f.size > 0 {
			dst = append(dst, Layer{f.layer, head, head + f.size})
		}
		return dst, head+f.size < len(data)
	case kind == typeMgmt && (sub == subAction || sub == subActionNoAck):
		return append(dst, Layer{action, head, len(data)}), false
	case kind == typeData && h.flags&flagProtected == 0:
		return chain(dst, llc, data, head), false
	}
	return append(dst, Layer{layerPayload, head, len(data)}), false
}
