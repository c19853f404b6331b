//go:build linux && (amd64 || arm64)

package trace

import (
	"encoding/binary"
	"time"

	"golang.org/x/sys/unix"

	"github.com/nlsniff/nlsniff/capture"
)

// call is a system call on its way.
type call struct {
	op    op
	args  [6]uint64
	fd    int
	sock  *socket
	sent  []*record // what it sends, in order
	asked *asked    // how the call was changed, nil if it was not
	list  []span    // where it receives to, if that was read at its entry
	left  []*record // answers that nobody read, if the call succeeds
	flags uint64    // of clone3, as they were
}

// callNames tells the call of an operation.
var callOf = [numOps]capture.Call{
	opSendto: capture.CallSend, opSend: capture.CallSend, opSendmsg: capture.CallSendMsg, opSendmmsg: capture.CallSendMMsg,
	opWrite: capture.CallWrite, opWritev: capture.CallWriteV, opPwritev2: capture.CallWriteV,
	opRecvfrom: capture.CallRecv, opRecv: capture.CallRecv, opRecvmsg: capture.CallRecvMsg, opRecvmmsg: capture.CallRecvMMsg,
	opRead: capture.CallRead, opReadv: capture.CallReadV, opPreadv2: capture.CallReadV,
}

// cooked appends the header of LINKTYPE_NETLINK.
func cooked(dst []byte, packetType, proto uint8) []byte {
	return append(dst, 0, packetType, capture.ARPHRDNetlink>>8, capture.ARPHRDNetlink&0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, proto)
}

// record makes a record of a datagram or, with kind 0 events, of none.
func (tr *tracer) record(t *thread, c *call) *record {
	r := &record{}
	r.frame.Time = time.Now().UnixNano()
	if c != nil {
		r.frame.Process = t.identity(c.sock)
		r.delivery.Socket = c.sock.describe(c.fd)
		r.delivery.Call = callOf[c.op]
		r.delivery.Peer, r.delivery.Group = c.sock.peer, c.sock.dstGrp
		r.frame.Delivery = &r.delivery
	} else {
		r.frame.Process = t.identity(nil)
	}
	return r
}

func (s *socket) describe(fd int) capture.Socket {
	return capture.Socket{FD: int32(fd), PortID: s.portid, Inode: s.inode, Options: s.options}
}

// send records what a call is about to send.
func (tr *tracer) send(t *thread, c *call) {
	a := &c.args
	switch c.op {
	case opWrite:
		tr.sendOne(t, c, []span{{a[1], a[2]}}, 0, 0)
	case opSendto:
		t.fetch(span{a[1], a[2]}, span{a[4], addressSize})
		tr.sendOne(t, c, []span{{a[1], a[2]}}, a[4], uint32(a[5]))
	case opWritev, opPwritev2:
		if list, ok := t.vectors(a[1], a[2]); ok {
			tr.sendOne(t, c, list, 0, 0)
		}
	case opSendmsg:
		tr.sendHeader(t, c, a[1])
	case opSendmmsg:
		for i := range min(uint64(uint32(a[2])), maxVectors) {
			tr.sendHeader(t, c, a[1]+i*t.abi.mmsgSize())
		}
	}
}

func (tr *tracer) sendHeader(t *thread, c *call, addr uint64) {
	h, ok := t.header(addr)
	if !ok {
		return
	}
	if list, ok := t.vectors(h.iov, h.iovLen); ok {
		t.fetch(append(list[:len(list):len(list)], span{h.name, addressSize})...)
		tr.sendOne(t, c, list, h.name, h.nameLen)
	}
}

