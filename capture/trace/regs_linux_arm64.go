package trace

import (
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// registers is struct user_pt_regs of asm/ptrace.h.
type registers struct {
	x          [31]uint64
	sp, pc, ps uint64
}

const ntPRStatus = 1 // NT_PRSTATUS of linux/elf.h

func moveRegs(req, tid int, r *registers) error {
	iov := unix.Iovec{Base: (*byte)(unsafe.Pointer(r)), Len: uint64(unsafe.Sizeof(*r))}
	err := ptracePtr(req, tid, ntPRStatus, unsafe.Pointer(&iov))
	runtime.KeepAlive(r)
	return err
}

// call prepares a system call at the svc instruction that made the last one:
// the tracee is at its exit.
func (r *registers) call(_ uint32, nr uint64, args [6]uint64) {
	r.pc -= 4
	r.x[8] = nr
	copy(r.x[:6], args[:])
}

// setArg changes the register of one argument, setResult that of the result.
func setArg(tid int, arch uint32, nth int, v uint64) error {
	var r registers
	if err := getRegs(tid, &r); err != nil {
		return err
	}
	*r.arg(arch, nth) = v
	return setRegs(tid, &r)
}

func setResult(tid int, v int64) error { return setArg(tid, nativeArch, 0, uint64(v)) }

func (r *registers) setResult(v int64) { r.x[0] = uint64(v) }

// arg is the register of an argument, counted from 0.
func (r *registers) arg(_ uint32, nth int) *uint64 { return &r.x[nth] }

// canSwap says that the call can be made another at its entry: here the number
// is in a regset of its own.
const canSwap = false

func (r *registers) swap(uint64)         {}
func (r *registers) unswap(_ *registers) {}
