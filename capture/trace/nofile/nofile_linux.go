//go:build linux && (amd64 || arm64)

package nofile

import "unsafe"

// Limit is a struct rlimit of linux/resource.h.
type Limit struct{ Cur, Max uint64 }

var began Limit

// Began returns the limit as it was, which is zero if the kernel did not tell.
func Began() Limit { return began }

// Packages are initialised in the order of their paths once what they import is
// (Go's specification, "Program initialization"). This one imports nothing, not even
// package syscall, whose own initialisation raises the limit: so it comes before.
func init() {
	const limitNoFile = 7 // RLIMIT_NOFILE of asm-generic/resource.h
	_, _, _ = rawSyscall6(getPrlimit, 0, limitNoFile, 0, uintptr(unsafe.Pointer(&began)), 0, 0)
}

// rawSyscall6 is syscall.RawSyscall6, which is meant to be used like this.
//
//go:linkname rawSyscall6 syscall.RawSyscall6
//go:noescape
func rawSyscall6(trap, a1, a2, a3, a4, a5, a6 uintptr) (r1, r2, errno uintptr)
