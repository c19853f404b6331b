package main

import (
	"encoding/binary"
	"iter"
)

// Netlink of this machine is in its byte order.
var hostOrder = binary.NativeEndian

var bigEndian = hostOrder.Uint16([]byte{0, 1}) == 1

const (
	nlmsgHdrLen = 16 // struct nlmsghdr
	genlCtrl    = 16 // GENL_ID_CTRL
)

// messages yields the messages of a payload, each from its nlmsghdr to the end
// of the payload.
func messages(payload []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for len(payload) >= nlmsgHdrLen {
			n := uint64(hostOrder.Uint32(payload))
			if n < nlmsgHdrLen || !yield(payload) {
				return
			}
			payload = payload[min((n+3)&^3, uint64(len(payload))):]
		}
	}
}

// portid returns nlmsg_pid of the first message, 0 if there is none.
func portid(payload []byte) uint32 {
	if len(payload) < nlmsgHdrLen {
		return 0
	}
	return hostOrder.Uint32(payload[12:])
}
