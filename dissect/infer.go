package dissect

import (
	"bytes"

	"github.com/nlsniff/nlsniff/families"
)

// sll_pkttype values that tell the direction (linux/if_packet.h). nlmon hands
// every frame to packet sockets as PACKET_OUTGOING, so these are seen only
// where something else captured.
const (
	packetUser   = 6 // to user space
	packetKernel = 7 // to the kernel
)

// direction decides who sent a message. The source's word comes first; then
// what the headers can only mean one way; then the likeliest. A frame has one
// sender: its first message tells.
func (d *Dissector) direction(m *Msg) Dir {
	switch {
	case d.echo:
		return DirToKernel
	case int(m.Off) > cookedLen && d.in.Dir == DirUnknown:
		return d.first()
	}
	if d.in.Dir != DirUnknown {
		return d.in.Dir
	}
	switch Uint(d.data[:2], true) {
	case packetUser:
		return DirFromKernel
	case packetKernel:
		return DirToKernel
	}
	if m.Proto == families.ProtoUsersock {
		return DirUserToUser
	}
	switch {
	case m.Datagram && m.Proto == families.ProtoUevent:
		return ueventFrom(d.data[m.Off : m.Off+m.Len])
	case m.Datagram:
		return DirUnknown // nothing tells
	case isAck(m):
		// A program can send these too, but the kernel ignores them.
		if m.Flags&flagRequest != 0 {
			return DirToKernel
		}
		return DirFromKernel
	case m.Flags&flagRequest != 0:
		return DirToKernel
	case m.Message == nil:
	case m.Message.Req && !m.Message.Rep:
		return DirToKernel
	case m.Proto == families.ProtoRoute && m.PortID == 0 && m.Type&3 >= 2:
		// The kernel sends only NEW and DEL, but answers to GETDCB and
		// SETDCB with the same type and the receiver's portid.
		return DirToKernel
	case m.Proto == families.ProtoISCSI && m.PortID != 0:
		return DirToKernel // daemons set no flag; the kernel leaves the number 0
	}
	return DirFromKernel
}

// ueventFrom tells the kernel's uevents from those of udev, which hands them on
// to everybody when its rules are done, behind a header of its own.
func ueventFrom(b []byte) Dir {
	if bytes.HasPrefix(b, []byte("libudev\x00")) {
		return DirUserToUser
	}
	return DirFromKernel
}

// first is the direction of the frame's first message.
func (d *Dissector) first() Dir {
	if !d.peek {
		return d.t.Msgs[0].Dir
	}
	walk := Scan(d.in)
	var h Header
	if !walk.Next(&h) {
		return DirUnknown
	}
	m := Msg{Off: uint32(h.Off), Len: h.Len, Type: h.Type, Flags: h.Flags, Seq: h.Seq, PortID: h.PortID, Proto: d.t.Proto}
	d.lookup(&m, h.Off+hdrLen, h.End)
	return d.direction(&m)
}
