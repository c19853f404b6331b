//go:build linux && (amd64 || arm64)

package trace

import "encoding/binary"

const (
	// maxDatagram is how much of a datagram is read. The kernel's own limit
	// is the sender's SO_SNDBUF, which root can raise.
	maxDatagram = 4 << 20
	maxVectors  = 1024 // UIO_MAXIOV of linux/uio.h
)

// span is a piece of a tracee's memory.
type span struct {
	addr uint64
	n    uint64
}

// word reads a number of the tracee's word size.
func word(b []byte, long int) uint64 {
	if long == 4 {
		return uint64(binary.LittleEndian.Uint32(b))
	}
	return binary.LittleEndian.Uint64(b)
}

// vectors reads an array of struct iovec.
func (t *thread) vectors(addr, count uint64) ([]span, bool) {
	if count > maxVectors {
		return nil, false // EINVAL or EMSGSIZE
	}
	size := 2 * t.abi.long
	b := make([]byte, int(count)*size)
	if t.read(addr, b) != len(b) {
		return nil, false
	}
	list := make([]span, count)
	for i := range list {
		at := b[i*size:]
		list[i] = span{word(at, t.abi.long), word(at[t.abi.long:], t.abi.long)}
	}
	return list, true
}

func total(list []span) uint64 {
	var n uint64
	for _, s := range list {
		n += min(s.n, 1<<40)
	}
	return n
}

// gather appends what stands in spans, n bytes at most. It reports false if
// the memory could not be read.
func (t *thread) gather(dst []byte, list []span, n uint64) ([]byte, bool) {
	n = min(n, maxDatagram)
	for _, s := range list {
		m := min(s.n, n)
		if m == 0 {
			continue
		}
		at := len(dst)
		dst = append(dst, make([]byte, m)...)
		got := t.read(s.addr, dst[at:])
		if uint64(got) != m {
			return dst[:at+got], false
		}
		n -= m
	}
	return dst, true
}

// header is struct msghdr of linux/socket.h.
type header struct {
	name              uint64
	nameLen           uint32
	iov, iovLen       uint64
	control, controls uint64
	flags             uint32
	size              int // of the struct
}

// sizes of struct msghdr for the two word sizes; struct mmsghdr has a length
// behind it, padded to a word.
const (
	headerSize64, mmsgSize64 = 56, 64
	headerSize32, mmsgSize32 = 28, 32
)

func (a *abi) mmsgSize() uint64 {
	if a.long == 4 {
		return mmsgSize32
	}
	return mmsgSize64
}

func (t *thread) header(addr uint64) (h header, ok bool) {
	var room [headerSize64]byte
	le := binary.LittleEndian
	if t.abi.long == 4 {
		b := room[:headerSize32]
		if t.read(addr, b) != len(b) {
			return h, false
		}
		return header{uint64(le.Uint32(b)), le.Uint32(b[4:]), uint64(le.Uint32(b[8:])), uint64(le.Uint32(b[12:])),
			uint64(le.Uint32(b[16:])), uint64(le.Uint32(b[20:])), le.Uint32(b[24:]), len(b)}, true
	}
	b := room[:]
	if t.read(addr, b) != len(b) {
		return h, false
	}
	return header{le.Uint64(b), le.Uint32(b[8:]), le.Uint64(b[16:]), le.Uint64(b[24:]),
		le.Uint64(b[32:]), le.Uint64(b[40:]), le.Uint32(b[48:]), len(b)}, true
}

// addressSize is the size of a struct sockaddr_nl.
const addressSize = 12

// address reads a struct sockaddr_nl of linux/netlink.h: the portid and the
// lowest group of the mask.
func (t *thread) address(addr uint64, n uint32) (portid, group uint32, ok bool) {
	var b [addressSize]byte
	if addr == 0 || n < addressSize || t.read(addr, b[:]) != len(b) {
		return 0, 0, false
	}
	const afNetlink = 16
	if binary.LittleEndian.Uint16(b[:]) != afNetlink {
		return 0, 0, false
	}
	return binary.LittleEndian.Uint32(b[4:]), lowestGroup(binary.LittleEndian.Uint32(b[8:])), true
}

// lowestGroup is the number, from 1, of the lowest bit in a mask of groups.
func lowestGroup(mask uint32) uint32 {
	for i := range uint32(32) {
		if mask>>i&1 != 0 {
			return i + 1
		}
	}
	return 0
}

// pktInfo finds the group of NETLINK_PKTINFO among the control messages that
// the kernel wrote.
func (t *thread) pktInfo(h *header) uint32 {
	if h.control == 0 || h.controls == 0 || h.controls > 4096 {
		return 0
	}
	b := make([]byte, h.controls)
	b = b[:t.read(h.control, b)]
	long := t.abi.long
	head := long + 8 // struct cmsghdr: length, level, type
	for len(b) >= head {
		n := word(b, long)
		if n < uint64(head) || n > uint64(len(b)) {
			return 0
		}
		level, typ := binary.LittleEndian.Uint32(b[long:]), binary.LittleEndian.Uint32(b[long+4:])
		const solNetlink, pktInfo = 270, 3 // SOL_NETLINK, NETLINK_PKTINFO
		if level == solNetlink && typ == pktInfo && n >= uint64(head)+4 {
			return binary.LittleEndian.Uint32(b[head:])
		}
		b = b[min(uint64(len(b)), (n+uint64(long)-1)&^uint64(long-1)):]
	}
	return 0
}
