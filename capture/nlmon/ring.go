//go:build linux

package nlmon

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// What becomes of an interface, or a namespace, under a ring.
var (
	errGone  = errors.New("was deleted")
	errDown  = errors.New("was set down")
	errEnded = errors.New("ended")
)

// ring is a TPACKET_V3 receive ring on one interface, and the socket for what is
// too large for it.
type ring struct {
	shape
	fd      int
	mem     []byte
	next    int // the block that the kernel fills or hands over next
	large   *large
	stopped atomic.Bool // the end was asked for

	mu    sync.Mutex // guards stats, which the kernel clears when it is read
	stats ringStats
}

// ringStats is struct tpacket_stats_v3, added up.
type ringStats struct {
	seen    uint64 // frames that passed the filter, lost ones included
	dropped uint64 // found no room
	large   uint64 // of these, found none outside of the ring
	frozen  uint64 // times that the ring was full
}

// openRing makes a ring in the calling thread's network namespace. Nothing is
// captured before bind.
func openRing(s shape, room int, filter []bpf.RawInstruction, snap int) (*ring, error) {
	// Datagram sockets leave room for a cooked header before each frame, and
	// protocol 0 takes nothing until bind names one.
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, refused("opening a packet socket", unix.CAP_NET_RAW, err)
	}
	r := &ring{shape: s, fd: fd}
	if r.large, err = openLarge(room); err == nil {
		err = r.setup(filter, snap)
	}
	if err != nil {
		r.close()
		return nil, err
	}
	return r, nil
}

func (r *ring) setup(filter []bpf.RawInstruction, snap int) (err error) {
	if err := unix.SetsockoptInt(r.fd, unix.SOL_PACKET, unix.PACKET_VERSION, unix.TPACKET_V3); err != nil {
		return fmt.Errorf("TPACKET_V3: %w", err)
	}
	if err := r.filter(filter, snap); err != nil {
		return fmt.Errorf("capture filter: %w", err)
	}
	// The frame size only has to divide the block for this version.
	frame := uint32(2 << 10)
	req := unix.TpacketReq3{
		Block_size: uint32(r.block), Block_nr: uint32(r.blocks),
		Frame_size: frame, Frame_nr: uint32(r.block) / frame * uint32(r.blocks),
		Retire_blk_tov: uint32(r.retire.Milliseconds()),
	}
	if err := unix.SetsockoptTpacketReq3(r.fd, unix.SOL_PACKET, unix.PACKET_RX_RING, &req); err != nil {
		return fmt.Errorf("ring of %d bytes: %w", r.block*r.blocks, err)
	}
	r.mem, err = unix.Mmap(r.fd, 0, r.block*r.blocks, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return fmt.Errorf("mapping a ring of %d bytes: %w", r.block*r.blocks, err)
	}
	return nil
}

// bind starts the capture on an interface.
func (r *ring) bind(ifindex int) error {
	// What is in both is not lost; the order of the two does not matter.
	for _, fd := range []int{r.large.fd, r.fd} {
		if err := unix.Bind(fd, &unix.SockaddrLinklayer{Protocol: htons(unix.ETH_P_ALL), Ifindex: ifindex}); err != nil {
			return err
		}
	}
	return nil
}

// filter puts a classic BPF program before the ring and the socket. To it, a
// frame starts with its first nlmsghdr. snap is as in Options.SnapLen.
func (r *ring) filter(program []bpf.RawInstruction, snap int) error {
	cut := withSnapLen(program, snap)
	if snap > 0 && snap <= r.largest {
		// The length that the kernel asks about is that before it cuts.
		if err := attach(r.fd, cut); err != nil {
			return err
		}
		return attach(r.large.fd, nothing)
	}
	if err := attach(r.fd, shorter(r.largest, cut)); err != nil {
		return err
	}
	return attach(r.large.fd, longer(r.largest, program))
}

// Filters for all frames and for none.
var (
	everything = []bpf.RawInstruction{{Op: opReturn, K: ^uint32(0)}}
	nothing    = []bpf.RawInstruction{{Op: opReturn}}
)

