//go:build linux && (amd64 || arm64)

package trace

// op is what a system call does, whatever its number.
type op uint8

const (
	opNone op = iota
	opSocket
	opSocketcall // of i386
	opSendto
	opSendmsg
	opSendmmsg
	opWrite
	opWritev
	opPwritev2
	opRecvfrom
	opRecvmsg
	opRecvmmsg
	opRead
	opReadv
	opPreadv2
	opBind
	opConnect
	opSetsockopt
	opGetsockopt
	opDup
	opDup2
	opFcntl
	opClose
	opCloseRange
	opSendfile
	opSplice
	opIOUring
	opSeccomp
	opPrctl
	opPidfdGetfd
	opExec
	opClone
	opClone3
	opX32   // socket of x32, whose calls are not followed
	opShort // of i386: send and recv, through socketcall alone
	opSend
	opRecv
	numOps
)

// byFD are the calls that the filter of a file descriptor stops: those whose
// first argument is it.
var byFD = [...]op{
	opSendto, opSendmsg, opSendmmsg, opWrite, opWritev, opPwritev2, opRecvfrom, opRecvmsg, opRecvmmsg, opRead, opReadv, opPreadv2,
	opBind, opConnect, opSetsockopt, opGetsockopt, opDup, opDup2, opFcntl, opClose, opSendfile,
}

// abi is how a kind of process calls the kernel.
type abi struct {
	arch  uint32
	long  int // bytes of a pointer
	calls map[uint64]op
	nr    [numOps]uint64 // one number for each op, and its second in more
	more  map[op][]uint64
	mmap  uint64
	unmap uint64
}

func newABI(arch uint32, long int, mmap, unmap uint64, list map[op][]uint64) *abi {
	a := &abi{arch: arch, long: long, calls: map[uint64]op{}, mmap: mmap, unmap: unmap, more: list}
	for o, numbers := range list {
		a.nr[o] = numbers[0]
		for _, n := range numbers {
			a.calls[n] = o
		}
	}
	return a
}

// abiOf returns how a stopped process calls, nil for one that is not known.
func abiOf(arch uint32) *abi {
	for _, a := range abis {
		if a.arch == arch {
			return a
		}
	}
	return nil
}
