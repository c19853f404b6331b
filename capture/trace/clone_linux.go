//go:build linux && (amd64 || arm64)

package trace

import (
	"encoding/binary"

	"golang.org/x/sys/unix"
)

// cloning looks at a call that makes a process or thread, which may ask that it be
// traced by nobody (CLONE_UNTRACED). A command's would be left with filters and
// without a tracer, so that its netlink calls fail: the flag is taken away.
func (tr *tracer) cloning(t *thread, c *call) {
	flags := c.args[0]
	if c.op == opClone3 { // they are the first member of struct clone_args
		var b [8]byte
		if t.read(c.args[0], b[:]) != len(b) {
			return // EFAULT
		}
		flags = binary.LittleEndian.Uint64(b[:])
	}
	if flags&unix.CLONE_UNTRACED == 0 {
		return
	}
	taken := false
	switch {
	case tr.leader == 0: // a process that was there before is left as it is
	case c.op == opClone:
		taken = setArg(t.tid, t.abi.arch, 0, flags&^unix.CLONE_UNTRACED) == nil
	default:
		c.flags = flags
		if taken = t.writeFlags(c, flags&^unix.CLONE_UNTRACED); taken {
			t.call, t.exit = c, true
		}
	}
	if !taken {
		tr.unseen(t, "untraced", "it starts a process that nobody may trace (CLONE_UNTRACED): that one is not followed", "nlsniff capture needs no tracing", true)
	}
}

// putFlagsBack leaves the program's memory as it was.
func (t *thread) putFlagsBack(c *call) { t.writeFlags(c, c.flags) }

func (t *thread) writeFlags(c *call, flags uint64) bool {
	b := binary.LittleEndian.AppendUint64(nil, flags)
	return writeMemory(t.tid, c.args[0], b) || writeMemFile(t.tid, c.args[0], b) // which can write where the program cannot
}
