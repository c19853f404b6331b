//go:build linux

package nlmon

import (
	"encoding/binary"
	"fmt"
	"time"
	"unsafe"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"

	"github.com/nlsniff/nlsniff/capture"
)

// large is a packet socket without a ring, for the frames that a block of the
// ring is too small for. They wait in the kernel as they are, a netlink
// datagram that others may hold as well, and take no memory while there are
// none. A ring whose blocks are as large as the largest frame could have few.
type large struct {
	fd      int
	buf     []byte // with room for the cooked header
	control []byte
	from    unix.RawSockaddrLinklayer
	// ready says that there may be a frame: the socket was not found empty
	// since it was last looked at.
	ready bool

	// The frame that was read.
	have   bool
	data   []byte // cooked header first
	length int    // of the whole frame
	time   int64  // nanoseconds since the Unix epoch
	taken  time.Time
}

// keptBuffer is how large a buffer stays for the next frame.
const keptBuffer = 1 << 20

// openLarge makes one in the calling thread's network namespace. room is how
// many bytes of frames the kernel keeps, by its own reckoning, which is up to
// twice the frames' length.
func openLarge(room int) (*large, error) {
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return nil, refused("opening a packet socket", unix.CAP_NET_RAW, err)
	}
	l := &large{fd: fd, control: make([]byte, unix.CmsgSpace(int(unsafe.Sizeof(unix.Timespec{})))+unix.CmsgSpace(auxdataLen))}
	for _, o := range []struct{ level, name int }{{unix.SOL_SOCKET, unix.SO_TIMESTAMPNS}, {unix.SOL_PACKET, unix.PACKET_AUXDATA}} {
		if err := unix.SetsockoptInt(fd, o.level, o.name, 1); err != nil {
			_ = unix.Close(fd)
			return nil, fmt.Errorf("packet socket: %w", err)
		}
	}
	// The kernel doubles it. Without CAP_NET_ADMIN net.core.rmem_max is the
	// bound; a socket that is empty takes one frame of any length.
	if unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, room) != nil {
		_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, room)
	}
	return l, nil
}

// auxdataLen is the size of struct tpacket_auxdata of linux/if_packet.h: four
// 32-bit and four 16-bit members, of which the second says how long a frame was.
const auxdataLen, auxdataLenAt = 20, 4

// read takes the next frame, if there is one and none was read before.
func (l *large) read() {
	for l.ready && !l.have {
		// Not MSG_PEEK: that writes over the length that the auxiliary data
		// is to tell (packet_recvmsg in net/packet/af_packet.c).
		n := l.waiting()
		if n == 0 {
			// What is wrong with the interface the ring is told as well.
			l.ready = false
			return
		}
		if size := capture.CookedLen + n; size > len(l.buf) || len(l.buf) > keptBuffer && size < keptBuffer {
			l.buf = make([]byte, (size+4095)&^4095)
		}
		got, control, err := l.receive()
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			l.ready = false
			return
		}
		n, l.have, l.taken = got, true, time.Now()
		l.data, l.length, l.time = l.buf[:capture.CookedLen+n:capture.CookedLen+n], capture.CookedLen+n, l.taken.UnixNano()
		putCooked(l.data, &l.from)
		l.details(control)
	}
}

// waiting returns how long the next frame is, 0 if there is none. Like receive it
// never waits, so the runtime need not know of it (epollNow).
func (l *large) waiting() int {
	var n int32
	_, _, err := unix.RawSyscall(unix.SYS_IOCTL, uintptr(l.fd), unix.SIOCINQ, uintptr(unsafe.Pointer(&n)))
	if err != 0 {
		return 0
	}
	return int(n)
}

// receive is recvmsg(2) without the garbage of a call for any socket.
func (l *large) receive() (n int, control []byte, err error) {
	iov := unix.Iovec{Base: &l.buf[capture.CookedLen]}
	iov.SetLen(len(l.buf) - capture.CookedLen)
	h := unix.Msghdr{Name: (*byte)(unsafe.Pointer(&l.from)), Namelen: uint32(unsafe.Sizeof(l.from)), Iov: &iov, Control: &l.control[0]}
	h.SetIovlen(1)
	h.SetControllen(len(l.control))
	r, _, errno := unix.RawSyscall(unix.SYS_RECVMSG, uintptr(l.fd), uintptr(unsafe.Pointer(&h)), 0)
	if errno != 0 {
		return 0, nil, errno
	}
	return int(r), l.control[:h.Controllen], nil
}

// details reads what the kernel says beside a frame (cmsg(3)).
func (l *large) details(control []byte) {
	for len(control) >= unix.SizeofCmsghdr {
		h := (*unix.Cmsghdr)(unsafe.Pointer(&control[0]))
		size := int(h.Len)
		if size < unix.SizeofCmsghdr || size > len(control) {
			return
		}
		data := control[unix.CmsgLen(0):size]
		switch {
		case h.Level == unix.SOL_SOCKET && h.Type == unix.SO_TIMESTAMPNS && len(data) >= int(unsafe.Sizeof(unix.Timespec{})):
			ts := (*unix.Timespec)(unsafe.Pointer(&data[0]))
			l.time = ts.Nano()
		case h.Level == unix.SOL_PACKET && h.Type == unix.PACKET_AUXDATA && len(data) >= auxdataLen:
			l.length = capture.CookedLen + int(binary.NativeEndian.Uint32(data[auxdataLenAt:]))
		}
		control = control[min(unix.CmsgSpace(size-unix.CmsgLen(0)), len(control)):]
	}
}

// frame fills f with the frame that was read. Its bytes are valid until read.
func (l *large) frame(f *capture.Frame) {
	f.Data, f.OrigLen, f.Time = l.data, l.length, l.time
	l.have = false
}

// counters adds the kernel's counters, which it clears when they are read.
func (l *large) counters(s *ringStats) {
	if k, err := unix.GetsockoptTpacketStats(l.fd, unix.SOL_PACKET, unix.PACKET_STATISTICS); err == nil {
		s.seen += uint64(k.Packets)
		s.dropped += uint64(k.Drops)
		s.large += uint64(k.Drops)
	}
}

// shorter and longer are the filters that decide which of the two a frame goes
// to; the capture's own follows them.
func shorter(size int, filter []bpf.RawInstruction) []bpf.RawInstruction {
	return refuse(bpf.RawInstruction{Op: opJumpGreater, Jf: 1, K: uint32(size)}, filter)
}

func longer(size int, filter []bpf.RawInstruction) []bpf.RawInstruction {
	return refuse(bpf.RawInstruction{Op: opJumpGreater, Jt: 1, K: uint32(size)}, filter)
}

const (
	opLoadLength  = 0x80 // BPF_LD|BPF_W|BPF_LEN of linux/bpf_common.h
	opJumpGreater = 0x25 // BPF_JMP|BPF_JGT|BPF_K
)

// refuse lets the filter have only the frames whose length makes unless jump one
// instruction further.
func refuse(unless bpf.RawInstruction, filter []bpf.RawInstruction) []bpf.RawInstruction {
	if len(filter) == 0 {
		filter = everything
	}
	return append([]bpf.RawInstruction{{Op: opLoadLength}, unless, {Op: opReturn}}, filter...)
}
