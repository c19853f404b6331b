// Package machine runs a command as root on an installed kernel, in a virtual
// machine that sees the host's files and cannot change them. It needs
// qemu-system-x86_64, busybox-static and the kernel's package, and no
// privileges. A start takes some seconds.
package machine
