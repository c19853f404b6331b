//go:build linux

package nlmon

import (
	"encoding/binary"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// conn is a netlink socket of our own. It belongs to the network namespace of
// the thread that opened it, for good.
type conn struct {
	fd     int
	portid uint32
	seq    uint32
	buf    []byte
}

// answerTimeout is how long the kernel may take. Creating the first nlmon
// interface can load a module.
const answerTimeout = 30 * time.Second

func dial(protocol int) (*conn, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, protocol)
	if err != nil {
		return nil, fmt.Errorf("netlink socket: %w", err)
	}
	c := &conn{fd: fd, seq: uint32(time.Now().Unix()), buf: make([]byte, 64<<10)}
	if err := unix.Bind(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		c.close()
		return nil, fmt.Errorf("netlink socket: %w", err)
	}
	sa, err := unix.Getsockname(fd)
	if err != nil {
		c.close()
		return nil, fmt.Errorf("netlink socket: %w", err)
	}
	c.portid = sa.(*unix.SockaddrNetlink).Pid
	tv := unix.NsecToTimeval(int64(answerTimeout))
	_ = unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &tv)
	// Reasons in words are welcome, and only in newer kernels.
	_ = unix.SetsockoptInt(fd, unix.SOL_NETLINK, unix.NETLINK_EXT_ACK, 1)
	return c, nil
}

func (c *conn) close() { _ = unix.Close(c.fd) }

// request builds a message with its header; seq and portid are the
// connection's own.
func (c *conn) request(typ, flags uint16, body []byte) []byte {
	c.seq++
	m := make([]byte, unix.NLMSG_HDRLEN, unix.NLMSG_HDRLEN+len(body))
	order := binary.NativeEndian
	order.PutUint32(m[0:], uint32(unix.NLMSG_HDRLEN+len(body)))
	order.PutUint16(m[4:], typ)
	order.PutUint16(m[6:], flags|unix.NLM_F_REQUEST)
	order.PutUint32(m[8:], c.seq)
	order.PutUint32(m[12:], c.portid)
	return append(m, body...)
}

func (c *conn) send(m []byte) error {
	return unix.Sendto(c.fd, m, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK})
}

// receive returns the next datagram from the kernel. It is valid until the
// next call.
func (c *conn) receive() ([]byte, error) {
	for {
		n, from, err := unix.Recvfrom(c.fd, c.buf, unix.MSG_PEEK|unix.MSG_TRUNC)
		if err == nil && n > len(c.buf) {
			c.buf = make([]byte, n)
		}
		if err == nil {
			n, from, err = unix.Recvfrom(c.fd, c.buf, 0)
		}
		switch sa, _ := from.(*unix.SockaddrNetlink); {
		case err == unix.EINTR:
		case err == unix.EAGAIN:
			return nil, os.ErrDeadlineExceeded
		case err != nil:
			return nil, err
		case sa == nil || sa.Pid == 0: // others may send to us too
			return c.buf[:n], nil
		}
	}
}

// message is one netlink message of a datagram.
type message struct {
	typ, flags  uint16
	seq, portid uint32
	body        []byte
}

// messages splits a datagram.
func messages(b []byte) (out []message) {
	order := binary.NativeEndian
	for len(b) >= unix.NLMSG_HDRLEN {
		n := int(order.Uint32(b))
		if n < unix.NLMSG_HDRLEN || n > len(b) {
			return out
		}
		out = append(out, message{
			typ: order.Uint16(b[4:]), flags: order.Uint16(b[6:]), seq: order.Uint32(b[8:]), portid: order.Uint32(b[12:]),
			body: b[unix.NLMSG_HDRLEN:n],
		})
		b = b[min(len(b), (n+3)&^3):]
	}
	return out
}

// answerError is the kernel's refusal.
type answerError struct {
	errno unix.Errno
	text  string // from the extended acknowledgement
}

func (e *answerError) Error() string {
	if e.text == "" {
		return e.errno.Error()
	}
	return fmt.Sprintf("%s (%v)", e.text, e.errno)
}

func (e *answerError) Unwrap() error { return e.errno }

// refusal reads an NLMSG_ERROR; nil is an acknowledgement.
func (m *message) refusal() error {
	if len(m.body) < 4 {
		return unix.EBADMSG
	}
	errno := -int32(binary.NativeEndian.Uint32(m.body))
	if errno == 0 {
		return nil
	}
	e := &answerError{errno: unix.Errno(errno)}
	if at := 4 + unix.NLMSG_HDRLEN; m.flags&unix.NLM_F_ACK_TLVS != 0 && len(m.body) >= at {
		if m.flags&unix.NLM_F_CAPPED == 0 {
			at = 4 + int((binary.NativeEndian.Uint32(m.body[4:])+3)&^3)
		}
		if at <= len(m.body) {
			if t := findAttr(m.body[at:], unix.NLMSGERR_ATTR_MSG); len(t) > 1 {
				e.text = string(t[:len(t)-1])
			}
		}
	}
	return e
}

// do sends a request and calls each with the messages of the answer up to
// the acknowledgement or the end of the dump.
func (c *conn) do(typ, flags uint16, body []byte, each func(message)) error {
	if err := c.send(c.request(typ, flags, body)); err != nil {
		return err
	}
	for {
		b, err := c.receive()
		if err != nil {
			return err
		}
		for _, m := range messages(b) {
			switch {
			case m.seq != c.seq || m.portid != c.portid:
			case m.typ == unix.NLMSG_ERROR:
				return m.refusal()
			case m.typ == unix.NLMSG_DONE:
				return nil
			default:
				each(m)
			}
		}
	}
}

// appendAttr appends an attribute (struct nlattr).
func appendAttr(b []byte, typ uint16, value []byte) []byte {
	b = binary.NativeEndian.AppendUint16(b, uint16(unix.NLA_HDRLEN+len(value)))
	b = binary.NativeEndian.AppendUint16(b, typ)
	b = append(b, value...)
	for len(b)%unix.NLA_ALIGNTO != 0 {
		b = append(b, 0)
	}
	return b
}

// findAttr returns the value of the first attribute of a type, or nil.
func findAttr(b []byte, typ uint16) []byte {
	const mask = unix.NLA_F_NESTED | unix.NLA_F_NET_BYTEORDER
	for len(b) >= unix.NLA_HDRLEN {
		n := int(binary.NativeEndian.Uint16(b))
		if n < unix.NLA_HDRLEN || n > len(b) {
			return nil
		}
		if binary.NativeEndian.Uint16(b[2:])&^mask == typ {
			return b[unix.NLA_HDRLEN:n]
		}
		b = b[min(len(b), (n+3)&^3):]
	}
	return nil
}
