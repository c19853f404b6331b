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

const (
	// maxDatagram is the largest netlink datagram that a tap is given: the
	// kernel copies it with kmalloc for that (netlink_to_full_skb in
	// net/netlink/af_netlink.c), which ends at 4 MiB.
	maxDatagram = 4 << 20
	// wholeBlock holds such a datagram with the headers of ring and block.
	wholeBlock = maxDatagram + 4<<10
	minBlock   = 64 << 10
	minBlocks  = 4
	// DefaultRing is the size of a ring in bytes if nobody says another.
	DefaultRing = 32 << 20
	// MinRing is the size in bytes of the smallest ring.
	MinRing = minBlocks * minBlock
	// retire is after how many milliseconds the kernel hands over a block
	// that is not full. It counts in ticks of up to 10 ms.
	retire = 30
	// settle is how long the last block may take after the end was asked
	// for. It is a bound for a kernel that does not keep its promise.
	settle = 500 * time.Millisecond
)

// What becomes of an interface, or a namespace, under a ring.
var (
	errGone  = errors.New("was deleted")
	errDown  = errors.New("was set down")
	errEnded = errors.New("ended")
)

// ring is a TPACKET_V3 receive ring on one interface.
type ring struct {
	fd     int
	wake   int // eventfd: the end was asked for
	mem    []byte
	block  int // bytes
	blocks int
	next   int // the block that the kernel fills or hands over next

	mu    sync.Mutex // guards stats, which the kernel clears when it is read
	stats ringStats
}

// ringStats is struct tpacket_stats_v3, added up.
type ringStats struct {
	seen    uint64 // frames that passed the filter, lost ones included
	dropped uint64 // found no room
	frozen  uint64 // times that the ring was full
}

// geometry turns the size of a ring in bytes into blocks.
func geometry(size int) (block, blocks int) {
	page := unix.Getpagesize()
	block = min(wholeBlock, max(size/minBlocks, minBlock))
	block = (block + page - 1) / page * page
	return block, max(size/block, minBlocks)
}

// openRing makes a ring in the calling thread's network namespace. Nothing is
// captured before bind.
func openRing(size int, filter []bpf.RawInstruction) (*ring, error) {
	// Datagram sockets leave room for a cooked header before each frame, and
	// protocol 0 takes nothing until bind names one.
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, refused("opening a packet socket", unix.CAP_NET_RAW, err)
	}
	r := &ring{fd: fd, wake: -1}
	if err := r.setup(size, filter); err != nil {
		r.close()
		return nil, err
	}
	return r, nil
}

func (r *ring) setup(size int, filter []bpf.RawInstruction) (err error) {
	if r.wake, err = unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK); err != nil {
		return fmt.Errorf("eventfd: %w", err)
	}
	if err := unix.SetsockoptInt(r.fd, unix.SOL_PACKET, unix.PACKET_VERSION, unix.TPACKET_V3); err != nil {
		return fmt.Errorf("TPACKET_V3: %w", err)
	}
	if len(filter) > 0 {
		if err := r.attach(filter); err != nil {
			return fmt.Errorf("capture filter: %w", err)
		}
	}
	r.block, r.blocks = geometry(size)
	// The frame size only has to divide the block for this version.
	frame := uint32(2 << 10)
	req := unix.TpacketReq3{
		Block_size: uint32(r.block), Block_nr: uint32(r.blocks),
		Frame_size: frame, Frame_nr: uint32(r.block) / frame * uint32(r.blocks),
		Retire_blk_tov: retire,
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
	return unix.Bind(r.fd, &unix.SockaddrLinklayer{Protocol: htons(unix.ETH_P_ALL), Ifindex: ifindex})
}

// attach puts a classic BPF program before the ring. To it, a frame starts
// with its first nlmsghdr.
func (r *ring) attach(filter []bpf.RawInstruction) error {
	code := make([]unix.SockFilter, len(filter))
	for i, f := range filter {
		code[i] = unix.SockFilter{Code: f.Op, Jt: f.Jt, Jf: f.Jf, K: f.K}
	}
	return unix.SetsockoptSockFprog(r.fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER,
		&unix.SockFprog{Len: uint16(len(code)), Filter: &code[0]})
}

// stop ends the capture: run returns when it has handed on what came before.
func (r *ring) stop() {
	unix.Write(r.wake, []byte{1, 0, 0, 0, 0, 0, 0, 0})
}

// run hands each block to q as the kernel gives it up, until stop. It returns
// what went wrong with the interface, if anything did; all that was captured
// before is handed on even so.
func (r *ring) run(q *queue, from int) error {
	fds := []unix.PollFd{{Fd: int32(r.fd), Events: unix.POLLIN}, {Fd: int32(r.wake), Events: unix.POLLIN}}
	for {
		if r.take(q, from) {
			continue
		}
		fds[0].Revents, fds[1].Revents = 0, 0
		if _, err := unix.Poll(fds, -1); err != nil && err != unix.EINTR {
			return fmt.Errorf("poll: %w", err)
		}
		switch {
		case fds[0].Revents&unix.POLLERR != 0:
			code, err := unix.GetsockoptInt(r.fd, unix.SOL_SOCKET, unix.SO_ERROR)
			if err != nil {
				return err
			}
			r.drain(q, from)
			return r.failure(unix.Errno(code))
		case fds[1].Revents&unix.POLLIN != 0:
			r.reject()
			r.drain(q, from)
			return nil
		}
	}
}

// take hands on the next block, if the kernel has given it up.
func (r *ring) take(q *queue, from int) bool {
	mem := r.mem[r.next*r.block : (r.next+1)*r.block]
	h := blockHeader(mem)
	if atomic.LoadUint32(&h.Block_status)&unix.TP_STATUS_USER == 0 {
		return false
	}
	used := min(int(h.Blk_len), len(mem))
	q.push(from, mem[:used])
	atomic.StoreUint32(&h.Block_status, unix.TP_STATUS_KERNEL)
	r.next = (r.next + 1) % r.blocks
	return true
}

// drain hands on what is left when nothing more can come: the kernel retires
// the open block by its timer, and by nothing else.
func (r *ring) drain(q *queue, from int) {
	end := time.Now().Add(settle)
	quiet := 0
	for time.Now().Before(end) && quiet < 2 {
		if r.take(q, from) {
			quiet = 0
			continue
		}
		if h := blockHeader(r.mem[r.next*r.block:]); atomic.LoadUint32(&h.Num_pkts) == 0 {
			quiet++ // once more: a frame may have been on its way
		} else {
			quiet = 0
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// reject lets nothing more into the ring.
func (r *ring) reject() {
	none, _ := bpf.Assemble([]bpf.Instruction{bpf.RetConstant{Val: 0}})
	_ = r.attach(none) // without it, the last frames are those of settle
}

// failure finds out what happened to the interface.
func (r *ring) failure(code unix.Errno) error {
	if code != unix.ENETDOWN {
		return code
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
	if r.fd >= 0 {
		if s, err := unix.GetsockoptTpacketStatsV3(r.fd, unix.SOL_PACKET, unix.PACKET_STATISTICS); err == nil {
			r.stats.seen += uint64(s.Packets)
			r.stats.dropped += uint64(s.Drops)
			r.stats.frozen += uint64(s.Freeze_q_cnt)
		}
	}
	return r.stats
}

func (r *ring) close() {
	r.counters()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.mem != nil {
		_ = unix.Munmap(r.mem)
		r.mem = nil
	}
	for _, fd := range []*int{&r.fd, &r.wake} {
		if *fd >= 0 {
			_ = unix.Close(*fd)
			*fd = -1
		}
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
