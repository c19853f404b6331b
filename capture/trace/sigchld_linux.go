//go:build linux && (amd64 || arm64)

package trace

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// Every stop of a tracee sends its tracer SIGCHLD, which the Go runtime takes
// with a handler, on whatever thread: as much work as the rest of the stop.
// Nobody here waits for that signal, so the kernel is told to keep it. It is
// not set to be ignored, which would have children vanish before anybody waits
// for them.

// sigaction is struct sigaction of the kernel (include/linux/signal_types.h).
type sigaction struct {
	handler  uintptr
	flags    uint64
	restorer uintptr
	mask     uint64
}

// keepSIGCHLD stops the signals about children, for the whole process. Programs
// that it starts have the default, as without it.
func keepSIGCHLD() {
	const noChildStop = 1               // SA_NOCLDSTOP
	sa := sigaction{flags: noChildStop} // handler 0 is SIG_DFL
	_, _, _ = unix.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(unix.SIGCHLD), uintptr(unsafe.Pointer(&sa)), 0, unsafe.Sizeof(sa.mask), 0, 0)
}
