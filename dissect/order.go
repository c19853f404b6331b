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

// otherOrder says that a frame is beyond doubt in the byte order that is not its
// section's: its first length makes no sense in the section's, and in the other
// all of them chain up to its end. Captures of two hosts that were merged into one
// section have such frames.
func otherOrder(payload []byte, orig int, big bool) bool {
	if len(payload) < hdrLen {
		return false
	}
	if n := Uint(payload[:4], big); n >= hdrLen && n <= uint64(max(orig, len(payload))) {
		return false
	}
	for len(payload) > 0 {
		if len(payload) < hdrLen {
			return orig > len(payload) // cut within a header
		}
		n := Uint(payload[:4], !big)
		if n < hdrLen || n > uint64(max(orig, len(payload))) {
			return false
		}
		next := int(min((n+3)&^3, uint64(len(payload))))
		payload, orig = payload[next:], orig-next
	}
	return true
}

// guessOrder decides the byte order by one frame's payload. sure is false if
// both or neither make sense.
func guessOrder(payload []byte, orig int) (big, sure bool) {
	le, be := wellFormed(payload, orig, false), wellFormed(payload, orig, true)
	return be > le, le != be
}
