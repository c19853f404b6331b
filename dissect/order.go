package dissect

import "encoding/binary"

// The netlink payload of a frame is in the byte order of the host that
// captured, and nothing in the file says which. wellFormed counts how many
// messages at the start of a payload make sense in an order: lengths that
// chain up to the end of the frame are unlikely to do so in the wrong one.
// orig is how long the payload was before it was cut.
func wellFormed(payload []byte, orig int, big bool) int {
	var order binary.ByteOrder = binary.LittleEndian
	if big {
		order = binary.BigEndian
	}
	n := 0
	for len(payload) >= hdrLen {
		size := uint64(order.Uint32(payload))
		if size < hdrLen || size > uint64(max(orig, len(payload))) {
			return n
		}
		n++
		next := min(uint64(len(payload)), (size+3)&^3)
		payload, orig = payload[next:], orig-int(next)
	}
	return n
}

// guessOrder decides the byte order by one frame's payload. sure is false if
// both or neither make sense.
func guessOrder(payload []byte, orig int) (big, sure bool) {
	le, be := wellFormed(payload, orig, false), wellFormed(payload, orig, true)
	return be > le, le != be
}
