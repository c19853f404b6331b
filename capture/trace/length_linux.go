//go:build linux && (amd64 || arm64)

package trace

import "golang.org/x/sys/unix"

// Whether a datagram fitted a buffer, and how long it was, a program learns only
// if it asks with MSG_TRUNC. Where the buffer is one that the kernel's answers
// may not fit, the tracer asks: it adds the flag at the entry of the call, and
// at its exit puts back the registers and returns what the program would have
// got. read becomes recvfrom for that. It is done for commands only, which die
// with the tracer: another process would be left with the wrong result.

// enough is a buffer that the kernel's answers fit: dumps are made in parts of
// 32 KiB at most (netlink_recvmsg of net/netlink/af_netlink.c).
const enough = 32 << 10

// asked is what has to be undone at the exit: a flag in an argument, or all
// registers.
type asked struct {
	nth   int
	saved *registers // nil if it is only the flag
	room  int64
}

// askLength changes a call that receives. The thread is at its entry.
func (tr *tracer) askLength(t *thread, c *call, viaSocketcall bool) {
	if tr.leader == 0 || viaSocketcall {
		return
	}
	nth, room := 0, uint64(0)
	switch c.op {
	case opRecvfrom:
		nth, room = 3, c.args[2]
	case opRecvmsg:
		nth = 2
		if c.args[2]&unix.MSG_TRUNC != 0 {
			return
		}
		h, ok := t.header(c.args[1])
		if !ok {
			return
		}
		if c.list, ok = t.vectors(h.iov, h.iovLen); !ok {
			return
		}
		room = total(c.list)
	case opRead:
		if !canSwap || t.abi.arch != nativeArch {
			return
		}
		nth, room = 3, c.args[2]
	default:
		return
	}
	if room >= enough || room == 0 || c.op != opRead && c.args[nth]&unix.MSG_TRUNC != 0 {
		return
	}
	a := &asked{nth: nth, room: int64(room)}
	if c.op != opRead {
		if setArg(t.tid, t.abi.arch, nth, c.args[nth]|unix.MSG_TRUNC) == nil {
			c.asked = a
		}
		return
	}
	a.saved = &registers{}
	if getRegs(t.tid, a.saved) != nil {
		return
	}
	r := *a.saved
	r.swap(t.abi.nr[opRecvfrom])
	*r.arg(t.abi.arch, 3), *r.arg(t.abi.arch, 4), *r.arg(t.abi.arch, 5) = unix.MSG_TRUNC, 0, 0
	if setRegs(t.tid, &r) == nil {
		c.asked = a
	}
}

// answerLength puts the registers back, and the result that the program
// expects. It returns that.
func (tr *tracer) answerLength(t *thread, c *call, ret int64) int64 {
	a := c.asked
	shown := min(ret, a.room)
	if a.saved == nil {
		_ = setArg(t.tid, t.abi.arch, a.nth, c.args[a.nth])
		if ret > a.room {
			_ = setResult(t.tid, shown)
		}
		return shown
	}
	var r registers
	if getRegs(t.tid, &r) != nil {
		return ret
	}
	for i := 2; i < 6; i++ { // the first two are as they were; the first is the result on arm64
		*r.arg(t.abi.arch, i) = *a.saved.arg(t.abi.arch, i)
	}
	r.unswap(a.saved)
	if ret > a.room {
		r.setResult(shown)
	}
	_ = setRegs(t.tid, &r)
	return shown
}