func (tr *tracer) sendOne(t *thread, c *call, list []span, addr uint64, addrLen uint32) {
	r := tr.record(t, c)
	n := total(list)
	r.frame.Dir = capture.DirToKernel
	if portid, group, ok := t.address(addr, addrLen); ok {
		r.delivery.Peer, r.delivery.Group = portid, group
	}
	pkt := uint8(unix.PACKET_KERNEL)
	if r.delivery.Peer != 0 || c.sock.proto == unix.NETLINK_USERSOCK {
		r.frame.Dir, pkt = capture.DirUserToUser, unix.PACKET_USER
	}
	r.frame.Data = cooked(make([]byte, 0, capture.CookedLen+min(n, maxDatagram)), pkt, c.sock.proto)
	var ok bool
	if r.frame.Data, ok = t.gather(r.frame.Data, list, n); !ok && len(r.frame.Data) == capture.CookedLen {
		tr.unreadable(t, c)
	}
	r.frame.OrigLen = capture.CookedLen + int(n)
	if r.frame.OrigLen > len(r.frame.Data) {
		r.frame.Flags |= capture.FlagTruncated
	}
	r.open = true
	c.sock.sent = true
	c.sent = append(c.sent, r)
	tr.out.put(r)
}

// sendDone takes what a call that sends returned.
func (tr *tracer) sendDone(t *thread, c *call, ret int64) {
	s := c.sock
	if len(c.sent) > 0 && ret >= 0 && !s.known {
		tr.learnPortID(t, c)
	}
	for i, r := range c.sent {
		errno, drop := int32(0), false
		switch {
		case c.op == opSendmmsg && ret >= 0 && int64(i) >= ret:
			drop = true // the kernel did not come to it
		case ret < 0 && i > 0:
			drop = true
		case ret < 0:
			errno = int32(ret)
			drop = restarts(ret)
		}
		shown := !tr.out.done(r, func() {
			r.delivery.Errno, r.drop = errno, drop
			r.delivery.Socket.PortID = s.portid
		})
		if drop {
			continue
		}
		tr.counts.sent.Add(1)
		if errno == 0 {
			continue
		}
		tr.counts.failed.Add(1)
		if shown {
			e := tr.event(t, c, capture.EventRefused)
			e.event.Errno, e.event.Call = errno, r.delivery.Call
			tr.out.put(e)
		}
	}
}

// restarts says whether the kernel makes a call again by itself: the tracer
// sees it return with the kernel's own numbers, ERESTARTSYS to
// ERESTART_RESTARTBLOCK of linux/errno.h.
func restarts(ret int64) bool { return ret <= -512 && ret >= -516 }

// receipt is one datagram as a call returned it.
type receipt struct {
	list  []span
	n     uint64 // bytes that the call returned
	flags uint32 // msg_flags
	from  uint64 // address
	fromN uint32
	group uint32
}

// receive records what a call received. whole is the length of the datagram as
// far as the call tells, ret what it returned to the program.
func (tr *tracer) receive(t *thread, c *call, ret, whole int64) {
	a := &c.args
	switch {
	case ret == -int64(unix.ENOBUFS):
		tr.overrun(t, c)
		return
	case ret < 0:
		if !restarts(ret) {
			r := tr.event(t, c, capture.EventRefused)
			r.event.Errno, r.event.Call = int32(ret), callOf[c.op]
			tr.out.put(r)
		}
		return
	}
	switch c.op {
	case opRead:
		tr.received(t, c, &receipt{list: []span{{a[1], a[2]}}, n: uint64(whole)}, 0)
	case opReadv, opPreadv2:
		if list, ok := t.vectors(a[1], a[2]); ok {
			tr.received(t, c, &receipt{list: list, n: uint64(ret)}, 0)
		}
	case opRecvfrom:
		if a[4] != 0 {
			t.fetch(span{a[1], min(uint64(ret), a[2])}, span{a[5], 4}, span{a[4], addressSize})
		}
		rc := &receipt{list: []span{{a[1], a[2]}}, n: uint64(whole), from: a[4]}
		if a[4] != 0 && a[5] != 0 {
			var b [4]byte
			if t.read(a[5], b[:]) == 4 {
				rc.fromN = binary.LittleEndian.Uint32(b[:])
			}
		}
		tr.received(t, c, rc, uint32(a[3]))
	case opRecvmsg:
		tr.receivedHeader(t, c, a[1], uint64(whole), uint32(a[2]))
	case opRecvmmsg:
		size := t.abi.mmsgSize()
		for i := range min(uint64(ret), maxVectors) {
			at := a[1] + i*size
			var b [4]byte
			if t.read(at+uint64(t.abi.msgLenAt()), b[:]) == 4 {
				tr.receivedHeader(t, c, at, uint64(binary.LittleEndian.Uint32(b[:])), uint32(a[3]))
			}
		}
	}
}

