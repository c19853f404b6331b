package foreign

import (
	"slices"
	"strconv"
	"strings"

	"github.com/nlsniff/nlsniff/families"
)

// socket is what is known of a netlink socket.
type socket struct {
	fd     int32
	proto  uint8
	known  bool // proto is
	portid uint32
	inode  uint64
}

// descriptor names a socket: by its inode, or by process and descriptor.
type descriptor struct {
	pid   uint32
	fd    int32
	inode uint64
}

// sockets are those that strace's lines were about. With -yy a line names the
// protocol, but before a socket is bound only its inode; without, the protocol is
// in socket() alone.
type sockets struct {
	by map[descriptor]*socket
}

// maxSockets bounds what is remembered of them.
const maxSockets = 1 << 16

func (s *sockets) init() { s.by = map[descriptor]*socket{} }

var (
	number = pattern(`^(0x[0-9a-f]+|-?\d+)(?:<(.*)>)?$`)
	bound  = pattern(`^NETLINK:\[([A-Z0-9_]+):(-?\d+)\]$`)
	inode  = pattern(`^(?:NETLINK|socket):\[(\d+)\]$`)
)

// of returns the netlink socket that a call is about, nil if it is none.
func (s *sockets) of(c *call) *socket {
	if c.name == "socket" {
		return s.open(c)
	}
	m := number().FindStringSubmatch(c.arg(0))
	if m == nil {
		return nil
	}
	n, _ := strconv.ParseInt(m[1], 0, 32)
	fd := int32(n)
	var sock *socket
	switch {
	case m[2] == "":
		if sock = s.find(c.process.PID, fd); sock == nil && (strings.Contains(c.bare, "AF_NETLINK") || strings.Contains(c.bare, "nlmsg_len=")) {
			sock = &socket{fd: fd}
			s.keep(c.process.PID, sock)
		}
	default:
		if b := bound().FindStringSubmatch(m[2]); b != nil {
			sock = &socket{fd: fd}
			if old := s.find(c.process.PID, fd); old != nil {
				sock = old
			}
			portid, _ := strconv.ParseInt(b[2], 10, 64)
			sock.portid = uint32(portid)
			if p, ok := protocolNamed(b[1]); ok {
				sock.proto, sock.known = p, true
			}
			s.keep(c.process.PID, sock)
		} else if i := inode().FindStringSubmatch(m[2]); i != nil {
			k, _ := strconv.ParseUint(i[1], 10, 64)
			if sock = s.by[descriptor{inode: k}]; sock == nil && strings.HasPrefix(m[2], "NETLINK") {
				sock = &socket{fd: fd, inode: k}
				s.keep(c.process.PID, sock)
			}
		}
	}
	if sock != nil && c.ret >= 0 && (c.name == "bind" || c.name == "getsockname") {
		if portid, _ := c.peer(); portid != 0 {
			sock.portid = portid
		}
	}
	return sock
}

// familyNames are what socket() has for AF_NETLINK, the last with -X raw.
var familyNames = [...]string{"AF_NETLINK", "PF_NETLINK", "0x10"}

// open takes in a socket that a call made.
func (s *sockets) open(c *call) *socket {
	if c.ret < 0 || !slices.Contains(familyNames[:], c.arg(0)) {
		return nil
	}
	sock := &socket{fd: int32(c.ret)}
	sock.proto, sock.known = protocolNamed(strings.TrimPrefix(c.arg(2), "NETLINK_"))
	if i := inode().FindStringSubmatch(strings.Trim(c.made, "<>")); i != nil {
		sock.inode, _ = strconv.ParseUint(i[1], 10, 64)
	}
	s.keep(c.process.PID, sock)
	return sock
}

// protocolNamed finds a protocol by the name that strace has for it, or its number.
func protocolNamed(name string) (uint8, bool) {
	if n, err := strconv.ParseUint(name, 0, 8); err == nil {
		return uint8(n), true
	}
	return families.ProtocolNumber("NETLINK_" + name)
}

// keep remembers a socket. pid 0 stands for any process: threads and children
// share descriptors.
func (s *sockets) keep(pid uint32, sock *socket) {
	if len(s.by) > maxSockets {
		clear(s.by)
	}
	s.by[descriptor{pid: pid, fd: sock.fd}] = sock
	s.by[descriptor{fd: sock.fd}] = sock
	if sock.inode != 0 {
		s.by[descriptor{inode: sock.inode}] = sock
	}
}

func (s *sockets) find(pid uint32, fd int32) *socket {
	if sock := s.by[descriptor{pid: pid, fd: fd}]; sock != nil {
		return sock
	}
	return s.by[descriptor{fd: fd}]
}

func (s *sockets) close(c *call) {
	if m := number().FindStringSubmatch(c.arg(0)); m != nil {
		n, _ := strconv.ParseInt(m[1], 0, 32)
		delete(s.by, descriptor{pid: c.process.PID, fd: int32(n)})
		delete(s.by, descriptor{fd: int32(n)})
	}
}
