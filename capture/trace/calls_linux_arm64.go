package trace

import "golang.org/x/sys/unix"

const nativeArch = unix.AUDIT_ARCH_AARCH64

var nativeCalls = map[op][]uint64{
	opSocket: {unix.SYS_SOCKET},
	opSendto: {unix.SYS_SENDTO}, opSendmsg: {unix.SYS_SENDMSG}, opSendmmsg: {unix.SYS_SENDMMSG},
	opWrite: {unix.SYS_WRITE}, opWritev: {unix.SYS_WRITEV}, opPwritev2: {unix.SYS_PWRITEV2},
	opRecvfrom: {unix.SYS_RECVFROM}, opRecvmsg: {unix.SYS_RECVMSG}, opRecvmmsg: {unix.SYS_RECVMMSG},
	opRead: {unix.SYS_READ}, opReadv: {unix.SYS_READV}, opPreadv2: {unix.SYS_PREADV2},
	opBind: {unix.SYS_BIND}, opConnect: {unix.SYS_CONNECT}, opSetsockopt: {unix.SYS_SETSOCKOPT}, opGetsockopt: {unix.SYS_GETSOCKOPT},
	opDup: {unix.SYS_DUP}, opDup2: {unix.SYS_DUP3}, opFcntl: {unix.SYS_FCNTL},
	opClose: {unix.SYS_CLOSE}, opCloseRange: {unix.SYS_CLOSE_RANGE},
	opSendfile: {unix.SYS_SENDFILE}, opSplice: {unix.SYS_SPLICE},
	opIOUring: {unix.SYS_IO_URING_SETUP}, opSeccomp: {unix.SYS_SECCOMP}, opPrctl: {unix.SYS_PRCTL},
	opPidfdGetfd: {unix.SYS_PIDFD_GETFD},
}

var abis = []*abi{native}