func (tr *tracer) receivedHeader(t *thread, c *call, addr, n uint64, flags uint32) {
	h, ok := t.header(addr)
	if !ok {
		return
	}
	list := c.list
	if list == nil || c.op != opRecvmsg {
		list, ok = t.vectors(h.iov, h.iovLen)
	}
	if ok {
		if len(list) == 1 {
			t.fetch(span{list[0].addr, min(list[0].n, n)}, span{h.name, addressSize}, span{h.control, h.controls})
		}
		tr.received(t, c, &receipt{list: list, n: n, flags: h.flags, from: h.name, fromN: h.nameLen, group: t.pktInfo(&h)}, flags)
	}
}

// received records one datagram, unless it was only looked at.
func (tr *tracer) received(t *thread, c *call, rc *receipt, flags uint32) {
	s := c.sock
	room := total(rc.list)
	if flags&unix.MSG_PEEK != 0 {
		s.peeked = -1
		if flags&unix.MSG_TRUNC != 0 || c.asked != nil || rc.n < room {
			s.peeked = int64(rc.n)
		}
		return
	}
	// A peek and the read behind it are one datagram, and only the peek may
	// tell how long it was.
	n := max(rc.n, uint64(max(s.peeked, 0)))
	s.peeked = -1
	r := tr.record(t, c)
	pkt := uint8(unix.PACKET_USER)
	r.frame.Dir = capture.DirFromKernel
	r.delivery.Peer, r.delivery.Group = 0, rc.group
	if portid, group, ok := t.address(rc.from, rc.fromN); ok {
		r.delivery.Peer = portid
		if rc.group == 0 {
			r.delivery.Group = group
		}
	}
	if r.delivery.Peer != 0 {
		r.frame.Dir = capture.DirUserToUser
	}
	r.delivery.Buffer = uint32(min(room, 1<<32-1))
	data := cooked(make([]byte, 0, capture.CookedLen+min(n, room, maxDatagram)), pkt, s.proto)
	data, ok := t.gather(data, rc.list, min(n, room))
	if !ok && len(data) == capture.CookedLen {
		tr.unreadable(t, c)
	}
	r.frame.Data = data
	switch {
	case n > room:
		r.delivery.Lost = uint32(n - room)
	case c.asked == nil && flags&unix.MSG_TRUNC == 0 && (n == room || rc.flags&unix.MSG_TRUNC != 0):
		// It filled the buffer: the headers tell whether it had more.
		if miss := missing(data[capture.CookedLen:]); miss > 0 || rc.flags&unix.MSG_TRUNC != 0 {
			r.delivery.Lost, r.delivery.AtLeast = miss, true
		}
	}
	r.frame.OrigLen = capture.CookedLen + int(min(n, room)) + int(r.delivery.Lost)
	if r.delivery.Lost > 0 || rc.flags&unix.MSG_TRUNC != 0 {
		r.frame.Flags |= capture.FlagMsgTrunc
		tr.counts.cut.Add(1)
	}
	if r.frame.OrigLen > len(r.frame.Data) {
		r.frame.Flags |= capture.FlagTruncated
	}
	if s.overrun {
		s.overrun = false
		r.frame.Flags |= capture.FlagOverrun
	}
	tr.counts.received.Add(1)
	tr.out.put(r)
}

// missing is how many bytes the last message of a datagram lacks.
func missing(b []byte) uint32 {
	const hdrLen = 16
	for len(b) >= hdrLen {
		n := uint64(binary.NativeEndian.Uint32(b))
		if n < hdrLen {
			return 0
		}
		if n > uint64(len(b)) {
			if n-uint64(len(b)) > maxDatagram {
				return 0
			}
			return uint32(n - uint64(len(b)))
		}
		b = b[min(uint64(len(b)), (n+3)&^3):]
	}
	if len(b) > 0 {
		return uint32(hdrLen - len(b))
	}
	return 0
}

// msgLenAt is where msg_len stands in a struct mmsghdr.
func (a *abi) msgLenAt() int {
	if a.long == 4 {
		return headerSize32
	}
	return headerSize64
}
