package pcapng

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/nlsniff/nlsniff/capture"
)

// Version 2 of our option has a frame's delivery behind exe:
//
//	offset  bytes
//	     0      1  call, a capture.Call
//	     1      1  1: lost is a lower bound
//	     2      2  number of receivers
//	     4      4  errno, negative
//	     8      4  nl_pid at the other end
//	    12      4  multicast group
//	    16      4  room of the receiver's buffer
//	    20      4  bytes that did not fit
//	    24     24  socket
//	    48         receivers
//
// A socket is its fd (4), portid (4), inode (8), options (4) and 4 bytes of 0. A
// receiver is a socket, then pid (4), tid (4), inode of the network namespace
// (8), group (4), 1 if it was overrun (1), 0 (1), length of comm (2), length of
// exe (2), comm and exe.
const (
	frameOptionV2 = 2
	deliveryLen   = 48
	socketLen     = 24
	receiverLen   = socketLen + 26
)

func appendSocket(b []byte, s *capture.Socket) []byte {
	b = little.append32(b, uint32(s.FD))
	b = little.append32(b, s.PortID)
	b = little.append64(b, s.Inode)
	b = little.append32(b, uint32(s.Options))
	return append(b, 0, 0, 0, 0)
}

func readSocket(b []byte) capture.Socket {
	return capture.Socket{
		FD: int32(little.u32(b)), PortID: little.u32(b[4:]), Inode: little.u64(b[8:]),
		Options: capture.SocketOptions(little.u32(b[16:])),
	}
}

// appendDelivery appends d, with as many receivers as room bytes hold, what will be
// said of their users included if it is, and returns how many these are.
func appendDelivery(b []byte, d *capture.Delivery, room int, users bool) ([]byte, int) {
	from := len(b)
	b = append(b, byte(d.Call), bit(d.AtLeast), 0, 0)
	for _, v := range [...]uint32{uint32(d.Errno), d.Peer, d.Group, d.Buffer, d.Lost} {
		b = little.append32(b, v)
	}
	b = appendSocket(b, &d.Socket)
	n := 0
	for i := range d.Receivers {
		r := &d.Receivers[i]
		comm, exe := r.Process.Comm[:min(len(r.Process.Comm), maxComm)], r.Process.Exe[:min(len(r.Process.Exe), maxExe)]
		if users {
			room -= userLen(&r.Process)
		}
		if len(b)-from+receiverLen+len(comm)+len(exe) > room {
			break
		}
		b = appendSocket(b, &r.Socket)
		b = little.append32(b, r.Process.PID)
		b = little.append32(b, r.Process.TID)
		b = little.append64(b, r.Process.NetNS)
		b = little.append32(b, r.Group)
		b = append(b, bit(r.Overrun), 0)
		b = little.append16(b, uint16(len(comm)))
		b = little.append16(b, uint16(len(exe)))
		b = append(append(b, comm...), exe...)
		n++
	}
	b[from+2], b[from+3] = byte(n), byte(n>>8)
	return b, n
}

func bit(v bool) byte {
	if v {
		return 1
	}
	return 0
}

// readDelivery reads what appendDelivery writes and returns what follows. It
// reports false if b is not that.
func readDelivery(d *capture.Delivery, b []byte, names *interner) (rest []byte, ok bool) {
	if len(b) < deliveryLen {
		return nil, false
	}
	*d = capture.Delivery{
		Socket: readSocket(b[24:]), Call: capture.Call(b[0]), AtLeast: b[1]&1 != 0,
		Errno: int32(little.u32(b[4:])), Peer: little.u32(b[8:]), Group: little.u32(b[12:]),
		Buffer: little.u32(b[16:]), Lost: little.u32(b[20:]), Receivers: d.Receivers[:0],
	}
	n := int(little.u16(b[2:]))
	for b = b[deliveryLen:]; n > 0 && len(b) >= receiverLen; n-- {
		at := b[socketLen:]
		comm, exe := int(little.u16(at[22:])), int(little.u16(at[24:]))
		if comm+exe > len(b)-receiverLen {
			break
		}
		text := b[receiverLen:]
		d.Receivers = append(d.Receivers, capture.Receiver{
			Socket: readSocket(b),
			Process: capture.Process{PID: little.u32(at), TID: little.u32(at[4:]), NetNS: little.u64(at[8:]),
				Comm: names.name(text[:comm]), Exe: names.name(text[comm : comm+exe])},
			Group: little.u32(at[16:]), Overrun: at[20]&1 != 0,
		})
		b = text[comm+exe:]
	}
	if len(d.Receivers) == 0 {
		d.Receivers = nil
	}
	return b, true
}

