//go:build linux && (amd64 || arm64)

package trace

import "golang.org/x/sys/unix"

// The numbers of system calls, for every kind of process that is understood on
// any machine, so that a test on one of them compares all with the kernel's
// headers.

// amd64ABI has those of asm/unistd_64.h.
var amd64ABI = newABI(unix.AUDIT_ARCH_X86_64, 8, 9, 11, map[op][]uint64{
	opSocket: {41},
	opSendto: {44}, opSendmsg: {46}, opSendmmsg: {307},
	opWrite: {1}, opWritev: {20}, opPwritev2: {328},
	opRecvfrom: {45}, opRecvmsg: {47}, opRecvmmsg: {299},
	opRead: {0}, opReadv: {19}, opPreadv2: {327},
	opBind: {49}, opConnect: {42}, opSetsockopt: {54}, opGetsockopt: {55},
	opDup: {32}, opDup2: {33, 292}, opFcntl: {72},
	opClose: {3}, opCloseRange: {436}, opSendfile: {40}, opSplice: {275},
	opIOUring: {425}, opSeccomp: {317}, opPrctl: {157}, opPidfdGetfd: {438}, opExec: {59, 322}, opClone: {56}, opClone3: {435},
	opX32: {x32Bit | 41},
})

// x32Bit marks the numbers of x32 (__X32_SYSCALL_BIT of asm/unistd.h), whose
// structures are laid out as those of i386. To seccomp and ptrace they are of
// the architecture x86-64.
const x32Bit = 0x40000000

// i386ABI has those of asm/unistd_32.h, and mmap2 to map with. The newer calls
// have the same numbers everywhere.
var i386ABI = newABI(unix.AUDIT_ARCH_I386, 4, 192, 91, map[op][]uint64{
	opSocket: {359}, opSocketcall: {102},
	opSendto: {369}, opSendmsg: {370}, opSendmmsg: {345},
	opWrite: {4}, opWritev: {146}, opPwritev2: {379},
	opRecvfrom: {371}, opRecvmsg: {372}, opRecvmmsg: {337, 417},
	opRead: {3}, opReadv: {145}, opPreadv2: {378},
	opBind: {361}, opConnect: {362}, opSetsockopt: {366}, opGetsockopt: {365},
	opDup: {41}, opDup2: {63, 330}, opFcntl: {55, 221},
	opClose: {6}, opCloseRange: {436}, opSendfile: {187, 239}, opSplice: {313},
	opIOUring: {425}, opSeccomp: {354}, opPrctl: {172}, opPidfdGetfd: {438}, opExec: {11, 358}, opClone: {120}, opClone3: {435},
})

// arm64ABI has those of asm-generic/unistd.h.
var arm64ABI = newABI(unix.AUDIT_ARCH_AARCH64, 8, 222, 215, map[op][]uint64{
	opSocket: {198},
	opSendto: {206}, opSendmsg: {211}, opSendmmsg: {269},
	opWrite: {64}, opWritev: {66}, opPwritev2: {287},
	opRecvfrom: {207}, opRecvmsg: {212}, opRecvmmsg: {243},
	opRead: {63}, opReadv: {65}, opPreadv2: {286},
	opBind: {200}, opConnect: {203}, opSetsockopt: {208}, opGetsockopt: {209},
	opDup: {23}, opDup2: {24}, opFcntl: {25},
	opClose: {57}, opCloseRange: {436}, opSendfile: {71}, opSplice: {76},
	opIOUring: {425}, opSeccomp: {277}, opPrctl: {167}, opPidfdGetfd: {438}, opExec: {221, 281}, opClone: {220}, opClone3: {435},
})
