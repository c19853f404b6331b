//go:build linux

package nlmon

import (
	"encoding/binary"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/nlsniff/nlsniff/capture"
)

// block is one block of a ring that the kernel has given up.
type block struct {
	data    []byte
	arrived time.Time

	at   int // offset of the next frame
	left int // frames
}

const (
	frameHeaderLen = int(unsafe.Sizeof(unix.Tpacket3Hdr{}))
	// addressAt is where struct sockaddr_ll follows a frame's header
	// (TPACKET3_HDRLEN of linux/if_packet.h).
	addressAt  = (frameHeaderLen + unix.TPACKET_ALIGNMENT - 1) / unix.TPACKET_ALIGNMENT * unix.TPACKET_ALIGNMENT
	addressLen = int(unsafe.Sizeof(unix.RawSockaddrLinklayer{}))
)

// begin finds the frames of a block.
func (b *block) begin() {
	b.at, b.left = 0, 0
	if len(b.data) < blockHeaderAt+int(unsafe.Sizeof(unix.TpacketHdrV1{})) {
		return
	}
	h := blockHeader(b.data)
	b.at, b.left = int(h.Offset_to_first_pkt), int(h.Num_pkts)
	b.check()
}

// check ends the block early if there cannot be a frame where one should be.
func (b *block) check() {
	if b.at < 0 || b.at+addressAt+addressLen > len(b.data) {
		b.left = 0
	}
}

func (b *block) header() *unix.Tpacket3Hdr {
	return (*unix.Tpacket3Hdr)(unsafe.Pointer(&b.data[b.at]))
}

// time returns the time of the next frame in nanoseconds since the Unix epoch.
// There has to be one (left).
func (b *block) time() int64 {
	h := b.header()
	return int64(h.Sec)*1e9 + int64(h.Nsec)
}

// frame fills f with the next frame: its time, data and length. The cooked
// header is written into the gap that the kernel leaves before the data. It
// reports false at the end of the block.
func (b *block) frame(f *capture.Frame) bool {
	if b.left <= 0 {
		return false
	}
	h := b.header()
	start := b.at + int(h.Net)
	end := start + int(h.Snaplen)
	if int(h.Net) < addressAt+addressLen+capture.CookedLen || end < start || end > len(b.data) {
		b.left = 0 // not what the kernel writes
		return false
	}
	ll := (*unix.RawSockaddrLinklayer)(unsafe.Pointer(&b.data[b.at+addressAt]))
	putCooked(b.data[start-capture.CookedLen:start], ll)
	f.Data = b.data[start-capture.CookedLen : end : end]
	f.OrigLen = int(h.Len) + capture.CookedLen
	f.Time = b.time()
	b.left--
	if h.Next_offset == 0 {
		b.left = 0
	}
	b.at += int(h.Next_offset)
	b.check()
	return true
}

// putCooked writes the cooked header of LINKTYPE_NETLINK. On an nlmon
// interface the protocol of the link-layer address is the netlink protocol
// (__netlink_deliver_tap_skb in net/netlink/af_netlink.c), in network byte
// order already.
func putCooked(b []byte, ll *unix.RawSockaddrLinklayer) {
	binary.BigEndian.PutUint16(b[0:], uint16(ll.Pkttype))
	binary.BigEndian.PutUint16(b[2:], capture.ARPHRDNetlink)
	binary.BigEndian.PutUint16(b[4:], uint16(ll.Halen))
	// Behind the address is what was in the ring before.
	clear(b[6:14])
	copy(b[6:14], ll.Addr[:min(int(ll.Halen), len(ll.Addr))])
	*(*uint16)(unsafe.Pointer(&b[14])) = ll.Protocol
}