// appendDeliveryText writes d as it is shown in a packet comment of its own:
//
//	call=recvmsg fd=3 portid=4711 group=1 buffer=100 lost=1744
//
// Members are left out if they are zero, as buffer is unless something was
// lost. A lost with a + is a lower bound.
func appendDeliveryText(b []byte, d *capture.Delivery) []byte {
	b = append(append(b, "call="...), d.Call.String()...)
	if d.Socket.FD >= 0 {
		b = strconv.AppendInt(append(b, " fd="...), int64(d.Socket.FD), 10)
	}
	num := func(name string, v uint32) {
		if v != 0 {
			b = append(append(append(b, ' '), name...), '=')
			b = strconv.AppendUint(b, uint64(v), 10)
		}
	}
	num("portid", d.Socket.PortID)
	num("peer", d.Peer)
	num("group", d.Group)
	if d.Lost != 0 {
		num("buffer", d.Buffer)
		num("lost", d.Lost)
		if d.AtLeast {
			b = append(b, '+')
		}
	}
	if d.Errno != 0 {
		b = strconv.AppendInt(append(b, " errno="...), int64(d.Errno), 10)
	}
	for i := range d.Receivers {
		r := &d.Receivers[i]
		b = strconv.AppendUint(append(b, " receiver="...), uint64(r.Process.PID), 10)
		if r.Process.Comm != "" {
			b = appendName(append(b, ':'), r.Process.Comm)
		}
		if r.Overrun {
			b = append(b, ":overrun"...)
		}
	}
	return b
}

// deliveryComment begins every comment that appendDeliveryText writes.
var deliveryComment = []byte("call=")

// isDeliveryComment reports whether text is the comment that was written for d.
func isDeliveryComment(text []byte, d *capture.Delivery) bool {
	var room [256]byte
	want := appendDeliveryText(room[:0], d)
	return bytes.Equal(text, want[:min(len(want), maxOption)])
}

// parseReceiver reads a receiver of a comment, whose name has no space.
func parseReceiver(s string) (r capture.Receiver, ok bool) {
	pid, s, named := strings.Cut(s, ":")
	n, err := strconv.ParseUint(pid, 10, 32)
	r.Process.PID, r.Socket.FD = uint32(n), -1
	if !named {
		return r, err == nil
	}
	s, r.Overrun = strings.CutSuffix(":"+s, ":overrun")
	s = strings.TrimPrefix(s, ":")
	if s != "" {
		var rest string
		r.Process.Comm, rest, ok = cutName(s)
		if !ok || rest != "" {
			return r, false
		}
	}
	return r, err == nil
}

// parseDelivery reads what is left of a delivery where only its comment was
// kept. It reports false for anything else: that is a person's comment.
func parseDelivery(s string, d *capture.Delivery) bool {
	*d = capture.Delivery{Socket: capture.Socket{FD: -1}}
	fields := strings.Split(s, " ")
	for i, f := range fields {
		key, v, ok := strings.Cut(f, "=")
		if !ok {
			return false
		}
		if i == 0 {
			if d.Call, ok = capture.CallNamed(v); key != "call" || !ok && v != "" {
				return false
			}
			continue
		}
		if key == "receiver" {
			r, ok := parseReceiver(v)
			if !ok {
				return false
			}
			d.Receivers = append(d.Receivers, r)
			continue
		}
		if key == "lost" {
			v, d.AtLeast = strings.CutSuffix(v, "+")
		}
		n, err := strconv.ParseInt(v, 10, 64)
		if err != nil || n < -1<<31 || n > 1<<32-1 {
			return false
		}
		switch key {
		case "fd":
			d.Socket.FD = int32(n)
		case "portid":
			d.Socket.PortID = uint32(n)
		case "peer":
			d.Peer = uint32(n)
		case "group":
			d.Group = uint32(n)
		case "buffer":
			d.Buffer = uint32(n)
		case "lost":
			d.Lost = uint32(n)
		case "errno":
			d.Errno = int32(n)
		default:
			return false
		}
	}
	return d.Call != capture.CallUnknown || len(fields) > 1 // it may not be known
}
