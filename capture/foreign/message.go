package foreign

import (
	"encoding/binary"

	"github.com/nlsniff/nlsniff/capture"
)

const (
	hdrLen = 16 // struct nlmsghdr
	// maxMessage is the length in bytes from which on a header is taken for
	// something else: the kernel makes no message of more than 4 MiB.
	maxMessage = 4 << 20
	// knownFlags are the bits of nlmsg_flags that linux/netlink.h names.
	knownFlags = 0xf3f
)

var orders = [...]binary.ByteOrder{binary.LittleEndian, binary.BigEndian}

// header is what tells a message from other bytes.
type header struct {
	len        int
	kind, flag uint16
	seq, pid   uint32
}

// parseHeader reads the header that b, 16 bytes at least, starts with. It reports
// false for one that no program would have sent.
func parseHeader(b []byte, e binary.ByteOrder) (header, bool) {
	n := e.Uint32(b)
	h := header{kind: e.Uint16(b[4:]), flag: e.Uint16(b[6:]), seq: e.Uint32(b[8:]), pid: e.Uint32(b[12:])}
	if n < hdrLen || n > maxMessage || h.flag&^knownFlags != 0 {
		return h, false
	}
	h.len = int(n)
	return h, true
}

// align4 is NLMSG_ALIGN.
func align4(n int) int { return (n + 3) &^ 3 }

// beginsMessage says whether b can be a datagram, and in which byte order. All of
// its first message need not be there.
func beginsMessage(b []byte) (binary.ByteOrder, bool) {
	if len(b) < hdrLen {
		return nil, false
	}
	var cut binary.ByteOrder
	for _, e := range orders {
		h, ok := parseHeader(b, e)
		switch {
		case !ok:
		case h.len <= len(b):
			return e, true
		case cut == nil && h.len < 1<<16:
			cut = e
		}
	}
	return cut, cut != nil
}

// Packet types of the cooked header (linux/if_packet.h).
const (
	packetOutgoing = 4 // as nlmon has it of all
	packetUser     = 6
	packetKernel   = 7
)

// appendCooked appends the header of LINKTYPE_NETLINK.
func appendCooked(dst []byte, packetType, proto uint8) []byte {
	return append(dst, 0, packetType, capture.ARPHRDNetlink>>8, capture.ARPHRDNetlink&0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, proto)
}

// isCooked says whether b is a frame with its cooked header, as tshark -x prints
// it.
func isCooked(b []byte) bool {
	if len(b) < capture.CookedLen+hdrLen || b[0] != 0 || b[1] > packetKernel || b[2] != capture.ARPHRDNetlink>>8 || b[3] != capture.ARPHRDNetlink&0xff || b[14] != 0 {
		return false
	}
	_, ok := beginsMessage(b[capture.CookedLen:])
	return ok
}

// lacks is how many bytes the last message of a datagram is short of.
func lacks(b []byte, e binary.ByteOrder) int {
	for len(b) >= hdrLen {
		n := int(e.Uint32(b))
		if n < hdrLen || n > maxMessage {
			return 0
		}
		if n > len(b) {
			return n - len(b)
		}
		b = b[min(len(b), align4(n)):]
	}
	return 0
}
