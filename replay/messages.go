package replay

import "encoding/binary"

// messages yields the messages of a datagram, in this machine's byte order.
func messages(data []byte) func(func([]byte) bool) {
	return func(yield func([]byte) bool) {
		for len(data) >= hdrLen {
			n := int(binary.NativeEndian.Uint32(data))
			if n < hdrLen || n > len(data) {
				return
			}
			if !yield(data[:n]) {
				return
			}
			data = data[min((n+3)&^3, len(data)):]
		}
	}
}
