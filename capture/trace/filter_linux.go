//go:build linux && (amd64 || arm64)

package trace

import (
	"encoding/binary"

	"golang.org/x/sys/unix"
)

// Offsets in struct seccomp_data of linux/seccomp.h. Of the arguments only the
// low halves are looked at: those in question are ints to the kernel.
const (
	dataNr   = 0
	dataArch = 4
	dataArgs = 16
)

// test is one reason to stop: a system call, with a value in an argument
// unless nth is negative.
type test struct {
	op    op
	nth   int
	value uint32
	bits  bool // any of the value's bits will do
}

// baseTests are what every process of a command stops for.
var baseTests = []test{
	{op: opSocket, value: unix.AF_NETLINK},
	{op: opX32, value: unix.AF_NETLINK},
	{op: opSocketcall, nth: -1}, // its arguments are in memory
	{op: opIOUring, nth: -1},
	{op: opPidfdGetfd, nth: -1},
	{op: opSeccomp, value: unix.SECCOMP_SET_MODE_FILTER},
	{op: opPrctl, value: unix.PR_SET_SECCOMP},
	{op: opClone, value: unix.CLONE_UNTRACED, bits: true},
	{op: opClone3, nth: -1}, // its flags are in memory
}

// fdTests are what a process with a netlink socket stops for.
func fdTests(fd int) []test {
	n := uint32(fd)
	list := make([]test, 0, len(byFD)+4)
	for _, o := range byFD {
		list = append(list, test{op: o, value: n})
	}
	return append(list, test{op: opDup2, nth: 1, value: n}, test{op: opSplice, nth: 2, value: n}, test{op: opCloseRange, nth: -1}, test{op: opExec, nth: -1})
}

// program compiles tests to a filter. What never stops is decided by its
// number alone, which lets the kernel allow it without running the filter
// (seccomp_is_const_allow of kernel/seccomp.c).
func program(tests []test, abis []*abi) []unix.SockFilter {
	var out []unix.SockFilter
	emit := func(code uint16, jt, jf uint8, k uint32) {
		out = append(out, unix.SockFilter{Code: code, Jt: jt, Jf: jf, K: k})
	}
	const (
		load = unix.BPF_LD | unix.BPF_W | unix.BPF_ABS
		jeq  = unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K
		ja   = unix.BPF_JMP | unix.BPF_JA
		ret  = unix.BPF_RET | unix.BPF_K
	)
	allow := func() { emit(ret, 0, 0, unix.SECCOMP_RET_ALLOW) }
	emit(load, 0, 0, dataArch)
	for _, a := range abis {
		emit(jeq, 1, 0, a.arch)
		emit(ja, 0, 0, 0) // to behind this block, below
		jump := len(out) - 1
		emit(load, 0, 0, dataNr)
		for i, t := range tests {
			// Tests of one call on the same argument stand together.
			if i > 0 && same(tests[i-1], t) {
				continue
			}
			run := tests[i:]
			n := 1
			for n < len(run) && same(run[0], run[n]) {
				n++
			}
			appendRun(&out, a, run[:n])
		}
		allow()
		out[jump].K = uint32(len(out) - 1 - jump)
	}
	allow()
	return out
}

// same says whether two tests ask for the same value of the same argument.
func same(a, b test) bool { return a.nth == b.nth && a.value == b.value && a.bits == b.bits }

// appendRun appends tests that look at the same argument: a jump for each
// number, and one comparison behind them all.
func appendRun(out *[]unix.SockFilter, a *abi, run []test) {
	var numbers []uint32
	for _, t := range run {
		for _, n := range a.more[t.op] {
			numbers = append(numbers, uint32(n))
		}
	}
	if len(numbers) == 0 {
		return
	}
	const (
		load = unix.BPF_LD | unix.BPF_W | unix.BPF_ABS
		jeq  = unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K
		ja   = unix.BPF_JMP | unix.BPF_JA
		ret  = unix.BPF_RET | unix.BPF_K
	)
	compare := uint16(jeq)
	if run[0].bits {
		compare = unix.BPF_JMP | unix.BPF_JSET | unix.BPF_K
	}
	for i, n := range numbers {
		// To the comparison behind the other jumps and one that skips it.
		*out = append(*out, unix.SockFilter{Code: jeq, Jt: uint8(len(numbers) - i), K: n})
	}
	if run[0].nth < 0 {
		*out = append(*out, unix.SockFilter{Code: ja, K: 1}, unix.SockFilter{Code: ret, K: unix.SECCOMP_RET_TRACE})
		return
	}
	*out = append(*out,
		unix.SockFilter{Code: ja, K: 4},
		unix.SockFilter{Code: load, K: uint32(dataArgs + 8*run[0].nth)},
		unix.SockFilter{Code: compare, Jf: 1, K: run[0].value},
		unix.SockFilter{Code: ret, K: unix.SECCOMP_RET_TRACE},
		// Another test may be for the same number: it begins with a jump on
		// it, so the number is loaded again.
		unix.SockFilter{Code: load, K: dataNr},
	)
}

// filterSize is the size of a struct sock_filter.
const filterSize = 8

// image is a filter as it stands in a tracee's memory at addr: struct
// sock_fprog of its word size, then the instructions.
func image(prog []unix.SockFilter, addr uint64, long int) []byte {
	b := make([]byte, 0, 16+filterSize*len(prog))
	b = binary.LittleEndian.AppendUint16(b, uint16(len(prog)))
	if long == 8 {
		b = append(b, 0, 0, 0, 0, 0, 0)
		b = binary.LittleEndian.AppendUint64(b, addr+16)
	} else {
		b = append(b, 0, 0)
		b = binary.LittleEndian.AppendUint32(b, uint32(addr+8))
	}
	return appendFilter(b, prog)
}

// appendFilter appends instructions as they stand in memory.
func appendFilter(b []byte, prog []unix.SockFilter) []byte {
	for _, f := range prog {
		b = binary.LittleEndian.AppendUint16(b, f.Code)
		b = append(b, f.Jt, f.Jf)
		b = binary.LittleEndian.AppendUint32(b, f.K)
	}
	return b
}
