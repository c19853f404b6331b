package trace

import "golang.org/x/sys/unix"

const nativeArch = unix.AUDIT_ARCH_X86_64

var native = amd64ABI

// abis are those whose calls a process of this machine can make.
var abis = []*abi{amd64ABI, i386ABI}
