package trace

import "golang.org/x/sys/unix"

const nativeArch = unix.AUDIT_ARCH_X86_64

// x32Bit marks the numbers of x32 (__X32_SYSCALL_BIT of asm/unistd.h), whose
// structures are laid out as those of i386. To seccomp and ptrace they are of
// the architecture x86-64.
const x32Bit = 0x40000000

var nativeCalls = map[op][]uint64{
	opSocket: {unix.SYS_SOCKET},
	opSendto: {unix.SYS_SENDTO}, opSendmsg: {unix.SYS_SENDMSG}, opSendmmsg: {unix.SYS_SENDMMSG},
	opWrite: {unix.SYS_WRITE}, opWritev: {unix.SYS_WRITEV}, opPwritev2: {unix.SYS_PWRITEV2},
	opRecvfrom: {unix.SYS_RECVFROM}, opRecvmsg: {unix.SYS_RECVMSG}, opRecvmmsg: {unix.SYS_RECVMMSG},
	opRead: {unix.SYS_READ}, opReadv: {unix.SYS_READV}, opPreadv2: {unix.SYS_PREADV2},
	opBind: {unix.SYS_BIND}, opConnect: {unix.SYS_CONNECT}, opSetsockopt: {unix.SYS_SETSOCKOPT}, opGetsockopt: {unix.SYS_GETSOCKOPT},
	opX32: {x32Bit | unix.SYS_SOCKET},
	opDup: {unix.SYS_DUP}, opDup2: {unix.SYS_DUP2, unix.SYS_DUP3}, opFcntl: {unix.SYS_FCNTL},
	opClose: {unix.SYS_CLOSE}, opCloseRange: {unix.SYS_CLOSE_RANGE},
	opSendfile: {unix.SYS_SENDFILE}, opSplice: {unix.SYS_SPLICE},
	opIOUring: {unix.SYS_IO_URING_SETUP}, opSeccomp: {unix.SYS_SECCOMP}, opPrctl: {unix.SYS_PRCTL},
	opPidfdGetfd: {unix.SYS_PIDFD_GETFD},
}

// The numbers of i386 (asm/unistd_32.h). The newer calls have the same numbers
// everywhere.
var i386Calls = map[op][]uint64{
	opSocket: {359}, opSocketcall: {102},
	opSendto: {369}, opSendmsg: {370}, opSendmmsg: {345},
	opWrite: {4}, opWritev: {146}, opPwritev2: {379},
	opRecvfrom: {371}, opRecvmsg: {372}, opRecvmmsg: {337, 417},
	opRead: {3}, opReadv: {145}, opPreadv2: {378},
	opBind: {361}, opConnect: {362}, opSetsockopt: {366}, opGetsockopt: {365},
	opDup: {41}, opDup2: {63, 330}, opFcntl: {55, 221},
	opClose: {6}, opCloseRange: {436},
	opSendfile: {187, 239}, opSplice: {313},
	opIOUring: {425}, opSeccomp: {354}, opPrctl: {172}, opPidfdGetfd: {438},
}

// i386Mmap is mmap2.
const (
	i386Mmap  = 192
	i386Unmap = 91
)

var abis = []*abi{native, newABI(unix.AUDIT_ARCH_I386, 4, i386Mmap, i386Unmap, i386Calls)}
