package trace

import "golang.org/x/sys/unix"

const nativeArch = unix.AUDIT_ARCH_AARCH64

var native = arm64ABI

// abis are those whose calls are understood here. AArch32's are not.
var abis = []*abi{arm64ABI}
