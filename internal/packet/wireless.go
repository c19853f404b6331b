package packet

import (
	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
)

// fixed is how many bytes stand before the elements of a management frame, by
// its subtype (IEEE 802.11-2020, 9.3.3). The subtypes that are not here have a
// body of another shape.
var fixed = map[layers.Dot11Type]struct {
	layer gopacket.LayerType
	size  int
}{
	layers.Dot11TypeMgmtAssociationReq:    {layers.LayerTypeDot11MgmtAssociationReq, 4},
	layers.Dot11TypeMgmtAssociationResp:   {layers.LayerTypeDot11MgmtAssociationResp, 6},
	layers.Dot11TypeMgmtReassociationReq:  {layers.LayerTypeDot11MgmtReassociationReq, 10},
	layers.Dot11TypeMgmtReassociationResp: {layers.LayerTypeDot11MgmtReassociationResp, 6},
	layers.Dot11TypeMgmtProbeReq:          {layers.LayerTypeDot11MgmtProbeReq, 0},
	layers.Dot11TypeMgmtProbeResp:         {layers.LayerTypeDot11MgmtProbeResp, 12},
	layers.Dot11TypeMgmtBeacon:            {layers.LayerTypeDot11MgmtBeacon, 12},
	layers.Dot11TypeMgmtDisassociation:    {layers.LayerTypeDot11MgmtDisassociation, 2},
	layers.Dot11TypeMgmtAuthentication:    {layers.LayerTypeDot11MgmtAuthentication, 6},
	layers.Dot11TypeMgmtDeauthentication:  {layers.LayerTypeDot11MgmtDeauthentication, 2},
}

// fcsLen is the size of the checksum that gopacket expects behind a frame.
// nl80211 hands frames over without it.
const fcsLen = 4

// authSAE is the number of the authentication algorithm whose messages are no
// elements (WLAN_AUTH_SAE in include/linux/ieee80211.h).
const authSAE = 3

// wireless appends the layers of an 802.11 frame without its checksum that
// starts at pos.
func wireless(dst []Layer, data []byte, pos int) ([]Layer, bool) {
	var h layers.Dot11
	frame := data[pos:min(len(data), pos+maxBytes)]
	if !decodeDot11(&h, frame) || len(h.Contents) > len(frame) {
		return append(dst, payload(pos, len(data))), false
	}
	head := pos + len(h.Contents)
	dst = append(dst, Layer{uint16(layers.LayerTypeDot11), pos, head})
	if head == len(data) {
		return dst, false
	}
	if h.Type == layers.Dot11TypeMgmtAuthentication && len(data)-head >= 6 && data[head] == authSAE {
		fixed := Layer{uint16(layers.LayerTypeDot11MgmtAuthentication), head, head + 6}
		if dst = append(dst, fixed); fixed.End < len(data) {
			dst = append(dst, payload(fixed.End, len(data)))
		}
		return dst, false
	}
	// Of a frame that was protected the kernel hands up the plain text and leaves
	// the bit set. Two bytes cannot be anything else.
	plain := !h.Flags.WEP() || len(data)-head == 2
	if f, ok := fixed[h.Type]; ok && plain && head+f.size <= len(data) {
		if f.size > 0 {
			dst = append(dst, Layer{uint16(f.layer), head, head + f.size})
		}
		return dst, head+f.size < len(data)
	}
	if h.Type.MainType() == layers.Dot11TypeData && !h.Flags.WEP() {
		return chain(dst, layers.LayerTypeLLC, data, head, len(data)), false
	}
	if h.Type == layers.Dot11TypeMgmtAction || h.Type == layers.Dot11TypeMgmtActionNoAck {
		return append(dst, Layer{uint16(layers.LayerTypeDot11MgmtAction), head, len(data)}), false
	}
	return append(dst, payload(head, len(data))), false
}

// decodeDot11 decodes the header of a frame that has no checksum.
func decodeDot11(h *layers.Dot11, frame []byte) (ok bool) {
	defer func() { ok = recover() == nil && ok }()
	// A data frame's body is decoded along with the header and may fail
	// where the header does not.
	_ = h.DecodeFromBytes(append(frame[:len(frame):len(frame)], make([]byte, fcsLen)...), gopacket.NilDecodeFeedback)
	return len(h.Contents) > 0
}
