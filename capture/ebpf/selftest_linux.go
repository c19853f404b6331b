package ebpf

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/cilium/ebpf/ringbuf"
	"golang.org/x/sys/unix"
)

// patience is how long a message of our own may take to come by.
const patience = 3 * time.Second

// selfTest sends messages of our own and returns the hooks whose programs did not
// run: that one could be attached proves nothing, as the kernel may call a copy of
// the function. It also learns which process the kernel takes us for, and has it
// left out.
func (p *programs) selfTest() (silent []hook, err error) {
	portid, multicasts, err := talk()
	if err != nil {
		return nil, &Error{"sending a message of its own", err, instead}
	}
	pid, err := p.await(portid)
	var fired [16]uint64
	if e := p.get("fired", &fired); e != nil {
		return nil, e
	}
	for _, h := range p.chosen {
		switch {
		case fired[h.number] > 0:
		case !multicasts && !h.needed: // they may run, which nobody has seen
			p.absent = append(p.absent, h)
		default:
			silent = append(silent, h)
		}
	}
	if err != nil || len(silent) > 0 {
		return silent, err
	}
	if err := p.coll.Variables["self"].Set(pid); err != nil {
		return nil, err
	}
	return nil, p.drain()
}

// drain reads what was recorded until now, our own messages among it.
func (p *programs) drain() error {
	if err := p.reader.Flush(); err != nil {
		return err
	}
	var raw ringbuf.Record
	for {
		if err := p.reader.ReadInto(&raw); errors.Is(err, ringbuf.ErrFlushed) {
			return nil
		} else if err != nil {
			return err
		}
		if r, ok := readRecord(raw.RawSample); ok {
			p.keep(&r)
		}
	}
}

// keep keeps what is told of a process once.
func (p *programs) keep(r *record) {
	if r.kind == program {
		kept := *r
		kept.data = bytes.Clone(r.data)
		p.early = append(p.early, kept)
	}
}

// await waits for the record of a message from a socket of ours.
func (p *programs) await(portid uint32) (pid uint32, err error) {
	p.reader.SetDeadline(time.Now().Add(patience))
	defer p.reader.SetDeadline(time.Time{})
	var raw ringbuf.Record
	for {
		if err := p.reader.ReadInto(&raw); errors.Is(err, os.ErrDeadlineExceeded) {
			return 0, &Error{"trying the capture", fmt.Errorf("a message of its own did not come by in %v", patience), instead}
		} else if err != nil {
			return 0, err
		}
		r, ok := readRecord(raw.RawSample)
		if !ok {
			continue
		}
		p.keep(&r)
		if r.kind == toKernel && r.proto == unix.NETLINK_ROUTE && r.socket.PortID == portid {
			return r.process.PID, nil
		}
	}
}

// talk asks for an interface, and for all, and sends messages to a group of its
// own until one finds no room, if it may. It returns the portid of the socket that
// asked.
func talk() (portid uint32, multicasts bool, err error) {
	ask, portid, err := open(unix.NETLINK_ROUTE, 0)
	if err != nil {
		return 0, false, err
	}
	defer unix.Close(ask)
	request := make([]byte, unix.NLMSG_HDRLEN+unix.SizeofIfInfomsg)
	e := binary.NativeEndian
	e.PutUint32(request, uint32(len(request)))
	e.PutUint16(request[4:], unix.RTM_GETLINK)
	e.PutUint16(request[6:], unix.NLM_F_REQUEST|unix.NLM_F_ACK)
	e.PutUint32(request[unix.NLMSG_HDRLEN+4:], 1) // lo
	if err := exchange(ask, request, unix.NLMSG_ERROR); err != nil {
		return 0, false, err
	}
	e.PutUint16(request[6:], unix.NLM_F_REQUEST|unix.NLM_F_DUMP)
	if err := exchange(ask, request, unix.NLMSG_DONE); err != nil {
		return 0, false, err
	}
	const group, tries = 1, 64
	listen, _, err := open(unix.NETLINK_USERSOCK, 1<<(group-1))
	if err != nil {
		return portid, false, nil
	}
	defer unix.Close(listen)
	speak, _, err := open(unix.NETLINK_USERSOCK, 0)
	if err != nil {
		return portid, false, nil
	}
	defer unix.Close(speak)
	_ = unix.SetsockoptInt(listen, unix.SOL_SOCKET, unix.SO_RCVBUF, 1)
	e.PutUint16(request[4:], unix.NLMSG_NOOP)
	for range tries {
		_ = unix.Sendto(speak, request, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Groups: group})
	}
	return portid, true, nil
}

func open(protocol int, groups uint32) (fd int, portid uint32, err error) {
	fd, err = unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, protocol)
	if err != nil {
		return -1, 0, err
	}
	tv := unix.NsecToTimeval(int64(patience))
	err = errors.Join(
		unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &tv),
		unix.SetsockoptInt(fd, unix.SOL_NETLINK, unix.NETLINK_CAP_ACK, 1),
		unix.Bind(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Groups: groups}),
	)
	var sa unix.Sockaddr
	if err == nil {
		sa, err = unix.Getsockname(fd)
	}
	if err != nil {
		unix.Close(fd)
		return -1, 0, err
	}
	return fd, sa.(*unix.SockaddrNetlink).Pid, nil
}

// exchange sends a request and reads up to a message of a type.
func exchange(fd int, b []byte, last uint16) error {
	if err := unix.Sendto(fd, b, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return err
	}
	buf := make([]byte, 64<<10)
	for {
		n, _, err := unix.Recvfrom(fd, buf, 0)
		if err != nil {
			return err
		}
		for m := buf[:n]; len(m) >= headerLen; {
			size := int(binary.NativeEndian.Uint32(m))
			if size < headerLen {
				break
			}
			if binary.NativeEndian.Uint16(m[offsetType:]) == last {
				return nil
			}
			m = m[min(len(m), (size+3)&^3):]
		}
	}
}
