//go:build linux && (amd64 || arm64)

package trace

import (
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Operations of struct ptrace_syscall_info (linux/ptrace.h).
const (
	infoEntry   = 1
	infoExit    = 2
	infoSeccomp = 3
)

// syscallInfo is struct ptrace_syscall_info of linux/ptrace.h, for entries:
// exits have their value in nr, and whether it is an error in the first byte
// of args.
type syscallInfo struct {
	op    uint8
	_     [3]uint8
	arch  uint32
	ip    uint64
	sp    uint64
	nr    uint64
	args  [6]uint64
	data  uint32
	_     uint32
	spare [2]uint64
}

func (i *syscallInfo) result() int64 { return int64(i.nr) }

// eventStop is PTRACE_EVENT_STOP, which x/sys lacks.
const eventStop = 128

// options of every tracee.
const traceOptions = unix.PTRACE_O_TRACESYSGOOD | unix.PTRACE_O_TRACEFORK | unix.PTRACE_O_TRACEVFORK | unix.PTRACE_O_TRACECLONE |
	unix.PTRACE_O_TRACEEXEC | unix.PTRACE_O_TRACEEXIT | unix.PTRACE_O_TRACESECCOMP

// ptrace calls are raw: none of them blocks, and they are many.
func ptrace(req, tid int, addr, data uintptr) error {
	_, _, e := unix.RawSyscall6(unix.SYS_PTRACE, uintptr(req), uintptr(tid), addr, data, 0, 0)
	if e != 0 {
		return e
	}
	return nil
}

func ptracePtr(req, tid int, addr uintptr, data unsafe.Pointer) error {
	return ptrace(req, tid, addr, uintptr(data))
}

func getSyscallInfo(tid int, info *syscallInfo) error {
	err := ptracePtr(unix.PTRACE_GET_SYSCALL_INFO, tid, unsafe.Sizeof(*info), unsafe.Pointer(info))
	runtime.KeepAlive(info)
	return err
}

func getEventMsg(tid int) (uint64, error) {
	var v uint64
	err := ptracePtr(unix.PTRACE_GETEVENTMSG, tid, 0, unsafe.Pointer(&v))
	return v, err
}

func getSigMask(tid int) (mask uint64, err error) {
	err = ptracePtr(unix.PTRACE_GETSIGMASK, tid, unsafe.Sizeof(mask), unsafe.Pointer(&mask))
	return mask, err
}

func setSigMask(tid int, mask uint64) error {
	return ptracePtr(unix.PTRACE_SETSIGMASK, tid, unsafe.Sizeof(mask), unsafe.Pointer(&mask))
}

// getRegs and setRegs move the general registers in the kernel's own layout,
// whatever the tracee's word size: in the regset a 32-bit tracee has another.
func getRegs(tid int, r *registers) error { return moveRegs(unix.PTRACE_GETREGSET, tid, r) }
func setRegs(tid int, r *registers) error { return moveRegs(unix.PTRACE_SETREGSET, tid, r) }

// readMemory copies from a tracee and returns how much there was.
func readMemory(tid int, addr uint64, b []byte) int {
	if len(b) == 0 {
		return 0
	}
	local := unix.Iovec{Base: &b[0]}
	local.SetLen(len(b))
	remote := unix.RemoteIovec{Base: uintptr(addr), Len: len(b)}
	n, _, e := unix.RawSyscall6(unix.SYS_PROCESS_VM_READV, uintptr(tid), uintptr(unsafe.Pointer(&local)), 1, uintptr(unsafe.Pointer(&remote)), 1, 0)
	runtime.KeepAlive(b)
	if e == 0 {
		return int(n)
	}
	if e == unix.ENOSYS || e == unix.EPERM { // the kernel has it not, or a container's profile forbids it
		return readMemFile(tid, addr, b)
	}
	return 0
}

// writeMemory copies into a tracee.
func writeMemory(tid int, addr uint64, b []byte) bool {
	local := unix.Iovec{Base: &b[0]}
	local.SetLen(len(b))
	remote := unix.RemoteIovec{Base: uintptr(addr), Len: len(b)}
	n, _, e := unix.RawSyscall6(unix.SYS_PROCESS_VM_WRITEV, uintptr(tid), uintptr(unsafe.Pointer(&local)), 1, uintptr(unsafe.Pointer(&remote)), 1, 0)
	runtime.KeepAlive(b)
	if e == unix.ENOSYS || e == unix.EPERM {
		return writeMemFile(tid, addr, b)
	}
	return e == 0 && int(n) == len(b)
}
