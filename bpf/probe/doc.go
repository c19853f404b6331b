// Package probe holds the programs that copy netlink datagrams out of the
// kernel, compiled, with their loaders. The C source is probe.bpf.c and the headers beside it; bpf2go
// makes the rest.
//
// Stability: v0, a part of nlsniff's own; it may change in any version.
package probe

//go:generate go run github.com/cilium/ebpf/cmd/bpf2go -go-package probe -no-global-types -target bpfel,bpfeb -cflags "-O2 -Wall -Werror -I/usr/include/x86_64-linux-gnu" Probe probe.bpf.c
