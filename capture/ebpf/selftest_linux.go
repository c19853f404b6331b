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

// selfTest sends messages of our own and sees each program run: that it could
// be attached proves nothing, as the kernel may call a copy of the function. It
// also learns which process the kernel takes us for, and has it left out.
func (p *programs) selfTest() error {
	portid, err := talk()
	if err != nil {
		return &Error{"sending a message of its own", err, instead}
	}
	pid, err := p.await(portid)
	if err != nil {
		return err
	}
	if err := p.coll.Variables["self"].Set(pid); err != nil {
		return err
	}
	if err := p.drain(); err != nil {
		return err
	}
	var fired [16]uint64
	if err := p.get("fired", &fired); err != nil {
		return err
	}
	for _, h := range p.chosen {
		switch {
		case fired[h.number] > 0:
		case h.needed:
			return &Error{"trying the capture", fmt.Errorf("the kernel does not call %s, which tells %s", h.function, h.fact), instead}
		default:
			p.absent = append(p.absent, h)
		}
	}
	return nil
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
// own until one finds no room. It returns the portid of the socket that asked.
func talk() (portid uint32, err error) {
	ask, portid, err := open(unix.NETLINK_ROUTE, 0)
	if err != nil {
		return 0, err
	}
	defer unix.Close(ask)
	request := make([]byte, unix.NLMSG_HDRLEN+unix.SizeofIfInfomsg)
	e := binary.NativeEndian
	e.PutUint32(request, uint32(len(request)))
	e.PutUint16(request[4:], unix.RTM_GETLINK)
	e.PutUint16(request[6:], unix.NLM_F_REQUEST|unix.NLM_F_ACK)
	e.PutUint32(request[unix.NLMSG_HDRLEN+4:], 1) // lo
	if err := exchange(ask, request, unix.NLMSG_ERROR); err != nil {
		return 0, err
	}
	e.PutUint16(request[6:], unix.NLM_F_REQUEST|unix.NLM_F_DUMP)
	if err := exchange(ask, request, unix.NLMSG_DONE); err != nil {
		return 0, err
	}
	const group, tries = 1, 64
	listen, _, err := open(unix.NETLINK_USERSOCK, 1<<(group-1))
	if err != nil {
		return portid, nil // what multicasts need is not tried then
	}
	defer unix.Close(listen)
	speak, _, err := open(unix.NETLINK_USERSOCK, 0)
	if err != nil {
		return portid, nil
	}
	defer unix.Close(speak)
	_ = unix.SetsockoptInt(listen, unix.SOL_SOCKET, unix.SO_RCVBUF, 1)
	e.PutUint16(request[4:], unix.NLMSG_NOOP)
	for range tries {
		_ = unix.Sendto(speak, request, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Groups: group})
	}
	return portid, nil
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
