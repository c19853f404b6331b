package ebpf

import (
	"bytes"
	"encoding/binary"

	"github.com/nlsniff/nlsniff/capture"
)

// What a record of the programs is (enum kind in record.h).
const (
	toKernel = 1 + iota
	fromKernel
	fromUser
	more
	receiver
	missed
	ended
	cut
	sendFailed
	recvFailed
	words
	released
	program
)

// flagLast says that nothing more comes of a datagram.
const flagLast = 1

const recordLen = 104

// record is what the kernel's side tells at once (struct record).
type record struct {
	kind       uint32 // what the members are of some kinds, enum kind says
	last       bool
	time       uint64 // of the monotonic clock
	id         uint64 // of the datagram
	length, at uint32 // of the datagram, and where in it data begins
	value      int32  // of what has one
	cgroup     uint64 // its number
	process    capture.Process
	socket     capture.Socket
	peer       uint32
	group      uint32
	proto      uint16
	data       []byte
}

// readRecord reports false for what is none. The data is b's.
func readRecord(b []byte) (r record, ok bool) {
	if len(b) < recordLen {
		return r, false
	}
	e := binary.NativeEndian
	u32 := func(at int) uint32 { return e.Uint32(b[at:]) }
	r = record{
		kind: u32(0), last: e.Uint16(b[74:])&flagLast != 0, time: e.Uint64(b[8:]), id: e.Uint64(b[16:]),
		length: u32(24), at: u32(28), value: int32(u32(76)), cgroup: e.Uint64(b[96:]), peer: u32(60), group: u32(64), proto: e.Uint16(b[72:]),
		process: capture.Process{PID: u32(40), TID: u32(44), NetNS: uint64(u32(56)), Comm: cString(b[80:96])},
		socket:  capture.Socket{FD: -1, PortID: u32(52), Inode: e.Uint64(b[32:]), Options: options(u32(68))},
	}
	if r.process.PID != 0 { // it is known who has the socket
		r.process.UID, r.process.HasUID = u32(48), true
	}
	size := u32(4)
	if uint64(size) > uint64(len(b)-recordLen) {
		return r, false
	}
	r.data = b[recordLen : recordLen+int(size)]
	return r, true
}

func cString(b []byte) string {
	if i := bytes.IndexByte(b, 0); i >= 0 {
		b = b[:i]
	}
	return string(b)
}

// optionOf is the option that sets a flag of the kernel's netlink_sock, by the
// flag's bit (NETLINK_F_* of net/netlink/af_netlink.h).
var optionOf = [...]capture.SocketOptions{
	1: capture.OptPktInfo, 2: capture.OptBroadcastErr, 3: capture.OptNoENOBUFS, 4: capture.OptListenAllNSID, 5: capture.OptCapAck,
	6: capture.OptExtAck, 7: capture.OptStrictChk,
}

func options(flags uint32) capture.SocketOptions {
	o := capture.OptKnown
	for bit, option := range optionOf {
		if flags>>bit&1 != 0 {
			o |= option
		}
	}
	return o
}
