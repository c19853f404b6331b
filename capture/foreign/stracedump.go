package foreign

import (
	"encoding/binary"
	"math"
	"strconv"
	"strings"

	"github.com/nlsniff/nlsniff/capture"
)

// isDump says whether a line holds bytes: " | 00000  14 00 00 00 …".
func isDump(line string) bool {
	return strings.HasPrefix(line, " | ") && len(line) > 8 && isHex(line[3]) || strings.HasPrefix(line, " * ")
}

// maxDump is how many bytes of one call are kept.
const maxDump = 16 << 20

// dump takes a line of bytes. It reports true if the call can have no more.
func (c *call) dump(line string) (whole bool) {
	c.dumped = true
	if len(c.parts) == 0 {
		c.parts = append(c.parts, nil)
	}
	line, ok := strings.CutPrefix(line, " | ")
	if !ok {
		return false // " * 52 bytes in buffer 0": buffers of a datagram are one
	}
	at := strings.IndexByte(line, ' ') + 2
	b := c.parts[len(c.parts)-1]
	for i := range 16 {
		p := at + 3*i
		if i >= 8 {
			p++
		}
		if at < 2 || p+2 > len(line) || !isHex(line[p]) || !isHex(line[p+1]) || len(b) >= maxDump {
			break
		}
		b = append(b, digit(line[p])<<4|digit(line[p+1]))
	}
	c.parts[len(c.parts)-1] = b
	return int64(len(b)) >= c.ret && !c.vectored()
}

// vectored says whether the call moves several datagrams.
func (c *call) vectored() bool { return strings.HasSuffix(c.name, "mmsg") }

// vectorLine recognises what stands before each datagram of sendmmsg and recvmmsg:
// " = 1 buffers in vector 0".
func vectorLine(line string) (int, bool) {
	rest, ok := strings.CutPrefix(line, " = ")
	_, no, found := strings.Cut(rest, " buffers in vector ")
	n, err := strconv.Atoi(no)
	return n, ok && found && err == nil
}

// vector begins datagram n of a call.
func (c *call) vector(n int) {
	c.dumped = true
	if n == len(c.parts) && n < 1024 { // UIO_MAXIOV
		c.parts = append(c.parts, nil)
	}
}

func isHex(c byte) bool { return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F' }

// digit is the value of a hex digit.
func digit(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return c&^0x20 - 'A' + 10
}

// frames are the datagrams of a call.
func (c *call) frames() (list []capture.Frame) {
	sent := sends(c.name)
	peer, group := c.peer()
	for _, b := range c.parts {
		if len(b) == 0 {
			continue
		}
		d := &capture.Delivery{
			Socket: capture.Socket{FD: c.socket.fd, PortID: c.socket.portid, Inode: c.socket.inode}, Call: calls[c.name], Peer: peer, Group: group,
		}
		f := capture.Frame{Time: c.time, Process: c.process, Delivery: d}
		pkt := uint8(packetUser)
		switch {
		case peer != 0:
			f.Dir = capture.DirUserToUser
		case sent:
			f.Dir, pkt = capture.DirToKernel, packetKernel
		default:
			f.Dir = capture.DirFromKernel
		}
		f.Data = append(appendCooked(nil, pkt, c.proto), b...)
		f.OrigLen = len(f.Data)
		if !c.vectored() && int64(len(b)) < c.ret && (sent || c.room() == 0) {
			// strace printed less than the call moved.
			f.OrigLen = capture.CookedLen + int(min(c.ret, maxDump))
		}
		if !sent && !c.vectored() {
			c.short(&f, b)
		}
		if f.OrigLen > len(f.Data) {
			f.Flags |= capture.FlagTruncated
		}
		list = append(list, f)
	}
	return list
}

// short marks a datagram that did not fit the receiver's buffer, which had it as it
// is here.
func (c *call) short(f *capture.Frame, b []byte) {
	room := c.room()
	f.Delivery.Buffer = uint32(min(room, math.MaxUint32))
	cut := strings.Contains(c.bare, "msg_flags=MSG_TRUNC") || strings.Contains(c.bare, "|MSG_TRUNC")
	switch {
	case room > 0 && c.ret > room: // MSG_TRUNC has it return the whole length
		f.Delivery.Lost = uint32(min(c.ret-room, math.MaxUint32))
	case cut || room > 0 && c.ret == room:
		n := lacks(b, hostOrder(b))
		if n == 0 && !cut {
			return
		}
		f.Delivery.Lost, f.Delivery.AtLeast = uint32(n), true
	default:
		return
	}
	f.OrigLen = len(f.Data) + int(f.Delivery.Lost)
	f.Flags |= capture.FlagMsgTrunc
}

// failed is the event of a call that failed, nil where that is how programs wait.
func (c *call) failed() *capture.Frame {
	e := &capture.Event{
		Kind: capture.EventRefused, Proto: c.proto, HasProto: true, Call: calls[c.name],
		Socket: capture.Socket{FD: c.socket.fd, PortID: c.socket.portid, Inode: c.socket.inode},
	}
	for n := int32(-1); n > -134; n-- {
		if capture.ErrnoName(n) == c.errno {
			e.Errno = n
		}
	}
	if c.errno == "ENOBUFS" && !sends(c.name) {
		e.Kind = capture.EventOverrun
		e.Errno = 0
	}
	if e.Kind == capture.EventRefused && (e.Errno == 0 || !e.Trouble()) {
		return nil
	}
	return &capture.Frame{Time: c.time, Process: c.process, Event: e}
}

// hostOrder is the byte order of a dump, which strace prints on the host.
func hostOrder(b []byte) binary.ByteOrder {
	if e, ok := beginsMessage(b); ok {
		return e
	}
	return binary.LittleEndian
}
