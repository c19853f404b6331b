//go:build linux

package nlmon

import (
	"time"

	"golang.org/x/sys/unix"
)

// A ring is many small blocks. The kernel hands over a block when it is full or
// when its time is over, with one frame in it or a thousand; while nobody takes
// them, as many times can pass as there are blocks. Frames that would leave
// much of a block empty do not go there at all but to a second socket (large).

const (
	// maxDatagram is the largest netlink datagram that a tap is given: the
	// kernel copies it with kmalloc for that (netlink_to_full_skb in
	// net/netlink/af_netlink.c), which ends at 4 MiB.
	maxDatagram = 4 << 20
	// DefaultRing is the size of a ring in bytes if nobody says another.
	DefaultRing = 32 << 20
	// MinRing is the size in bytes of the smallest ring.
	MinRing = 256 << 10
	// minRoom is the least that the kernel may keep of what is large for a
	// ring, which takes nothing while there is nothing.
	minRoom = 4 * maxDatagram

	// Blocks are powers of two: the kernel allocates them as such.
	minBlock, midBlock, maxBlock = 8 << 10, 64 << 10, 256 << 10
	// manyBlocks is how many there are in a ring for somebody who looks on, if
	// it is not too small for that.
	manyBlocks = 512
	// enoughBlocks is how many a file's ring has at least before its blocks are
	// larger than midBlock: each wakes the reader.
	enoughBlocks = 128
	// blockShare is how much of a block a frame can take.
	blockShare = 4
	// One block in this many makes up for the ends of the others, and for those
	// that the reader has, or the kernel had begun, when a stall begins.
	ends = 64
)

// The time after which the kernel hands over a block that is not full. It
// counts in ticks of up to 10 ms.
const (
	// retireWatched is for somebody who looks on.
	retireWatched = 30 * time.Millisecond
	// A file gets its frames after such a time. The fewer blocks there are, the
	// longer it is, so that a ring lasts for stall if little happens.
	retireLeast, retireMost = 100 * time.Millisecond, time.Second
	stall                   = 50 * time.Second
)

// shape is how a ring is made.
type shape struct {
	block, blocks int
	// largest is the longest frame in bytes, without the cooked header, that
	// goes into the ring.
	largest int
	retire  time.Duration
}

// newShape turns the size of a ring in bytes into blocks. Large blocks cost less
// where much happens, many small ones last longer where little does.
func newShape(size int, watched bool) shape {
	s := shape{block: maxBlock, retire: retireWatched}
	least, many := midBlock, enoughBlocks
	if watched {
		least, many = minBlock, manyBlocks
	}
	for s.block > least && size/s.block < many {
		s.block /= 2
	}
	s.block = max(s.block, unix.Getpagesize())
	s.blocks = max(size/s.block, 2)
	if !watched {
		s.retire = min(max(stall/time.Duration(s.blocks), retireLeast), retireMost)
	}
	s.largest = s.block/blockShare - frameOverhead
	s.blocks += (s.blocks + ends - 1) / ends
	return s
}

// frameOverhead is what stands before a frame's bytes in a block: its header, the
// link-layer address, the room for a cooked header, and what aligns them
// (packet_set_ring and tpacket_rcv in net/packet/af_packet.c).
const frameOverhead = (addressAt+addressLen+unix.TPACKET_ALIGNMENT-1)/unix.TPACKET_ALIGNMENT*unix.TPACKET_ALIGNMENT + 16
