// Package ebpf captures netlink with programs that run in the kernel: all
// protocols and all network namespaces, what processes send as they send it,
// and what they get once, with every socket that got it. Who sent or received
// a datagram is the kernel's word.
//
// Stability: v0, a part of nlsniff's own; it may change in any version.
package ebpf
