package trace

import (
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// registers is struct user_regs_struct of asm/user_64.h.
type registers struct {
	r15, r14, r13, r12, rbp, rbx, r11, r10, r9, r8, rax, rcx, rdx, rsi, rdi, origRax, rip, cs, eflags, rsp, ss,
	fsBase, gsBase, ds, es, fs, gs uint64
}

// moveRegs uses PTRACE_GETREGS and PTRACE_SETREGS, which take the 64-bit layout
// for every tracee.
func moveRegs(req, tid int, r *registers) error {
	old := unix.PTRACE_GETREGS
	if req == unix.PTRACE_SETREGSET {
		old = unix.PTRACE_SETREGS
	}
	err := ptracePtr(old, tid, 0, unsafe.Pointer(r))
	runtime.KeepAlive(r)
	return err
}

// call prepares a system call at the instruction that made the last one: the
// tracee is at its exit. int 0x80, syscall and sysenter's landing pad all have
// two bytes.
func (r *registers) call(arch uint32, nr uint64, args [6]uint64) {
	r.rip -= 2
	r.rax = nr
	r.origRax = nr
	if arch == unix.AUDIT_ARCH_I386 {
		r.rbx, r.rcx, r.rdx, r.rsi, r.rdi, r.rbp = args[0], args[1], args[2], args[3], args[4], args[5]
		return
	}
	r.rdi, r.rsi, r.rdx, r.r10, r.r8, r.r9 = args[0], args[1], args[2], args[3], args[4], args[5]
}

// setArg changes the register of one argument, setResult that of the result.
func setArg(tid int, arch uint32, nth int, v uint64) error {
	var r registers
	return pokeReg(tid, uintptr(unsafe.Pointer(r.arg(arch, nth)))-uintptr(unsafe.Pointer(&r)), v)
}

func setResult(tid int, v int64) error {
	return pokeReg(tid, unsafe.Offsetof(registers{}.rax), uint64(v))
}

// pokeReg changes a register, whose place in struct user is that in the struct
// at its beginning.
func pokeReg(tid int, at uintptr, v uint64) error {
	return ptrace(unix.PTRACE_POKEUSR, tid, at, uintptr(v))
}

func (r *registers) setResult(v int64) { r.rax = uint64(v) }

// arg is the register of an argument, counted from 0.
func (r *registers) arg(arch uint32, nth int) *uint64 {
	if arch == unix.AUDIT_ARCH_I386 {
		return [...]*uint64{&r.rbx, &r.rcx, &r.rdx, &r.rsi, &r.rdi, &r.rbp}[nth]
	}
	return [...]*uint64{&r.rdi, &r.rsi, &r.rdx, &r.r10, &r.r8, &r.r9}[nth]
}

// canSwap says that the call can be made another at its entry.
const canSwap = true

// swap makes it another.
func (r *registers) swap(nr uint64) { r.origRax = nr }

// unswap makes a restart of the call that of the one it was.
func (r *registers) unswap(saved *registers) { r.origRax = saved.origRax }
