//go:build linux && (amd64 || arm64)

package trace

import (
	"encoding/binary"

	"golang.org/x/sys/unix"
)

// The calls of socketcall(2), linux/net.h.
var socketcalls = [...]op{1: opSocket, 2: opBind, 3: opConnect, 9: opSend, 10: opRecv, 11: opSendto, 12: opRecvfrom,
	14: opSetsockopt, 15: opGetsockopt, 16: opSendmsg, 17: opRecvmsg, 19: opRecvmmsg, 20: opSendmmsg}

// enter looks at a call that begins.
func (tr *tracer) enter(t *thread, info *syscallInfo) {
	if t.abi.arch != info.arch {
		if t.abi = abiOf(info.arch); t.abi == nil {
			t.abi = native
			tr.unseen(t, "arch", "it makes system calls of an architecture that is not understood", "nlsniff capture needs no tracing", true)
			return
		}
	}
	o := t.abi.calls[info.nr]
	if o == opNone {
		return
	}
	c := &call{op: o, args: info.args}
	if o == opSocketcall && !t.unpackSocketcall(c) {
		return
	}
	switch c.op {
	case opSocket:
		if uint32(c.args[0]) != unix.AF_NETLINK {
			return
		}
	case opX32:
		if uint32(c.args[0]) == unix.AF_NETLINK {
			tr.unseen(t, "x32", "it asks for netlink sockets by system calls of x32, which are not followed", "nlsniff capture needs no tracing", true)
		}
		return
	case opIOUring:
		tr.unseen(t, "io_uring", "it uses io_uring: what it sends and receives that way is not seen",
			"nlsniff capture sees it on nlmon; sysctl kernel.io_uring_disabled=2 makes programs do without", true)
		return
	case opSeccomp, opPrctl:
		if c.op == opSeccomp && uint32(c.args[0]) == unix.SECCOMP_SET_MODE_FILTER || c.op == opPrctl && uint32(c.args[0]) == unix.PR_SET_SECCOMP {
			t.p.own = true
		}
		return
	case opClone, opClone3:
		tr.cloning(t, c)
		return
	case opPidfdGetfd:
	case opExec, opCloseRange:
		if len(t.p.fds) == 0 {
			return
		}
	case opDup2:
		c.fd = int(int32(c.args[0]))
		c.sock = t.p.fds[c.fd]
		if c.sock == nil && t.p.fds[int(int32(c.args[1]))] == nil {
			return
		}
	case opSplice:
		c.fd = int(int32(c.args[2]))
		if c.sock = t.p.fds[c.fd]; c.sock == nil {
			return
		}
	default:
		c.fd = int(int32(c.args[0]))
		if c.sock = t.p.fds[c.fd]; c.sock == nil {
			return // the descriptor is something else by now
		}
	}
	if c.op == opFcntl && uint32(c.args[1]) != unix.F_DUPFD && uint32(c.args[1]) != unix.F_DUPFD_CLOEXEC {
		return
	}
	if c.op == opClose {
		// Whatever it returns, the descriptor is gone (filp_close of fs/open.c), and
		// another thread can get the number again before this one has returned.
		if r := tr.unread(t, c.sock, c.fd, 1); r != nil {
			tr.out.put(r)
		}
		tr.dropFD(t, c.fd)
		return
	}
	tr.aboutToClose(t, c)
	t.call, t.exit = c, true
	tr.send(t, c)
	tr.askLength(t, c, o == opSocketcall)
}

// unpackSocketcall makes a call of what socketcall(2) was asked for.
func (t *thread) unpackSocketcall(c *call) bool {
	n := c.args[0]
	if n >= uint64(len(socketcalls)) || socketcalls[n] == opNone {
		return false
	}
	var b [24]byte
	got := t.read(c.args[1], b[:])
	c.args = [6]uint64{}
	for i := range got / 4 {
		c.args[i] = uint64(binary.LittleEndian.Uint32(b[4*i:]))
	}
	c.op = socketcalls[n]
	switch c.op {
	case opSend:
		c.op, c.args[4], c.args[5] = opSendto, 0, 0
	case opRecv:
		c.op, c.args[4], c.args[5] = opRecvfrom, 0, 0
	}
	return true
}

// leave looks at a call that ends.
func (tr *tracer) leave(t *thread, c *call, ret int64) {
	if t.abi.long == 4 {
		ret = int64(int32(ret))
	}
	switch c.op {
	case opSocket:
		if ret >= 0 {
			tr.made(t, c, int(ret))
		}
	case opSendto, opSendmsg, opSendmmsg, opWrite, opWritev, opPwritev2:
		tr.sendDone(t, c, ret)
	case opRecvfrom, opRecvmsg, opRecvmmsg, opRead, opReadv, opPreadv2:
		whole := ret
		if c.asked != nil {
			ret = tr.answerLength(t, c, ret)
		}
		tr.receive(t, c, ret, whole)
	case opBind:
		tr.bound(t, c, ret)
	case opConnect:
		tr.connected(t, c, ret)
	case opSetsockopt:
		tr.option(t, c, ret)
	case opGetsockopt:
		tr.optionAsked(t, c, ret)
	case opCloseRange:
		if ret == 0 {
			tr.nowClosed(c)
			tr.rescan(t)
		}
	case opExec:
		t.p.unread = nil // it failed
	case opDup, opFcntl:
		if ret >= 0 {
			tr.copied(t, c.sock, int(ret))
		}
	case opDup2:
		if ret >= 0 {
			tr.nowClosed(c)
			tr.dup2(t, c, int(ret))
		}
	case opSendfile, opSplice:
		if ret > 0 {
			tr.unseen(t, "sendfile", "sendfile or splice wrote into a netlink socket: the bytes are not seen", "nlsniff capture sees them on nlmon", true)
		}
	case opClone3:
		t.putFlagsBack(c)
	case opPidfdGetfd:
		if ret >= 0 {
			tr.found(t, int(ret))
		}
	}
}

// copied takes a second descriptor of a socket.
func (tr *tracer) copied(t *thread, s *socket, fd int) {
	if t.p.fds[fd] == s {
		return
	}
	tr.dropFD(t, fd)
	s.refs++
	t.p.fds[fd] = s
	tr.follow(t, fd)
}

func (tr *tracer) dup2(t *thread, c *call, fd int) {
	if c.sock == nil {
		tr.dropFD(t, fd) // overwritten
		return
	}
	tr.copied(t, c.sock, fd)
}