func attach(fd int, filter []bpf.RawInstruction) error {
	if len(filter) == 0 {
		filter = everything
	}
	code := make([]unix.SockFilter, len(filter))
	for i, f := range filter {
		code[i] = unix.SockFilter{Code: f.Op, Jt: f.Jt, Jf: f.Jf, K: f.K}
	}
	return unix.SetsockoptSockFprog(fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER,
		&unix.SockFprog{Len: uint16(len(code)), Filter: &code[0]})
}

// reject lets nothing more in.
func (r *ring) reject() {
	_ = attach(r.fd, nothing) // without it, the last frames are those of settle
	_ = attach(r.large.fd, nothing)
}

// take returns the next block, if the kernel has given it up, until release.
func (r *ring) take() []byte {
	mem := r.mem[r.next*r.block : (r.next+1)*r.block]
	h := blockHeader(mem)
	if atomic.LoadUint32(&h.Block_status)&unix.TP_STATUS_USER == 0 {
		return nil
	}
	return mem[:min(int(h.Blk_len), len(mem))]
}

// release gives the block that was taken back to the kernel.
func (r *ring) release() {
	h := blockHeader(r.mem[r.next*r.block:])
	atomic.StoreUint32(&h.Block_status, unix.TP_STATUS_KERNEL)
	r.next = (r.next + 1) % r.blocks
}

// filling reports whether there are frames in the block that the kernel fills. It
// gives that up by its timer, or when it is full, and by nothing else.
func (r *ring) filling() bool {
	return atomic.LoadUint32(&blockHeader(r.mem[r.next*r.block:]).Num_pkts) != 0
}

// trouble finds out what happened to the interface.
func (r *ring) trouble() error {
	code, err := unix.GetsockoptInt(r.fd, unix.SOL_SOCKET, unix.SO_ERROR)
	if err != nil {
		return err
	}
	if code != int(unix.ENETDOWN) {
		return unix.Errno(code)
	}
	// An interface that is deleted is set down first. packet_notifier in
	// net/packet/af_packet.c then takes its index away from the socket.
	for range 20 {
		if sa, err := unix.Getsockname(r.fd); err == nil {
			if ll, ok := sa.(*unix.SockaddrLinklayer); ok && ll.Ifindex <= 0 {
				return errGone
			}
		}
		time.Sleep(10 * time.Millisecond)
	}
	return errDown
}

// counters reads the kernel's counters.
func (r *ring) counters() ringStats {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fd >= 0 && r.large != nil {
		if s, err := unix.GetsockoptTpacketStatsV3(r.fd, unix.SOL_PACKET, unix.PACKET_STATISTICS); err == nil {
			r.stats.seen += uint64(s.Packets)
			r.stats.dropped += uint64(s.Drops)
			r.stats.frozen += uint64(s.Freeze_q_cnt)
		}
		r.large.counters(&r.stats)
	}
	return r.stats
}

// close closes the sockets. The memory stays until unmap: somebody may be reading
// a frame.
func (r *ring) close() {
	r.counters()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fd >= 0 {
		_ = unix.Close(r.fd)
		r.fd = -1
	}
	if r.large != nil && r.large.fd >= 0 {
		_ = unix.Close(r.large.fd)
		r.large.fd = -1
	}
}

func (r *ring) unmap() {
	if r.mem != nil {
		_ = unix.Munmap(r.mem)
		r.mem = nil
	}
}

// blockHeader is the part of struct tpacket_block_desc behind its two version
// members.
func blockHeader(b []byte) *unix.TpacketHdrV1 {
	return (*unix.TpacketHdrV1)(unsafe.Pointer(&b[blockHeaderAt]))
}

const blockHeaderAt = int(unsafe.Offsetof(unix.TpacketBlockDesc{}.Hdr))

func htons(v uint16) uint16 {
	b := [2]byte{byte(v >> 8), byte(v)}
	return *(*uint16)(unsafe.Pointer(&b))
}
